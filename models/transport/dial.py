"""Dial: one dialConn goroutine of the Transport: name, addresses, TLS. Not connect() itself.

Sources: net/dial.go, Dialer.DialContext; net/http/transport.go, dialConn, dialConnFor.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from models.backend.secure import SecureStart
from models.dns.lookup import Lookup
from models.kernel.connect import Connect, errno_text
from models.kernel.host import NO_PORT, ClientKernel
from models.request import Request
from models.transport import errors
from models.transport.deadline import Deadlines
from models.transport.dialer import Dialer
from models.transport.phase import CONNECTING, OVER, RESOLVING, Phase
from models.transport.pool import HostPool
from models.transport.race import Race
from models.transport.secure import Securing
from models.transport.sequence import TRIES_WITHOUT_PORT, Sequence
from models.transport.site import Site
from models.transport.want import Want
from sim.engine.agenda import Agenda
from sim.engine.timers import NEVER
from sim.records.rows import ABSENT

if TYPE_CHECKING:
    from models.transport.round_trip import Transport


class Dial:
    """A running dial. `done` is what the queue of Dialer.Timeout looks at."""

    __slots__ = (
        "_addresses", "_attempt", "_connect", "_lookup", "_securing", "_transport", "conn_id", "deadline",
        "destination", "done", "end", "is_met", "phase", "port", "site", "started_at", "t_connected", "want",
    )  # fmt: skip

    def __init__(self, transport: "Transport", want: Want, conn_id: int) -> None:
        self._transport, self.want, self.conn_id = transport, want, conn_id
        self.phase: Phase = RESOLVING
        self.done = False
        self.started_at = transport.engine._now
        self.t_connected = ABSENT
        self.deadline = NEVER
        """When Dialer.Timeout ends it, if it is not connected by then."""
        self.end: Any = None
        """The client's end of the connection, where one was made."""
        self.is_met = False
        """Whether its SYN was certain to be answered, so that the server's end is there with the client's."""
        self.port = 0
        """The local port of its socket; 0 before there is one."""
        self.site: Site | None = None
        """The backend that it tries, has reached, or has failed to reach first."""
        self.destination = 0
        self._addresses: tuple[int, ...] = ()
        self._attempt: Sequence | Race | None = None
        self._connect: Connect | None = None
        self._lookup: Lookup | None = None
        self._securing: Securing | None = None

    def start(self) -> None:
        """Resolve, or go straight to the address."""
        transport, request = self._transport, self.want.request
        timeout, now = transport.dialer.timeout, transport.engine._now
        if timeout > 0:
            self.deadline = now + timeout
        elif timeout < 0:
            self._start_too_late()
            return
        host: HostPool = request.host
        resolver = host.resolver
        if resolver.is_literal:
            transport.dial_enters(CONNECTING)
            self._found(resolver.literal())
            return
        transport.dial_enters(RESOLVING)
        request.t_dns_start = now
        if request.trace is not None:
            request.trace.dns_start()
        self._lookup = resolver.resolve(self._resolved)

    def expire(self) -> None:
        """Dialer.Timeout: it covers name and addresses, not TLS."""
        if self.phase is RESOLVING or self.phase is CONNECTING:
            self.fail(errors.IO_TIMEOUT)

    def cancel(self) -> None:
        """Nobody wants the connection: the error is dropped, the slot is free (up to Go 1.22; CloseIdleConnections)."""
        self.fail(errors.OPERATION_WAS_CANCELED)

    def end_with(self, request: Request, deadlines: Deadlines) -> None:
        """Up to Go 1.22 the context of a served request ends its surplus dial (golang/go#66442)."""
        now, ends_at = self.engine._now, deadlines.ends_at(request)
        if ends_at is not None and (ends_at <= now or deadlines.ends_with_body(request)):
            self.cancel()
        elif ends_at is not None:
            self.engine.call_at(ends_at, Dial.cancel, self)

    # the name

    def _start_too_late(self) -> None:
        """A negative Dialer.Timeout lies in the past: nothing is sent (net/dial.go, Dialer.deadline)."""
        transport, request = self._transport, self.want.request
        if request.host.resolver.is_literal:
            self.phase = CONNECTING
        else:
            request.t_dns_start = transport.engine._now
            self._dns_done(errors.IO_TIMEOUT)
        transport.dial_enters(self.phase)
        transport.engine.call_in(0, Dial.expire, self)

    def _dns_done(self, err: str) -> None:
        request = self.want.request
        request.t_dns_done = self._transport.engine._now
        if request.trace is not None:
            request.trace.dns_done(err)

    def _resolved(self, addresses: tuple[int, ...], err: str) -> None:
        self._lookup = None
        request = self.want.request
        request.t_dns_done = self._transport.engine._now  # as in _dns_done
        if request.trace is not None:
            request.trace.dns_done(err)
        if not addresses:
            self.fail(err)
            return
        self._transport.dial_connects()
        self._found(addresses)

    def _leave_lookup(self, err: str) -> None:
        if self._lookup is not None:
            self._lookup.leave(self._resolved)
            self._lookup = None
            self._dns_done(err)

    def hold(self, delay: int, err: str = "") -> None:
        """Wait before dialing, or fail then with `err`: a DialContext of the user's, or a goroutine that runs late.

        It is counted with lookups.
        """
        self._transport.dial_enters(RESOLVING)
        self._transport.engine.call_in(delay, self._held, err)

    def _held(self, err: str) -> None:
        if self.phase is OVER:
            return
        if err:
            self.fail(err)
        else:
            self._transport.dial_leaves(RESOLVING)
            self._transport.begin_dial(self)

    # the addresses

    def _found(self, addresses: tuple[int, ...]) -> None:
        transport = self._transport
        host: HostPool = self.want.request.host
        self.phase = CONNECTING
        self.want.request.t_conn_start = transport.engine._now
        if host.resolver.ipv6 and len(addresses) > 1:
            self._try_all(addresses, "")
            return
        backend, self.destination = host.balance(addresses[0])
        site = transport.sites[backend]
        if site.host.is_steady and site.link.is_whole:  # its SYN is certain to be answered
            self.site, self._addresses = site, addresses
            transport.dialer.attempts += 1
            self._connect_for_certain(transport.kernel, site)
        elif len(addresses) == 1:
            self.connect_starts(site)
            self._connect = self.connect_to(site, self._connected)
            self._connect.start(self.destination, TRIES_WITHOUT_PORT)
        else:
            self._try_all(addresses, "")

    def aim(self, address: int) -> tuple[Site, int]:
        """The backend behind an address, and the destination for which ports are unique."""
        transport = self._transport
        backend, destination = self.want.request.host.balance(address)
        return transport.sites[backend], destination

    def aimed_at(self) -> Site:
        """The backend that it tries or has reached."""
        site = self.site
        assert site is not None, "it connects, so it knows to whom"
        return site

    def connect_to(self, site: Site, then: Callable[[Connect], object]) -> Connect:
        """A connect(), not yet started."""
        return self._transport.connect_to(site.index, then)

    @property
    def engine(self) -> Agenda:
        """The clock."""
        return self._transport.engine

    @property
    def dialer(self) -> Dialer:
        """What it shares with the other dials of its Transport."""
        return self._transport.dialer

    def connect_starts(self, site: Site) -> None:
        """ConnectStart, once for each address."""
        self.dialer.attempts += 1
        if self.site is None:
            self.site = site
        trace = self.want.request.trace
        if trace is not None:
            trace.connect_start(site)

    def connect_ends(self, site: Site, err: str) -> None:
        """ConnectDone, once for each address."""
        request = self.want.request
        if err:
            self.dialer.errors[err] += 1
        request.t_conn_done = self._transport.engine._now
        if request.trace is not None:
            request.trace.connect_done(site, err)

    def _try_all(self, addresses: tuple[int, ...], first_error: str) -> None:
        ipv6 = self.want.request.host.resolver.ipv6
        if ipv6 and self.dialer.is_dual_stack:
            first = addresses[0] in ipv6
            primaries = tuple(each for each in addresses if (each in ipv6) is first)
            fallbacks = tuple(each for each in addresses if (each in ipv6) is not first)
            if fallbacks:
                self._attempt = Race(self, primaries, fallbacks, self._tried)
        if self._attempt is None:
            self._attempt = Sequence(self, addresses, self._tried, first_error)
        self._attempt.start()

    def _tried(self, sequence: Sequence) -> None:
        connect, self._attempt = sequence.connect, None
        if connect is None:
            self.site = sequence.failed_at
            self.fail(sequence.first_error or errors.IO_TIMEOUT)
            return
        self.site, self.destination = sequence.site, sequence.destination
        self.end, self.port = connect.end, connect.port or 0
        self._is_connected()

    def _connect_for_certain(self, kernel: ClientKernel, site: Site) -> None:
        """As `Connect`, where nothing can come between SYN and SYN-ACK: no object and one call."""
        engine, cpu = kernel.engine, kernel.cpu
        if cpu.busy_until > engine._now:
            cpu.when_free(self._connect_late, kernel)
            return
        destination = self.destination
        if kernel.addresses is not None:
            self.destination = kernel.key(destination)
        port, cost = kernel.claim(self.destination, destination)
        if port > 0:
            self.port = port
            leaves_at = cpu.occupy(cost) if cost else engine._now
            kernel.connect_for_certain(site.host, port, leaves_at, steps=site.steps)
            engine.call_at(leaves_at + 2 * site.half_rtt, self._met, kernel)
        else:
            scans = TRIES_WITHOUT_PORT if port == NO_PORT else 1
            kernel.tried_again(scans - 1)
            engine.call_at(cpu.occupy(cost * scans), self._no_socket, errno_text(port))

    def _connect_late(self, kernel: ClientKernel) -> None:
        if self.phase is CONNECTING:
            self._connect_for_certain(kernel, self.aimed_at())

    def _no_socket(self, err: str) -> None:
        if self.phase is not CONNECTING:
            return
        self.connect_ends(self.aimed_at(), err)
        if len(self._addresses) > 1:
            self._try_all(self._addresses[1:], err)
        else:
            self.fail(err)

    def _met(self, kernel: ClientKernel) -> None:
        site, now = self.aimed_at(), kernel.engine._now
        if self.phase is not CONNECTING:
            kernel.levels.change(now << 12 | site.steps.reset)
            return
        kernel.levels.changes.append(now << 12 | site.steps.met)
        self.is_met = True
        if self.want.request.host.is_secure or not site.is_certain:
            self.end = site.ends(kernel, self.destination, self.port)
        self.want.request.t_conn_done = now
        self._is_connected()

    def _connected(self, connect: Connect) -> None:
        self._connect = None
        self.connect_ends(self.aimed_at(), connect.error)
        if connect.error:
            self.fail(connect.error)
            return
        self.end, self.port = connect.end, connect.port or 0
        self._is_connected()

    def _is_connected(self) -> None:
        transport = self._transport
        self.t_connected = transport.engine._now
        self.done = True  # for Dialer.Timeout
        if self.want.request.host.is_secure:
            self._securing = Securing(self)
            self._securing.begin()
        else:
            transport.dialed(self)

    def _stop_connecting(self, err: str) -> str:
        """Close what is open; the error, which is that of the first address if it had failed already."""
        attempt, connect = self._attempt, self._connect
        if attempt is not None:
            self._attempt = None
            attempt.abort(err)
            self.site = attempt.failed_at or self.site
            return attempt.first_error or err if err == errors.IO_TIMEOUT else err
        if connect is not None:
            self._connect = None
            connect.abort()
            self.connect_ends(self.aimed_at(), err)
        elif self.port:
            self._transport.kernel.give_up_connect(self.destination, self.port)
            self.port = 0
            self.connect_ends(self.aimed_at(), err)
        return err

    # TLS, tunnels

    def enter(self, phase: Phase) -> None:
        """A leg begins."""
        self._transport.dial_leaves(self.phase)
        self.phase = phase
        self._transport.dial_enters(phase)

    def secured(self) -> None:
        """The last leg is done."""
        if isinstance(self.end.peer.app, SecureStart):  # not closed meanwhile
            self.end.peer.app.client_is_done()
        self._transport.dialed(self)

    def drop(self) -> None:
        """Close the socket, which never becomes a connection of the pool."""
        self._transport.drop(self.end)

    # the end

    def fail(self, err: str) -> None:
        """It ends without a connection."""
        phase, transport = self.phase, self._transport
        if phase is OVER:
            return
        transport.dial_leaves(phase)
        if phase is RESOLVING:
            self._leave_lookup(err)
        elif phase is CONNECTING:
            err = self._stop_connecting(err)
        elif self._securing is not None:
            self._securing.abort(err)
        self.phase = OVER
        self.done = True
        host = self.want.request.host
        if host.on_closed is not None and self.site is not None:
            host.on_closed(self.site.index)
        transport.dial_failed(self, err)
