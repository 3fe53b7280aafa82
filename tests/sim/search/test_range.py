import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sim.search.range import read_range


def test_levels_are_steps_from_the_low_end_and_the_high_end_closes_them() -> None:
    of = read_range("100/s", "112/s", "5/s")

    assert [of.written(level) for level in range(of.n + 1)] == ["100/s", "105/s", "110/s", "112/s"]
    assert of.value(1) == 105.0


def test_a_share_makes_equal_ratios() -> None:
    of = read_range("100ms", "200ms", "10%")

    assert of.is_log
    assert of.value(1) / of.value(0) == pytest.approx(1.1)
    assert of.written(of.n) == "200ms"


def test_whole_numbers_stay_whole() -> None:
    of = read_range("1", "64")

    assert [type(of.written(level)) for level in range(3)] == [int, int, int]
    assert of.step == 1


def test_a_two_hundredth_is_the_step_that_nobody_stated() -> None:
    assert read_range("100/s", "1200/s").step == 5.0


@given(low=st.integers(1, 10_000), more=st.integers(1, 100_000), within=st.sampled_from(["", "3%", "7/s"]))
def test_levels_rise_from_one_end_to_the_other(low: int, more: int, within: str) -> None:
    assume(within != "7/s" or more >= 7)  # a step longer than the stretch is refused
    of = read_range(f"{low}/s", f"{low + more}/s", within)

    values = [of.value(level) for level in range(min(of.n, 300) + 1)]

    assert values == sorted(set(values))
    assert (of.value(0), of.value(of.n)) == (low, low + more)


@pytest.mark.parametrize(
    ("low", "high", "within", "message"),
    [
        ("5/s", "1/s", "", "5/s is not below 1/s"),
        ("5/s", "5/s", "", "5/s is not below 5/s"),
        ("5/s", "9ms", "", "differ in unit"),
        ("fast", "9/s", "", "fast is not a quantity"),
        ("-5", "9", "", "-5 is not a quantity"),
        ("5/s", "9/s", "1ms", "1ms is not in the unit of 5/s"),
        ("5/s", "9/s", "0/s", "write a smaller step above 0"),
        ("5/s", "9/s", "5/s", "write a smaller step above 0"),
        ("5", "9", "0.5", "0.5 is no whole number"),
        ("5", "9", "5%", "write a step instead"),
        ("0/s", "9/s", "5%", "write a step instead"),
        ("5/s", "9/s", "0%", "is no share"),
        ("5/s", "9/s", "0.000001/s", "makes more than"),
    ],
)
def test_what_is_no_stretch_is_refused(low: str, high: str, within: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_range(low, high, within)
