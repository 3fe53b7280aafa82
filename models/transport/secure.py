"""Securing: what a dial does between TCP and its connection: TLS, and a proxy's CONNECT. Not the dial itself.

Source: net/http/transport.go, dialConn (the cases of cm.proxyURL), addTLS.
"""

from dataclasses import replace
from functools import partial
from typing import Any

from models.tls.handshake import Handshake
from models.transport import errors
from models.transport.phase import HANDSHAKING, TUNNELLING
from models.transport.proxy import ConnectRequest, Leg, Tunnel


class Securing:
    """The reader of a connection until it is ready. Its legs follow one another; each may fail the dial."""

    __slots__ = ("_dial", "_legs", "n_begun")

    def __init__(self, dial: Any) -> None:
        self._dial = dial
        self._legs = _legs(dial.want.request.host, dial.site)
        self.n_begun = 0
        """Which leg runs, from 1; 0 when none does: what the queues of time-outs look at."""
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
        resumed = dial.dialer.has_session(leg.server_name, leg.ticket) and host.resumes_sessions
        if host.bad_certificate and not resumed and self._is_shown_by(leg):
            # it comes with the first flight of either version, so a round trip and its verification tell
            Handshake(dial.end, replace(leg.tls, version="1.3"), partial(self._refuse, host.bad_certificate),
                      resumed=False).start()  # fmt: skip
        else:
            Handshake(dial.end, leg.tls, self._shaken, resumed=resumed).start()

    def _is_shown_by(self, leg: Leg) -> bool:
        """Whether the backend itself shows the certificate, not a target behind it."""
        tunnel = self._dial.want.request.host.tunnel
        return tunnel is None or leg is not tunnel.leg

    def _refuse(self, err: str, _: Any) -> None:
        if self.n_begun:
            self._dial.fail(err)

    def abort(self, err: str) -> None:
        """The dial is over without a connection: the socket is closed."""
        self.n_begun = 0
        self._dial.drop()
        if self._dial.phase is HANDSHAKING:
            self._tls_done(err)

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

    def _shaken(self, _: Any) -> None:
        if not self.n_begun:
            return
        leg = self._legs[self.n_begun - 1]
        assert isinstance(leg, Leg), "a handshake is a leg of TLS"
        self._tls_done("")
        end = self._dial.end
        end.is_secure = end.peer.is_secure = True
        self._dial.dialer.keep_session(leg.server_name, leg.ticket)
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
