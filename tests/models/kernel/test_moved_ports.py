"""Sockets keep their ports when ip_local_port_range changes."""

from models.kernel.moved_ports import MovedPorts
from models.kernel.ports import NO_DRAWS, Ports

HERE, THERE = 0, 1


def some_ports(low: int = 40_000, high: int = 40_009) -> Ports:
    return Ports(low, high, draws=NO_DRAWS)


def test_a_port_in_use_is_in_use_in_the_new_range() -> None:
    before = some_ports()
    held = before.bind(HERE, 0)[0]
    assert held is not None

    after = MovedPorts(before, held, held, ())

    assert after.bind(HERE, 0) == (None, 1)
    assert after.bind(THERE, 0)[0] == held, "ports are per destination"


def test_a_port_outside_the_new_range_is_released_without_a_trace() -> None:
    before = some_ports()
    held = before.bind(HERE, 0)[0]
    assert held is not None

    after = MovedPorts(before, 50_000, 50_000, ())
    after.release(HERE, held)
    back = MovedPorts(after, held, held, ())

    assert back.bind(HERE, 0)[0] == held


def test_a_port_outside_the_range_is_still_held_when_the_range_comes_back() -> None:
    before = some_ports()
    held = before.bind(HERE, 0)[0]
    assert held is not None

    back = MovedPorts(MovedPorts(before, 50_000, 50_000, ()), held, held, ())

    assert back.bind(HERE, 0) == (None, 1)


def test_a_time_wait_goes_on_in_the_new_range() -> None:
    before = some_ports()
    held = before.bind(HERE, 0)[0]
    assert held is not None
    before.linger(HERE, held, 60)

    after = MovedPorts(before, held, held, ())

    assert after.bind(HERE, 59) == (None, 1)
    assert after.bind(HERE, 60)[0] == held


def test_a_time_wait_that_begins_outside_the_range_ends_there() -> None:
    before = some_ports()
    held = before.bind(HERE, 0)[0]
    assert held is not None

    outside = MovedPorts(before, 50_000, 50_000, ())
    outside.linger(HERE, held, 60)
    back = MovedPorts(outside, held, held, ())

    assert back.bind(HERE, 59) == (None, 1)
    assert back.bind(HERE, 60)[0] == held


def test_reserved_ports_of_the_new_range_are_stepped_over() -> None:
    after = MovedPorts(some_ports(), 50_000, 50_001, {50_000})

    assert [after.bind(HERE, 0)[0] for _ in range(2)] == [50_001, None]
