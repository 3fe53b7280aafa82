"""Local ports of one source address, unique per 4-tuple, searched as connect() does. It opens no connections."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from heapq import heappop, heappush
from typing import Final

from models.kernel.port_table import PortTable
from sim.engine.timers import NEVER

FREE: Final = 0
"""No socket, or one in TIME_WAIT that connect() may take over by now."""
BUSY: Final = 1
RESERVED: Final = 2
"""In ip_local_reserved_ports: stepped over before anything is looked up (inet_is_local_reserved_port)."""
ANY_DESTINATION: Final = (1 << 32) - 1
"""The key under which explicitly bound ports are held: they are busy towards every destination."""


class _Towards:
    """The ports as one destination sees them: a byte per port, even and odd offsets apart, so that find() can skip."""

    __slots__ = ("batches", "destination", "due", "latest", "lingering", "pointer", "shift", "states")

    def __init__(self, destination: int, states: tuple[bytearray, ...], pointer: int) -> None:
        self.destination = destination
        self.states = states
        self.pointer = pointer
        self.shift = len(states) - 1  # an offset's place: states[offset & shift][offset >> shift]
        self.lingering: dict[int, tuple[int, int]] = {}  # offset: (usable_at, free_at)
        self.latest = (0, 0)  # of `lingering`: whole batches share one entry, which is less than half of the room
        self.due: list[int] = []  # heap of the instants in `batches`
        self.batches: dict[int, list[int]] = {}  # usable_at: offsets; TIME_WAIT ends in batches, so there are few

    def linger(self, offset: int, usable_at: int, free_at: int) -> None:
        latest = self.latest
        if latest[1] != free_at or latest[0] != usable_at:
            latest = self.latest = (usable_at, free_at)
        self.lingering[offset] = latest
        batch = self.batches.get(usable_at)
        if batch is None:
            self.batches[usable_at] = [offset]
            heappush(self.due, usable_at)
        else:
            batch.append(offset)

    def ripen(self, now: int) -> list[int]:
        """Free the ports whose instant has come; return their offsets."""
        freed: list[int] = []
        while self.due and self.due[0] <= now:
            usable_at = heappop(self.due)
            lingering = ((offset, self.lingering.get(offset)) for offset in self.batches.pop(usable_at))
            # the others were released or prolonged meanwhile
            freed += [offset for offset, entry in lingering if entry is not None and entry[0] == usable_at]
        for offset in freed:
            self.states[offset & self.shift][offset >> self.shift] = FREE
        return freed


def _at_the_bottom(destination: int) -> int:
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PortDraws:
    """The random parts of a search; without them it takes the lowest port and the shortest step."""

    step: Callable[[], int] = int
    """0 to 7, uniform: the random part of the pointer's step."""
    neighbours: Callable[[], int] = int
    """Connects of other namespaces that share the pointer, since one's own last one."""
    start: Callable[[int], int] = _at_the_bottom
    """0 to 2**32 - 1, uniform, of a destination: where its pointer stands at first (secure_ipv4_port_ephemeral)."""
    bind: Callable[[], int] = int
    """0 to 2**32 - 1, uniform: where bind(ip, 0) begins."""


NO_DRAWS: Final = PortDraws()


def _ignore(destination: int, port: int, free_at: int) -> None:
    """Nobody counts takeovers."""


class Ports(PortTable):
    """The ephemeral range, ends included; a port is busy per destination, not as such.

    Parameters
    ----------
    low, high : ip_local_port_range.
    reserved : ports never chosen; those outside the range do not matter.
    step : 2, all ports of one parity and then the others; 1, one pass (IP_LOCAL_PORT_RANGE, since 6.8).

    Notes
    -----
    A pointer per destination says where to start; the ports of `low`'s parity come first, then the others
    (net/ipv4/inet_hashtables.c, __inet_hash_connect, 5.18 and later). Simplified: no two destinations share a pointer,
    as one in 65536 pairs does. Nothing is scheduled: the end of a TIME_WAIT is looked at when a port is wanted.
    A call of `bind` takes 1 to 2 us of wall time, also where it inspects all ports in vain.
    """

    def __init__(
        self,
        low: int,
        high: int,
        reserved: Collection[int] = (),
        *,
        draws: PortDraws = NO_DRAWS,
        step: int = 2,
    ) -> None:
        self.low, self.high = low, high
        self.on_takeover = _ignore
        self._draws = draws
        self._draw_step = draws.step if draws.neighbours is int else partial(self._walk, 0)
        self._shift = step - 1
        size = high + 1 - low
        self._rounds = max(size // step, 1)  # ports of one pass; one short of an odd-sized range, as in the kernel
        self._span = step * self._rounds  # `n` in the kernel
        self._wraps_to = (size % step if size > 1 else 0, 0)  # an odd size wraps past `low`, and reaches `high` instead
        self._parities = tuple(range(step))[:size]
        self._blank = tuple(bytearray((size + step - 1 - parity) // step) for parity in range(step))
        offsets = [port - low for port in reserved if low <= port <= high]
        self._has_reserved = bool(offsets)
        for offset in offsets:
            self._blank[offset & self._shift][offset >> self._shift] = RESERVED
        self._towards: dict[int, _Towards] = {}
        self._explicit = _Towards(ANY_DESTINATION, tuple(states[:] for states in self._blank), 0)

    def bind(self, destination: int, now: int) -> tuple[int | None, int]:
        """Find and hold a port that is usable towards `destination`, as connect() on an unbound socket does.

        Also connect() after bind(ip, 0) with IP_BIND_ADDRESS_NO_PORT.

        Returns
        -------
        port : None is EADDRNOTAVAIL; the pointer then stays where it was.
        inspected : occupied ports looked at in vain, each of which costs CPU time.
        """
        if self._explicit.due:
            self._ripen_explicit(now)
        towards = self._towards.get(destination) or self._first_use(destination)
        if towards.due and towards.due[0] <= now:
            towards.ripen(now)
        shift = self._shift
        start = towards.pointer % self._span >> shift
        even = towards.states[0]
        if even[start] == FREE:  # most of the time: `_take`, written out
            even[start] = BUSY
            draw_step = self._draw_step
            towards.pointer = (towards.pointer + (draw_step() + 1 << shift)) & 0xFFFFFFFF
            port = self.low + (start << shift)
            entry = towards.lingering.pop(start << shift, None) if towards.lingering else None
            if entry is not None and entry[1] > now:
                self.on_takeover(destination, port, entry[1])
            return port, 0
        inspected = 0
        for parity in self._parities:
            index, passed, occupied = self._search(towards.states[parity], parity, start)
            inspected += occupied
            if index >= 0:
                return self._take(towards, (index << shift) + parity, passed, now), inspected
        return None, inspected

    def bind_local(self, now: int) -> tuple[int | None, int]:
        """Find and hold a port that nobody uses on this address, as bind(ip, 0) does: Go's Dialer.LocalAddr.

        The start is random and the parity opposite to connect()'s (net/ipv4/inet_connection_sock.c,
        inet_csk_find_open_port). The port is held under `ANY_DESTINATION`. None is EADDRINUSE.
        """
        self._ripen_explicit(now)
        for towards in self._towards.values():
            towards.ripen(now)
        shift = self._shift
        start = self._draws.bind() % self._span >> shift
        inspected = 0
        for parity in reversed(self._parities):
            index, _, occupied = self._search(self._anybody(parity, now), parity, start)
            inspected += occupied
            if index >= 0:
                offset = (index << shift) + parity
                self._mark_everywhere(offset, BUSY)
                return self.low + offset, inspected
        return None, inspected

    def linger(self, destination: int, port: int, free_at: int, *, reusable_at: int = NEVER) -> None:
        """Keep a held port busy until `free_at` (TIME_WAIT); from `reusable_at` on, connect() may take it over.

        Calling it again prolongs: any segment with an ACK restarts a TIME_WAIT.
        """
        if destination == ANY_DESTINATION:
            self._mark_everywhere(port - self.low, BUSY)
            self._explicit.linger(port - self.low, free_at, free_at)
            return
        offset = port - self.low
        towards = self._towards[destination]
        towards.states[offset & self._shift][offset >> self._shift] = BUSY
        towards.linger(offset, min(free_at, reusable_at), free_at)

    def release(self, destination: int, port: int) -> None:
        """Free a held or lingering port at once: a reset, a failed connect(), an overflow of TIME_WAIT."""
        offset = port - self.low
        if destination == ANY_DESTINATION:
            self._explicit.lingering.pop(offset, None)
            self._mark_everywhere(offset, FREE)
            return
        towards = self._towards[destination]
        towards.lingering.pop(offset, None)
        towards.states[offset & self._shift][offset >> self._shift] = FREE

    def _take(self, towards: _Towards, offset: int, passed: int, now: int) -> int:
        # what was passed counts within the pass that found the port, as `i` does in the kernel
        shift = self._shift
        towards.pointer = (towards.pointer + (self._walk(passed) + 1 << shift)) & 0xFFFFFFFF
        towards.states[offset & shift][offset >> shift] = BUSY
        if towards.lingering:
            entry = towards.lingering.pop(offset, None)
            if entry is not None and entry[1] > now:
                self.on_takeover(towards.destination, self.low + offset, entry[1])
        return self.low + offset

    def _walk(self, passed: int) -> int:
        """The pointer's way less one step: past what was passed, and as far again for each neighbour's connect.

        Simplified: a neighbour's search passes as many ports as one's own, its range being as full.
        """
        draw = self._draws.step
        return max(passed, draw()) + sum(max(passed, draw()) + 1 for _ in range(self._draws.neighbours()))

    def _search(self, states: bytearray, parity: int, start: int) -> tuple[int, int, int]:
        """One pass over a parity from `start`: the index found or -1, ports passed, and how many of them were busy."""
        end = min(start + self._rounds, len(states))
        index = states.find(FREE, start, end)
        if index >= 0:
            return index, index - start, index - start - self._skipped(states, start, index)
        again, left = self._wraps_to[parity], self._rounds - (end - start)
        index = states.find(FREE, again, again + left)
        stop = index if index >= 0 else again + left
        passed = end - start + stop - again
        return index, passed, passed - self._skipped(states, start, end) - self._skipped(states, again, stop)

    def _skipped(self, states: bytearray, start: int, stop: int) -> int:
        return states.count(RESERVED, start, stop) if self._has_reserved else 0

    def _first_use(self, destination: int) -> _Towards:
        states = tuple(each[:] for each in self._explicit.states)
        towards = _Towards(destination, states, self._draws.start(destination) & 0xFFFFFFFF)
        self._towards[destination] = towards
        return towards

    def _anybody(self, parity: int, now: int) -> bytearray:
        """Ports of one parity that somebody uses, whatever the destination; an entry that may be taken over counts."""
        if not self._towards:
            return self._explicit.states[parity]
        used = int.from_bytes(self._explicit.states[parity], "little")
        for towards in self._towards.values():
            used |= int.from_bytes(towards.states[parity], "little")
        states = bytearray(used.to_bytes(len(self._blank[parity]), "little"))
        for towards in self._towards.values():
            for offset, (_, free_at) in towards.lingering.items():
                if free_at > now and offset & self._shift == parity:
                    states[offset >> self._shift] = BUSY
        return states

    def _ripen_explicit(self, now: int) -> None:
        for offset in self._explicit.ripen(now):
            self._mark_everywhere(offset, FREE)

    def _mark_everywhere(self, offset: int, state: int) -> None:
        for towards in (self._explicit, *self._towards.values()):
            towards.states[offset & self._shift][offset >> self._shift] = state
