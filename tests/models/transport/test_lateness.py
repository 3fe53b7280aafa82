"""How late a client's goroutines run: after a pause, and behind the network."""

import pytest

from models.transport.config import ColdDialConfig
from models.transport.lateness import Lateness
from sim.engine.environment import Engine
from sim.units import MS, US

COLD = ColdDialConfig(lag=130 * US, after=50 * MS)


def a_lateness_at(now: int, active_at: int | None = None) -> Lateness:
    engine = Engine()
    engine.call_at(now, lambda _: None)
    engine.run(until=now + 1)
    engine._now = now
    lateness = Lateness(engine, COLD)
    if active_at is not None:
        lateness.active_at = active_at
    return lateness


@pytest.mark.parametrize(
    ("pause", "lag"), [(0, 0), (10 * MS, 26 * US), (25 * MS, 65 * US), (50 * MS, 130 * US), (900 * MS, 130 * US)]
)
def test_a_dial_is_late_in_proportion_to_the_pause_before_it(pause: int, lag: int) -> None:
    assert a_lateness_at(1000 * MS, active_at=1000 * MS - pause).of_dial() == lag


def test_the_first_dial_of_a_client_is_cold() -> None:
    assert a_lateness_at(1 * MS).of_dial() == 130 * US


def test_what_the_network_wakes_meanwhile_runs_at_the_same_time() -> None:
    lateness = a_lateness_at(10 * MS)
    lateness.delay_reads(iter([3 * MS, 5 * MS]).__next__)

    assert [lateness.wakes_at(), lateness.wakes_at()] == [13 * MS, 13 * MS]
