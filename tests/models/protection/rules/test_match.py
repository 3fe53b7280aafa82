"""Conditions: what they see of an end, and what is said of one that cannot be read."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.protection.rules import match
from models.protection.rules.end import EXAMPLE, FIELDS
from models.protection.rules.match import MOST_CHARACTERS, MOST_KNOWN, Match, match_of
from sim.units import InputError

RATE_LIMIT = {"grpc_status": 8, "grpc_message": "the rate limit is 50/s", "http_status": 429}

TRUE = [
    ("grpc-status == 8 && grpc-message ~ 'rate limit'", RATE_LIMIT),
    ("grpc-status == RESOURCE_EXHAUSTED", RATE_LIMIT),
    ("grpc-message !~ 'quota'", RATE_LIMIT),
    ("grpc-message ~ '^the .* 50/s$'", RATE_LIMIT),
    ("status in [429, 503]", RATE_LIMIT),
    ("status >= 400 && status < 500", RATE_LIMIT),
    ("duration > 500ms", {"duration": timedelta(seconds=1)}),
    ("duration > duration('500ms')", {"duration": timedelta(seconds=1)}),
    ("error-class == 'reset' || error-class == 'connect'", {"error_class": "connect"}),
    ("error == 'connection reset by peer'", {"error": "connection reset by peer"}),
    ("method == 'GET' && service == 'orders' && backend == 0 && attempt == 1", {}),
    ("!(grpc-status == 8)", {}),
    ("grpc-message.contains('expected') ? attempt < 2 : false", {}),
    ("true", {}),
    ("(grpc-message) ~ '[(]?rate'", RATE_LIMIT),
    ("grpc-message.matches('(rate)') && matches(grpc-message + '(', 'rate')", RATE_LIMIT),
    ("status / 100 == 4 && status % 10 == 9", RATE_LIMIT),
]
FALSE = [
    ("grpc-status == 8 && grpc-message ~ 'rate limit'", {"grpc_status": 8, "grpc_message": "quota"}),
    ("grpc-status == 8 && grpc-message ~ 'rate limit'", {"grpc_status": 14, "grpc_message": "rate limit"}),
    ("duration > 500ms", {"duration": timedelta(milliseconds=500)}),
    ("1 / (attempt - 1) == 3", {}),
    ("false", {}),
]
WRONG = [
    ("grpc-statsu == 8", "column 1: unknown field grpc-statsu; did you mean grpc_status?"),
    ("status == 503 && nope", "column 18: unknown field nope; known here: grpc_status, grpc_message"),
    ("duration > 5s && grpc-message ~ 'a' && nope == 1", "column 40: unknown field nope"),
    ("grpc-status == UNAVAILBLE", "column 16: unknown field UNAVAILBLE; did you mean UNAVAILABLE?"),
    ("grpc-message.match('a')", "column 19: unknown function match; did you mean matches?"),
    ("frob(3) == 3", "column 5: unknown function frob"),
    ("grpc-status = 8", "column 13: = compares nothing; write =="),
    ("grpc-status == 8 &&", "column 20: the condition ends too early"),
    ("", "column 1: the condition ends too early"),
    ("status == 503 503", "column 15: 503 does not belong here"),
    ("grpc-status == 'UNAVAILABLE'", "column 13: == does not take a whole number and text; make both sides of a kind,"),
    ("duration > 5", "column 10: > does not take a duration and a whole number"),
    ("attempt ~ 'a'", "column 9: matches does not take a whole number and text"),
    ("grpc-message ~ '('", r"column 16: '(' is no regular expression (RE2): missing ): ("),
    ("error == 'a' && grpc-message ~ r'\\q'", "column 32: r'\\q' is no regular expression (RE2)"),
    ("error.matches('(')", "column 15: '(' is no regular expression (RE2): missing ): ("),
    ("status == 1 || matches(error, r'(')", "column 31: r'(' is no regular expression (RE2): missing ): ("),
    ("error.matches('a') && error.matches( '[' )", "column 38: '[' is no regular expression (RE2)"),
    ("~ 'x'", "column 1: ~ needs a field on its left, such as grpc-message"),
    ("status == 1 && ~ 'x'", "column 16: ~ needs a field on its left, such as grpc-message"),
    ("status / 0 == 1", "column 8: nothing is divided by 0; write another number"),
    ("status == 503 || status % 0x0 == 1", "column 25: nothing is divided by 0; write another number"),
    ("attempt < 2 &&\n nope == 1", "line 2, column 2: unknown field nope"),
    ("grpc-status", "grpc-status is a whole number, no condition; write a condition such as grpc-status == 8"),
    ("(" * 60 + "true" + ")" * 60, "is nested too deeply; split the rule"),
    ("true || " * 200 + "true", f"has 1604 characters; at most {MOST_CHARACTERS} are read, so split the rule"),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "facts"), TRUE)
def test_a_condition_holds(condition: str, facts: dict[str, Any]) -> None:
    assert Match(condition).holds({**EXAMPLE, **facts})


@pytest.mark.parametrize(("condition", "facts"), FALSE)
def test_a_condition_does_not_hold_and_one_that_cannot_be_worked_out_neither(
    condition: str, facts: dict[str, Any]
) -> None:
    assert not Match(condition).holds({**EXAMPLE, **facts})


@pytest.mark.parametrize(("condition", "said"), WRONG)
def test_a_condition_that_cannot_be_read_is_refused_in_one_line_with_the_column(condition: str, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        Match(condition)

    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_the_same_text_is_compiled_once() -> None:
    assert match_of("status == 503") is match_of("status == 503")


def test_what_a_condition_remembers_is_what_it_would_say_again() -> None:
    condition = Match("status == 503 && duration > 1ms")
    ends = [{**EXAMPLE, "http_status": status, "duration": timedelta(milliseconds=ms)}
            for status in (503, 200) for ms in range(MOST_KNOWN)] * 2  # fmt: skip

    assert [condition.holds(end) for end in ends] == ([False, False] + [True] * 998 + [False] * 1000) * 2


def test_every_field_has_an_example() -> None:
    assert EXAMPLE.keys() == FIELDS.keys()


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "cel_expr_python", None)
    match._environment.cache_clear()

    with pytest.raises(InputError, match=r"pip install 'transport-sim\[rules\]'"):
        Match("status == 503")

    match._environment.cache_clear()


CHARACTERS = st.text("grpc-status=8 &|!~'\"()[]\\.x5sé\n\t,{}?:", max_size=60)


def complaint_of(condition: str) -> str:
    """What is said of a condition; nothing of one that is read."""
    try:
        Match(condition).holds(EXAMPLE)
    except ValueError as error:
        return str(error)
    return ""


@given(CHARACTERS | st.text(max_size=40))
def test_whatever_is_written_is_read_or_refused_in_one_line(condition: str) -> None:
    assert "\n" not in complaint_of(condition).replace(condition, "")
