"""TIME_WAIT and FIN_WAIT2: lifetimes, the table's limit and reuse, as measured on Linux 6.18."""

import pytest

from models.kernel.sysctl import KernelConfig
from models.kernel.time_wait import TimeWait
from models.kernel.timer_wheel import TimerWheel, wheel_period
from sim.engine.timers import NEVER
from sim.units import MS, SECOND


def a_table(phase: int = 0, **settings: object) -> TimeWait:
    return TimeWait(KernelConfig(**settings), TimerWheel(250, phase))  # type: ignore[arg-type]


def test_time_wait_lasts_60_to_62_seconds_at_hz_250() -> None:
    table = a_table()

    lives = [(table.enter(at) or 0) - at for at in range(0, 20 * SECOND, 100 * MS)]

    assert min(lives) / SECOND == pytest.approx(60.006, abs=0.1), "measured 60.006 to 62.061, median 61.02"
    assert max(lives) / SECOND == pytest.approx(62.05, abs=0.1)
    assert sorted(lives)[100] / SECOND == pytest.approx(61.02, abs=0.1)


def test_the_population_leaves_in_batches() -> None:
    table = a_table()
    ends = [table.enter(at * MS) for at in range(0, 4000, 100)]

    first = min(end for end in ends if end is not None)

    assert table.population(first - 1) == 40
    assert table.population(first) == 40 - ends.count(first)
    assert table.population(70 * SECOND) == 0


@pytest.mark.parametrize(("limit", "stay"), [(10, 10), (1, 1), (0, 0)])
def test_a_full_table_closes_at_once_and_keeps_the_first(limit: int, stay: int) -> None:
    table = a_table(tcp_max_tw_buckets=limit)

    ends = [table.enter(at * MS) for at in range(30)]

    assert [end is not None for end in ends] == [True] * stay + [False] * (30 - stay)
    assert (table.entered, table.overflows, table.population(SECOND)) == (stay, 30 - stay, stay)


def test_fin_wait2_counts_against_the_same_limit() -> None:
    table = a_table(tcp_max_tw_buckets=5)

    ends = [table.enter_fin_wait2(at * MS) for at in range(20)]

    assert ends.count(None) == 15
    assert (table.entered, table.overflows) == (5, 15)


def test_a_short_fin_wait2_is_not_counted_as_tw() -> None:
    table = a_table(tcp_fin_timeout=3 * SECOND)

    table.enter_fin_wait2(0)

    assert (table.entered, table.population(SECOND)) == (0, 1)


def test_the_peers_fin_restarts_the_entry_for_60_seconds() -> None:
    table = a_table(tcp_fin_timeout=5 * SECOND)
    waits_until = table.enter_fin_wait2(0) or 0

    ends_at = table.restart(waits_until, 4 * SECOND)

    assert ends_at >= 64 * SECOND
    assert table.population(10 * SECOND) == 1
    assert (table.population(ends_at), table.entered) == (0, 1)


def test_an_entry_that_is_taken_over_makes_room() -> None:
    table = a_table()
    ends_at = table.enter(0) or 0

    table.recycle(ends_at, 2 * SECOND)
    table.leave(ends_at, ends_at + SECOND)

    assert (table.population(2 * SECOND), table.recycled) == (0, 1)


@pytest.mark.parametrize(("timeout", "shortest", "longest"), [(60, 60.0, 62.05), (90, 60.72, 62.78), (1, 1.0, 1.036)])
def test_an_orphan_waits_for_the_fin_as_long_as_measured(timeout: int, shortest: float, longest: float) -> None:
    period = wheel_period(250)
    tables = [a_table(period * i // 2000, tcp_fin_timeout=timeout * SECOND) for i in range(2000)]

    lives = [table.fin_wait2_ends_at(0) / SECOND for table in tables]

    assert min(lives) == pytest.approx(shortest, abs=0.02)
    assert max(lives) == pytest.approx(longest, abs=0.02)


def test_an_orphan_waits_at_least_three_and_a_half_rto() -> None:
    assert a_table(tcp_fin_timeout=SECOND).fin_wait2_ends_at(0, rto=2 * SECOND) >= 7 * SECOND


# tcp_tw_reuse, timestamps, whether it worked over loopback and over a veth pair
MEASURED_REUSE = [
    (0, 0, False, False),
    (0, 1, False, False),
    (1, 0, False, False),
    (1, 1, True, True),
    (2, 0, False, False),
    (2, 1, True, False),
]


@pytest.mark.parametrize(("reuse", "timestamps", "on_loopback", "on_veth"), MEASURED_REUSE)
def test_a_port_is_taken_over_only_where_measured(
    reuse: int, timestamps: int, on_loopback: bool, on_veth: bool
) -> None:
    table = a_table(tcp_tw_reuse=reuse, tcp_timestamps=timestamps)

    assert (table.reusable_at(0, loopback=True, timestamps=True) != NEVER) is on_loopback
    assert (table.reusable_at(0, loopback=False, timestamps=True) != NEVER) is on_veth


def test_a_peer_without_timestamps_forbids_reuse() -> None:
    assert a_table(tcp_tw_reuse=1).reusable_at(0, loopback=True, timestamps=False) == NEVER


@pytest.mark.parametrize(("delay_ms", "gap"), [(1, 0.020), (100, 0.102), (500, 0.510), (1000, 1.001), (2000, 2.010)])
def test_reuse_waits_for_more_than_the_delay(delay_ms: int, gap: float) -> None:
    reusable_at = a_table(tcp_tw_reuse=1, tcp_tw_reuse_delay=delay_ms * MS).reusable_at(
        0, loopback=False, timestamps=True
    )

    assert reusable_at == (delay_ms + 1) * MS
    assert reusable_at <= round(gap * SECOND), "the smallest gap seen"


def test_before_6_14_reuse_waits_for_the_next_whole_second() -> None:
    table = a_table(tcp_tw_reuse=1, release="6.12", phase=300 * MS)

    assert table.reusable_at(0, loopback=False, timestamps=True) == 700 * MS


@pytest.mark.parametrize(("release", "spared"), [("6.12", True), ("6.11", False)])
def test_fin_wait2_is_spared_since_6_12(release: str, spared: bool) -> None:
    table = a_table(tcp_tw_reuse=1, release=release)

    assert (table.reusable_at(0, loopback=True, timestamps=True, fin_wait2=True) == NEVER) is spared
