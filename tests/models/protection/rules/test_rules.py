"""Which rule an end meets."""

from typing import Any

from models.protection.rules.action import (
    Action,
    AnnotateAction,
    BreakAction,
    RetryAction,
    ShedAction,
    ThrottleAction,
)
from models.protection.rules.config import RuleConfig
from models.protection.rules.end import Ends
from models.protection.rules.match_breaker import MatchBreaker
from models.protection.rules.rules import NONE, Rules, guard_of
from models.protection.rules.shed import Shed
from models.protection.rules.throttle import Throttle
from models.request import Exchange, Request


def an_end(status: int) -> Request:
    request = Request(1, Exchange(workload="w"), None, 0, 0)
    request.status, request.err = status, ""
    return request


def a_rule(match: str, action: Action, name: str = "") -> RuleConfig:
    return RuleConfig(name=name or match, match=match, action=action)


def some_rules(*rules: RuleConfig) -> tuple[Rules, list[str]]:
    """Rules, and what they note."""
    notes: list[str] = []
    return Rules(rules, Ends("orders"), notes.append), notes


def test_the_first_that_matches_wins_and_is_counted() -> None:
    rules, _ = some_rules(
        a_rule("status == 404", ThrottleAction()), a_rule("status >= 500", ShedAction(), "five"),
        a_rule("status == 503", BreakAction()),
    )  # fmt: skip

    assert [rules.look(an_end(status), 1, 0) for status in (200, 503, 404, 500)] == [NONE, 1, 0, 1]
    assert rules.counts == {"five.matched": 2, "status == 404.matched": 1}


def test_an_annotation_is_noted_at_each_match() -> None:
    rules, notes = some_rules(a_rule("status == 503", AnnotateAction(note="busy"), "b"))

    for status in (503, 200, 503):
        rules.look(an_end(status), 1, 0)

    assert notes == ["busy", "busy"]
    assert rules.counts == {"b.matched": 2, "b.note:busy": 2}


def test_a_note_is_the_name_of_the_rule_where_nothing_else_is_said() -> None:
    rules, notes = some_rules(a_rule("true", AnnotateAction(), "seen"))

    rules.look(an_end(200), 1, 0)

    assert notes == ["seen"]


def test_what_a_guard_refused_is_looked_at_by_retry_and_annotate_alone() -> None:
    rules, _ = some_rules(
        a_rule("grpc-status == UNAVAILABLE", BreakAction()), a_rule("true", ShedAction()),
        a_rule("error-class == 'refused'", RetryAction()),
    )  # fmt: skip
    refused = an_end(0)
    refused.err = "circuit breaker is open"

    assert rules.look(refused, 1, 0, is_refused=True) == 2
    assert rules.look(refused, 1, 0) == 0


def test_only_a_retry_rule_says_how_to_try_again() -> None:
    retry = RetryAction(retries=3)
    rules, _ = some_rules(a_rule("status == 500", retry), a_rule("true", ShedAction()))

    assert [rules.retry_of(number) for number in (NONE, 0, 1)] == [None, retry, None]


def test_throttle_break_and_shed_put_a_guard_before_later_tries() -> None:
    kinds: list[Any] = [
        type(guard_of(a_rule("true", action), 0, float))
        for action in (ThrottleAction(), BreakAction(), ShedAction(), RetryAction(), AnnotateAction())
    ]

    assert kinds == [Throttle, MatchBreaker, Shed, type(None), type(None)]
