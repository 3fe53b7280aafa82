"""What `sim lint` does once its options are read."""

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from sim import advice
from sim.cli.console import answer, document, say
from sim.cli.exits import Exit
from sim.cli.lint_load import option_of
from sim.lint.baseline import Baseline, write_baseline
from sim.lint.batch import Outcome, fixed, judged_files
from sim.lint.check import Linter
from sim.lint.finding import Finding, Severity
from sim.lint.kind import KINDS
from sim.lint.machine_report import github_lines, json_document, junit_lines, sarif_document
from sim.lint.rule import BUILT_IN, Rule, read_rules
from sim.lint.source import files_of, read
from sim.lint.text_report import summary_line, text_lines
from sim.lint.trial import tried
from sim.spelling import way_out
from sim.units import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the options say."""

    paths: list[str]
    as_kind: str
    form: str
    fix: bool
    diff: bool
    fail_on: str
    select: list[str]
    ignore: list[str]
    rules: Path | None
    baseline: Path | None
    write_baseline: Path | None
    simulate: bool
    jobs: int | None
    load: dict[str, float]


def rules_of(asked: Asked) -> list[Rule]:
    """The built-in rules and the user's own, as far as they were asked for."""
    rules = read_rules(BUILT_IN)
    if asked.rules is not None:
        own = read_rules(asked.rules)
        taken = {rule.id for rule in rules}
        for rule in own:
            if rule.id in taken:
                raise InputError(f"{rule.place}: id: {rule.id} is a built-in rule; choose another")
        rules += own
    for option, words in (("--select", asked.select), ("--ignore", asked.ignore)):
        for word in words:
            if not any(rule.id.startswith(word) for rule in rules):
                raise InputError(f"{option} {word}: no rule begins so; {way_out(word, [rule.id for rule in rules])}")
    selected = [rule for rule in rules if not asked.select or rule.id.startswith(tuple(asked.select))]
    return [rule for rule in selected if not (asked.ignore and rule.id.startswith(tuple(asked.ignore)))]


def _threshold(word: str) -> Severity:
    known = {severity.word: severity for severity in Severity}
    if word not in known:
        raise InputError(f"--fail-on: {word} is unknown; write error, warning or info")
    return known[word]


def lint(asked: Asked) -> Exit:
    """Judge what was asked for, and print it."""
    threshold = _threshold(asked.fail_on)
    if asked.as_kind and asked.as_kind not in KINDS:
        raise InputError(f"--as: {asked.as_kind} is unknown; write one of {', '.join(KINDS)}")
    if asked.simulate and not {"rate", "latency_ms"} <= set(asked.load):
        raise InputError("--simulate: needs --load rate=... and --load latency=...")
    rules, facts = rules_of(asked), advice.lint_facts(asked.load)
    named = dict(files_of(asked.paths))
    if asked.fix or asked.diff:
        _fix(list(named), Linter(rules, facts), asked)
        if asked.diff:
            return Exit.FINE
        named = {name: told for name, told in named.items() if name != "-"}
    outcomes = judged_files(list(named), rules, facts, as_kind=asked.as_kind, jobs=asked.jobs)
    known = Baseline(asked.baseline) if asked.baseline is not None else None
    findings = [one for outcome in outcomes for one in outcome.judged.findings]
    findings = findings if known is None else known.applied(findings)
    if asked.write_baseline is not None:
        say(f"{write_baseline(asked.write_baseline, findings)} findings kept in {asked.write_baseline}")
        return Exit.FINE
    troubles = _troubles(outcomes, {("stdin" if name == "-" else name): told for name, told in named.items()})
    _print(findings, outcomes, rules, asked=asked, troubles=troubles)
    for line in troubles:
        say(line)
    if troubles:
        return Exit.INPUT_IS_WRONG
    return Exit.NO if any(one.severity >= threshold and one.suppressed is None for one in findings) else Exit.FINE


def _troubles(outcomes: Sequence[Outcome], named: dict[str, bool]) -> list[str]:
    """What makes the exit code 2: files that cannot be read or recognised, rules that cannot judge."""
    lines, blamed = [], set()
    for outcome in outcomes:
        if outcome.trouble:
            lines.append(outcome.trouble)
        unknown = outcome.judged.kinds.count("")
        if unknown and named.get(outcome.file):
            which = "is" if len(outcome.judged.kinds) == 1 else f"has {unknown} documents that are"
            lines.append(f"{outcome.file}: {which} of no kind that is known here; say it with --as {'|'.join(KINDS)}")
        for rule, why in outcome.judged.troubles.items():
            if rule not in blamed:
                blamed.add(rule)
                lines.append(f"{outcome.file}: rule {rule} {why}; correct its check")
    return lines


def _print(  # parameters: all that outputs are made of
    findings: list[Finding], outcomes: Sequence[Outcome], rules: Sequence[Rule], *, asked: Asked, troubles: list[str]
) -> None:
    files = [outcome.file for outcome in outcomes]
    match asked.form:
        case "json":
            document(json_document(findings, files, troubles))
        case "sarif":
            from sim.version import versions

            texts = {one.file: read(one.file) for one in findings if one.fix and one.file != "stdin"}
            document(sarif_document(findings, rules, texts, version=str(versions()["transport-sim"])))
        case "github":
            for line in github_lines(findings):
                answer(line)
        case "junit":
            for line in junit_lines(findings, files):
                answer(line)
        case _:
            _print_text(findings, outcomes, rules, asked=asked)


def _print_text(findings: list[Finding], outcomes: Sequence[Outcome], rules: Sequence[Rule], *, asked: Asked) -> None:
    shown = [one for one in findings if one.suppressed is None]
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    for line in text_lines(shown, colour=colour):
        answer(line)
    if asked.simulate:
        from sim.cli.lint_simulate import print_effects

        print_effects(shown, asked.load, asked.as_kind)
    answer(summary_line(findings, len(outcomes)))
    kinds = {kind for outcome in outcomes for kind in outcome.judged.kinds if kind}
    meant = [rule for rule in rules if not rule.kinds or kinds & set(rule.kinds)]
    silent = [rule for rule in meant if set(rule.needs) - set(asked.load)]
    if silent:
        missing = dict.fromkeys(option_of(fact) for rule in silent for fact in rule.needs if fact not in asked.load)
        say(f"{len(silent)} computed rules are silent; they need {', '.join(list(missing)[:4])}")


def _fix(files: Sequence[str], linter: Linter, asked: Asked) -> None:
    """Write fixes, or show them; of standard input the fixed text is the answer."""
    total = 0
    for name in files:
        try:
            text = read(name)
        except InputError:
            continue  # said when the files are judged
        content, made = fixed(linter, text, asked.as_kind)
        total += made
        if asked.diff:
            before, after = text.content.splitlines(keepends=True), content.splitlines(keepends=True)
            for line in unified_diff(before, after, text.name, text.name):
                answer(line.rstrip("\n"))
        elif name == "-":
            sys.stdout.write(content)
        elif made:
            _write(Path(name), content)
    say(f"{total} fix{'es' * (total != 1)} {'to be made' if asked.diff else 'made'}")


def _write(path: Path, content: str) -> None:
    """Beside the file, then in its place: nothing is half written."""
    beside = path.with_name(path.name + ".sim-lint-part")
    try:
        beside.write_bytes(content.encode())
        shutil.copymode(path, beside)
        beside.replace(path)
    except OSError as error:
        raise InputError(f"{path}: {(error.strerror or 'cannot be written').lower()}; it was left as it is") from None


def explain(asked: Asked, rule_id: str) -> Exit:
    """All that a rule's file says of it."""
    from sim.lint.explanation import explanation

    known = {rule.id: rule for rule in rules_of(asked)}
    known |= {rule.name: rule for rule in known.values()}
    if rule_id not in known:
        raise InputError(f"--explain {rule_id}: no such rule; {way_out(rule_id, known)}")
    answer(explanation(known[rule_id], option_of))
    return Exit.FINE


def try_rules(folder: Path) -> Exit:
    """Run the examples of rule files."""
    rules = read_rules(folder)
    failures = list(tried(rules, advice.lint_facts({})))
    for one in failures:
        answer(f"{one.place}: {one.rule}: {one.message}")
    examples = sum(len(rule.good) + len(rule.bad) for rule in rules)
    answer(f"{len(rules)} rules, {examples} examples, {len(failures)} failed")
    return Exit.NO if failures else Exit.FINE
