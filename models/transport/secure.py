"""Securing: what a dial does between TCP and its connection: TLS, and a proxy's CONNECT. Not the dial itself.

Source: net/http/transport.go, dialConn (the cases of cm.proxyURL), addTLS.
"""

from typing import Any

from models.tls.cost import Terms
from models.tls.handshake import Handshake
from models.tls.session import Session
from models.transport import errors
from models.transport.phase import HANDSHAKING, TUNNELLING
from models.transport.proxy import ConnectRequest, Leg, Tunnel


class Securing:
    """The reader of a connection until it is ready. Its legs follow one another; each may fail the dial."""

    __slots__ = ("_began_at", "_dial", "_legs", "n_begun")

    def __init__(self, dial: Any) -> None:
        self._dial = dial
        self._legs = _legs(dial.want.request.host, dial.site)
        self.n_begun = 0
        """Which leg runs, from 1; 0 when none does: what the queues of time-outs look at."""
        self._began_at = 0  # from when the lifetime of the session counts that is resumed
        dial.end.app = self

    def begin(self) -> None:
        """Begin the next leg."""
        dial, leg = self._dial, self._legs[self.n_begun]
        self.n_begun += 1
        if isinstance(leg, Tunnel):
            dial.enter(TUNNELLING)
            dial.dialer.limit_connect(self)
            ConnectRequest(dial.end, leg, self._tunnel_answered).start()
        else:
            dial.enter(HANDSHAKING)
            request = dial.want.request
            request.t_tls_start = dial.engine._now
            if request.trace is not None:
                request.trace.tls_handshake_start()
            dial.dialer.limit_handshake(self)
            if not dial.site.host.stalls_tls:
                self._shake_hands(leg)

    def _shake_hands(self, leg: Leg) -> None:
        dial, host = self._dial, self._dial.site.host
        dialer, is_backend, tls = dial.dialer, self._is_shown_by(leg), leg.tls
        session = dialer.session(leg.server_name)
        resumed = session is not None and session.ticket == leg.ticket and host.resumes_sessions
        resumed = resumed and session.is_good(
            dial.engine._now, tls.ticket_lifetime, dialer.holder, host.server.holder if is_backend else None
        )
        client_key = dialer.client_key if tls.client_auth == "require" else ""
        terms = Terms(tls.cost, tls.version, tls.key, tls.key_exchange, client_key, resumed)
        handshake = Handshake(dial.end, terms, dialer.tally, self._shaken)
        if is_backend:
            handshake.client = dialer.holder
            handshake.err = host.bad_certificate if not resumed else ""  # it comes with the first flight
        if resumed:
            handshake.shown, handshake.server, self._began_at = session.client, session.server, session.began_at
        handshake.start()

    def _is_shown_by(self, leg: Leg) -> bool:
        """Whether the backend itself shows the certificate, not a target behind it."""
        tunnel = self._dial.want.request.host.tunnel
        return tunnel is None or leg is not tunnel.leg

    def abort(self, err: str) -> None:
        """The dial is over without a connection: the socket is closed."""
        self.n_begun = 0
        self._dial.drop()
        if self._dial.phase is HANDSHAKING:
            self._tls_done(err)
            self._dial.dialer.tally.ended(self._dial.site.index, resumed=False, err=err)

    def expire(self) -> None:
        """TLSHandshakeTimeout, or the minute of a CONNECT: the socket is closed, the dial fails, the slot is free."""
        is_tls = self._dial.phase is HANDSHAKING
        self._dial.fail(errors.TLS_HANDSHAKE_TIMEOUT if is_tls else errors.DEADLINE_EXCEEDED)

    def received(self, flight: Any) -> None:
        """What the server, or the proxy, answers to a leg."""
        flight.arrived()

    def peer_closed(self) -> None:
        """The server closed; the answer to a CONNECT is cut then (net/http/response.go, ReadResponse)."""
        self._dial.fail(errors.EOF if self._dial.phase is HANDSHAKING else errors.UNEXPECTED_EOF)

    def was_reset(self) -> None:
        """The server reset."""
        self._dial.fail(errors.CONNECTION_RESET)

    def timed_out(self) -> None:
        """Nothing that was sent was acknowledged."""
        self._dial.fail(errors.CONNECTION_TIMED_OUT)

    def _tls_done(self, err: str) -> None:
        request = self._dial.want.request
        request.t_tls_done = self._dial.engine._now
        if request.trace is not None:
            request.trace.tls_handshake_done(err)

    def _shaken(self, handshake: Handshake) -> None:
        if not self.n_begun:
            return
        dial, leg = self._dial, self._legs[self.n_begun - 1]
        assert isinstance(leg, Leg), "a handshake is a leg of TLS"
        if handshake.err:
            dial.fail(handshake.err)
            return
        self._tls_done("")
        dial.end.is_secure = dial.end.peer.is_secure = True
        terms, dialer = handshake.terms, dial.dialer
        is_old = terms.is_resumed and terms.version == "1.2"  # a ticket of 1.2 keeps the time of the full handshake
        began_at = self._began_at if is_old else dial.engine._now
        dialer.keep_session(leg.server_name, Session(leg.ticket, began_at, handshake.shown, handshake.server))
        if handshake.needs_proof:
            handshake.prove(dial.site.index)
        else:
            dialer.tally.ended(dial.site.index, resumed=terms.is_resumed)
        self._go_on()

    def _tunnel_answered(self, err: str) -> None:
        if not self.n_begun:
            return
        if err:
            self._dial.fail(err)
        else:
            self._go_on()

    def _go_on(self) -> None:
        if self.n_begun < len(self._legs):
            self.begin()
        else:
            self.n_begun = 0
            self._dial.secured()


def _legs(host: Any, site: Any) -> tuple[Leg | Tunnel, ...]:
    tunnel = host.tunnel
    if tunnel is None:
        return (Leg(host.name, site.tls, site.server.ticket_key),)
    to_proxy = (Leg(tunnel.proxy_name, site.tls, site.server.ticket_key),) if tunnel.proxy_is_secure else ()
    return (*to_proxy, tunnel, tunnel.leg)
