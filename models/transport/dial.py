"""Dial: one dialConn goroutine of the Transport: name, addresses in turn, TLS. Not connect() itself.

Sources: net/dial.go, DialContext, dialSerial, partialDeadline; net/tcpsock_posix.go, doDialTCPProto;
net/http/transport.go, dialConn.
"""

from enum import IntEnum
from typing import Any

from models.kernel.connect import NO_PORT, ClientKernel, Connect, errno_text
from models.transport.errors import IO_TIMEOUT, NO_SUCH_HOST, OPERATION_WAS_CANCELED, TLS_HANDSHAKE_TIMEOUT
from models.transport.want import Want
from sim.engine.timers import NEVER
from sim.records.rows import ABSENT
from sim.units import SECOND

LEAST_PER_ADDRESS = 2 * SECOND
"""Each address gets at least this of the dial's time (net/dial.go, partialDeadline)."""
TRIES_WITHOUT_PORT = 3
"""EADDRNOTAVAIL is tried twice more at once (net/tcpsock_posix.go, doDialTCPProto)."""


class Phase(IntEnum):
    """Where a dial is; each phase has its own goroutines and its own level."""

    RESOLVING, CONNECTING, HANDSHAKING, OVER = range(4)


class Dial:
    """A running dial. `done` is what the Transport's queue of Dialer.Timeout looks at."""

    __slots__ = (
        "_addresses", "_connect", "_deadline", "_index", "_transport", "conn_id", "destination", "done", "end",
        "first_error", "phase", "port", "site", "started_at", "t_connected", "want",
    )  # fmt: skip

    def __init__(self, transport: Any, want: Want, conn_id: int) -> None:
        self._transport, self.want, self.conn_id = transport, want, conn_id
        self.phase = Phase.RESOLVING
        self.done = False
        self.first_error = ""
        self.started_at = transport.engine._now
        self.t_connected = ABSENT
        self._deadline = NEVER
        self._connect: Connect | None = None
        self.end: Any = None
        """The client's end of the connection, where one was made."""
        self.port = 0
        """The local port of its socket; 0 before there is one."""
        self.site: Any = None
        """The backend that it tries, or has reached."""
        self.destination = 0
        self._addresses: tuple[int, ...] = ()
        self._index = -1

    def start(self) -> None:
        """Resolve, or go straight to the address."""
        timeout, request = self._transport.dial_timeout, self.want.request
        if timeout > 0:
            self._deadline = self._transport.engine._now + timeout
        resolver = request.host.resolver
        if resolver.is_literal:
            self._found(resolver.literal())
            return
        self._transport.dial_enters(Phase.RESOLVING)
        request.t_dns_start = self._transport.engine._now
        if request.trace is not None:
            request.trace.dns_start()
        resolver.resolve(self._resolved)

    def hold(self, delay: int, err: str = "") -> None:
        """A DialContext of the user's waits before it dials, or fails then with `err`; it is counted with lookups."""
        self._transport.dial_enters(Phase.RESOLVING)
        self._transport.engine.call_in(delay, self._held, err)

    def _held(self, err: str) -> None:
        if self.phase is Phase.OVER:
            return
        if err:
            self._fail(err)
        else:
            self._transport.dial_leaves(Phase.RESOLVING)
            self._transport.begin_dial(self)

    def expire(self) -> None:
        """Dialer.Timeout: it covers name and addresses, not TLS."""
        if self.phase is Phase.RESOLVING or self.phase is Phase.CONNECTING:
            self._fail(self.first_error or IO_TIMEOUT)

    def cancel(self) -> None:
        """Nobody wants the connection: the error is dropped, the slot is free (up to Go 1.22; CloseIdleConnections)."""
        if self.phase is not Phase.OVER:
            self._fail(OPERATION_WAS_CANCELED)

    def _resolved(self, addresses: tuple[int, ...]) -> None:
        if self.phase is Phase.OVER:
            return
        self._transport.dial_leaves(Phase.RESOLVING)
        request = self.want.request
        request.t_dns_done = self._transport.engine._now
        if request.trace is not None:
            request.trace.dns_done("" if addresses else NO_SUCH_HOST)
        if addresses:
            self._found(addresses)
        else:
            self._finish_failed(NO_SUCH_HOST)

    def _found(self, addresses: tuple[int, ...]) -> None:
        self._addresses = addresses
        self.phase = Phase.CONNECTING
        self._transport.dial_enters(Phase.CONNECTING)
        self.want.request.t_conn_start = self._transport.engine._now
        self._try_next()

    def _try_next(self) -> None:
        self._index += 1
        transport, now = self._transport, self._transport.engine._now
        backend, self.destination = transport.choose_backend(self.want.request.host, self._addresses[self._index])
        site = self.site = transport.sites[backend]
        if site.meets_for_certain:
            self._connect_for_certain(transport.kernel, site)
            return
        if self.want.request.trace is not None:
            self.want.request.trace.connect_start(site)
        self._connect = transport.connect_to(backend, self._connected)
        left = len(self._addresses) - self._index
        if left > 1 and self._deadline != NEVER:
            share = max(LEAST_PER_ADDRESS, (self._deadline - now) // left)
            if now + share < self._deadline:
                transport.engine.call_at(now + share, self._address_timeout, self._connect)
        self._connect.start(self.destination, TRIES_WITHOUT_PORT)

    def _connect_for_certain(self, kernel: ClientKernel, site: Any) -> None:
        """As `Connect`, where nothing can come between SYN and SYN-ACK: no object and one call."""
        port, cost = kernel.claim(self.destination)
        engine = kernel.engine
        self._connect = None
        if port > 0:
            self.port = port
            leaves_at = engine._now + cost
            kernel.connect_for_certain(leaves_at, site.half_rtt)
            engine.call_at(leaves_at + 2 * site.half_rtt, self._met, kernel)
        else:
            kernel.files.opened += (TRIES_WITHOUT_PORT - 1) * (port == NO_PORT)
            engine.call_in(cost * TRIES_WITHOUT_PORT, self._no_socket, errno_text(port))

    def _no_socket(self, err: str) -> None:
        if self.phase is Phase.CONNECTING:
            self.want.request.t_conn_done = self._transport.engine._now
            self._address_failed(err)

    def _met(self, kernel: ClientKernel) -> None:
        site = self.site
        if self.phase is not Phase.CONNECTING:
            kernel.miss(site.half_rtt)
            return
        kernel.meet(site.half_rtt)
        if self.want.request.host.is_secure or not site.is_certain:
            self.end = site.ends(kernel, self.destination, self.port)
        self._is_connected(kernel.engine._now)

    def _address_timeout(self, connect: Connect) -> None:
        if connect is self._connect and self.phase is Phase.CONNECTING:
            connect.abort()
            self._address_failed(IO_TIMEOUT)

    def _address_failed(self, err: str) -> None:
        self._connect = None
        if self.want.request.trace is not None:
            self.want.request.trace.connect_done(self.site, err)
        self.first_error = self.first_error or err
        if self._index + 1 < len(self._addresses) and err != "" and self._transport.engine._now < self._deadline:
            self._try_next()
        else:
            self._fail(self.first_error)

    def _connected(self, connect: Connect) -> None:
        now = self._transport.engine._now
        if connect.error:
            self.want.request.t_conn_done = now
            self._address_failed(connect.error)
            return
        if self.want.request.trace is not None:
            self.want.request.trace.connect_done(self.site, "")
        self.end, self.port = connect.end, connect.port or 0
        self._is_connected(now)

    def _is_connected(self, now: int) -> None:
        transport = self._transport
        self.want.request.t_conn_done = self.t_connected = now
        transport.dial_leaves(Phase.CONNECTING)
        self.done = True  # for Dialer.Timeout
        if not self.want.request.host.is_secure:
            self._succeed(None)
            return
        self.phase = Phase.HANDSHAKING
        self.want.request.t_tls_start = now
        if self.want.request.trace is not None:
            self.want.request.trace.tls_handshake_start()
        transport.dial_enters(Phase.HANDSHAKING)
        self.end.app = self
        transport.handshake(self, self._secured)

    def _secured(self, _: Any) -> None:
        if self.phase is Phase.HANDSHAKING:
            self.want.request.t_tls_done = self._transport.engine._now
            if self.want.request.trace is not None:
                self.want.request.trace.tls_handshake_done("")
            self._transport.dial_leaves(Phase.HANDSHAKING)
            self.end.is_secure = self.end.peer.is_secure = True
            self._succeed(None)

    def handshake_expired(self) -> None:
        """TLSHandshakeTimeout: the socket is closed, the dial fails, the slot is free."""
        if self.phase is Phase.HANDSHAKING:
            self._fail(TLS_HANDSHAKE_TIMEOUT)

    def peer_closed(self) -> None:
        """The server closed during the handshake."""
        self._fail("EOF")

    def was_reset(self) -> None:
        """The server reset during the handshake."""
        self._fail("connection reset by peer")

    def timed_out(self) -> None:
        """Nothing that was sent was acknowledged."""
        self._fail("connection timed out")

    def received(self, _: Any) -> None:
        """Nothing is sent to a dial."""

    def _succeed(self, _: Any) -> None:
        self.phase = Phase.OVER
        self._transport.dialed(self)

    def _fail(self, err: str) -> None:
        phase, transport = self.phase, self._transport
        if phase is Phase.OVER:
            return
        transport.dial_leaves(phase)
        trace = self.want.request.trace
        if phase is Phase.CONNECTING:
            if trace is not None and (self._connect is not None or self.port):
                trace.connect_done(self.site, err)
            self._abort_connect()
        elif phase is Phase.HANDSHAKING:
            transport.drop(self.end)
            if trace is not None:
                trace.tls_handshake_done(err)
        self._finish_failed(err)

    def _abort_connect(self) -> None:
        if self._connect is not None:
            self._connect.abort()
        elif self.port:
            self._transport.kernel.give_up_connect(self.destination, self.port)
            self.port = 0

    def _finish_failed(self, err: str) -> None:
        self.phase = Phase.OVER
        self.done = True
        self._transport.dial_failed(self, err)
