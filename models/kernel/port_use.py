"""PortUse: how many ports of one local address were taken at most, destination by destination. Not which ones."""

from heapq import heappop, heappush

from models.kernel.port_table import PortTable
from sim.engine.timers import NEVER


class _Use:
    """The ports towards one destination: how many are taken, and how many were at most."""

    __slots__ = ("due", "ends", "lingering", "most", "taken")

    def __init__(self) -> None:
        self.taken = self.most = 0
        self.lingering: dict[int, int] = {}  # port: free_at
        self.ends: dict[int, int] = {}  # free_at: ports; TIME_WAIT ends in batches, so there are few
        self.due: list[int] = []  # heap of the instants in `ends`

    def lapse(self, now: int) -> int:
        """Let those go whose TIME_WAIT is over; how many are taken."""
        while self.due and self.due[0] <= now:
            self.taken -= self.ends.pop(heappop(self.due))
        return self.taken

    def take(self, port: int, now: int) -> None:
        if self.due and self.due[0] <= now:
            self.lapse(now)
        if port in self.lingering:
            self.stay(port)
        self.taken += 1
        if self.taken > self.most:
            self.most = self.taken

    def stay(self, port: int) -> bool:
        """Forget that a port lingers, so that it is neither taken nor free; false where it did not, or is free."""
        free_at = self.lingering.pop(port, NEVER)
        if free_at not in self.ends:
            return False
        self.ends[free_at] -= 1
        self.taken -= 1
        return True

    def linger(self, port: int, free_at: int) -> None:
        lingering, ends = self.lingering, self.ends
        if port in lingering and self.stay(port):  # a TIME_WAIT that is prolonged
            self.taken += 1
        lingering[port] = free_at
        if free_at in ends:
            ends[free_at] += 1
        else:
            ends[free_at] = 1
            heappush(self.due, free_at)


class PortUse(PortTable):
    """Ports as `ports` gives them, counted on the way: a port is taken until its TIME_WAIT is over or taken over."""

    def __init__(self, ports: PortTable) -> None:
        self.ports = ports
        self.on_takeover = ports.on_takeover
        """That of the ports, which go on to call it."""
        self._uses: dict[int, _Use] = {}

    def most(self) -> dict[int, int]:
        """The largest number of ports taken at once, by (address and) destination."""
        return {key: use.most for key, use in self._uses.items()}

    def taken(self, now: int) -> dict[int, int]:
        """The number of ports taken now, by (address and) destination."""
        return {key: use.lapse(now) for key, use in self._uses.items()}

    def bind(self, destination: int, now: int) -> tuple[int | None, int]:
        """As of the ports."""
        port, inspected = self.ports.bind(destination, now)
        if port is not None:
            use = self._uses.get(destination)
            if use is None:
                use = self._uses[destination] = _Use()
            use.take(port, now)
        return port, inspected

    def linger(self, destination: int, port: int, free_at: int, *, reusable_at: int = NEVER) -> None:
        """As of the ports."""
        self.ports.linger(destination, port, free_at, reusable_at=reusable_at)
        self._uses[destination].linger(port, free_at)

    def release(self, destination: int, port: int) -> None:
        """As of the ports."""
        self.ports.release(destination, port)
        use = self._uses[destination]
        lingered = port in use.lingering
        if not use.stay(port) and not lingered:
            use.taken -= 1
