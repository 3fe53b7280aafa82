"""Losses in bursts: Gilbert's model against its closed forms, at TCP's messages and at datagrams."""

from itertools import groupby, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.network.config import NetworkConfig
from models.network.link import Link
from models.network.loss import BurstLoss, Gilbert, GilbertConfig
from sim.engine.distributions import Constant
from sim.engine.streams import Streams
from sim.units import MS


def fates(loss: float, burst: float, n: int = 200_000) -> list[bool]:
    draw = np.random.default_rng(1).random(2 * n).tolist()
    path = Gilbert(GilbertConfig(loss=loss, burst=burst), iter(draw).__next__)
    return [path.loses() for _ in range(n)]


@pytest.mark.parametrize(("loss", "burst"), [(0.01, 1.5), (0.01, 5), (0.05, 3), (0.3, 2)])
def test_share_and_length_of_bursts_are_those_that_were_asked_for(loss: float, burst: float) -> None:
    seen = fates(loss, burst)

    lengths = [len(list(group)) for is_lost, group in groupby(seen) if is_lost]
    spread = (burst / (loss * len(seen))) ** 0.5  # relative, of about loss * n / burst bursts
    assert np.mean(seen) == pytest.approx(loss, rel=4 * spread)
    assert np.mean(lengths) == pytest.approx(burst, rel=4 * spread)


def test_the_packet_after_a_lost_one_is_lost_with_one_less_the_reciprocal_of_the_burst() -> None:
    seen = fates(0.05, 4)

    after = [second for first, second in pairwise(seen) if first]
    assert np.mean(after) == pytest.approx(1 - 1 / 4, abs=0.02)


@given(st.floats(0.001, 0.9), st.floats(1, 50))
def test_its_chances_balance_wherever_it_is_allowed(loss: float, burst: float) -> None:
    try:
        config = GilbertConfig(loss=loss, burst=burst)
    except ValueError:
        assert burst < loss / (1 - loss)
        return

    assert config.enters * (1 - loss) == pytest.approx(config.leaves * loss)


def test_too_short_a_burst_is_refused() -> None:
    with pytest.raises(ValueError, match="burst: 3 is too short for so much loss; write at least 9"):
        GilbertConfig(loss=0.9, burst=3)


def a_link(loss: float | BurstLoss) -> Link:
    return Link(NetworkConfig(rtt=Constant(value=20 * MS), loss=loss), Streams(3), "link")


@pytest.mark.parametrize("burst", [1.02, 4.0])
def test_datagrams_and_segments_are_lost_as_often(burst: float) -> None:
    bursts = BurstLoss(gilbert=GilbertConfig(loss=0.02, burst=burst))
    n = 40_000

    datagrams = a_link(bursts)
    lost = sum(datagrams.loses_datagram(0) for _ in range(n))
    messages = a_link(bursts)
    delayed = sum(messages.arrival(0, 200) > 10 * MS for _ in range(n))

    assert lost / n == pytest.approx(0.02, abs=0.004)
    # a lost segment is sent again until it arrives; these repetitions are packets, too, and all of one burst
    first = 0.02 / burst / (1 - 0.02) if burst > 1.5 else 0.02
    assert delayed / n == pytest.approx(first, abs=0.004)


def test_a_burst_takes_the_followers_of_a_lost_segment_with_it() -> None:
    single, bursts = a_link(0.02), a_link(BurstLoss(gilbert=GilbertConfig(loss=0.02, burst=8)))
    size = 10 * 1448

    delays = [
        np.mean([at for at in (link.arrival(0, size) for _ in range(20_000)) if at > 10 * MS])
        for link in (single, bursts)
    ]

    assert delays[1] > 2 * delays[0], "without followers a gap is noticed by a time-out, and so are repetitions"


def test_udp_may_be_blocked_alone() -> None:
    link = a_link(0.0)

    link.udp_blocked_until = 5 * MS

    assert (link.loses_datagram(4 * MS), link.loses_datagram(5 * MS)) == (True, False)
    assert link.is_whole
