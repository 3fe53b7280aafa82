"""A path: delay, flights of a long message, loss."""

import pytest

from models.network.config import NetworkConfig
from models.network.link import Link
from models.network.transfer import INITIAL_WINDOW_BYTES, flight_rounds
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


def test_a_lost_request_waits_for_the_tail_loss_probe_and_then_twice_as_long() -> None:
    link = a_link(loss=0.5)

    delays = sorted({link.arrival(0, 200) / MS for _ in range(200)})

    measured = [10.2, 235, 464, 920]
    assert delays[:4] == [pytest.approx(ms, rel=0.035) for ms in measured], "Linux 6.18, loss, RTT 20 ms"


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


@pytest.mark.parametrize("window", [20, 30, 90])
def test_a_wider_window_saves_a_round_trip_but_never_the_way_itself(window: int) -> None:
    link = a_link()

    took = link.arrival(SECOND, 2 * INITIAL_WINDOW_BYTES, window) - SECOND

    assert took == RTT // 2, "two flights, of which one at most can be spared"
    assert link.arrival(SECOND, 2 * INITIAL_WINDOW_BYTES) - SECOND == RTT + RTT // 2


def test_a_long_message_is_more_likely_to_lose_a_segment() -> None:
    link = a_link(loss=0.01)

    late = [
        sum(link.arrival(0, size) > clean for _ in range(5_000))
        for size, clean in ((200, RTT // 2), (100_000, 5 * RTT // 2))
    ]

    assert late[0] == pytest.approx(50, abs=28), "1 % of 5000; four standard deviations"
    assert late[1] == pytest.approx(5_000 * (1 - 0.99**70), abs=140), "70 segments: half of the messages"


def test_most_losses_of_a_long_message_cost_round_trips_and_few_a_timeout() -> None:
    link = a_link(loss=0.001)

    added = [link.arrival(0, 100_000) - 5 * RTT // 2 for _ in range(20_000)]

    lost = [delay for delay in added if delay]
    assert sum(delay <= 7 * RTT for delay in lost) / len(lost) > 0.95, "of 70 segments one alone is the tail of all"
    assert link.repeats >= len(lost)
