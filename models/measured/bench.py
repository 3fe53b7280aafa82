"""Bench: a client's kernel and a listener on an engine of their own, with programs that only connect, read and close.

It adds nothing to the kernels: what a measurement's own program did in reality, its program does here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from models.kernel.addresses import local_ports
from models.kernel.connect import Connect
from models.kernel.host import ClientKernel, ServerHost
from models.kernel.port_table import PortTable
from models.kernel.ports import Ports
from models.kernel.socket import Endpoint, Tcp
from models.kernel.sysctl import BindConfig, KernelConfig, ListenConfig
from models.kernel.timer_wheel import LEVEL_RATIO, TimerWheel, wheel_period
from models.network.config import NetworkConfig
from models.network.link import Link
from models.tables import level_names
from sim.engine.distributions import Constant
from sim.engine.environment import Engine
from sim.engine.streams import Streams
from sim.engine.timers import NEVER
from sim.records.levels import Levels
from sim.units import MS, SECOND, US

HZ = 250
"""CONFIG_HZ of the machine that was measured."""
GRANULES_S = ((0.252, 0.004), (2.016, 0.032), (16.128, 0.256), (129.0, 2.048))
"""By how much an expiry scatters, for timers shorter than so many seconds (calc_wheel_index at 250 HZ)."""
WAKE_UP = 30 * US
"""From the end of a batch of packets to the accept() of a program that sleeps: the batch comes first."""
GOLDEN = 0.6180339887498949
"""Successive multiples of it fall evenly, however many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """How a measurement was set up."""

    client: KernelConfig = KernelConfig(connect_scan_cost=0)
    """The client's sysctls; searches for a port cost nothing, unless it is their cost that was measured."""
    listen: ListenConfig = ListenConfig()
    """The server's."""
    bind: BindConfig = BindConfig()
    """What is bound before connect()."""
    rtt: int = 0
    """Round-trip time, ns; 0 of loopback."""
    backlog: int = 4096
    """The argument of listen()."""
    accepts: bool = True
    """Whether the server's program accepts from the start; otherwise `Bench.accept` lets it begin."""
    closes: bool = True
    """Whether it closes when it has read the client's FIN."""
    seed: int = 1
    """Of the ports and of the timer wheel's phase."""
    ends_at: int = 200 * SECOND
    """Of the levels."""
    step: int = 500 * MS
    """Between the instants at which levels are known."""


class Program:
    """The server's program: it accepts while it may, a little after the packets, and reads."""

    def __init__(self, engine: Engine, set_up: SetUp) -> None:
        self._engine, self._closes = engine, set_up.closes
        self.config = SimpleNamespace(backlog=set_up.backlog)
        self.is_paused, self.is_mid_accept = True, False
        self.may_accept = set_up.accepts
        self.waiting: list[Endpoint] = []
        self.accepted: list[tuple[int, Endpoint]] = []
        self.read: list[tuple[int, Any]] = []
        self.on_accepting: Callable[[], object] = lambda: None

    def accept(self, end: Endpoint) -> None:
        """A connection lies in the accept queue."""
        end.app = _Reader(self, end)
        self.waiting.append(end)
        if self.may_accept:
            self._engine.call_in(WAKE_UP, self.fetch)

    def fetch(self, _: Any = None) -> None:
        """Accept whoever waits."""
        self.may_accept = True
        self.on_accepting()
        self.accepted += [(self._engine.now, end) for end in self.waiting]
        self.waiting.clear()

    def came(self, what: Any) -> None:
        """Something was read."""
        self.read.append((self._engine.now, what))


class _Reader:
    """What reads from one end of the server."""

    def __init__(self, program: Program, end: Endpoint) -> None:
        self._program, self._end = program, end

    def received(self, message: Any) -> None:
        self._program.came(message)

    def peer_closed(self) -> None:
        self._program.came("EOF")
        if self._program._closes:
            self._end.close()

    def was_reset(self) -> None:
        self._program.came("ECONNRESET")

    def timed_out(self) -> None:
        self._program.came("ETIMEDOUT")


class NotedConnect(Connect):
    """A connect() that notes when its SYNs leave, and tells a path that loses segments which one comes."""

    __slots__ = ("syns_at",)

    def __init__(
        self, kernel: ClientKernel, host: ServerHost, link: Link, on_done: Callable[[Connect], object]
    ) -> None:
        super().__init__(kernel, host, link, on_done)
        self.syns_at: list[int] = []

    def _send_syn(self, at: int) -> None:
        self.syns_at.append(at)
        _tell(self._link, "SYN")
        super()._send_syn(at)

    def _send_synack(self, peer: Endpoint, *, first: bool = False) -> None:
        _tell(self._link, "SYN-ACK")
        super()._send_synack(peer, first=first)

    def _resend_synack(self, peer: Endpoint) -> None:
        _tell(self._link, "SYN-ACK")
        super()._resend_synack(peer)

    def _established(self, peer: Endpoint) -> None:
        _tell(self._link, "ACK")
        super()._established(peer)


class LossyLink(Link):
    """A path that loses as many segments of a handshake as it is told, by their kind."""

    __slots__ = ("lost", "sending")

    def __init__(self, rtt: int, lost: dict[str, int]) -> None:
        super().__init__(NetworkConfig(rtt=Constant(value=rtt)), Streams(1), "lossy")
        self.is_plain = self.is_whole = False
        self.lost, self.sending = lost, ""

    def draw_is_lost(self) -> bool:
        """Whether the segment that is sent now gets lost."""
        left = self.lost.get(self.sending, 0)
        self.lost[self.sending] = left - 1
        return left > 0


def _tell(link: Link, segment: str) -> None:
    if isinstance(link, LossyLink):
        link.sending = segment


class NotedPorts(PortTable):
    """The client's ports; notes until when each lingers, and when it was given back."""

    def __init__(self, ports: PortTable, engine: Engine) -> None:
        self._ports, self._engine = ports, engine
        self.on_takeover = ports.on_takeover  # as told to the ports, which go on to call it
        self.lingers: dict[int, int] = {}
        self.released: dict[int, int] = {}

    def bind(self, destination: int, now: int) -> tuple[int | None, int]:
        """As of the ports themselves."""
        return self._ports.bind(destination, now)

    def bind_local(self) -> int | None:
        """As of the ports of one address, in the first instant: bind() that finds the port."""
        assert isinstance(self._ports, Ports)
        return self._ports.bind_local(0)[0]

    def linger(self, destination: int, port: int, free_at: int, *, reusable_at: int = NEVER) -> None:
        """TIME_WAIT until `free_at`."""
        self.lingers[port] = free_at
        self._ports.linger(destination, port, free_at, reusable_at=reusable_at)

    def release(self, destination: int, port: int) -> None:
        """The port is free now."""
        self.released[port] = self._engine.now
        self._ports.release(destination, port)


class Bench:
    """One machine: client and server share its timer wheel."""

    def __init__(self, set_up: SetUp | None = None, link: Link | None = None) -> None:
        self.set_up = set_up = set_up or SetUp()
        self.engine = Engine()
        self.levels = Levels(level_names(1), set_up.step, set_up.ends_at, lambda _: None)
        streams = Streams(set_up.seed)
        self.wheel = wheel_of(set_up.seed)
        self.program = Program(self.engine, set_up)
        server: Any = self.program
        self.host = ServerHost(self.engine, self.levels, server, set_up.listen, self.wheel)
        self.host.is_steady = False
        self.link = link or Link(NetworkConfig(rtt=Constant(value=set_up.rtt)), streams, "path")
        ports = local_ports(set_up.client, set_up.bind, streams, name="client")
        self.kernel = ClientKernel(self.engine, self.levels, set_up.client, self.wheel, ports)
        self.ports = NotedPorts(self.kernel.ports, self.engine)
        self.kernel.ports = self.ports

    def dial(self, done: Callable[[Connect], object], destination: int = 0) -> NotedConnect:
        """Begin a connect() now."""
        dial = NotedConnect(self.kernel, self.host, self.link, done)
        dial.start(destination)
        return dial

    def connected(self, destination: int = 0) -> Connect:
        """Connect and wait until that is done."""
        done: list[Connect] = []
        self.dial(done.append, destination)
        while not done:
            self.engine.step()
        return done[0]

    def ends(self) -> tuple[Endpoint, Endpoint]:
        """A connection: the client's end and, once accepted, the server's."""
        client = self.connected().end
        assert client is not None
        self.run(self.engine.now + self.link.rtt + MS)
        server: Endpoint = client.peer
        return client, server

    def run(self, until: int) -> None:
        """Let time pass, unless it is later already."""
        if until > self.engine.now:
            self.engine.run(until=until)

    def break_path(self) -> None:
        """From now on nothing arrives."""
        self.link.blocked_until = NEVER

    def counted(self, side: str) -> dict[str, int]:
        """The counters of one side, by their names in /proc/net."""
        return (self.kernel if side == "client" else self.host).count()

    def level(self, name: str, at: int) -> int:
        """How many were in a state at an instant of the grid."""
        _, counts = self.levels.on_grid()
        return int(counts[self.levels.series.index(name)][at // self.set_up.step])


def close_now(connect: Connect) -> None:
    """Close the client's end as soon as it is connected."""
    if connect.end is not None and connect.end.state is not Tcp.CLOSED:
        connect.end.close()


def wheel_of(number: int) -> TimerWheel:
    """The timer wheel of a machine that booted at another time for each number."""
    period = wheel_period(HZ)
    return TimerWheel(HZ, int(number * GOLDEN * period) % period)


def granule_s(timer_s: float) -> float:
    """By how much instants scatter that a timer of so many seconds decides: the phase of the wheel."""
    return next((granule for below, granule in GRANULES_S if timer_s < below), GRANULES_S[-1][1] * LEVEL_RATIO)
