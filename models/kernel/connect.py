"""connect(): from a free port to an established connection, and the kernels of its two ends. Not the dial."""

from collections.abc import Callable
from typing import Any, NamedTuple

from models.backend.server import Server
from models.kernel.files import Files
from models.kernel.half_open import HalfOpen
from models.kernel.moved_ports import MovedPorts
from models.kernel.ports import Ports
from models.kernel.socket import Endpoint, On, Tcp
from models.kernel.syn import syn_schedule
from models.kernel.sysctl import KernelConfig, ListenConfig
from models.kernel.time_wait import TimeWait
from models.kernel.timer_wheel import TimerWheel
from models.network.link import Link
from sim.engine.environment import Engine
from sim.records.levels import Levels

EADDRNOTAVAIL = "cannot assign requested address"
ECONNREFUSED = "connection refused"
ETIMEDOUT = "connection timed out"
EMFILE = "too many open files"

NO_PORT, NO_FILE = 0, -1
"""What `ClientKernel.claim` returns in place of a port."""

_STATE_SERIES = (
    "syn_sent", "estab", "fin_wait1", "fin_wait2", "closing", "time_wait", "close_wait", "last_ack", "syn_recv"
)  # fmt: skip


def state_series(side: str) -> tuple[str, ...]:
    """The names of the levels of one side's sockets, in the order of `Tcp`."""
    return tuple(f"{side}_{state}" for state in _STATE_SERIES)


def _codes(levels: Levels, side: str) -> tuple[tuple[int, int], ...]:
    return tuple((levels.rise(name), levels.fall(name)) for name in state_series(side))


class _Steps(NamedTuple):
    """Codes of what changes at each step of a connection whose steps are certain (docs/adr/0005)."""

    syn: int
    syn_arrives: int
    met: int
    accepted: int
    reset: int
    met_again: int
    fin: int
    fin_and_ack: int
    answered: int
    last_ack: int


def _certain_steps(levels: Levels) -> _Steps:
    bundle = levels.bundle
    return _Steps(
        syn=levels.rise("c_syn_sent"),
        syn_arrives=levels.rise("s_syn_recv"),
        met=bundle(rise=("c_estab",), fall=("c_syn_sent",)),
        accepted=bundle(rise=("s_estab", "srv_connections"), fall=("s_syn_recv",)),
        reset=levels.fall("s_syn_recv"),
        met_again=bundle(fall=("c_estab", "s_estab", "srv_connections")),
        fin=bundle(rise=("c_fin_wait1",), fall=("c_estab",)),
        fin_and_ack=bundle(rise=("s_last_ack",), fall=("s_estab", "srv_connections")),
        answered=bundle(rise=("c_time_wait",), fall=("c_fin_wait1",)),
        last_ack=levels.fall("s_last_ack"),
    )


class ServerHost:
    """The kernel of one backend: its listener's queue and the ends of its connections."""

    def __init__(self, engine: Engine, levels: Levels, server: Server, kernel: ListenConfig, wheel: TimerWheel) -> None:
        self.engine, self.levels, self.server = engine, levels, server
        self.config, self.wheel = kernel, wheel
        self.codes = _codes(levels, "s")
        self._time_wait = TimeWait(kernel, wheel)
        self._half_open = HalfOpen(engine, server.config.backlog, kernel, wheel, self._opened)
        self.is_dead = False
        self.stalls_tls = False
        self.is_steady = kernel.tcp_syncookies == 1
        """Nothing ever happens to this backend, so what a SYN will find is known when it is sent: an accept queue that
        is empty at once. A full request queue sends cookies, which are not counted then."""
        self.counters: dict[str, int] = self._half_open.listener.counters
        self.counters.update(TW=0, ListenDrops=0, ListenOverflows=0)
        server.on_accepting = self._half_open.accept_all

    def syn(self, link: Link) -> Endpoint | None:
        """A SYN arrives: the half-open end, or None where it is dropped (tcp_conn_request)."""
        return self._half_open.syn(self, link)

    def final_ack(self, end: Endpoint) -> None:
        """The third segment of the handshake arrives."""
        if self.is_dead and end.state is Tcp.SYN_RECV:
            end.feed(On.ABORT)
        else:
            self._half_open.final_ack(end)

    def _opened(self, end: Endpoint) -> None:
        """In the accept queue; a program that runs accepts at once."""
        self.server.accept(end)
        if not self.server.is_paused:
            self._half_open.accept_all()

    def time_wait(self, end: Endpoint) -> None:
        """Hold the end for TIME_WAIT: only its number matters on this side."""
        self.counters["TW"] += 1
        ends_at = self._time_wait.enter(self.engine._now)
        fall = self.codes[Tcp.TIME_WAIT][1]
        self.levels.change((self.engine._now if ends_at is None else ends_at) << 12 | fall)

    def fin_wait2(self, end: Endpoint) -> None:
        """Wait for the client's FIN until tcp_fin_timeout."""
        self.engine.call_at(self._time_wait.fin_wait2_ends_at(self.engine._now), _expire, end)

    def closed(self, end: Endpoint) -> None:
        """Nothing is left of it."""


class ClientKernel:
    """The kernel of one client: ports, descriptors, TIME_WAIT, and the client ends of all connections."""

    def __init__(
        self, engine: Engine, levels: Levels, config: KernelConfig, wheel: TimerWheel, draw_step: Callable[[], int]
    ) -> None:
        self.engine, self.levels, self.config, self.wheel = engine, levels, config, wheel
        self.codes = _codes(levels, "c")
        low, high = config.ip_local_port_range
        self.ports = Ports(low, high, config.reserved_ports(), draw_step=draw_step)
        self.ports.on_takeover = self._taken_over
        self.files = Files(config)
        self._time_wait = TimeWait(config, wheel)
        self.counters = {"TW": 0, "TWRecycled": 0, "TCPSynRetrans": 0}
        self._change, self._steps = levels.change, _certain_steps(levels)

    def claim(self, destination: int) -> tuple[int, int]:
        """Take a descriptor and a port for connect(): the port and the CPU time (ns) of the search for it.

        A port of `NO_PORT` is EADDRNOTAVAIL, one of `NO_FILE` EMFILE; then nothing is held.
        """
        if not self.files.open():
            return NO_FILE, 0
        port, inspected = self.ports.bind(destination, self.engine._now)
        if port is None:
            self.files.close()
        return NO_PORT if port is None else port, inspected * self.config.connect_scan_cost

    def unclaim(self, destination: int, port: int) -> None:
        """Give back what `claim` took: the socket is closed before it is connected."""
        self.files.close()
        self.ports.release(destination, port)

    def reconfigure(self, config: KernelConfig) -> None:
        """Sysctl -w: what begins from now on goes by `config`; what lasts already keeps its end and its port."""
        self.config = config
        self.ports = MovedPorts(self.ports, *config.ip_local_port_range, config.reserved_ports())
        self._time_wait.reconfigure(config)

    def time_wait(self, end: Endpoint) -> None:
        """Hold the port for TIME_WAIT; its end is certain now, so it is recorded now."""
        self._linger(end.destination, end.local_port, self.engine._now)

    def connect_for_certain(self, leaves_at: int, half_rtt: int) -> None:
        """Send a SYN whose answer is certain (`Site.meets_for_certain`), once the search for a port is over."""
        self._change(self.engine._now << 12 | self._steps.syn)
        self._change(leaves_at + half_rtt << 12 | self._steps.syn_arrives)

    def meet(self, half_rtt: int) -> None:
        """The SYN-ACK is here, and the final ACK certain to be accepted at once."""
        now = self.engine._now
        self._change(now << 12 | self._steps.met)
        self._change(now + half_rtt << 12 | self._steps.accepted)

    def miss(self, half_rtt: int) -> None:
        """The SYN-ACK meets no socket: a RST ends what it came from."""
        self._change(self.engine._now + half_rtt << 12 | self._steps.reset)

    def met_again(self) -> None:
        """The ends of a connection that was counted by `meet` are made: do not count them twice."""
        self._change(self.engine._now << 12 | self._steps.met_again)

    def give_up_connect(self, destination: int, port: int) -> None:
        """A socket whose SYN was certain to be answered is closed before the answer."""
        self._change(self.engine._now << 12 | self.codes[Tcp.SYN_SENT][1])
        self.unclaim(destination, port)

    def close_at_rest(self, destination: int, port: int, half_rtt: int) -> None:
        """Close towards a program that is idle, on a path that loses nothing: FIN, FIN and ACK, ACK, all certain.

        The steps are recorded now with their instants; what `Endpoint.close` would do in three calls.
        """
        now, change, steps = self.engine._now, self._change, self._steps
        fin_at = now + half_rtt
        answered_at = fin_at + half_rtt
        change(now << 12 | steps.fin)
        change(fin_at << 12 | steps.fin_and_ack)
        change(answered_at << 12 | steps.answered)
        change(answered_at + half_rtt << 12 | steps.last_ack)
        if self._time_wait.is_half_full(now):  # whether there is room then, only then is certain
            self.engine.call_at(answered_at, self._linger_now, (destination, port))
        else:
            self._linger(destination, port, answered_at)

    def _linger_now(self, held: tuple[int, int]) -> None:
        destination, port = held
        self._linger(destination, port, self.engine._now)

    def _linger(self, destination: int, port: int, now: int) -> None:
        """TIME_WAIT begins `now`, or for certain then."""
        self.counters["TW"] += 1
        ends_at = self._time_wait.enter(now)
        fall = self.codes[Tcp.TIME_WAIT][1]
        if ends_at is None:  # tcp_max_tw_buckets
            self._change(now << 12 | fall)
            self.ports.release(destination, port)
            return
        self._change(ends_at << 12 | fall)
        reusable_at = self._time_wait.reusable_at(now, loopback=False, timestamps=self.config.tcp_timestamps != 0)
        self.ports.linger(destination, port, ends_at, reusable_at=reusable_at)

    def fin_wait2(self, end: Endpoint) -> None:
        """An orphan waits for the peer's FIN until tcp_fin_timeout."""
        self.engine.call_at(self._time_wait.fin_wait2_ends_at(self.engine._now), _expire, end)

    def closed(self, end: Endpoint) -> None:
        """The port is free."""
        self.ports.release(end.destination, end.local_port)

    def _taken_over(self, destination: int, port: int, free_at: int) -> None:
        """A TIME_WAIT port was reused before its end (tcp_twsk_unique): take back the end that was recorded."""
        self.counters["TWRecycled"] += 1
        self._time_wait.recycle(free_at, self.engine._now)
        rise, fall = self.codes[Tcp.TIME_WAIT]
        self.levels.change(self.engine._now << 12 | fall)
        self.levels.change(free_at << 12 | rise)


class Connect:
    """One connect() to one backend. `on_done(connect)` is called once; then `error` or `end` says what came of it."""

    __slots__ = ("_destination", "_host", "_kernel", "_link", "_on_done", "_resend", "end", "error", "port")

    def __init__(
        self, kernel: ClientKernel, host: ServerHost, link: Link, on_done: Callable[["Connect"], object]
    ) -> None:
        self._kernel, self._host, self._link = kernel, host, link
        self._on_done: Callable[[Connect], object] | None = on_done
        self._resend: list[int] | None = None
        self.end: Endpoint | None = None
        self.error = ""
        self.port: int | None = None

    def start(self, destination: int, tries: int = 1) -> None:
        """Look for a port and send the SYN. Each try without a port pays for a whole scan."""
        kernel, engine = self._kernel, self._kernel.engine
        port, cost = kernel.claim(destination)
        if port <= 0:
            kernel.files.opened += (tries - 1) * (port == NO_PORT)
            self.error = errno_text(port)
            engine.call_in(cost * tries, self._finish)
            return
        self.port = port
        self.end = Endpoint(kernel, self._link, state=Tcp.SYN_SENT, destination=destination, local_port=port)
        self._send_syn(engine._now + cost)

    def abort(self) -> None:
        """Nobody waits any more: the socket is closed, the port free."""
        if self._on_done is not None:
            self._on_done = None
            if self.end is not None:
                self.end.feed(On.FAILED)
                self._kernel.files.close()

    def _send_syn(self, at: int) -> None:
        if self._link.draw_is_lost() or at < self._link.blocked_until:
            self._repeat_syn(at)
        else:
            self._kernel.engine.call_at(at + self._link.control_delay(), self._syn_arrives)

    def _repeat_syn(self, now: int) -> None:
        if self._resend is None:
            kernel = self._kernel
            instants, gives_up_at = syn_schedule(kernel.config, kernel.wheel, now)
            self._resend = [gives_up_at, *reversed(instants)]
        at = self._resend.pop()
        self._kernel.engine.call_at(at, self._syn_timer if self._resend else self._time_out)

    def _syn_timer(self, _: Any) -> None:
        if self._on_done is not None:
            self._kernel.counters["TCPSynRetrans"] += 1
            self._send_syn(self._kernel.engine._now)

    def _syn_arrives(self, _: Any) -> None:
        host, engine, end = self._host, self._kernel.engine, self.end
        if end is None:
            return
        if host.is_dead:
            self.error = ECONNREFUSED
            engine.call_in(self._link.control_delay(), self._fail)
            return
        peer = host.syn(self._link)  # also of a socket that is closed by now: the SYN was under way
        if peer is None:
            if self._on_done is not None:
                self._repeat_syn(engine._now - self._link.half_rtt)
            return
        peer.peer, end.peer = end, peer
        engine.call_in(self._link.control_delay(), self._established, peer)

    def _established(self, peer: Endpoint) -> None:
        end = self.end
        if self._on_done is None or end is None:  # gone meanwhile: the SYN-ACK meets no socket
            self._kernel.engine.call_in(self._link.control_delay(), peer.feed, On.RST)
            return
        end.feed(On.CONNECTED)
        engine = self._kernel.engine
        end.clear_at = self._link.arrival(engine._now, 0)  # what is sent next stays behind the final ACK
        engine.call_at(end.clear_at, self._host.final_ack, peer)
        self._finish(None)

    def _time_out(self, _: Any) -> None:
        self.error = ETIMEDOUT
        self._fail(None)

    def _fail(self, _: Any) -> None:
        if self._on_done is not None and self.end is not None:
            self.end.feed(On.FAILED)
            self._kernel.files.close()
            self._finish(None)

    def _finish(self, _: Any) -> None:
        on_done, self._on_done = self._on_done, None
        if on_done is not None:
            on_done(self)


def errno_text(claimed: int) -> str:
    """The error of a `claim` without a port."""
    return EMFILE if claimed == NO_FILE else EADDRNOTAVAIL


def ends_of(kernel: ClientKernel, host: ServerHost, link: Link, *, destination: int, port: int) -> Endpoint:
    """The client's end, and with it the server's, of a connection that came about for certain (`ClientKernel.meet`)."""
    end = Endpoint(kernel, link, state=Tcp.ESTABLISHED, destination=destination, local_port=port)
    peer = Endpoint(host, link, state=Tcp.ESTABLISHED)
    host.server.accept(peer)
    end.peer, peer.peer = peer, end
    kernel.met_again()
    return end


def _expire(end: Endpoint) -> None:
    if end.state is Tcp.FIN_WAIT2:
        end.feed(On.EXPIRED)
