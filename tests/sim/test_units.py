"""Durations, rates, sizes and kinds."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from sim.units import (
    HOUR,
    LARGEST,
    MINUTE,
    MS,
    SECOND,
    US,
    InputError,
    format_duration,
    format_rate,
    format_size,
    parse_duration,
    parse_rate,
    parse_size,
)
from tests.sim.scenario.sample import Constant, Delay, Dns, Hosts, Lognormal, Resolve


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("0s", 0),
        ("1ns", 1),
        ("500us", 500 * US),
        ("500\u00b5s", 500 * US),
        ("500\u03bcs", 500 * US),
        ("1.5ms", 1_500 * US),
        ("1m30s", 90 * SECOND),
        ("1h2m3s4ms", HOUR + 2 * MINUTE + 3 * SECOND + 4 * MS),
        ("0.30000000000000004s", 300 * MS),
    ],
)
def test_a_duration_is_read_as_go_reads_it(text: str, ns: int) -> None:
    assert parse_duration(text) == ns


@pytest.mark.parametrize(
    "text", ["", "5", "s", "5 s", "-1s", "+1s", "1s ", "1.s", ".5s", "1e3s", "5S", "\u0665s", "1d"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


@pytest.mark.parametrize(("text", "per_second"), [("1200/s", 1200.0), ("3/m", 0.05), ("36/h", 0.01), ("0/s", 0.0)])
def test_a_rate_is_read_per_second(text: str, per_second: float) -> None:
    assert parse_rate(text) == per_second


@pytest.mark.parametrize("text", ["", "5", "5/d", "-5/s", "1 /s", "inf/s", f"{'9' * 400}/s"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="rate"):
        parse_rate(text)


@pytest.mark.parametrize(
    ("text", "size"), [("0B", 0), ("512B", 512), ("10kB", 10_000), ("4KiB", 4096), ("1.5MiB", 3 << 19)]
)
def test_a_size_is_read_in_bytes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "5", "5K", "5kb", "-5B", "5 B", "9999999999TiB", "0.1B"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"size|large|small"):
        parse_size(text)


@given(st.integers(0, LARGEST))
def test_durations_and_sizes_go_there_and_back(number: int) -> None:
    assert parse_duration(format_duration(number)) == number
    assert parse_size(format_size(number)) == number


@given(st.floats(0, allow_infinity=False, allow_nan=False))
def test_rates_go_there_and_back_to_the_last_bit(per_second: float) -> None:
    assert parse_rate(format_rate(per_second)) == per_second


@pytest.mark.parametrize(
    ("ns", "text"),
    [(0, "0s"), (90 * SECOND, "90s"), (120 * SECOND, "2m"), (HOUR, "1h"), (1_500 * US, "1500us"), (SECOND, "1s")],
)
def test_a_duration_is_written_in_its_largest_whole_unit(ns: int, text: str) -> None:
    assert format_duration(ns) == text


def test_an_input_error_is_one_printable_line() -> None:
    assert str(InputError("a\nb\x00\tc\u2028")) == "a\\nb\\x00\\tc\\u2028"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"20ms"', Constant(value=20 * MS)),
        ("0", Constant(value=0)),
        ('{"constant": "20ms"}', Constant(value=20 * MS)),
        ('{"constant": {"value": "20ms"}}', Constant(value=20 * MS)),
        ('{"lognormal": {"mean": "1s", "p99": "2s"}}', Lognormal(mean=SECOND, p99=2 * SECOND)),
    ],
)
def test_a_kind_is_read_without_the_loader_too(text: str, value: object) -> None:
    adapter: TypeAdapter[object] = TypeAdapter(Delay)

    assert adapter.validate_json(text, strict=True, extra="forbid") == value


@pytest.mark.parametrize(("text", "value"), [('"hosts"', Hosts()), ('{"hosts": null}', Hosts()), ('"dns"', Dns())])
def test_a_kind_without_required_fields_is_read_by_its_name(text: str, value: object) -> None:
    adapter: TypeAdapter[object] = TypeAdapter(Resolve)

    assert adapter.validate_json(text, strict=True, extra="forbid") == value


def test_only_the_scalar_kind_is_written_bare() -> None:
    adapter: TypeAdapter[object] = TypeAdapter(Delay)

    assert adapter.dump_python(Constant(value=20 * MS)) == "20ms"
    assert adapter.dump_python(Lognormal(mean=0, p99=MS)) == {"lognormal": {"mean": "0s", "p99": "1ms"}}


def test_units_do_not_load_pydantic() -> None:
    code = "import sys, sim.units; sys.exit('pydantic' in sys.modules or 'pydantic_core' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
