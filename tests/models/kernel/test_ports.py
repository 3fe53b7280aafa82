"""The ephemeral ports of one address, by what was measured on Linux 6.18."""

from collections.abc import Callable
from itertools import count
from random import Random

import pytest

from models.kernel.ports import ANY_DESTINATION, PortDraws, Ports
from models.kernel.sysctl import KernelConfig
from models.kernel.time_wait import TimeWait
from models.kernel.timer_wheel import TimerWheel
from sim.units import MS, SECOND

LOW = 40000


def a_range(size: int, *, low: int = LOW, reserved: set[int] | None = None, seed: int = 1) -> Ports:
    random = Random(seed)
    return Ports(
        low,
        low + size - 1,
        reserved or (),
        draws=PortDraws(
            step=lambda: random.randrange(8),
            start=lambda _: random.randrange(2**32),
            bind=lambda: random.randrange(2**32),
        ),
    )


def connects(ports: Ports, n: int, destination: int = 0) -> list[int]:
    """The ports of n connects that stay open; fewer when they run out."""
    found = [ports.bind(destination, 0)[0] for _ in range(n)]
    return [port for port in found if port is not None]


@pytest.mark.parametrize("size", [1, 2, 20, 100, 200])
def test_exactly_the_range_can_be_used_and_then_none(size: int) -> None:
    ports = a_range(size)

    used = connects(ports, size)

    assert sorted(used) == list(range(LOW, LOW + size))
    assert ports.bind(0, 0) == (None, size)


@pytest.mark.parametrize("low", [40000, 40001])
def test_the_parity_of_the_lower_end_comes_first(low: int) -> None:
    used = connects(a_range(100, low=low), 100)

    assert {port % 2 for port in used[:50]} == {low % 2}
    assert {port % 2 for port in used[50:]} == {1 - low % 2}


def test_gaps_on_an_empty_range_are_uniform_from_2_to_16() -> None:
    used = [connects(a_range(100, seed=seed), 2) for seed in range(800)]

    gaps = [(second - first) % 100 for first, second in used]

    assert set(gaps) == {2, 4, 6, 8, 10, 12, 14, 16}
    assert sum(gaps) / len(gaps) == pytest.approx(9, abs=0.5)


def test_a_range_of_eleven_ports_gives_ten_or_eleven_and_five_or_six_of_the_first_parity() -> None:
    used = [connects(a_range(11, seed=seed), 40) for seed in range(200)]

    assert {len(ports) for ports in used} == {10, 11}
    assert {next(i for i, port in enumerate(ports) if port % 2) for ports in used} == {5, 6}


def test_reserved_ports_are_never_chosen() -> None:
    reserved = {*range(40000, 40010), 40015}
    ports = a_range(40, reserved=reserved)

    used = connects(ports, 60)

    assert sorted(used) == sorted(set(range(40000, 40040)) - reserved)
    assert ports.bind(0, 0) == (None, 29), "a reserved port is stepped over, not looked at"


def test_destinations_do_not_compete() -> None:
    ports = a_range(40)

    assert len(connects(ports, 42, destination=1)) == len(connects(ports, 42, destination=2)) == 40


def test_ports_that_are_free_at_once_come_back_and_the_other_parity_never_does() -> None:
    ports = a_range(20)
    used = []
    for _ in range(300):
        used += connects(ports, 1)
        ports.release(0, used[-1])

    assert sorted(set(used)) == list(range(40000, 40020, 2))


def test_time_wait_holds_a_port_until_its_end() -> None:
    ports = a_range(2)
    for port in connects(ports, 2):
        ports.linger(0, port, 60 * SECOND)

    assert ports.bind(0, 60 * SECOND - 1)[0] is None
    assert ports.bind(0, 60 * SECOND)[0] is not None


def test_a_takeover_is_reported_with_the_end_it_cuts_short() -> None:
    ports, told = a_range(1), list[tuple[int, int, int]]()
    ports.on_takeover = lambda destination, port, free_at: told.append((destination, port, free_at))
    ports.linger(7, ports.bind(7, 0)[0] or 0, 60 * SECOND, reusable_at=SECOND)

    too_early, in_time = ports.bind(7, SECOND - 1), ports.bind(7, SECOND)

    assert (too_early, in_time) == ((None, 1), (LOW, 0))
    assert told == [(7, LOW, 60 * SECOND)]


def test_an_explicit_bind_takes_the_opposite_parity_first_and_fails_when_all_are_bound() -> None:
    ports = a_range(100)

    used = [ports.bind_local(0)[0] or 0 for _ in range(100)]

    assert {port % 2 for port in used[:50]} == {1}
    assert sorted(used) == list(range(40000, 40100))
    assert ports.bind_local(0) == (None, 100), "EADDRINUSE"
    assert ports.bind(0, 0) == (None, 100), "explicitly bound ports are busy towards every destination"


def test_an_explicit_bind_gets_what_sixty_connects_left() -> None:
    ports = a_range(100)
    used = connects(ports, 60)

    bound = [port for port, _ in (ports.bind_local(0) for _ in range(50)) if port is not None]

    assert len(bound) == 40
    assert not set(used) & set(bound)


def test_time_wait_of_an_explicit_port_blocks_all_and_its_end_frees_all() -> None:
    ports = a_range(1)
    connects(ports, 1, destination=1)
    ports.release(1, LOW)
    ports.bind_local(0)
    ports.linger(ANY_DESTINATION, LOW, 60 * SECOND)

    during = [ports.bind(destination, 59 * SECOND)[0] for destination in (1, 2)]
    after = [ports.bind(destination, 60 * SECOND)[0] for destination in (1, 2)]

    assert (during, after) == ([None, None], [LOW, LOW])


def test_the_port_is_shareable_again_when_the_explicit_socket_is_gone() -> None:
    ports = a_range(1)
    ports.bind_local(0)
    blocked = ports.bind(2, 0)[0]

    ports.release(ANY_DESTINATION, LOW)

    assert (blocked, ports.bind(2, 0)[0]) == (None, LOW)


def churn(rate: int, seconds: int) -> tuple[list[int], list[int]]:
    """Odd ports and failures per second: connect and close at a steady rate, full range, client-side TIME_WAIT."""
    ports = a_range(28232, low=32768)
    table = TimeWait(KernelConfig(tcp_tw_reuse=0), TimerWheel(250, 0))
    odd, failed = [0] * seconds, [0] * seconds
    for number in range(rate * seconds):
        now = number * SECOND // rate
        port, _ = ports.bind(0, now)
        odd[now // SECOND] += port is not None and port % 2
        failed[now // SECOND] += port is None
        if port is not None:
            ports.linger(0, port, table.enter(now) or now)
    return odd, failed


def first(values: list[int]) -> int | None:
    return next((second for second, value in enumerate(values) if value), None)


def test_below_the_cliff_no_port_of_the_second_parity_is_used() -> None:
    assert churn(215, 130) == ([0] * 130, [0] * 130)


def test_above_the_cliff_the_second_parity_comes_in_waves() -> None:
    odd, failed = churn(240, 130)

    assert first(odd) in {58, 59}, "measured: first odd port in second 58"
    assert sum(odd[66:119]) == 0, "measured: none from 64 to 119"
    assert sum(odd[119:]) > 0, "measured: the second wave from 120 on"
    assert sum(failed) == 0


def test_beyond_the_wall_ports_run_out_after_28232_connects() -> None:
    odd, failed = churn(480, 80)

    assert first(odd) == 29
    assert first(failed) == 58, "28232 / 480"
    assert 480 - failed[58] == 28232 - 58 * 480, "392 succeed in second 58"


def test_a_port_is_taken_over_at_the_reuse_delay_so_low_rates_touch_half_of_the_range() -> None:
    """Rate x delay <= low-parity ports: 9/s on 20 ports used 10 of them in reality, 12/s all 20."""
    distinct = {rate: len(set(reuse(rate))) for rate in (9, 12)}

    assert distinct == {9: 10, 12: 20}


def reuse(rate: int) -> list[int]:
    """Ports over 20 s of connect and close, tcp_tw_reuse=1, delay 1 s, 20 ports."""
    ports = a_range(20)
    table = TimeWait(KernelConfig(tcp_tw_reuse=1), TimerWheel(250, 0))
    used = []
    for now in range(0, 20 * SECOND, SECOND // rate):
        port = ports.bind(0, now)[0] or 0
        used.append(port)
        reusable_at = table.reusable_at(now, loopback=False, timestamps=True)
        ports.linger(0, port, table.enter(now) or now, reusable_at=reusable_at)
    return used


@pytest.mark.parametrize(("delay_ms", "successes", "distinct"), [(100, 351, 10), (1000, 140, 20), (3000, 60, 20)])
def test_the_reuse_delay_bounds_the_rate_as_measured(delay_ms: int, successes: int, distinct: int) -> None:
    ports = a_range(20)
    table = TimeWait(KernelConfig(tcp_tw_reuse=1, tcp_tw_reuse_delay=delay_ms * MS), TimerWheel(250, 0))
    used = [port for port in map(attempt(ports, table), range(0, 7001 * MS, 20 * MS)) if port is not None]

    assert len(used) == pytest.approx(successes, abs=2)
    assert len(set(used)) == distinct


def attempt(ports: Ports, table: TimeWait) -> Callable[[int], int | None]:
    def connect(now: int) -> int | None:
        port, _ = ports.bind(0, now)
        if port is not None:
            reusable_at = table.reusable_at(now, loopback=False, timestamps=True)
            ports.linger(0, port, table.enter(now) or now, reusable_at=reusable_at)
        return port

    return connect


def test_the_pointer_of_a_new_destination_starts_at_zero_unless_drawn() -> None:
    steps = count()

    ports = Ports(LOW, LOW + 99, draws=PortDraws(step=steps.__next__))

    assert connects(ports, 3) == [LOW, LOW + 2, LOW + 6]
