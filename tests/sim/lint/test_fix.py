"""Fixes: what they write, and what they leave as it is, byte for byte."""

from difflib import SequenceMatcher

import pytest

from sim import advice
from sim.lint.batch import fixed
from sim.lint.check import Linter
from sim.lint.rule import BUILT_IN, Rule, read_rules
from sim.lint.text import Text
from sim.lint.trial import text_of

RULES = read_rules(BUILT_IN)
FIXABLE = [rule for rule in RULES if rule.is_fixable]
YAML = """\
# kept   as it is
routes:
- path:   /a      # two  spaces
  timeout: 0s # too short
  other: [1,2,   3]
-   path: /b
    "quoted":   ~
"""


def a_linter(*ids: str, **load: float) -> Linter:
    return Linter([rule for rule in RULES if rule.id in ids], advice.lint_facts(load))


def fix(text: str, *ids: str, kind: str = "", **load: float) -> str:
    return fixed(a_linter(*ids, **load), Text("file", text), kind)[0]


@pytest.mark.parametrize("rule", FIXABLE, ids=[rule.id for rule in FIXABLE])
def test_a_fix_ends_the_finding_and_a_second_one_changes_nothing(rule: Rule) -> None:
    for example in rule.bad:
        linter = Linter([rule], advice.lint_facts(example.load))
        before = linter.lint(Text("file", text_of(example)), example.kind)
        once, made = fixed(linter, Text("file", text_of(example)), example.kind)
        if not any(one.fix for one in before.findings):
            continue  # this one cannot be fixed without touching something else
        left = linter.lint(Text("file", once), example.kind).findings
        assert made
        assert [one.rule for one in left] == [], once
        assert fixed(linter, Text("file", once), example.kind) == (once, 0)


def test_most_rules_that_say_they_are_fixable_fix_their_first_example() -> None:
    fixes = {rule.id: _has_fix(rule) for rule in FIXABLE}
    assert [name for name, made in fixes.items() if not made] == []


def _has_fix(rule: Rule) -> bool:
    return any(
        one.fix
        for example in rule.bad
        for one in Linter([rule], advice.lint_facts(example.load))
        .lint(Text("f", text_of(example)), example.kind)
        .findings
    )


def test_a_value_is_replaced_and_a_missing_key_is_written_in_the_column_of_its_sisters() -> None:
    assert fix(YAML, "TR001") == YAML.replace("0s #", "5s #").replace("-   path: /b", "-   timeout: 5s\n    path: /b")


def test_every_other_line_stays_as_it_was_whatever_its_line_ends_are() -> None:
    text = YAML.replace("\n", "\r\n")
    matcher = SequenceMatcher(a=text.splitlines(keepends=True), b=fix(text, "TR001").splitlines(keepends=True))
    changed = [tag for tag, *_ in matcher.get_opcodes() if tag != "equal"]
    assert len(changed) == 2
    assert "  timeout: 5s # too short\r\n" in fix(text, "TR001")


def test_json_stays_json() -> None:
    text = '{"version": 3, "endpoints": [], "dialer_timeout": "3s"}'
    assert (
        fix(text, "PO008")
        == '{"idle_connection_timeout": "90s", "version": 3, "endpoints": [], "dialer_timeout": "3s"}'
    )


def test_what_an_alias_brings_in_is_not_touched() -> None:
    text = "x: &t {timeout: 0s, path: /a}\nroutes:\n- *t\n"
    assert fix(text, "TR001") == text


def test_a_quoted_value_keeps_its_quotes() -> None:
    assert fix('routes: [{timeout: "0s"}]\n', "TR001") == 'routes: [{timeout: "5s"}]\n'


def test_go_is_written_in_its_own_words() -> None:
    text = 'package p\nimport ("net/http"; "time")\nvar t = &http.Transport{\n\tMaxConnsPerHost: 9,\n}\n'
    assert "\tResponseHeaderTimeout: 10 * time.Second,\n\tMaxConnsPerHost: 9,\n" in fix(text, "TR010")


def test_go_that_does_not_import_time_gets_no_duration() -> None:
    text = 'package p\nimport "net/http"\nvar t = &http.Transport{MaxConnsPerHost: 9}\n'
    assert fix(text, "TR010") == text


def test_a_suppressed_finding_is_not_fixed() -> None:
    text = "routes:\n- path: /a\n  timeout: 0s # sim-lint: ignore TR001 -- bounded elsewhere\n"
    assert fix(text, "TR001") == text


def test_fixes_beside_a_document_that_cannot_be_read_are_made() -> None:
    assert fix("routes: [{timeout: 0s}]\n---\na: [\n", "TR001").startswith("routes: [{timeout: 5s}]\n")
