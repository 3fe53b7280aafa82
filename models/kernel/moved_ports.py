"""MovedPorts: the local ports after ip_local_port_range was changed while sockets hold some. Not the search itself."""

from collections.abc import Collection, Iterator

from models.kernel.ports import BUSY, Ports
from sim.engine.timers import NEVER

Held = tuple[int, int] | None
"""(usable_at, free_at) of a port in TIME_WAIT; None of a port in use."""


class MovedPorts(Ports):
    """A new range: sockets keep their ports, those outside it are remembered for the next change.

    Simplified: ports bound explicitly (Dialer.LocalAddr) are not carried over.
    """

    def __init__(self, before: Ports, low: int, high: int, reserved: Collection[int]) -> None:
        super().__init__(low, high, reserved, draws=before._draws, step=before._shift + 1)
        self.on_takeover = before.on_takeover
        self._outside: dict[tuple[int, int], Held] = {}
        for destination, towards in before._towards.items():
            self._first_use(destination).pointer = towards.pointer
        for destination, port, held in _held(before):
            self._keep(destination, port, held)

    def linger(self, destination: int, port: int, free_at: int, *, reusable_at: int = NEVER) -> None:
        """As in Ports, or outside the range."""
        if self.low <= port <= self.high:
            super().linger(destination, port, free_at, reusable_at=reusable_at)
        else:
            self._outside[destination, port] = (min(free_at, reusable_at), free_at)

    def release(self, destination: int, port: int) -> None:
        """As in Ports, or outside the range."""
        if self.low <= port <= self.high:
            super().release(destination, port)
        else:
            self._outside.pop((destination, port), None)

    def _keep(self, destination: int, port: int, held: Held) -> None:
        offset = port - self.low
        if not 0 <= offset <= self.high - self.low:
            self._outside[destination, port] = held
            return
        towards = self._towards.get(destination) or self._first_use(destination)
        towards.states[offset & towards.shift][offset >> towards.shift] = BUSY
        if held is not None:
            towards.linger(offset, *held)


def _held(ports: Ports) -> Iterator[tuple[int, int, Held]]:
    """All ports that are in use or in TIME_WAIT, by destination."""
    for destination, towards in ports._towards.items():
        shift = towards.shift
        busy = ((i << shift) + parity for parity, states in enumerate(towards.states) for i in range(len(states))
                if states[i] == BUSY)  # fmt: skip
        for offset in busy:
            yield destination, ports.low + offset, towards.lingering.get(offset)
    if isinstance(ports, MovedPorts):
        for (destination, port), held in ports._outside.items():
            yield destination, port, held
