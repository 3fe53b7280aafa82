"""Rules that contradict one another, or that nothing ever meets."""

import pytest

from models.protection.rules.action import (
    Action,
    AnnotateAction,
    BreakAction,
    RetryAction,
    ShedAction,
    ThrottleAction,
)
from models.protection.rules.config import RuleConfig
from models.protection.rules.conflicts import conflicts_of, conjuncts_of


def said_of(*conditions: str, actions: tuple[Action, ...] = ()) -> list[tuple[int, str]]:
    does = actions or (AnnotateAction(),) * len(conditions)
    pairs = zip(conditions, does, strict=True)
    return list(conflicts_of([RuleConfig(name=f"r{i}", match=one, action=act) for i, (one, act) in enumerate(pairs)]))


SHADOWED = [
    ("status == 503", "status==503"),
    ("grpc-status == 8 && grpc-message ~ 'a'", "grpc_message.matches('a') && grpc_status == RESOURCE_EXHAUSTED"),
    ("status == 503 || status == 504", "http-status == 503 || http-status == 504"),
]
NARROWER = [
    ("status == 503", "status == 503 && method == 'GET'"),
    ("true", "status == 503"),
    ("status >= 500", "method == 'GET' && status >= 500 && attempt == 1"),
]
FINE = [
    ("status == 503 && method == 'GET'", "status == 503"),
    ("status == 503", "status == 503 || status == 504"),
    ("status == 503", "(status == 503 && attempt == 1) ? true : false"),
    ("error == 'a && b'", "error == 'a'"),
    ("attempt == 1 && status in [503, 504]", "status in [503, 504]"),
]
NEVER = [
    ("false", "false is never true"),
    ("grpc-status == 8 && grpc-status == 14", "grpc_status is never 14 and 8 at once"),
    ("method == 'GET' && method == 'POST'", "method is never 'GET' and 'POST' at once"),
    ("error-class == 'timeouts'", "error_class is never 'timeouts'; did you mean timeout?"),
    ("grpc-status == 99", "grpc_status is never 99, but 0 to 16"),
]


@pytest.mark.parametrize(("first", "second"), SHADOWED)
def test_two_rules_with_one_condition_are_said_to_contradict_each_other(first: str, second: str) -> None:
    ((number, what),) = said_of(first, second)

    assert number == 1
    assert what == "match: rule 0 (r0) has the same condition and wins, so rule r1 never acts; remove one of them"


@pytest.mark.parametrize(("first", "second"), NARROWER)
def test_a_rule_behind_a_wider_one_is_said_to_be_out_of_reach(first: str, second: str) -> None:
    ((number, what),) = said_of("attempt == 5", first, second)

    assert number == 2
    assert what == "match: rule 1 (r1) matches all of these ends and wins, so rule r2 never acts; write this one first"


@pytest.mark.parametrize(("first", "second"), FINE)
def test_rules_that_overlap_in_part_are_no_mistake(first: str, second: str) -> None:
    assert said_of(first, second) == []


@pytest.mark.parametrize(("condition", "why"), NEVER)
def test_a_condition_that_is_never_true_is_said(condition: str, why: str) -> None:
    assert said_of(condition) == [(0, f"match: {why}, so rule r0 never acts")]


def test_what_stands_in_brackets_is_one_part() -> None:
    assert conjuncts_of("(a == 1 && b == 2) && c == [1, 2][0]") == {"(a==1&&b==2)", "c==[1,2][0]"}


BLIND: tuple[Action, ...] = (ThrottleAction(), BreakAction(), ShedAction())
SEEING: tuple[Action, ...] = (RetryAction(), AnnotateAction())


@pytest.mark.parametrize("first", BLIND)
@pytest.mark.parametrize("second", SEEING)
def test_who_looks_past_refused_tries_leaves_them_to_later_rules(first: Action, second: Action) -> None:
    assert said_of("status == 503", "status == 503", actions=(first, second)) == []


@pytest.mark.parametrize("second", BLIND)
def test_others_are_out_of_reach_behind_whichever_action(second: Action) -> None:
    for first in (*BLIND, *SEEING):
        ((number, _),) = said_of("status == 503", "status == 503", actions=(first, second))
        assert number == 1


def test_who_looks_past_refused_tries_never_meets_one() -> None:
    for kind, action in zip(("throttle", "break", "shed"), BLIND, strict=True):
        said = said_of("attempt == 1 && (error-class == 'refused')", actions=(action,))
        assert said == [(0, f"match: {kind} looks past tries that a guard refused, so rule r0 never acts")]
    for seeing in SEEING:
        assert said_of("error-class == 'refused'", actions=(seeing,)) == []
