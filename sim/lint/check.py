"""Check: rules held against documents. It reads no file and prints nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sim.lint.computed import compute
from sim.lint.document import Broken, Document
from sim.lint.expression import CannotJudgeError
from sim.lint.facts import Facts
from sim.lint.finding import Edit, Finding, Severity, located
from sim.lint.fix import edits_of
from sim.lint.kind import read_documents
from sim.lint.model import Model
from sim.lint.models_of import model_of
from sim.lint.query import QueryError
from sim.lint.rule import Rule
from sim.lint.suppression import Suppressions
from sim.lint.text import Path, Spot, Text

PARSE_ERROR = "parse"
"""The rule's name of what cannot be read."""
MOST_FINDINGS = 100
"""Of one rule in one document: who has more needs no list of them."""
MOST_NODES = 3_000
"""Values of one document that a rule judges; a hostile text has more."""


@dataclass(slots=True)
class Judged:
    """What became of one text."""

    findings: list[Finding] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    """Of each document; empty of one that nobody recognises."""
    troubles: dict[str, str] = field(default_factory=dict)
    """Rules that could not judge, each with the first place and reason: faults of the rules, exit 2."""


class Linter:
    """Rules, ready to judge texts."""

    def __init__(self, rules: Iterable[Rule], facts: Facts | None = None) -> None:
        self.rules = list(rules)
        self.facts = facts or Facts()
        self._of_kind: dict[str, list[Rule]] = {}

    def lint(self, text: Text, as_kind: str = "") -> Judged:
        """Judge all documents of a text."""
        judged = Judged()
        found: list[Finding] = []
        for document in read_documents(text, as_kind):
            if isinstance(document, Broken):
                found.append(_broken(text, document))
                continue
            judged.kinds.append(document.kind)
            if document.kind:
                found.extend(self._document(document, judged))
        # what came in through an alias is found once, where its anchor stands
        once = {(one.rule, one.start, one.message): one for one in found}
        judged.findings = Suppressions(text).applied(list(once.values()))
        judged.findings.sort(key=lambda one: (one.line, one.column, one.rule))
        return judged

    def _rules_for(self, kind: str) -> list[Rule]:
        if kind not in self._of_kind:
            load = self.facts.load
            self._of_kind[kind] = [
                rule
                for rule in self.rules
                if (not rule.kinds or kind in rule.kinds) and all(n in load for n in rule.needs)
            ]
        return self._of_kind[kind]

    def _document(self, document: Document, judged: Judged) -> Iterator[Finding]:
        model = model_of(document)
        compute(model, self.facts)
        for rule in self._rules_for(document.kind):
            try:
                yield from self._judge(rule, document, model)
            except CannotJudgeError as error:
                judged.troubles.setdefault(rule.id, str(error))

    def _judge(self, rule: Rule, document: Document, model: Model) -> Iterator[Finding]:
        tree = model.tree if rule.within == "model" else document.tree
        names: dict[str, Any] = {"doc": tree, "load": dict(self.facts.load), "world": dict(self.facts.world)}
        found = 0
        for path, value in nodes(rule, tree):
            if found >= MOST_FINDINGS:
                return
            if rule.within == "model" and not _is_known(rule, value):
                continue
            names["value"] = value
            if _holds(rule, names, _path_text(path)):
                continue
            spot = _spot(rule, document, model, path=path)
            found += 1
            yield Finding(
                rule=rule.id, name=rule.name, severity=rule.severity, message=rule.template.filled(names),
                path=_path_text(path), document=document.number,
                fix=_fix(rule, document, model, path=path, names=names),
                **located(document.text, spot.key, spot.end),  # type: ignore[arg-type]  # the fields of a place
            )  # fmt: skip


def _holds(rule: Rule, names: dict[str, Any], where: str) -> bool:
    """Whether a rule has nothing against a value."""
    if rule.field_required:
        value = names["value"]
        return not isinstance(value, dict) or rule.field_required in value
    try:
        if rule.when is not None and rule.when.value(names) is not True:
            return True
        result = rule.check.value(names)
    except CannotJudgeError as error:
        raise CannotJudgeError(f"cannot judge {where}: {error}") from None
    if not isinstance(result, bool):
        raise CannotJudgeError(f"cannot judge {where}: check comes to {result!r:.40}, not to true or false")
    return result


def _is_known(rule: Rule, value: Any) -> bool:
    """A rule about the model is silent where a value that it names cannot be known from the text."""
    for one, two in rule.named:
        held = value.get(one) if isinstance(value, dict) else None
        if held is None or (two and isinstance(held, dict) and held.get(two) is None):
            return False
    return True


def nodes(rule: Rule, tree: Any) -> Iterator[tuple[Path, Any]]:
    """What a rule's query selects."""
    if rule.within == "model" and rule.query.startswith("$.") and rule.query.endswith("[*]"):
        name = rule.query[2:-3]
        if name.isidentifier():  # the usual case, without a query
            yield from (((name, i), value) for i, value in enumerate(tree.get(name, ())))
            return
    try:
        for count, node in enumerate(rule.compiled_query.finditer(tree)):
            if count >= MOST_NODES:
                return
            yield tuple(node.location), node.value
    except (QueryError, RecursionError) as error:
        raise CannotJudgeError(f"the query found no end ({' '.join(str(error).split())[:60]})") from None


def _spot(rule: Rule, document: Document, model: Model, *, path: Path) -> Spot:
    at = (*path, *rule.at.split(".")) if rule.at else path
    if rule.within == "model":
        return model.spot(at)
    spot = document.spot(at)
    # a whole mapping is pointed at by its key, or its first line
    value = document.at(at)
    inner = next(iter(value), None) if isinstance(value, dict) else 0 if isinstance(value, list) else None
    if inner is not None and (*at, inner) in document.spots and spot.key != spot.start:
        return Spot(spot.key, spot.start, max(spot.key + 1, spot.start))
    return spot


def _fix(rule: Rule, document: Document, model: Model, *, path: Path, names: dict[str, Any]) -> tuple[Edit, ...]:
    return edits_of(rule, document, model, path=path, names=names) if rule.fix else ()


def _path_text(path: Path) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def _broken(text: Text, broken: Broken) -> Finding:
    offset = min(max(broken.offset, 0), len(text.content))
    return Finding(
        rule=PARSE_ERROR, name="can be read", severity=Severity.ERROR, message=broken.message,
        **located(text, offset, offset + 1),  # type: ignore[arg-type]  # the fields of a place
    )  # fmt: skip
