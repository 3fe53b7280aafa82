"""Nat: source address translation between clients and services: who may have a port, and until when it is taken.

Not which port it is: nobody can tell them apart. Not what idles: an open connection keeps its port.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any

from models.network.nat_config import NatConfig
from sim.engine.environment import Engine
from sim.records.levels import Levels

NAT_LEVEL = "nat_ports"
"""Ports that are taken, of all clients towards all destinations."""


def nat_levels(scenario: Any) -> Iterator[str]:
    """The levels of a world with a NAT."""
    if scenario.network.nat is not None:
        yield NAT_LEVEL


class NatPorts:
    """The ports towards one destination that a client instance may take, alone or with all others."""

    __slots__ = ("_due", "_engine", "_nat", "_open", "most", "size")

    def __init__(self, nat: "Nat", size: int) -> None:
        self._nat, self._engine, self.size = nat, nat.engine, size
        self._open: set[Any] = set()
        self._due: deque[int] = deque()  # when held ports become free; the hold is constant, so in order
        self.most = 0
        """Ports that were taken at once at most."""

    @property
    def refuses(self) -> bool:
        """Whether a SYN without a port is answered, not just dropped."""
        return self._nat.config.exhausted == "refuse"

    def take(self, end: Any, now: int) -> bool:
        """Give the connection of `end` a port; false where none is left, and the SYN is lost."""
        due = self._due
        while due and due[0] <= now:
            due.popleft()
        taken = len(self._open) + len(due)
        if taken >= self.size:
            self._nat.dropped += 1
            return False
        self._open.add(end)
        self.most = max(self.most, taken + 1)
        self._nat.opened += 1
        self._nat.levels.change(now << 12 | self._nat.rise)
        return True

    def closed(self, end: Any) -> None:
        """The connection of `end`, if it had a port, is over; when the port is free is certain now."""
        if end in self._open:
            self._open.remove(end)
            free_at = self._engine._now + self._nat.config.hold
            self._due.append(free_at)
            self._nat.levels.change(free_at << 12 | self._nat.fall)


class Nat:
    """One translator for a world."""

    def __init__(self, engine: Engine, levels: Levels, config: NatConfig, instances: int) -> None:
        self.engine, self.levels, self.config = engine, levels, config
        self.rise, self.fall = levels.rise(NAT_LEVEL), levels.fall(NAT_LEVEL)
        self.opened = self.dropped = 0
        """Connections that got a port; SYNs that found none, each try."""
        self._reserved = config.reserve(instances)
        self._ports: dict[tuple[str, int], NatPorts] = {}

    def ports(self, instance: str, destination: int) -> NatPorts:
        """What an instance takes its ports of towards a destination: its own share, or what all have in common."""
        key = (instance if self._reserved else "", destination)
        if key not in self._ports:
            self._ports[key] = NatPorts(self, self._reserved or self.config.ports * self.config.addresses)
        return self._ports[key]

    def count(self) -> dict[str, float]:
        """Its counters, and the fullest share with its size."""
        fullest = max(self._ports.values(), key=lambda each: each.most / each.size, default=None)
        most = {"nat.ports_max": fullest.most, "nat.ports_of": fullest.size} if fullest is not None else {}
        return {"nat.opened": self.opened, "nat.dropped": self.dropped, **most}
