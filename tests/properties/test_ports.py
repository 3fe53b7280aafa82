"""The fast port search against the kernel's written out, and that against recorded sequences of ports."""

from collections.abc import Iterator
from itertools import count
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from models.kernel.addresses import LocalAddresses
from models.kernel.ports import ANY_DESTINATION, PortDraws, Ports
from sim.engine.timers import NEVER

LOW = 40000

# Linux 6.18: ports that successive connects to one destination got, all kept open. Range, reserved, ports.
RECORDED: list[tuple[int, str, list[int]]] = [
    (20, "", [10, 2, 12, 0, 14, 4, 16, 18, 6, 8, 17, 1, 11, 15, 3, 5, 19, 13, 7, 9]),
    (20, "", [2, 14, 18, 8, 0, 10, 4, 6, 12, 16, 19, 11, 13, 17, 5, 1, 15, 9, 3, 7]),
    (11, "", [6, 0, 4, 8, 2, 10, 7, 5, 9, 1, 3]),
    (11, "", [4, 6, 2, 8, 10, 7, 9, 0, 5, 1, 3]),
    (11, "", [2, 4, 8, 6, 10, 3, 5, 7, 9, 1]),
    (
        40,
        "0 1 2 3 4 5 6 7 8 9 15",
        [
            30,
            36,
            10,
            12,
            24,
            28,
            32,
            14,
            16,
            18,
            34,
            38,
            20,
            22,
            26,
            29,
            33,
            11,
            13,
            17,
            27,
            35,
            19,
            21,
            31,
            23,
            25,
            37,
            39,
        ],
    ),
    (
        40,
        "",
        [
            4,
            10,
            12,
            14,
            24,
            30,
            32,
            8,
            16,
            26,
            34,
            38,
            6,
            18,
            28,
            36,
            0,
            20,
            22,
            2,
            5,
            17,
            33,
            1,
            19,
            27,
            31,
            39,
            9,
            15,
            23,
            37,
            13,
            21,
            25,
            35,
            3,
            7,
            29,
            11,
        ],
    ),
]


class KernelPorts:
    """__inet_hash_connect and inet_csk_find_open_port, line by line, over plain dicts."""

    step = 2

    def __init__(self, low: int, high: int, reserved: set[int], draws: tuple[Iterator[int], Iterator[int]]) -> None:
        self.low, self.high, self.reserved = low, high, reserved
        self.steps, self.starts = draws
        self.pointers: dict[int, int] = {}
        self.entries: dict[tuple[int, int], tuple[int, int]] = {}  # (destination, port): (reusable_at, free_at)

    def is_usable(self, destination: int, port: int, now: int) -> bool:
        free = (0, 0)
        is_explicit = self.entries.get((ANY_DESTINATION, port), free)[1] > now
        return not is_explicit and min(self.entries.get((destination, port), free)) <= now

    def is_unused(self, port: int, now: int) -> bool:
        return all(held != port or free_at <= now for (_, held), (_, free_at) in self.entries.items())

    def bind(self, destination: int, now: int) -> tuple[int | None, int, int | None]:
        """Port, occupied ports inspected, and the end of a TIME_WAIT that was taken over."""
        if destination not in self.pointers:
            self.pointers[destination] = next(self.starts)
        pointer = self.pointers[destination]
        inspected = 0
        for port, i in self.candidates(pointer, (0, 1)):
            if port in self.reserved:
                continue
            if self.is_usable(destination, port, now):
                self.pointers[destination] = (pointer + max(i, self.step * next(self.steps)) + self.step) % 2**32
                ends_at = self.entries.get((destination, port), (0, 0))[1]
                self.entries[destination, port] = (NEVER, NEVER)
                return port, inspected, ends_at if ends_at > now else None
            inspected += 1
        return None, inspected, None

    def bind_local(self, now: int) -> tuple[int | None, int]:
        inspected = 0
        for port, _ in self.candidates(next(self.starts), (1, 0)):
            if port in self.reserved:
                continue
            if self.is_unused(port, now):
                self.entries[ANY_DESTINATION, port] = (NEVER, NEVER)
                return port, inspected
            inspected += 1
        return None, inspected

    def candidates(self, pointer: int, parities: tuple[int, int]) -> Iterator[tuple[int, int]]:
        high1 = self.high + 1
        n = high1 - self.low
        if n == 1:
            yield self.low, 0
            return
        step = self.step
        n -= n % step
        for parity in parities if step == 2 else (0,):
            port, i = self.low + (pointer % n - pointer % n % step) + parity, 0
            while i < n:
                if port >= high1:
                    port -= n
                yield port, i
                i += step
                port += step


def drawn(seed: int, bound: int) -> Iterator[int]:
    random = Random(seed)
    return (random.randrange(bound) for _ in count())


@pytest.mark.parametrize(("size", "reserved", "offsets"), RECORDED)
def test_the_kernels_search_can_take_every_recorded_path(size: int, reserved: str, offsets: list[int]) -> None:
    kept = {LOW + int(word) for word in reserved.split()}
    pointers = set(range(size))
    for number, offset in enumerate(offsets):
        pointers = {
            after
            for pointer in pointers
            for drawn_step in range(8)
            for found, after in [one_bind(size, kept, (offsets[:number], pointer, drawn_step))]
            if found == LOW + offset
        }

    assert pointers, "no sequence of random steps leads to the recorded ports"


def one_bind(size: int, reserved: set[int], state: tuple[list[int], int, int]) -> tuple[int | None, int]:
    """The port that a bind finds beside those taken, and where it leaves the pointer in a range so small."""
    taken, pointer, step = state
    ports = KernelPorts(LOW, LOW + size - 1, reserved, (iter([step]), iter([pointer])))
    ports.entries = {(0, LOW + offset): (NEVER, NEVER) for offset in taken}
    found = ports.bind(0, 0)[0]
    return found, ports.pointers[0] % max(size & ~1, 1)


class PortLife(RuleBasedStateMachine):
    """Whatever opens, closes and waits: the fast search finds what the kernel's finds, at the same price."""

    @initialize(
        odd=st.integers(0, 1),
        range_=st.tuples(st.integers(1, 24), st.integers(1, 2)),
        reserved=st.sets(st.integers(LOW, LOW + 24), max_size=6),
        seed=st.integers(0, 2**32 - 1),
    )
    def a_range(self, odd: int, range_: tuple[int, int], reserved: set[int], seed: int) -> None:
        size, ports_apart = range_
        low, high = LOW + odd, LOW + odd + size - 1
        step, start = drawn(seed, 8), drawn(seed + 1, 2**32)
        draws = PortDraws(step=step.__next__, start=lambda _: next(start), bind=start.__next__)
        self.fast = Ports(low, high, reserved, draws=draws, step=ports_apart)
        self.slow = KernelPorts(low, high, reserved, (drawn(seed, 8), drawn(seed + 1, 2**32)))
        self.slow.step = ports_apart
        self.fast.on_takeover = lambda *told: self.told.append(told)
        self.told: list[tuple[int, int, int]] = []
        self.open: list[tuple[int, int]] = []
        self.now = 0

    @rule(destination=st.integers(0, 2))
    def connect(self, destination: int) -> None:
        self.told.clear()
        port, inspected, taken_over = self.slow.bind(destination, self.now)
        assert self.fast.bind(destination, self.now) == (port, inspected)
        assert self.told == ([] if taken_over is None or port is None else [(destination, port, taken_over)])
        if port is not None:
            self.open.append((destination, port))

    @rule()
    def bind_explicitly(self) -> None:
        port, inspected = self.slow.bind_local(self.now)
        assert self.fast.bind_local(self.now) == (port, inspected)
        if port is not None:
            self.open.append((ANY_DESTINATION, port))

    @rule(data=st.data(), lasts=st.integers(1, 20), reusable_after=st.integers(1, 20) | st.just(NEVER))
    def close_to_time_wait(self, data: st.DataObject, lasts: int, reusable_after: int) -> None:
        if self.open:
            tuple_ = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
            free_at = self.now + lasts
            reusable_at = NEVER if tuple_[0] == ANY_DESTINATION else self.now + reusable_after
            self.fast.linger(*tuple_, free_at, reusable_at=reusable_at)
            self.slow.entries[tuple_] = (reusable_at, free_at)

    @rule(data=st.data())
    def reset(self, data: st.DataObject) -> None:
        if self.open:
            tuple_ = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
            self.fast.release(*tuple_)
            del self.slow.entries[tuple_]

    @rule(data=st.data(), lasts=st.integers(1, 20))
    def a_late_segment_restarts_or_ends_a_time_wait(self, data: st.DataObject, lasts: int) -> None:
        lingering = [tuple_ for tuple_, (_, free_at) in self.slow.entries.items() if self.now < free_at < NEVER]
        if lingering:
            tuple_ = data.draw(st.sampled_from(lingering))
            if lasts > 15:
                self.fast.release(*tuple_)
                del self.slow.entries[tuple_]
            else:
                self.fast.linger(*tuple_, self.now + lasts)
                self.slow.entries[tuple_] = (NEVER, self.now + lasts)

    @rule(ns=st.integers(1, 12))
    def time_passes(self, ns: int) -> None:
        self.now += ns

    @invariant()
    def nobody_shares_a_4_tuple(self) -> None:
        assert len(set(self.open)) == len(self.open)


TestPortLife = PortLife.TestCase
TestPortLife.settings = settings(derandomize=True, max_examples=200, stateful_step_count=60, deadline=None)


class AddressLife(RuleBasedStateMachine):
    """Several local addresses: whatever opens and closes, each has the ports of a kernel of its own."""

    @initialize(n=st.integers(1, 3), size=st.integers(1, 8), explicit=st.booleans(), seed=st.integers(0, 2**32 - 1))
    def addresses(self, n: int, size: int, explicit: bool, seed: int) -> None:
        self.n, self.explicit, self.now, self.dials = n, explicit, 0, 0
        self.slow = [KernelPorts(LOW, LOW + size - 1, set(), _both(seed + 7 * i)) for i in range(n)]
        fast = [Ports(LOW, LOW + size - 1, draws=_as_draws(*_both(seed + 7 * i))) for i in range(n)]
        self.fast = LocalAddresses(fast, explicit=explicit)
        self.fast.on_takeover = lambda *told: self.told.append(told)
        self.told: list[tuple[int, int, int]] = []
        self.open: dict[tuple[int, int], tuple[int, int]] = {}

    @rule(destination=st.integers(0, 1))
    def dial(self, destination: int) -> None:
        address, self.dials = self.dials % self.n, self.dials + 1
        slow = self.slow[address]
        key = self.fast.turn(destination)
        if self.explicit:
            assert self.fast.bind(key, self.now) == slow.bind_local(self.now)
            return
        self.told.clear()
        port, inspected, taken_over = slow.bind(destination, self.now)
        assert self.fast.bind(key, self.now) == (port, inspected)
        if port is not None:
            assert self.told == ([] if taken_over is None else [(key, port, taken_over)])
            self.open[key, port] = (address, destination)

    @rule(data=st.data(), lasts=st.integers(1, 9), reusable_after=st.integers(1, 9) | st.just(NEVER))
    def close(self, data: st.DataObject, lasts: int, reusable_after: int) -> None:
        if self.open:
            held = data.draw(st.sampled_from(sorted(self.open)))
            address, destination = self.open.pop(held)
            times = (self.now + reusable_after, self.now + lasts)
            self.fast.linger(*held, times[1], reusable_at=times[0])
            self.slow[address].entries[destination, held[1]] = times

    @rule(data=st.data())
    def reset(self, data: st.DataObject) -> None:
        if self.open:
            held = data.draw(st.sampled_from(sorted(self.open)))
            address, destination = self.open.pop(held)
            self.fast.release(*held)
            del self.slow[address].entries[destination, held[1]]

    @rule(ns=st.integers(1, 6))
    def time_passes(self, ns: int) -> None:
        self.now += ns


def _both(seed: int) -> tuple[Iterator[int], Iterator[int]]:
    return drawn(seed, 8), drawn(seed + 1, 2**32)


def _as_draws(step: Iterator[int], start: Iterator[int]) -> PortDraws:
    return PortDraws(step=step.__next__, start=lambda _: next(start), bind=start.__next__)


TestAddressLife = AddressLife.TestCase
TestAddressLife.settings = settings(derandomize=True, max_examples=100, stateful_step_count=40, deadline=None)
