import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.quantity.quantity import Quantity, format_quantity, parse_quantity


def test_a_rate_times_a_duration_is_a_plain_number() -> None:
    assert format_quantity(parse_quantity("300/s") * parse_quantity("20ms")) == 6


def test_a_number_over_a_duration_is_a_rate() -> None:
    assert format_quantity(parse_quantity(6) / parse_quantity("2s")) == "3/s"


@given(ms=st.integers(0, 10**6), factor=st.integers(1, 100))
def test_a_duration_times_a_number_is_the_duration_so_many_times(ms: int, factor: int) -> None:
    found = format_quantity(parse_quantity(f"{ms}ms") * parse_quantity(factor))

    assert parse_quantity(found).amount == pytest.approx(ms * factor / 1000)


def test_units_that_differ_do_not_add_up() -> None:
    with pytest.raises(TypeError, match="a duration cannot be added to a size"):
        parse_quantity("1s") + parse_quantity("1KiB")


def test_what_is_nearly_whole_is_not_rounded_up() -> None:
    assert format_quantity(math.ceil(Quantity((0.1 + 0.2) * 10))) == 3


@pytest.mark.parametrize(
    ("amount", "powers", "message"),
    [
        (float("inf"), (0, 0), "is no value"),
        (1.0, (2, 0), "is no value"),
        (-1.0, (1, 0), "comes out as a duration below 0"),
    ],
)
def test_what_nothing_can_be_written_for_is_refused(amount: float, powers: tuple[int, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        format_quantity(Quantity(amount, powers))
