import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.quantity.ends import between, check_ends, number_and_unit


@given(low=st.integers(1, 1000), more=st.integers(1, 1000), share=st.floats(0, 1), is_log=st.booleans())
def test_what_lies_between_is_in_their_unit_and_within_them(low: int, more: int, share: float, is_log: bool) -> None:
    number, unit = number_and_unit(between((f"{low}ms", f"{low + more}ms"), share, is_log))

    assert unit == "ms"
    assert low <= number <= low + more


def test_half_way_is_the_mean_and_in_the_logarithm_the_geometric_one() -> None:
    assert between(("100/s", "400/s"), 0.5, False) == "250/s"
    assert between(("100/s", "400/s"), 0.5, True) == "200/s"


def test_whole_ends_have_whole_numbers_between_them() -> None:
    found = between((1, 10), 0.3, False)

    assert (found, type(found)) == (4, int)


@pytest.mark.parametrize("written", ["fast", "", True, "ms", "1h30m"])
def test_what_is_no_number_with_a_unit_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="is not a number with an optional unit"):
        number_and_unit(written)


@pytest.mark.parametrize(
    ("ends", "is_log", "message"),
    [
        (("1s", "2ms"), False, "differ in unit"),
        (("2s", "2s"), False, "write the lower bound first"),
        ((0, 5), True, "needs a bound above 0"),
    ],
)
def test_ends_with_nothing_between_them_are_refused(ends: tuple[object, object], is_log: bool, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_ends("a.b", ends, is_log)
