from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.study.span import spans_of


def at(written: Any, share: float, log: bool = False) -> Any:
    return spans_of({"p": written}, ("p",) if log else ())["p"].at(share)


def test_whole_numbers_have_equal_parts_of_the_range() -> None:
    drawn = Counter(at([1, 4], i / 1000) for i in range(1000))

    assert drawn == {1: 250, 2: 250, 3: 250, 4: 250}


def test_choices_have_equal_parts_and_keep_their_kind() -> None:
    drawn = Counter(at([True, "hosts", 5], i / 999) for i in range(999))

    assert drawn == {True: 333, "hosts": 333, 5: 333}


@given(st.integers(1, 1000), st.integers(1, 1000), st.floats(0, 1), st.booleans())
def test_a_whole_number_stays_within_its_range(low: int, width: int, share: float, log: bool) -> None:
    assert low <= at([low, low + width], share, log) <= low + width


def test_the_ends_of_a_range_are_reached() -> None:
    assert [at([2, 64], share) for share in (0.0, 1.0)] == [2, 64]
    assert [at([1, 64], share, log=True) for share in (0.0, 1.0)] == [1, 64]
    assert [at(["1s", "90s"], share) for share in (0.0, 0.5, 1.0)] == ["1s", "45.5s", "90s"]
    assert at(["1s", "100s"], 0.5, log=True) == "10s"


def test_two_numbers_may_be_choices() -> None:
    assert {at({"choices": [0, 64]}, share) for share in (0.0, 0.3, 0.6, 1.0)} == {0, 64}


@pytest.mark.parametrize(
    ("written", "log", "said"),
    [
        ([9, 1], False, "ranges: p: 9 is not below 1; write the lower bound first"),
        ([3, 3], False, "3 is not below 3"),
        (["1s", "90ms"], False, "differ in unit"),
        ([5], False, "leaves nothing to vary"),
        (7, False, "leaves nothing to vary"),
        (["a", "b", "a"], False, "listed twice"),
        (["a", "b"], True, "log: p is a list of choices"),
        ([0, 10], True, "a logarithm needs a bound above 0"),
    ],
)
def test_a_span_that_is_none_is_refused(written: Any, log: bool, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        at(written, 0.5, log)


def test_a_logarithm_of_a_path_without_a_range_is_refused() -> None:
    with pytest.raises(ValueError, match="log: q has no range"):
        spans_of({"p": [1, 2]}, ("q",))
