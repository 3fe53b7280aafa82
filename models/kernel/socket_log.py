"""SocketLog: every change of state of a run's sockets, as rows. It decides nothing, and is there only where asked for.

What a connection does for certain (docs/adr/0006) it does without ends; its changes are written here all the same, as
soon as they are certain: rows do not come in order of time. Which of them a kernel reports, `models/sockets` says.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from models.kernel.addresses import ADDRESS_SHIFT
from models.kernel.ports import ANY_DESTINATION
from models.kernel.socket import Tcp
from sim.engine.environment import Engine
from sim.records.rows import ABSENT, Rows

_KERNEL_NUMBERS: Mapping[Tcp, int] = {
    Tcp.ESTABLISHED: 1, Tcp.SYN_SENT: 2, Tcp.FIN_WAIT1: 4, Tcp.FIN_WAIT2: 5, Tcp.TIME_WAIT: 6, Tcp.CLOSED: 7,
    Tcp.CLOSE_WAIT: 8, Tcp.LAST_ACK: 9, Tcp.CLOSING: 11, Tcp.SYN_RECV: 12,
}  # fmt: skip
"""States as the kernel numbers them (include/net/tcp_states.h), which is how rows keep them: names would need words of
the trace, whose numbers are part of the fingerprint. A server's end in SYN_RECV is a request, NEW_SYN_RECV, until the
final ACK."""
LISTENING = len(Tcp)
"""The number of LISTEN among those of `Tcp`: a listener is no end of a connection."""
_LISTEN = 10


class Place(NamedTuple):
    """Whose socket it is: the first columns of its rows after the instant."""

    server: int
    """Whether it is the server's."""
    client: int
    """Number of the client's instance; of a listener -1."""
    address: int
    """Number of the client's local address."""
    lport: int
    """The client's port."""
    remote: int
    """Number of the dialed address; at a server, of the backend."""


class Plan(NamedTuple):
    """A connection without ends, whose SYN is certain to be answered."""

    host: Any
    met_at: int
    """When the SYN-ACK is here."""
    half_rtt: int


class SocketLog:
    """The rows."""

    __slots__ = ("_append", "engine")

    def __init__(self, engine: Engine, rows: Rows) -> None:
        self.engine, self._append = engine, rows.append

    def write(self, place: Place, old: int, new: int, *, at: int = ABSENT, until: int = ABSENT) -> None:
        """A change from one state to another, of `Tcp` or `LISTENING`: now, or at an instant that is certain."""
        self._append(self.engine._now if at == ABSENT else at, *place, _NUMBERS[old], _NUMBERS[new], until)


_NUMBERS = (*(_KERNEL_NUMBERS[state] for state in Tcp), _LISTEN)


class ServerLog:
    """What the kernel of one backend writes."""

    __slots__ = ("_is_listening", "_log", "_number", "write")

    def __init__(self, log: SocketLog, number: int) -> None:
        self._log, self._number = log, number
        self.write = log.write
        self._is_listening = False

    def listens(self, is_there: bool) -> None:
        """listen(), or the end of the listener."""
        if is_there is not self._is_listening:
            self._is_listening = is_there
            place = Place(1, ABSENT, 0, 0, self._number)
            self.write(place, *((Tcp.CLOSED, LISTENING) if is_there else (LISTENING, Tcp.CLOSED)))

    def place(self, end: Any) -> Place:
        """Of a server's end: of whom its client's is."""
        peer = end.peer
        return self.place_of(peer.side.log, peer.destination, peer.local_port)

    def place_of(self, client: "ClientLog", key: int, port: int) -> Place:
        """Of the server's end of a client's socket."""
        return Place(1, client.number, key >> ADDRESS_SHIFT, port, self._number)

    def asked(self, end: Any) -> None:
        """A SYN has made a request."""
        end.place = place = self.place(end)
        self.write(place, Tcp.CLOSED, Tcp.SYN_RECV)

    def waits(self, end: Any, ends_at: int | None) -> None:
        """TIME_WAIT until then; None: the table is full, and the end is gone at once."""
        self.write(end.place, end.before, Tcp.TIME_WAIT, until=self._log.engine._now if ends_at is None else ends_at)


class ClientLog:
    """What the kernel of one client writes."""

    __slots__ = ("_dialed", "_last", "_log", "_plans", "number", "write")

    def __init__(self, log: SocketLog, number: int) -> None:
        self._log, self.number = log, number
        self.write = log.write
        self._dialed: dict[tuple[int, int], int] = {}
        """Where sockets go whose port was bound whatever their destination."""
        self._plans: dict[tuple[int, int], Plan] = {}
        self._last = (0, 0)

    def claimed(self, key: int, port: int, *, destination: int) -> None:
        """connect() begins; where it finds no port (`port` <= 0), it ends as well."""
        if key & ANY_DESTINATION == ANY_DESTINATION:
            self._dialed[key, max(port, 0)] = destination
        self._last = key, max(port, 0)
        place = self.place(*self._last)
        self.write(place, Tcp.CLOSED, Tcp.SYN_SENT)
        if port <= 0:
            self.write(place, Tcp.SYN_SENT, Tcp.CLOSED)

    def tried_again(self, times: int) -> None:
        """Go makes as many more sockets, none of which gets a port (net/tcpsock_posix.go, doDialTCPProto)."""
        place = self.place(*self._last)
        for _ in range(times):
            self.write(place, Tcp.CLOSED, Tcp.SYN_SENT)
            self.write(place, Tcp.SYN_SENT, Tcp.CLOSED)

    def place(self, key: int, port: int) -> Place:
        """Of a client's socket."""
        destination = key & ANY_DESTINATION
        if destination == ANY_DESTINATION:
            destination = self._dialed[key, port]
        return Place(0, self.number, key >> ADDRESS_SHIFT, port, destination)

    # connections without ends

    def certain(self, host: Any, leaves_at: int, half_rtt: int) -> None:
        """The SYN of the socket claimed last is certain to be answered."""
        self._plans[self._last] = Plan(host, leaves_at + 2 * half_rtt, half_rtt)

    def gives_up(self, key: int, port: int) -> None:
        """Closed before the SYN-ACK came, which then is answered with RST."""
        plan = self._plans.pop((key, port))
        self.write(self.place(key, port), Tcp.SYN_SENT, Tcp.CLOSED)
        theirs = plan.host.log.place_of(self, key, port)
        self.write(theirs, Tcp.CLOSED, Tcp.SYN_RECV, at=plan.met_at - plan.half_rtt)
        self.write(theirs, Tcp.SYN_RECV, Tcp.CLOSED, at=plan.met_at + plan.half_rtt)

    def unfolds(self, key: int, port: int) -> Place:
        """It has ends from now on: write how it came about."""
        plan = self._plans.pop((key, port), None)
        if plan is not None:
            self._opens(plan, key, port)
        return self.place(key, port)

    def closes_at_rest(self, key: int, port: int, *, ends_at: int | None) -> None:
        """FIN, FIN and ACK, ACK of a connection without ends; `ends_at` of TIME_WAIT, None: `lingers` will say."""
        plan = self._plans.pop((key, port))
        self._opens(plan, key, port)
        now, half = self._log.engine._now, plan.half_rtt
        ours, theirs = self.place(key, port), plan.host.log.place_of(self, key, port)
        self.write(ours, Tcp.ESTABLISHED, Tcp.FIN_WAIT1)
        self.write(theirs, Tcp.ESTABLISHED, Tcp.CLOSE_WAIT, at=now + half)
        self.write(theirs, Tcp.CLOSE_WAIT, Tcp.LAST_ACK, at=now + half)
        if ends_at is not None:
            self.write(ours, Tcp.FIN_WAIT1, Tcp.TIME_WAIT, at=now + 2 * half, until=ends_at)
        self.write(theirs, Tcp.LAST_ACK, Tcp.CLOSED, at=now + 3 * half)

    def lingers(self, key: int, port: int, ends_at: int | None) -> None:
        """As `waits`, of a connection without ends."""
        until = self._log.engine._now if ends_at is None else ends_at
        self.write(self.place(key, port), Tcp.FIN_WAIT1, Tcp.TIME_WAIT, until=until)

    def waits(self, end: Any, ends_at: int | None) -> None:
        """TIME_WAIT until then; None: the table is full, and the end is gone at once."""
        self.write(end.place, end.before, Tcp.TIME_WAIT, until=self._log.engine._now if ends_at is None else ends_at)

    def cut_off(self) -> None:
        """The run ends: connections that nobody closed have come about."""
        now = self._log.engine._now
        for (key, port), plan in self._plans.items():
            if plan.met_at <= now:
                self._opens(plan, key, port)
        self._plans.clear()

    def _opens(self, plan: Plan, key: int, port: int) -> None:
        met_at, half = plan.met_at, plan.half_rtt
        theirs = plan.host.log.place_of(self, key, port)
        self.write(theirs, Tcp.CLOSED, Tcp.SYN_RECV, at=met_at - half)
        self.write(self.place(key, port), Tcp.SYN_SENT, Tcp.ESTABLISHED, at=met_at)
        self.write(theirs, Tcp.SYN_RECV, Tcp.ESTABLISHED, at=met_at + half)
