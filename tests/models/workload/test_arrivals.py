"""Open-loop arrivals: their rates, their order, and what they depend on."""

import json
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from models.workload.access_log import AccessLogFile
from models.workload.arrivals import Arrivals, ConstantRate, OpenArrivals, Poisson, open_arrivals
from models.workload.bursts import Bursts
from models.workload.closed_loop import ClosedLoop
from models.workload.curve import RateCurve, RatePoint
from models.workload.replay import ReplayFile
from sim.engine.streams import Streams
from sim.units import MS, SECOND

FIVE_SIGMA = 5.0  # a right implementation fails once in 1.7 million seeds

KINDS = [
    Poisson(rate=800.0),
    ConstantRate(rate=333.0),
    Bursts(on_rate=5000.0, off_rate=1.0, on=50 * MS, off=300 * MS),
    RateCurve(points=(RatePoint(at=0, rate=0.0), RatePoint(at=4 * SECOND, rate=3000.0))),
]
WRITTEN: dict[str, Any] = {
    '{"poisson": {"rate": "1200/s"}}': Poisson(rate=1200.0),
    '{"constant": {"rate": "100/s"}}': ConstantRate(rate=100.0),
    '{"bursts": {"on_rate": "500/s", "off_rate": "10/s", "on": "2s", "off": "8s"}}': Bursts(
        on_rate=500.0, off_rate=10.0, on=2 * SECOND, off=8 * SECOND
    ),
    '{"curve": {"points": [{"at": "0s", "rate": "100/s"}], "shape": "step"}}': RateCurve(
        points=(RatePoint(at=0, rate=100.0),), shape="step"
    ),
    '{"closed_loop": {"workers": 50}}': ClosedLoop(workers=50),
    '{"replay": {"file": "a.csv.gz"}}': ReplayFile(file="a.csv.gz"),
    '{"access_log": {"file": "a.log", "format": "envoy"}}': AccessLogFile(file="a.log", format="envoy"),
}


def instants(config: OpenArrivals, *, until: int = 5 * SECOND, seed: int = 1, replication: int = 0) -> list[int]:
    return list(open_arrivals(config, Streams(seed, replication), "checkout", until=until))


@pytest.mark.parametrize("seed", range(4))
def test_poisson_arrivals_have_their_rate(seed: int) -> None:
    expected = 2000.0 * 5

    seen = len(instants(Poisson(rate=2000.0), seed=seed))

    assert abs(seen - expected) < FIVE_SIGMA * expected**0.5, f"{seen} arrivals where {expected} ± 100 were due"


def test_poisson_gaps_vary_as_much_as_they_last() -> None:
    times = instants(Poisson(rate=4000.0))

    gaps = [after - before for before, after in pairwise(times)]
    mean = sum(gaps) / len(gaps)
    variance = sum((gap - mean) ** 2 for gap in gaps) / len(gaps)

    assert abs(variance / mean**2 - 1) < 0.1, "an exponential gap's coefficient of variation is 1; 0.1 is 5 sigma"


@given(rate=st.floats(0.5, 50_000.0))
def test_constant_arrivals_do_not_drift(rate: float) -> None:
    until = int(3000 / rate * SECOND)

    times = instants(ConstantRate(rate=rate), until=until)

    exact = [Fraction(k * SECOND) / Fraction(rate) for k in range(len(times))]
    worst = max(abs(at - want) for at, want in zip(times, exact, strict=True))
    assert worst <= Fraction(501, 1000), "arrival k lies at k/rate, rounded once: half a nanosecond off at most"
    assert len(times) in {2999, 3000, 3001}


def test_constant_arrivals_cross_the_blocks_in_step() -> None:
    times = instants(ConstantRate(rate=1000.0), until=10 * SECOND)

    assert times == [k * MS for k in range(10_000)]


@pytest.mark.parametrize("config", KINDS)
@pytest.mark.parametrize("until", [0, 1, 77 * MS, 5 * SECOND])
def test_arrivals_are_whole_in_order_and_before_the_end(config: OpenArrivals, until: int) -> None:
    times = instants(config, until=until)

    assert times == sorted(times)
    assert all(type(at) is int and 0 <= at < until for at in times)


@pytest.mark.parametrize("config", KINDS)
def test_a_longer_run_begins_with_the_arrivals_of_the_shorter(config: OpenArrivals) -> None:
    shorter, longer = instants(config, until=3 * SECOND), instants(config, until=5 * SECOND)

    # the curve's last segment is cut at the run's end, which may move an arrival by a rounding
    moved = [abs(one - other) for one, other in zip(shorter, longer, strict=False)]
    assert len(longer) > len(shorter) > 0
    assert max(moved) <= 1


@pytest.mark.parametrize("config", [one for one in KINDS if not isinstance(one, ConstantRate)])
def test_a_replication_repeats_itself_and_no_other(config: OpenArrivals) -> None:
    first, again, other = instants(config), instants(config), instants(config, replication=1)

    assert first == again
    assert first != other


@pytest.mark.parametrize("config", KINDS)
def test_other_streams_do_not_move_the_arrivals(config: OpenArrivals) -> None:
    streams = Streams(1, 0)
    streams["payments.arrivals"].random(1000)
    streams["checkout.service_time"].random(7)

    times = list(open_arrivals(config, streams, "checkout", until=5 * SECOND))

    assert times == instants(config)


def test_twice_the_rate_halves_the_instants_of_the_same_customers() -> None:
    slow, fast = instants(Poisson(rate=500.0)), instants(Poisson(rate=1000.0))

    off = max(abs(at - 2 * early) for at, early in zip(slow, fast, strict=False))

    assert off <= 2, "two arms of a study draw the same customers; only the rounding differs"


@pytest.mark.parametrize("config", [Poisson(rate=0.0), ConstantRate(rate=0.0)])
def test_nobody_comes_at_a_rate_of_zero(config: OpenArrivals) -> None:
    assert instants(config) == []


@pytest.mark.parametrize("written", WRITTEN)
def test_each_kind_is_read_as_users_write_it(written: str) -> None:
    read = TypeAdapter(Arrivals).validate_json(written, strict=True, extra="forbid")

    assert read == WRITTEN[written]


@pytest.mark.parametrize("written", WRITTEN)
def test_each_kind_is_written_back_as_it_can_be_read(written: str) -> None:
    adapter = TypeAdapter(Arrivals)

    dumped = json.dumps(adapter.dump_python(WRITTEN[written], mode="json"))

    assert adapter.validate_json(dumped, strict=True, extra="forbid") == WRITTEN[written]


@pytest.mark.parametrize("cls", [ReplayFile, AccessLogFile])
def test_a_bare_text_is_the_file(cls: type[ReplayFile] | type[AccessLogFile]) -> None:
    assert cls.__fill__("logs/a.gz") == {"file": "logs/a.gz"}
    assert cls.__fill__({"file": "logs/a.gz"}) == {"file": "logs/a.gz"}
