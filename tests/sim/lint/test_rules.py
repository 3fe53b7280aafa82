"""The built-in rules: their examples, and what every rule has to say of itself."""

import pytest

from sim import advice
from sim.lint.check import Linter
from sim.lint.rule import BUILT_IN, FAMILIES, Rule, read_rules
from sim.lint.text import Text
from sim.lint.trial import text_of, tried

RULES = read_rules(BUILT_IN)
NAMES = [rule.id for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_a_rule_finds_its_wrong_examples_and_not_its_right_ones(rule: Rule) -> None:
    failures = list(tried([rule], advice.lint_facts({})))
    assert failures == []


def test_there_are_rules_of_every_family_and_more_than_sixty() -> None:
    assert len(RULES) >= 60
    assert {rule.family for rule in RULES} == set(FAMILIES) - {"OWN"}


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_a_rule_says_why_from_where_and_for_what(rule: Rule) -> None:
    assert rule.rationale, "a finding that nobody understands is suppressed"
    assert rule.source
    assert rule.kinds
    assert rule.id[:2] == rule.family


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_the_message_of_a_rule_has_no_hole_left(rule: Rule) -> None:
    for example in rule.bad:
        linter = Linter([rule], advice.lint_facts(example.load))
        (first, *_) = linter.lint(Text("example", text_of(example)), example.kind).findings
        unfilled = [hole for hole in ("(value.", "(load.", "unknown ") if hole in first.message]
        assert rule.family == "SC" or unfilled == [], first.message


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.needs], ids=str)
def test_a_computed_rule_is_silent_without_its_facts(rule: Rule) -> None:
    example = rule.bad[0]
    judged = Linter([rule], advice.lint_facts({})).lint(Text("example", text_of(example)), example.kind)
    assert judged.findings == []


def test_the_numbers_of_the_port_rule_are_those_of_the_simulator() -> None:
    from models.kernel.time_wait import TCP_TIMEWAIT_LEN
    from models.kernel.timer_wheel import lives

    text = Text("a.go", 'package p\nimport "net/http"\nvar t = &http.Transport{}\n')
    judged = Linter(RULES, advice.lint_facts({"rate": 1600, "latency_ms": 20})).lint(text)
    (found,) = [one for one in judged.findings if one.rule == "PO001"]
    wall = 28_232 / lives(250, TCP_TIMEWAIT_LEN)[0]
    assert f"28,232 ports to one destination last for {wall:.0f} dials/s" in found.message
