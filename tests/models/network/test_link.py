"""A path: delay, flights of a long message, loss, outage."""

import pytest

from models.network.config import NetworkConfig
from models.network.link import FIRST_PROBE, INITIAL_WINDOW_BYTES, Link
from models.network.transfer import flight_rounds
from sim.engine.distributions import Constant, Exponential
from sim.engine.streams import Streams
from sim.units import MS, SECOND

RTT = 20 * MS


def a_link(*, rtt: object = RTT, loss: float = 0.0, seed: int = 1) -> Link:
    delay = Constant(value=rtt) if isinstance(rtt, int) else rtt
    return Link(NetworkConfig(rtt=delay, loss=loss), Streams(seed), "path")  # type: ignore[arg-type]


def test_a_short_message_takes_half_a_round_trip() -> None:
    assert a_link().arrival(SECOND, 200) == SECOND + RTT // 2


@pytest.mark.parametrize(
    ("size_bytes", "rounds"),
    [(0, 1), (14_480, 1), (14_481, 2), (3 * 14_480, 2), (3 * 14_480 + 1, 3), (7 * 14_480, 3), (7 * 14_480 + 1, 4)],
)
def test_slow_start_doubles_the_window_with_every_flight(size_bytes: int, rounds: int) -> None:
    assert flight_rounds(size_bytes) == rounds, "10 MSS (2^k - 1) bytes fit into k flights"


def test_every_further_flight_costs_a_round_trip() -> None:
    assert a_link().arrival(0, 2 * INITIAL_WINDOW_BYTES) == RTT + RTT // 2


def test_a_path_without_loss_loses_nothing() -> None:
    link = a_link()

    assert not any(link.draw_is_lost() for _ in range(1_000))


def test_the_share_of_lost_segments_is_the_configured_one() -> None:
    link = a_link(loss=0.25)

    lost = sum(link.draw_is_lost() for _ in range(10_000))

    assert lost == pytest.approx(2_500, abs=175), "four standard deviations of a binomial with n = 10000, p = 1/4"


def test_a_lost_message_waits_for_the_tail_loss_probe_and_then_twice_as_long() -> None:
    link = a_link(loss=0.5)

    delays = sorted({link.arrival(0, 200) for _ in range(200)})

    probe = FIRST_PROBE + 2 * RTT
    assert delays[:3] == [RTT // 2, RTT // 2 + probe, RTT // 2 + 3 * probe]


def test_a_message_sent_into_an_outage_arrives_after_it() -> None:
    link = a_link()
    link.blocked_until = 5 * SECOND

    arrives_at = link.arrival(SECOND, 200)

    assert arrives_at > 5 * SECOND
    assert arrives_at - 5 * SECOND < 5 * SECOND, (
        "repeated after ever longer waits, at most as long as the outage so far"
    )


def test_an_outage_that_is_over_delays_nothing() -> None:
    link = a_link()
    link.blocked_until = 5 * SECOND

    assert link.arrival(5 * SECOND, 200) == 5 * SECOND + RTT // 2


def test_a_random_round_trip_is_drawn_for_each_message_and_has_its_mean() -> None:
    link = a_link(rtt=Exponential(mean=RTT))

    delays = [link.arrival(0, 200) for _ in range(20_000)]

    assert len(set(delays)) > 19_000
    assert sum(delays) / len(delays) == pytest.approx(RTT / 2, rel=0.03), (
        "four standard errors of an exponential's mean"
    )


def test_equal_seeds_give_equal_delays() -> None:
    first, second = a_link(rtt=Exponential(mean=RTT), seed=7), a_link(rtt=Exponential(mean=RTT), seed=7)

    assert [first.arrival(0, 1) for _ in range(100)] == [second.arrival(0, 1) for _ in range(100)]


@pytest.mark.parametrize("rounds", [1, 2, 3, 7])
def test_the_size_of_so_many_rounds_takes_so_many(rounds: int) -> None:
    link = a_link()

    assert link.rounds(link.size_of_rounds(rounds)) == rounds
    assert link.rounds(link.size_of_rounds(rounds) + 1) == rounds + 1


def test_a_spared_flight_never_brings_a_message_before_it_was_sent() -> None:
    link = a_link(rtt=Exponential(mean=RTT))

    assert all(link.arrival(SECOND, link.size_of_rounds(1)) >= SECOND for _ in range(1_000))
