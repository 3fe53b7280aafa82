"""The kernel of devices: each has an address, ports and a processor of its own, so none waits for another.

It stands for the kernels of a whole fleet: what it counts are their sums.
"""

from collections.abc import Callable
from itertools import count
from typing import Any

from models.kernel.cpu import Cpu
from models.kernel.host import ClientKernel
from models.kernel.port_table import PortTable
from models.kernel.sysctl import KernelConfig
from models.kernel.timer_wheel import TimerWheel
from sim.engine.agenda import Agenda
from sim.engine.timers import NEVER
from sim.records.levels import Levels

DEVICE = KernelConfig(nofile=0, connect_scan_cost=0)
"""The sysctls of a device; its descriptors are its own."""


class OwnAddress(PortTable):
    """Ports of addresses that no two connections share. The number that stands for one never comes again."""

    def __init__(self) -> None:
        self._next = count(1)
        self.on_takeover = _ignore

    def bind(self, destination: int, now: int) -> tuple[int | None, int]:
        """A free one, at once."""
        return next(self._next), 0

    def linger(self, destination: int, port: int, free_at: int, *, reusable_at: int = NEVER) -> None:
        """TIME_WAIT keeps nobody else from dialing."""

    def release(self, destination: int, port: int) -> None:
        """It never comes again."""


def _ignore(key: int, port: int, free_at: int) -> None:
    """No port is ever taken over."""


class OwnCpu(Cpu):
    """The processors of devices: work takes its time and delays nobody else's."""

    __slots__ = ()

    def __init__(self, engine: Agenda) -> None:
        super().__init__(engine, 1)

    def occupy(self, cost: int) -> int:
        """When so much work is done."""
        return self._engine._now + cost

    def work(self, cost: int, done: Callable[[Any], object]) -> None:
        """Call ``done(None)`` when so much work is done."""
        self._engine.call_in(cost, done)


class DeviceKernel(ClientKernel):
    """As a client's kernel, for a fleet of devices."""

    def __init__(self, engine: Agenda, levels: Levels, wheel: TimerWheel) -> None:
        super().__init__(engine, levels, DEVICE, wheel, OwnAddress())
        self.cpu = OwnCpu(engine)
