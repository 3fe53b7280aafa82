from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.analysis.interval import Interval
from sim.study.claim import Claim, bounds_of
from sim.study.verdict import word_of

OPS = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
WHOLE = st.integers(-6, 6)


def satisfies(op: str, value: Any, one: float) -> bool:
    """The comparison at one value, the obvious way."""
    if op == "in":
        return bool(value[0] <= one <= value[1])
    compare = {"<": one < value, "<=": one <= value, ">": one > value, ">=": one >= value, "==": one == value}
    return bool(one != value) if op == "!=" else bool(compare[op])


def expected(op: str, value: Any, low: int, high: int) -> str:
    """By asking every quarter between whole bounds: no comparison with a whole number changes between them."""
    answers = {satisfies(op, value, quarter / 4) for quarter in range(4 * low, 4 * high + 1)}
    return {frozenset({True}): "SUPPORTED", frozenset({False}): "REFUTED"}.get(frozenset(answers), "UNDECIDED")


@given(op=OPS, value=WHOLE, ends=st.tuples(WHOLE, WHOLE))
def test_a_verdict_is_what_all_of_the_interval_or_none_of_it_says(op: Any, value: int, ends: tuple[int, int]) -> None:
    low, high = sorted(ends)

    assert word_of(op, value, Interval((low + high) / 2, low, high, 0.95)) == expected(op, value, low, high)


@given(value=st.tuples(WHOLE, WHOLE).map(sorted), ends=st.tuples(WHOLE, WHOLE))
def test_in_takes_both_bounds_in(value: list[int], ends: tuple[int, int]) -> None:
    low, high = sorted(ends)

    assert word_of("in", value, Interval((low + high) / 2, low, high, 0.95)) == expected("in", value, low, high)


def test_without_a_value_nothing_is_decided() -> None:
    assert word_of("<", 3, None) == "UNDECIDED"


def test_a_claims_value_may_carry_a_unit() -> None:
    assert bounds_of("<", "300ms") == (0.3, 0.3)
    assert bounds_of("in", ["440/s", "470/s"]) == (440, 470)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"value": "soon"}, "value: soon is not a quantity"),
        ({"op": "in", "value": 3}, r"value: in compares with a list of two; write \[low, high\]"),
        ({"op": "in", "value": [3, 2]}, "value: 3 lies above 2"),
        ({"absent": "never"}, "absent: never is not a quantity"),
    ],
)
def test_a_claim_that_cannot_be_judged_is_refused(changes: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Claim(**{"id": "C", "statement": "s", "metric": "m", "op": "<", "value": 1} | changes)
