"""Bit rates, read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.bit_rate import format_bit_rate, parse_bit_rate
from sim.units import LARGEST


@pytest.mark.parametrize(
    ("text", "bits"), [("1Gbit/s", 10**9), ("1.5Mbit/s", 1_500_000), ("9bit/s", 9), ("2kbit/s", 2000), ("0bit/s", 0)]
)
def test_a_bit_rate_is_read_in_thousands(text: str, bits: int) -> None:
    assert parse_bit_rate(text) == bits


@pytest.mark.parametrize(
    "text", ["", "5", "1Gbps", "1 Gbit/s", "-1Gbit/s", "1GB/s", "0.1bit/s", "1gbit/s", f"{'9' * 20}bit/s"]
)
def test_what_is_no_bit_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="bit rate"):
        parse_bit_rate(text)


@given(st.integers(0, LARGEST))
def test_bit_rates_are_written_as_they_are_read(bits: int) -> None:
    assert parse_bit_rate(format_bit_rate(bits)) == bits
