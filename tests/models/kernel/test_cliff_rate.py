"""Steady connect and close over loopback against Linux 6.18 (cliff-rate): the wave, the wall, the processor."""

from collections import Counter
from functools import cache
from types import SimpleNamespace
from typing import Any

from models.kernel.addresses import local_ports
from models.kernel.connect import Connect
from models.kernel.host import ClientKernel, ServerHost
from models.kernel.sysctl import BindConfig, KernelConfig, ListenConfig
from models.kernel.timer_wheel import TimerWheel, wheel_period
from models.network.config import NetworkConfig
from models.network.link import Link
from models.tables import level_names
from sim.engine.distributions import Constant
from sim.engine.environment import Engine
from sim.engine.streams import Streams
from sim.records.levels import Levels
from sim.units import SECOND

SCAN_COST = 112
"""ns per port: a search of all 28,232 in vain took 3.13 to 3.19 ms there."""


class Program:
    """A server that closes when its client has."""

    config = SimpleNamespace(backlog=4096)
    is_paused = False

    def accept(self, end: Any) -> None:
        end.app = SimpleNamespace(peer_closed=end.close)


class OpenLoop:
    """One thread that connects and closes at once, `rate` times a second; counts by second."""

    def __init__(self, rate: int, seconds: int) -> None:
        self.engine, streams = Engine(), Streams(1)
        levels = Levels(level_names(1), SECOND, seconds * SECOND, lambda _: None)
        wheel = TimerWheel(250, int(streams["wheel"].integers(wheel_period(250))))
        config = KernelConfig(tcp_tw_reuse=0, connect_scan_cost=SCAN_COST)
        self.host = ServerHost(self.engine, levels, Program(), ListenConfig(), wheel)
        self.link = Link(NetworkConfig(rtt=Constant(value=0)), streams, "lo")
        ports = local_ports(config, BindConfig(), streams, name="c")
        self.kernel = ClientKernel(self.engine, levels, config, wheel, ports)
        self.ok: Counter[int] = Counter()
        self.odd: Counter[int] = Counter()
        self.failed: Counter[int] = Counter()
        for i in range(rate * seconds):
            self.engine.call_at(round(i * SECOND / rate), self._connect, None)
        self.engine.run(until=seconds * SECOND)

    def _connect(self, _: Any) -> None:
        Connect(self.kernel, self.host, self.link, self._done).start(0)

    def _done(self, connect: Connect) -> None:
        second = self.engine.now // SECOND
        if connect.end is None:
            self.failed[second] += 1
            return
        self.ok[second] += 1
        self.odd[second] += connect.end.local_port % 2
        connect.end.app = None
        connect.end.close()
        self.kernel.files.close()


@cache
def played(rate: int, seconds: int) -> OpenLoop:
    return OpenLoop(rate, seconds)


def test_at_215_a_second_the_second_parity_is_never_touched() -> None:
    loop = played(215, 130)

    assert (sum(loop.odd.values()), sum(loop.failed.values())) == (0, 0)


def test_at_240_a_second_the_cliff_comes_as_a_wave_once_per_lifetime() -> None:
    odd = played(240, 130).odd

    assert [odd[second] for second in (57, 58, 59, 60)] == [0, 44, 240, 240], "measured 44, then all of two seconds"
    assert sum(odd[second] for second in range(66, 120)) == 0, "measured 1"
    assert [odd[second] for second in (119, 120, 121)] == [0, 32, 240], "measured 32 and 240"


def test_at_480_a_second_the_first_parity_is_gone_in_second_29_and_the_second_in_58() -> None:
    loop = played(480, 80)

    assert loop.odd[29] == 284, "measured 283"
    assert (loop.ok[58], sum(loop.ok[second] for second in range(59))) == (392, 28_232)
    assert sum(loop.odd[second] for second in range(59, 80)) == 0, "no odd port after 59"


def test_at_the_wall_one_processor_fails_315_times_a_second() -> None:
    loop = played(480, 80)

    assert min(second for second in loop.failed) == 58
    assert 305 <= loop.failed[59] <= 325, "measured 314; 480 came"
    assert sum(loop.failed[second] for second in range(74, 80)) <= 20, "measured 12: the batches spread out"
