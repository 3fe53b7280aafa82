"""The kernels of the two ends of a connection: what outlives its sockets, and what the sockets share. Not connect()."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from models.kernel.addresses import LocalAddresses
from models.kernel.counters import kernel_counters
from models.kernel.cpu import Cpu
from models.kernel.descriptors import Descriptors
from models.kernel.files import Files
from models.kernel.half_closed import TAKEN, HalfClosed
from models.kernel.half_open import HalfOpen
from models.kernel.moved_ports import MovedPorts
from models.kernel.port_table import PortTable
from models.kernel.port_use import PortUse
from models.kernel.ports import Ports
from models.kernel.socket import Endpoint, On, Tcp
from models.kernel.socket_log import ClientLog, ServerLog
from models.kernel.sysctl import KernelConfig, ListenConfig
from models.kernel.time_wait import TimeWait
from models.kernel.timer_wheel import TimerWheel
from models.network.link import Link
from sim.engine.agenda import Agenda
from sim.engine.timers import NEVER
from sim.records.levels import Levels

NO_PORT: Final = 0
NO_FILE: Final = -1
IN_USE: Final = -2
"""What `ClientKernel.claim` returns in place of a port."""
SPARES_FIN_WAIT2 = (6, 12)
"""Since then connect() takes over the port of a true TIME_WAIT only (tcp_twsk_unique)."""

_STATE_SERIES = (
    "syn_sent", "estab", "fin_wait1", "fin_wait2", "closing", "time_wait", "close_wait", "last_ack", "syn_recv"
)  # fmt: skip


def state_series(side: str) -> tuple[str, ...]:
    """The names of the levels of one side's sockets, in the order of `Tcp`."""
    return tuple(f"{side}_{state}" for state in _STATE_SERIES)


def _codes(levels: Levels, side: str) -> tuple[tuple[int, int], ...]:
    return tuple((levels.rise(name), levels.fall(name)) for name in state_series(side))


@dataclass(frozen=True)  # without slots, which mypyc makes of every class by itself
class CertainSteps:
    """Codes of what changes at the steps of a connection that are certain (docs/adr/0005), and half its round trip."""

    half_rtt: int
    syn: int
    """connect(), and the SYN that arrives."""
    syn_sent: int
    syn_arrives: int
    """The two of it, where the search for a port lies between them."""
    met: int
    """The SYN-ACK is here; the final ACK arrives, and the connection is accepted."""
    reset: int
    """The RST arrives with which the SYN-ACK of a closed socket is answered."""
    met_again: int
    """Takes back what `met` has counted."""
    closed: int
    """FIN; FIN and ACK of a program that closes at once; ACK."""


@lru_cache(maxsize=1)  # thousands of paths of one length; more would keep the levels of worlds that are over
def certain_steps(levels: Levels, half_rtt: int) -> CertainSteps:
    """The steps of connections whose every segment takes `half_rtt` (ns)."""
    rise, fall = levels.rise, levels.fall
    met = (0, rise("c_estab")), (0, fall("c_syn_sent"))
    accepted = tuple((half_rtt, code) for code in (rise("s_estab"), rise("srv_connections"), fall("s_syn_recv")))
    fin = (0, rise("c_fin_wait1")), (0, fall("c_estab"))
    fin_and_ack = tuple((half_rtt, code) for code in (rise("s_last_ack"), fall("s_estab"), fall("srv_connections")))
    answered = (2 * half_rtt, rise("c_time_wait")), (2 * half_rtt, fall("c_fin_wait1"))
    again = fall("c_estab"), fall("s_estab"), fall("srv_connections")
    return CertainSteps(
        half_rtt,
        syn=levels.bundle((0, rise("c_syn_sent")), (half_rtt, rise("s_syn_recv"))),
        syn_sent=rise("c_syn_sent"),
        syn_arrives=rise("s_syn_recv"),
        met=levels.bundle(*met, *accepted),
        reset=levels.bundle((half_rtt, fall("s_syn_recv"))),
        met_again=levels.bundle(*((0, code) for code in again)),
        closed=levels.bundle(*fin, *fin_and_ack, *answered, (3 * half_rtt, fall("s_last_ack"))),
    )


Sender = tuple[Any, int]
"""Where a SYN comes from: the client's kernel and its port."""


class ServerHost:
    """The kernel of one backend: its listener's queue and the ends of its connections."""

    acks_fin_at_once = False

    def __init__(self, engine: Agenda, levels: Levels, server: Any, kernel: ListenConfig, wheel: TimerWheel) -> None:
        """For a `Server`, or what a bench has in its place."""
        self.engine, self.levels, self.server = engine, levels, server
        self.config, self.wheel = kernel, wheel
        self.codes = _codes(levels, "s")
        self.log: ServerLog | None = None
        self.endpoint: type[Endpoint] = Endpoint
        self._time_wait = TimeWait(kernel, wheel)
        self._half_closed = HalfClosed(engine, wheel, self._time_wait)
        self._half_open = HalfOpen(engine, server.config.backlog, kernel, wheel, self._opened)
        self.held: dict[Sender | None, int] = {}
        """TIME_WAIT entries of this side by their peer's kernel and port: when each ends."""
        self._is_dead = False
        self.stalls_tls = False
        self.bad_certificate = ""
        """What clients say of the certificate that is served here; empty where it is good."""
        self.resumes_sessions = True
        """Whether sessions that began with an earlier certificate may go on."""
        self.is_steady = kernel.tcp_syncookies == 1 and not kernel.nofile
        """Nothing ever happens to this backend, so what a SYN will find is known when it is sent: an accept queue that
        is empty at once. A full request queue sends cookies, which are not counted then."""
        accept = self._half_open.listener.accept
        self._descriptors = Descriptors(server, kernel.nofile, accept) if kernel.nofile else None
        self.counters: dict[str, int] = self._half_open.listener.counters
        self.counters.update(kernel_counters(), ListenDrops=0, ListenOverflows=0)
        server.on_accepting = self._half_open.accept_all
        server.on_life = self._lives

    @property
    def is_dead(self) -> bool:
        """Whether nobody listens, so that dials are refused."""
        return self._is_dead

    @is_dead.setter
    def is_dead(self, is_so: bool) -> None:
        self._is_dead = is_so
        if self.log is not None:
            self.log.listens(not is_so)

    def syn(self, link: Link, sender: Sender | None = None) -> Endpoint | None:
        """A SYN arrives: the half-open end, or None where it is dropped (tcp_conn_request)."""
        if sender in self.held:
            self.replace(sender)
        return self._half_open.syn(self, link)

    def replace(self, sender: Sender | None) -> None:
        """A SYN of the same 4-tuple takes the place of a TIME_WAIT (tcp_timewait_state_process).

        Clocks of sequence numbers and timestamps only grow, so a Linux client's SYN is always newer.
        """
        now, ends_at = self.engine._now, self.held.pop(sender, 0)
        if ends_at > now:
            self._time_wait.leave(ends_at, now)
            rise, fall = self.codes[Tcp.TIME_WAIT]
            self.levels.change(now << 12 | fall)
            self.levels.change(ends_at << 12 | rise)

    def final_ack(self, end: Endpoint) -> None:
        """The third segment of the handshake arrives."""
        if self._is_dead and end.state is Tcp.SYN_RECV:
            end.feed(On.ABORT)
        else:
            self._half_open.final_ack(end)

    def lose_ack(self, end: Endpoint) -> None:
        """The third segment of the handshake would arrive by now, but is lost."""
        if self._is_dead and end.state is Tcp.SYN_RECV:
            end.feed(On.ABORT)
        else:
            self._half_open.lose_ack(end)

    def await_synack(self, end: Endpoint, send: Callable[[Endpoint], object]) -> None:
        """The SYN-ACK of `end` is lost: `send` it again on its timer."""
        self._half_open.await_synack(end, send)

    def asked_again(self, end: Endpoint) -> None:
        """The SYN of a half-open `end` comes once more."""
        self._half_open.asked_again(end)

    def _opened(self, end: Endpoint) -> None:
        """In the accept queue; a program that runs accepts at once."""
        server = self.server
        if self._descriptors is not None and not self._descriptors.take(end):
            return
        server.accept(end)
        if not server.is_paused:
            self._half_open.accept_all()
        elif server.is_mid_accept:
            server.is_mid_accept = False
            self._half_open.listener.accept()

    def _lives(self, is_there: bool) -> None:
        self.is_dead = not is_there

    def time_wait(self, end: Endpoint) -> None:
        """Hold the end for TIME_WAIT: only its number matters on this side."""
        ends_at = self._half_closed.fin_came(end, self.engine._now)
        if self.log is not None:
            self.log.waits(end, ends_at)
        fall = self.codes[Tcp.TIME_WAIT][1]
        self.levels.change((self.engine._now if ends_at is None else ends_at) << 12 | fall)
        if ends_at is not None and end.peer is not None:
            self.held[end.peer.side, end.peer.local_port] = ends_at

    def fin_wait2(self, end: Endpoint) -> None:
        """Wait for the client's FIN until tcp_fin_timeout."""
        self._half_closed.wait(end)

    def closed(self, end: Endpoint) -> None:
        """Nothing is left of it."""
        if self._half_closed.until:
            self._half_closed.leave(end)

    def count(self) -> dict[str, int]:
        """Its counters by their own names."""
        return self.counters | self._time_wait.counters()


class ClientKernel:
    """The kernel of one client: ports, descriptors, TIME_WAIT, and the client ends of all connections."""

    acks_fin_at_once = True

    def __init__(
        self, engine: Agenda, levels: Levels, config: KernelConfig, wheel: TimerWheel, ports: PortTable
    ) -> None:
        self.engine, self.levels, self.config, self.wheel = engine, levels, config, wheel
        self.codes = _codes(levels, "c")
        self.log: ClientLog | None = None
        self.endpoint: type[Endpoint] = Endpoint
        self._leaves_time_wait = self.codes[Tcp.TIME_WAIT][1]
        self.ports = ports
        self.addresses = ports if isinstance(ports, LocalAddresses) else None
        self.ports.on_takeover = self._taken_over
        self.port_use: PortUse | None = None
        self.files = Files(config)
        self.cpu = Cpu(engine, config.cpus)
        self._time_wait = TimeWait(config, wheel)
        self._half_closed = HalfClosed(engine, wheel, self._time_wait)
        self._lent: dict[tuple[int, int], Endpoint] = {}  # ports of orphans that connect() may take over
        self.counters = kernel_counters() | {"TCPSynRetrans": 0}
        self._changes = levels.changes
        self.is_loopback = False
        """Whether its connections run over lo, so that tcp_tw_reuse=2 is for them."""

    def count_ports(self) -> None:
        """Count from now on how many ports each destination takes, which the levels of a run only add up."""
        self.ports = self.port_use = PortUse(self.ports)

    def key(self, destination: int) -> int:
        """What the next socket towards `destination` holds its port by: its local address counts, if it is bound."""
        return destination if self.addresses is None else self.addresses.turn(destination)

    def claim(self, key: int, destination: int) -> tuple[int, int]:
        """Take a descriptor and a port for connect() to `destination`: the port and the CPU time (ns) of the search.

        Instead of a port `NO_PORT` is EADDRNOTAVAIL, `IN_USE` EADDRINUSE, `NO_FILE` EMFILE; then nothing is held.
        """
        if not self.files.open():
            return NO_FILE, 0
        port, inspected = self.ports.bind(key, self.engine._now)
        cost = inspected * self.config.connect_scan_cost if inspected else 0
        if port is None:
            self.files.close()
            port = IN_USE if self.addresses is not None and self.addresses.is_explicit else NO_PORT
            cost += self.config.connect_failure_cost
        if self.log is not None and port != IN_USE:  # bind() before connect() fails without a change of state
            self.log.claimed(key, port, destination=destination)
        return port, cost

    def tried_again(self, times: int) -> None:
        """After a `claim` in vain as many more sockets were opened, with the same result."""
        self.files.opened += times
        if self.log is not None and times:
            self.log.tried_again(times)

    def unclaim(self, key: int, port: int) -> None:
        """Give back what `claim` took: the socket is closed before it is connected."""
        self.files.close()
        self.ports.release(key, port)

    def reconfigure(self, config: KernelConfig) -> None:
        """Sysctl -w: what begins from now on goes by `config`; what lasts already keeps its end and its port.

        Simplified: addresses that sockets are bound to keep their range.
        """
        self.config = config
        assert not isinstance(self.ports, PortUse), "ports that are counted keep their range"
        if isinstance(self.ports, Ports):
            self.ports = MovedPorts(self.ports, *config.ip_local_port_range, config.reserved_ports())
        self._time_wait.reconfigure(config)

    def time_wait(self, end: Endpoint) -> None:
        """Hold the port for TIME_WAIT; its end is certain now, so it is recorded now."""
        now, half_closed = self.engine._now, self._half_closed
        ends_at = half_closed.fin_came(end, now) if half_closed.until else self._time_wait.enter(now)
        if self.log is not None:
            self.log.waits(end, ends_at)
        if self._lent:
            self._lent.pop((end.destination, end.local_port), None)
        self._hold(end.destination, end.local_port, now, ends_at)

    def connect_for_certain(self, host: ServerHost, port: int, leaves_at: int, *, steps: CertainSteps) -> None:
        """Send a SYN, whose answer is certain (steady host, whole link), once the search for a port is over."""
        now, arrives_at = self.engine._now, leaves_at + steps.half_rtt
        if leaves_at == now:
            self._changes.append(now << 12 | steps.syn)
        else:
            self._changes.append(now << 12 | steps.syn_sent)
            self._changes.append(arrives_at << 12 | steps.syn_arrives)
        if self.log is not None:
            self.log.certain(host, leaves_at, steps.half_rtt)
        if host.held and (self, port) in host.held:
            self.engine.call_at(arrives_at, host.replace, (self, port))

    def give_up_connect(self, destination: int, port: int) -> None:
        """A socket whose SYN was certain to be answered is closed before the answer."""
        self._changes.append(self.engine._now << 12 | self.codes[Tcp.SYN_SENT][1])
        if self.log is not None:
            self.log.gives_up(destination, port)
        self.unclaim(destination, port)

    def close_at_rest(self, destination: int, port: int, steps: CertainSteps) -> None:
        """Close towards a program that is idle, on a path that loses nothing: FIN, FIN and ACK, ACK, all certain.

        The steps are recorded now with their instants; what `Endpoint.close` would do in three calls.
        """
        now = self.engine._now
        answered_at = now + 2 * steps.half_rtt
        self._changes.append(now << 12 | steps.closed)
        ends_at = self._time_wait.enter_ahead(now, answered_at)
        if self.log is not None:
            self.log.closes_at_rest(destination, port, ends_at=ends_at)
        if ends_at is None:  # whether there is room then, only then is certain
            self.engine.call_at(answered_at, self._linger, (destination, port))
        else:
            self._hold(destination, port, answered_at, ends_at)

    def _linger(self, held: tuple[int, int]) -> None:
        (destination, port), now = held, self.engine._now
        ends_at = self._time_wait.enter(now)
        if self.log is not None:
            self.log.lingers(destination, port, ends_at)
        self._hold(destination, port, now, ends_at)

    def _hold(self, destination: int, port: int, now: int, ends_at: int | None) -> None:  # parameters: one TIME_WAIT
        if ends_at is None:  # tcp_max_tw_buckets
            self._changes.append(now << 12 | self._leaves_time_wait)
            self.ports.release(destination, port)
            return
        self._changes.append(ends_at << 12 | self._leaves_time_wait)
        reusable_at = self._reusable_at(now) if self._time_wait.may_reuse(self.is_loopback) else NEVER
        self.ports.linger(destination, port, ends_at, reusable_at=reusable_at)

    def _reusable_at(self, now: int, *, fin_wait2: bool = False) -> int:
        return self._time_wait.reusable_at(
            now, loopback=self.is_loopback, timestamps=self.config.tcp_timestamps != 0, fin_wait2=fin_wait2
        )

    def fin_wait2(self, end: Endpoint) -> None:
        """An orphan waits for the peer's FIN until tcp_fin_timeout."""
        half_closed, now = self._half_closed, self.engine._now
        if half_closed.wait(end) and self.config.version < SPARES_FIN_WAIT2:
            reusable_at = self._reusable_at(now, fin_wait2=True)
            self._lent[end.destination, end.local_port] = end
            self.ports.linger(end.destination, end.local_port, half_closed.until[end] + 1, reusable_at=reusable_at)

    def closed(self, end: Endpoint) -> None:
        """The port is free."""
        if self._half_closed.until:
            self._half_closed.leave(end)
        if self._lent:
            self._lent.pop((end.destination, end.local_port), None)
        if end.local_port != TAKEN:
            self.ports.release(end.destination, end.local_port)

    def count(self) -> dict[str, int]:
        """Its counters by their own names."""
        return self.counters | self._time_wait.counters()

    def _taken_over(self, destination: int, port: int, free_at: int) -> None:
        """A TIME_WAIT port was reused before its end (tcp_twsk_unique): take back the end that was recorded."""
        orphan = self._lent.pop((destination, port), None) if self._lent else None
        if orphan is not None:
            self._half_closed.taken_over(orphan)
            return
        self._time_wait.recycle(free_at, self.engine._now)
        rise, fall = self.codes[Tcp.TIME_WAIT]
        self.levels.change(self.engine._now << 12 | fall)
        self.levels.change(free_at << 12 | rise)
