"""SYN and SYN-ACK schedules against those measured on Linux 6.18, HZ 250, 20 to 40 sockets a row."""

import pytest

from models.kernel.syn import Schedule, syn_schedule, synack_schedule
from models.kernel.sysctl import KernelConfig, ListenConfig
from models.kernel.timer_wheel import TimerWheel, wheel_period
from sim.units import SECOND

EARLY, LATE = 0.004, 0.012  # what the measurement's own clock and polling add

Span = tuple[float, float]

# retries, linear, (earliest, latest) of each retransmission, (earliest, latest) ETIMEDOUT
MEASURED_SYN: list[tuple[int, int, list[Span], Span]] = [
    (1, 0, [(1.0005, 1.0316)], (3.0163, 3.0475)),
    (2, 0, [(1.002, 1.035), (3.0163, 3.051)], (7.0579, 7.2977)),
    (3, 0, [(1.0031, 1.0366), (3.0192, 3.0514), (7.0533, 7.3023)], (15.2493, 15.4943)),
    (1, 4, [(1.0016, 1.0357), (2.0255, 2.0597)], (3.0496, 3.0838)),
    (
        2,
        4,
        [(1.0024, 1.0315), (2.0264, 2.0555), (3.0505, 3.0793), (4.0744, 4.1034), (5.0984, 5.1277)],
        (7.1143, 7.1419),
    ),
    (
        3,
        4,
        [
            (1.0025, 1.033),
            (2.0259, 2.0571),
            (3.05, 3.0794),
            (4.0739, 4.1051),
            (5.098, 5.1254),
            (7.1139, 7.1453),
            (11.1499, 11.3972),
        ],
        (19.3422, 19.5891),
    ),
    (
        6,
        0,
        [
            (1.0004, 1.0317),
            (3.0164, 3.0511),
            (7.0562, 7.3026),
            (15.248, 15.4946),
            (31.3719, 31.6226),
            (63.8293, 64.9082),
        ],
        (129.3655, 130.444),
    ),
    (
        6,
        4,
        [
            (1.0021, 1.0356),
            (2.0261, 2.0597),
            (3.05, 3.0809),
            (4.074, 4.1059),
            (5.0981, 5.1326),
            (7.1153, 7.1437),
            (11.1655, 11.4035),
            (19.3574, 19.5918),
            (35.4854, 35.7196),
            (67.9334, 69.0),
        ],
        (133.4618, 134.5355),
    ),
    (
        6,
        1,
        [
            (1.001, 1.0355),
            (2.0251, 2.0595),
            (4.0412, 4.0724),
            (8.0785, 8.3115),
            (16.2704, 16.5034),
            (32.3983, 32.6279),
            (64.6545, 66.672),
        ],
        (130.1918, 132.2079),
    ),
    (2, 2, [(1.0053, 1.0337), (2.0288, 2.0596), (3.0529, 3.0836), (5.0689, 5.1012)], (9.102, 9.3501)),
    (
        5,
        4,
        [
            (1.0021, 1.0359),
            (2.026, 2.06),
            (3.0496, 3.0835),
            (4.0734, 4.1077),
            (5.0974, 5.1281),
            (7.114, 7.1479),
            (11.1465, 11.3997),
            (19.3386, 19.5916),
            (35.4665, 35.7236),
        ],
        (67.9434, 69.0199),
    ),
]
MEASURED_SYNACK: list[tuple[int, list[Span]]] = [
    (1, [(1.0018, 1.0317)]),
    (2, [(1.0007, 1.0339), (3.0169, 3.0467)]),
    (5, [(1.0012, 1.0339), (3.0172, 3.0476), (7.0553, 7.2848), (15.246, 15.478), (31.3739, 31.6048)]),
]


def wheels(n: int = 2000) -> list[TimerWheel]:
    return [TimerWheel(250, wheel_period(250) * i // n) for i in range(n)]


def contains(schedules: list[Schedule], index: int, measured: Span) -> bool:
    """Whether the phases' range of one retransmission, or of the end for -1, contains the measured one."""
    instants = [(*s.repeats_at, s.gives_up_at)[index] / SECOND for s in schedules]
    return min(instants) - EARLY <= measured[0] and measured[1] <= max(instants) + LATE


@pytest.mark.parametrize(("retries", "linear", "repeats", "end"), MEASURED_SYN)
def test_an_unanswered_syn_follows_the_measured_schedule(
    retries: int, linear: int, repeats: list[Span], end: Span
) -> None:
    config = KernelConfig(tcp_syn_retries=retries, tcp_syn_linear_timeouts=linear)

    schedules = [syn_schedule(config, wheel, 0) for wheel in wheels()]

    assert {len(s.repeats_at) for s in schedules} == {len(repeats)}
    assert all(contains(schedules, i, measured) for i, measured in enumerate(repeats))
    assert contains(schedules, -1, end)


@pytest.mark.parametrize(
    ("retries", "linear", "first", "last"), [(6, 4, 133.26, 135.30), (6, 0, 129.16, 131.21), (5, 4, 67.7, 69.8)]
)
def test_etimedout_comes_within_one_granule_over_all_phases(
    retries: int, linear: int, first: float, last: float
) -> None:
    config = KernelConfig(tcp_syn_retries=retries, tcp_syn_linear_timeouts=linear)

    ends = [syn_schedule(config, wheel, 0).gives_up_at / SECOND for wheel in wheels()]

    assert min(ends) == pytest.approx(first, abs=0.05)
    assert max(ends) == pytest.approx(last, abs=0.05)


@pytest.mark.parametrize(("retries", "repeats"), MEASURED_SYNACK)
def test_an_unanswered_synack_follows_the_measured_schedule(retries: int, repeats: list[Span]) -> None:
    config = ListenConfig(tcp_synack_retries=retries)

    schedules = [synack_schedule(config, wheel, 0) for wheel in wheels()]

    assert {len(s.repeats_at) for s in schedules} == {len(repeats)}
    assert all(contains(schedules, i, measured) for i, measured in enumerate(repeats))


def test_a_half_open_connection_is_dropped_after_about_64_seconds() -> None:
    ends = [synack_schedule(ListenConfig(), wheel, 0).gives_up_at / SECOND for wheel in wheels()]

    assert 63 < min(ends) < max(ends) < 66.5
