"""What a lost segment of a shared TCP connection costs: it, and all that is sent behind it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.in_order import InOrder
from models.network.link import Passage
from models.network.repair import PUNCTUAL, WHOLE, Fate, loss_delay
from sim.engine.environment import Engine
from sim.units import MS

RTT = 20 * MS
KEPT = WHOLE


def lost(times: int = 1) -> Fate:
    """A message of one segment."""
    return Fate(1, 0, times)


def played(*sent: tuple[float, Fate]) -> list[float]:
    """When messages of one segment, sent at these ms, are read."""
    engine, order = Engine(checked=True), InOrder
    under_way, read = order(engine), [0.0] * len(sent)

    def send(number: int) -> None:
        passage = Passage(engine.now + RTT // 2, RTT, sent[number][1], PUNCTUAL)
        under_way.send(
            lambda n: read.__setitem__(n, engine.now / MS),
            number,
            size_bytes=200,
            leaves_at=engine.now,
            passage=passage,
        )

    for number, (at, _) in enumerate(sent):
        engine.call_at(round(at * MS), send, number)
    engine.run(until=round((sent[-1][0] + 60_000) * MS))
    assert not under_way
    return read


def test_without_anything_behind_it_a_lost_segment_waits_for_its_time_out() -> None:
    assert played((0, lost())) == [10 + loss_delay(0, RTT, lost()) / MS]


def test_three_segments_behind_it_repair_it_after_a_round_trip() -> None:
    assert played((0, lost()), (1, KEPT), (2, KEPT), (3, KEPT)) == [33.0] * 4, (
        "3 + 20 + 10 ms, and nothing overtakes it"
    )


def test_one_segment_behind_it_takes_half_a_round_trip_of_reordering_wait_more() -> None:
    assert played((0, lost()), (5, KEPT)) == [45.0, 45.0], "5 + 30 + 10 ms"


def test_what_comes_after_the_repair_is_not_held_up() -> None:
    assert played((0, lost()), (5, KEPT), (60, KEPT))[2] == 70.0


def test_a_repetition_that_is_lost_too_is_noticed_by_what_follows_it() -> None:
    sent = [(0.0, lost(2)), *((float(at), KEPT) for at in (1, 2, 3, 30, 31, 32))]

    assert played(*sent)[0] == 62.0, "sent again at 23, noticed by those of 30 to 32, sent at 52"


def test_two_gaps_are_repaired_each_by_itself() -> None:
    read = played((0, lost()), (1, lost()), (2, KEPT), (3, KEPT), (4, KEPT))

    assert read == [34.0] * 5


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 3)), min_size=1, max_size=30))
def test_messages_are_read_in_order_and_never_before_their_time(messages: list[tuple[int, int]]) -> None:
    sent = [(float(at), lost(times) if times else KEPT) for at, times in sorted(messages)]

    read = played(*sent)

    assert read == sorted(read)
    assert all(at >= when + 10 for at, (when, _) in zip(read, sent, strict=True))


@pytest.mark.parametrize(("loss", "rate"), [(0.001, 200), (0.01, 200), (0.001, 1000)])
def test_the_mean_that_losses_add_is_the_closed_form(loss: float, rate: float) -> None:
    rng, n = np.random.default_rng(5), 40_000
    times = np.cumsum(rng.exponential(1000 / rate, n))
    fates = [lost() if one else KEPT for one in rng.random(n) < loss]

    read = played(*zip(times.tolist(), fates, strict=True))

    added = np.mean(np.array(read[: n - 100]) - times[: n - 100]) - 10
    repair = np.mean(np.minimum(rng.exponential(1000 / rate, n) + 30, rng.gamma(3, 1000 / rate, n) + 20))
    formula = loss * repair + loss * rate / 1000 * repair**2 / 2  # reference 5.6, m = 1
    assert added == pytest.approx(formula, rel=0.3), "it overstates where repairs overlap, and R varies"
