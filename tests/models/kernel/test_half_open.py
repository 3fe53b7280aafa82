"""Between SYN and accept(): the queues of a listener whose program does not accept, as measured on Linux 6.18."""

from types import SimpleNamespace
from typing import Any

from models.kernel.connect import ClientKernel, Connect, ServerHost
from models.kernel.ports import Ports
from models.kernel.socket import Tcp
from models.kernel.sysctl import KernelConfig, ListenConfig
from models.kernel.timer_wheel import TimerWheel
from models.network.config import NetworkConfig
from models.network.link import Link
from models.tables import level_names
from sim.engine.distributions import Constant
from sim.engine.environment import Engine
from sim.engine.streams import Streams
from sim.records.levels import Levels
from sim.units import MS, SECOND

RTT = 20 * MS


class Program:
    """A server's program that accepts only when it is told to."""

    def __init__(self, backlog: int) -> None:
        self.config = SimpleNamespace(backlog=backlog)
        self.is_paused = True
        self.accepted: list[Any] = []
        self.read: list[Any] = []

    def accept(self, end: Any) -> None:
        self.accepted.append(end)
        end.app = self

    def received(self, message: Any) -> None:
        self.read.append(message)

    def peer_closed(self) -> None:
        self.read.append("EOF")

    def resume(self, _: Any = None) -> None:
        self.is_paused = False
        self.on_accepting()

    on_accepting: Any


class Caller:
    """The client's program: it sends one message as soon as it is connected."""

    def __init__(self, stage: "Stage") -> None:
        self.stage = stage
        self.outcome = ""

    def connected(self, connect: Connect) -> None:
        self.end: Any = connect.end
        self.outcome = connect.error or "connected"
        if self.end is not None and not connect.error:
            self.end.app = self
            if self.stage.sends:
                self.end.send("request", 200)

    def was_reset(self) -> None:
        self.outcome = "reset"

    def timed_out(self) -> None:
        self.outcome = f"timed out at {self.stage.engine.now / SECOND:.2f} s"

    def peer_closed(self) -> None:
        self.outcome = "EOF"


class Stage:
    """A client and a listener 20 ms apart."""

    def __init__(
        self, backlog: int, *, sends: bool = True, client: KernelConfig | None = None, **settings: Any
    ) -> None:
        self.engine, self.sends = Engine(), sends
        levels = Levels(level_names(1), SECOND, 100 * SECOND, lambda _: None)
        streams = Streams(1)
        wheel = TimerWheel(250, 0)
        self.program = Program(backlog)
        self.host = ServerHost(self.engine, levels, self.program, ListenConfig(**settings), wheel)  # type: ignore[arg-type]
        self.host.is_steady = False
        self.link = Link(NetworkConfig(rtt=Constant(value=RTT)), streams, "path")
        self.kernel = ClientKernel(self.engine, levels, client or KernelConfig(), wheel, Ports(32768, 60999))
        self.callers: list[Caller] = []

    def dial(self, n: int, at: int) -> list[Caller]:
        """`n` connects at one instant."""
        made = [Caller(self) for _ in range(n)]
        for caller in made:
            self.engine.call_at(at, self._start, caller)
        self.callers += made
        return made

    def _start(self, caller: Caller) -> None:
        Connect(self.kernel, self.host, self.link, caller.connected).start(1)

    def run(self, until: int) -> None:
        self.engine.run(until=until)


def test_acks_that_find_the_accept_queue_full_leave_connections_in_limbo_until_a_syn_ack_is_repeated() -> None:
    stage = Stage(4, sends=False)
    stage.dial(3, at=0)
    late = stage.dial(6, at=SECOND)
    stage.engine.call_at(5 * SECOND, stage.program.resume)

    stage.run(5 * SECOND)
    connected, opened = sum(caller.outcome == "connected" for caller in late), len(stage.program.accepted)
    stage.run(9 * SECOND)

    assert (connected, opened) == (6, 5), "B=4 holds five; a sixth SYN is a cookie, all clients believe in a connection"
    assert len(stage.program.accepted) == 8, "requests heal at the SYN-ACK after 7 s; a cookie without data never"


def test_data_heals_a_cookie_whose_final_ack_was_dropped() -> None:
    stage = Stage(0)
    stage.dial(2, at=0)
    stage.engine.call_at(SECOND, stage.program.resume)

    stage.run(4 * SECOND)

    assert stage.program.read == ["request", "request"]
    assert stage.host.counters["SyncookiesSent"] == 1


def test_abort_on_overflow_resets_what_found_no_room() -> None:
    stage = Stage(1, tcp_abort_on_overflow=1)
    stage.dial(1, at=0)
    late = stage.dial(2, at=SECOND)

    stage.run(2 * SECOND)

    assert sorted(caller.outcome for caller in late) == ["connected", "reset"]


def test_a_request_whose_syn_acks_are_used_up_is_reset_when_data_waits() -> None:
    stage = Stage(1, tcp_synack_retries=1)
    stage.dial(1, at=0)
    late = stage.dial(2, at=SECOND)

    stage.run(10 * SECOND)

    assert sorted(caller.outcome for caller in late) == ["connected", "reset"]


def test_without_cookies_a_full_request_queue_drops_syns_until_they_are_repeated() -> None:
    stage = Stage(0, tcp_syncookies=0)
    stage.program.is_paused = False
    callers = stage.dial(3, at=0)

    stage.run(900 * MS)
    at_once = sum(caller.outcome == "connected" for caller in callers)

    assert at_once == 1
    assert stage.host.counters["TCPReqQFullDrop"] == 2


def test_a_silent_path_kills_a_connection_as_tcp_retries2_says() -> None:
    stage = Stage(8, sends=False, client=KernelConfig(tcp_retries2=3))
    (caller,) = stage.dial(1, at=0)
    stage.run(SECOND)
    stage.link.blocked_until = 3600 * SECOND
    caller.end.send("request", 200)

    stage.run(60 * SECOND)

    assert caller.outcome.startswith("timed out at 4.6"), "3.69 s after it was sent (linux_tcp, 5.1, RTT 20 ms)"
    assert caller.end.state is Tcp.CLOSED


def test_a_path_that_heals_is_noticed_at_the_next_repetition() -> None:
    stage = Stage(8, sends=False)
    (caller,) = stage.dial(1, at=0)
    stage.program.resume()
    stage.run(SECOND)
    stage.link.blocked_until = 21 * SECOND
    caller.end.send("request", 200)

    stage.run(28 * SECOND)
    before = list(stage.program.read)
    stage.run(32 * SECOND)

    assert (before, stage.program.read) == ([], ["request"]), "healed after 20 s, noticed after 29.4 s (linux_tcp, 5.1)"


def test_a_window_that_grew_spares_round_trips_until_the_connection_idles() -> None:
    stage = Stage(8, sends=False)
    (caller,) = stage.dial(1, at=0)
    stage.run(SECOND)
    times = []
    for at in (1100, 1250, 2600):
        stage.run(at * MS)
        times.append((caller.end.send("x", 101_360) - at * MS) // MS)

    assert times == [50, 10, 50], "101360 B: 51 ms, 10.5 ms after 0.15 s idle, 51 ms after 1 s (idle-restart)"


def test_without_slow_start_after_idle_the_window_stays() -> None:
    stage = Stage(8, sends=False, client=KernelConfig(tcp_slow_start_after_idle=0))
    (caller,) = stage.dial(1, at=0)
    stage.run(SECOND)
    caller.end.send("x", 101_360)
    stage.run(3 * SECOND)

    assert caller.end.send("x", 101_360) - stage.engine.now == 10 * MS, "10.4 ms (idle-restart)"
