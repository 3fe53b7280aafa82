"""Retransmission to a silent peer against recordings on Linux 6.18, HZ 250; the wheel's phase is free."""

from itertools import islice, pairwise
from typing import Any

import pytest

from models.kernel.retransmit import (
    connection_fate,
    death,
    heals_at,
    keepalive,
    orphan_fate,
    patience,
    retransmission_timeout,
    retransmissions,
)
from models.kernel.sysctl import HostConfig
from models.kernel.timer_wheel import TimerWheel, wheel_period
from sim.units import MS, SECOND, US

NEAR, FAR = 100 * US, 20_200 * US  # round-trip times of the two set-ups

# retries, transmissions after the first, death; the peer offers no SACK, RTT 0.1 ms
MEASURED_PLAIN = [
    (3, [0.2052, 0.6215, 1.4532, 3.1173], 6.5451),
    (5, [0.2069, 0.6229, 1.4551, 3.1191, 6.543], 13.2019),
    (8, [0.2064, 0.6306, 1.4626, 3.1266, 6.5191, 13.1745, 26.4865, 54.6505], 107.8956),
    (9, [0.212, 0.628, 1.4602, 3.1205, 6.5128, 13.1681, 26.484, 54.6401, 107.888], 214.3841),
]
# the same with SACK at RTT 20 ms: the first is a tail loss probe
MEASURED_SACK = [
    (3, [0.228, 0.46, 0.932, 1.856], 3.69),
    (5, [0.226, 0.459, 0.93, 1.854, 3.678, 7.33], 14.77),
]
# tcp_orphan_retries, FINs after the first, gone
MEASURED_ORPHAN = [
    (1, [0.206, 0.63], 1.469),
    (3, [0.206, 0.629, 1.465, 3.13], 6.423),
    (5, [0.21, 0.642, 1.474, 3.138, 6.438], 13.094),
    (0, [0.2058, 0.6251, 1.4572, 3.1222, 6.5146, 13.1691, 26.4811, 54.6453], 107.8921),
]


def wheels(n: int = 2000) -> list[TimerWheel]:
    period = wheel_period(250)
    return [TimerWheel(250, int(i * 0.6180339887 * period) % period) for i in range(n)]


def closest(retries: int, measured: list[float], *, rtt: int, sack: bool) -> float:
    """The largest difference (s) in the best of 2000 phases, infinite if the number of transmissions differs."""
    config = HostConfig(tcp_sack=int(sack))
    schedules = [death(config, wheel, 0, rtt=rtt, retries=retries) for wheel in wheels()]
    instants = [(*s.repeats_at, s.gives_up_at) for s in schedules]
    same = [series for series in instants if len(series) == len(measured)]
    return min((max(map(abs, differences(series, measured))) for series in same), default=float("inf"))


def differences(series: tuple[int, ...], measured: list[float]) -> list[float]:
    return [at / SECOND - seen for at, seen in zip(series, measured, strict=True)]


@pytest.mark.parametrize(("retries", "repeats", "dies"), MEASURED_PLAIN)
def test_some_phase_gives_the_measured_series_without_sack(retries: int, repeats: list[float], dies: float) -> None:
    assert closest(retries, [*repeats, dies], rtt=NEAR, sack=False) <= 0.012


@pytest.mark.parametrize(("retries", "repeats", "dies"), MEASURED_SACK)
def test_some_phase_gives_the_measured_series_with_sack(retries: int, repeats: list[float], dies: float) -> None:
    assert closest(retries, [*repeats, dies], rtt=FAR, sack=True) <= 0.020


@pytest.mark.parametrize(("retries", "repeats", "gone"), MEASURED_ORPHAN)
def test_some_phase_gives_the_measured_fins_of_an_orphan(retries: int, repeats: list[float], gone: float) -> None:
    assert closest(retries or 8, [*repeats, gone], rtt=NEAR, sack=False) <= 0.012


@pytest.mark.parametrize(("retries", "seconds"), [(1, 0.6), (3, 3.0), (5, 12.6), (8, 102.2), (9, 204.6), (15, 924.6)])
def test_patience_is_the_kernels_model_of_back_offs(retries: int, seconds: float) -> None:
    assert patience(retries) == round(seconds * SECOND)


def test_the_default_connection_dies_after_sixteen_minutes() -> None:
    ends = [connection_fate(HostConfig(), wheel, 0, rtt=FAR).gives_up_at / SECOND for wheel in wheels(200)]

    assert 957 < min(ends) < max(ends) < 963, "959.3 to 961.4 s calculated for RTT 20 ms"


def test_an_orphan_reads_its_own_sysctl() -> None:
    wheel = TimerWheel(250, 0)
    patient, default = HostConfig(tcp_orphan_retries=1, tcp_sack=0), HostConfig(tcp_sack=0)

    assert orphan_fate(patient, wheel, 0, rtt=NEAR).gives_up_at / SECOND == pytest.approx(1.47, abs=0.05)
    assert orphan_fate(default, wheel, 0, rtt=NEAR).gives_up_at / SECOND == pytest.approx(107.9, abs=2.0)


def test_the_timeout_is_a_whole_number_of_jiffies() -> None:
    assert retransmission_timeout(HostConfig(), TimerWheel(250, 0), NEAR) == 204 * MS


def test_a_healed_path_is_noticed_at_the_next_retransmission() -> None:
    healed = [heals_at(HostConfig(), wheel, 0, path_back_at=20 * SECOND, rtt=FAR) / SECOND for wheel in wheels(200)]

    assert all(at == pytest.approx(29.4, abs=0.4) for at in healed), "measured series: 14.77, 29.37"


def test_a_path_that_is_back_at_once_still_waits_for_the_probe() -> None:
    assert heals_at(HostConfig(), TimerWheel(250, 0), 0, path_back_at=1, rtt=FAR) == pytest.approx(225 * MS, abs=4 * MS)


# idle, interval, count, probes, death
MEASURED_KEEPALIVE = [
    (1, 1, 3, [1.0225, 2.0464, 3.0667], 4.0905),
    (2, 1, 2, [2.0098, 3.0334], 4.0576),
    (5, 2, 4, [5.241, 7.2572, 9.2733, 11.2889], 13.3049),
]


@pytest.mark.parametrize(("idle", "interval", "count", "probes", "dies"), MEASURED_KEEPALIVE)
def test_some_phase_gives_the_measured_keepalive_probes(
    idle: int, interval: int, count: int, probes: list[float], dies: float
) -> None:
    schedules = [keepalive(wheel, 0, idle=idle * SECOND, interval=interval * SECOND, count=count) for wheel in wheels()]

    gaps = [max(map(abs, differences((*s.repeats_at, s.gives_up_at), [*probes, dies]))) for s in schedules]

    assert min(gaps) <= 0.012


def test_gos_default_transport_finds_a_dead_idle_peer_after_165_seconds() -> None:
    schedule = keepalive(TimerWheel(250, 0), 0, idle=30 * SECOND, interval=15 * SECOND, count=9)

    assert len(schedule.repeats_at) == 9
    assert schedule.gives_up_at / SECOND == pytest.approx(166, abs=3)


def series(n: int, **settings: Any) -> list[float]:
    """The first instants (s) at which a request at RTT 20 ms is sent again."""
    sent = retransmissions(HostConfig(**settings), TimerWheel(1000, 0), 0, rtt=20 * MS)
    return [at / SECOND for at in islice(sent, n)]


def test_a_smaller_tcp_rto_min_us_repeats_sooner() -> None:
    assert series(1, tcp_rto_min_us=20 * MS) == pytest.approx([0.041], abs=0.002)


def test_timeouts_grow_no_further_than_tcp_rto_max_ms() -> None:
    gaps = [later - earlier for earlier, later in pairwise(series(12, tcp_rto_max_ms=2 * SECOND))]

    assert max(gaps) == pytest.approx(2, rel=0.07), "and the wheel's lateness"


def test_patience_knows_tcp_rto_max_ms() -> None:
    assert patience(15, 2 * SECOND) == (2**4 - 1) * 200 * MS + 12 * 2 * SECOND, (
        "ilog2(2 s / 0.2 s) doublings, then 2 s each"
    )


def test_thin_streams_may_keep_their_first_six_timeouts() -> None:
    gaps = [later - earlier for earlier, later in pairwise(series(10, tcp_thin_linear_timeouts=1))]

    assert gaps[6] < 0.25, "the probe, and six timeouts that are not doubled"
    assert gaps[7] > 0.4
