"""connect(): from a free port to an established connection. Not the kernels of its ends, not the dial."""

from collections.abc import Callable
from typing import Any

from models.kernel.host import IN_USE, NO_FILE, NO_PORT, ClientKernel, ServerHost
from models.kernel.socket import Endpoint, On, Tcp
from models.kernel.syn import syn_schedule
from models.network.link import Link
from models.network.nat import NatPorts

EADDRINUSE = "address already in use"
"""Of bind() before connect(); Go tries no more (net/tcpsock_posix.go, spuriousENOTAVAIL)."""
EADDRNOTAVAIL = "cannot assign requested address"
ECONNREFUSED = "connection refused"
EHOSTUNREACH = "no route to host"
ENETUNREACH = "network is unreachable"
ETIMEDOUT = "connection timed out"
EMFILE = "too many open files"


class Connect:
    """One connect() to one backend. `on_done(connect)` is called once; then `error` or `end` says what came of it."""

    __slots__ = ("_host", "_is_translated", "_kernel", "_link", "_on_done", "_peer", "_resend", "end", "error", "port")

    def __init__(
        self, kernel: ClientKernel, host: ServerHost, link: Link, on_done: Callable[["Connect"], object]
    ) -> None:
        self._kernel, self._host, self._link = kernel, host, link
        self._on_done: Callable[[Connect], object] | None = on_done
        self._resend: list[int] | None = None
        self._is_translated = False  # whether a NAT on the way, if there is one, has given it a port
        self._peer: Endpoint | None = None  # the half-open end, until its SYN-ACK has come
        self.end: Endpoint | None = None
        self.error = ""
        self.port: int | None = None

    def start(self, destination: int, tries: int = 1) -> None:
        """Look for a port and send the SYN. Each try without a port pays for a whole scan."""
        kernel, engine = self._kernel, self._kernel.engine
        if kernel.cpu.busy_until > engine._now:
            kernel.cpu.when_free(self._start_late, (destination, tries))
            return
        key = kernel.key(destination)
        port, cost = kernel.claim(key, destination)
        if port <= 0:
            scans = tries if port == NO_PORT else 1
            kernel.tried_again(scans - 1)
            self.error = errno_text(port)
            engine.call_at(kernel.cpu.occupy(cost * scans), self._finish)
            return
        self.port = port
        self.end = kernel.endpoint(kernel, self._link, state=Tcp.SYN_SENT, destination=key, local_port=port)
        self._send_syn(kernel.cpu.occupy(cost) if cost else engine._now)

    def _start_late(self, args: tuple[int, int]) -> None:
        if self._on_done is not None:
            self.start(*args)

    def abort(self) -> None:
        """Nobody waits any more: the socket is closed, the port free."""
        if self._on_done is not None:
            self._on_done = None
            if self.end is not None:
                self.end.feed(On.FAILED)
                self._kernel.files.close()

    def _send_syn(self, at: int) -> None:
        if self._link.nat is not None and not self._is_translated and not self._is_let_out(self._link.nat, at):
            return
        if self._link.icmp and at < self._link.blocked_until:
            self.error = self._link.icmp  # in SYN_SENT it ends the connect(), later it is a soft error (tcp_v4_err)
            self._kernel.engine.call_at(at + self._link.rtt, self._fail)
            return
        if self._link.draw_is_lost() or at < self._link.blocked_until:
            self._repeat_syn(at)
        else:
            self._kernel.engine.call_at(at + self._link.control_delay(), self._syn_arrives)

    def _is_let_out(self, nat: NatPorts, at: int) -> bool:
        """Whether the NAT has a port for it; without one the SYN is sent again later, or connect() fails."""
        self._is_translated = nat.take(self.end, at)
        if not self._is_translated and nat.refuses:
            self.error = EHOSTUNREACH
            self._kernel.engine.call_at(at + self._link.rtt, self._fail)
        elif not self._is_translated:
            self._repeat_syn(at)
        return self._is_translated

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
            self._kernel.counters["RetransSegs"] += 1
            self._send_syn(self._kernel.engine._now)

    def _syn_arrives(self, _: Any) -> None:
        host, engine, end = self._host, self._kernel.engine, self.end
        if end is None or (end.state is not Tcp.SYN_SENT and end.state is not Tcp.CLOSED):
            return  # a second SYN; the first one's SYN-ACK has come late and opened the connection
        if host.is_dead:
            self.error = ECONNREFUSED
            host.counters["OutRsts"] += 1
            engine.call_in(self._link.control_delay(), self._fail)
            return
        if self._peer is not None and self._peer.state is Tcp.SYN_RECV:  # the listener knows the request already
            host.asked_again(self._peer)
            self._send_synack(self._peer)
            return
        self._peer = peer = host.syn(
            self._link, (self._kernel, self.port or 0)
        )  # also of a socket that is closed by now: the SYN was under way
        if peer is None:
            if self._on_done is not None:
                self._repeat_syn(engine._now - self._link.half_rtt)
            return
        peer.peer, end.peer = end, peer
        if host.log is not None:
            host.log.asked(peer)
        self._send_synack(peer, first=True)

    def _send_synack(self, peer: Endpoint, *, first: bool = False) -> None:
        """A SYN-ACK that is lost is sent again for the client's next SYN and by the server's own timer."""
        link, engine = self._link, self._kernel.engine
        if not link.draw_is_lost() and engine._now >= link.blocked_until:
            engine.call_in(link.control_delay(), self._established, peer)
            return
        if first:
            self._host.await_synack(peer, self._resend_synack)
        if self._on_done is not None:
            self._repeat_syn(engine._now - link.half_rtt)

    def _resend_synack(self, peer: Endpoint) -> None:
        link = self._link
        if not link.draw_is_lost() and self._kernel.engine._now >= link.blocked_until:
            self._kernel.engine.call_in(link.control_delay(), self._established, peer)

    def _established(self, peer: Endpoint) -> None:
        end = self.end
        if self._peer is None:
            return  # a second SYN-ACK; the first has opened the connection
        if self._on_done is None or end is None:  # gone meanwhile: the SYN-ACK meets no socket
            self._kernel.engine.call_in(self._link.control_delay(), peer.feed, On.RST)
            return
        self._peer = None
        end.feed(On.CONNECTED)
        engine, link, host = self._kernel.engine, self._link, self._host
        end.clear_at = engine._now + link.control_delay()  # what is sent next stays behind the final ACK
        if link.box is not None:
            link.box.opened(end)
        is_lost = link.draw_is_lost() or engine._now < link.blocked_until
        engine.call_at(end.clear_at, host.lose_ack if is_lost else host.final_ack, peer)
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
    if claimed == NO_FILE:
        return EMFILE
    return EADDRINUSE if claimed == IN_USE else EADDRNOTAVAIL


def ends_of(kernel: ClientKernel, host: ServerHost, link: Link, *, destination: int, port: int) -> Endpoint:
    """The client's end, and with it the server's, of a connection that came about for certain (`CertainSteps.met`).

    A server with clocks is told as soon as the SYN-ACK is here, half a round trip before its accept().
    """
    end = kernel.endpoint(kernel, link, state=Tcp.ESTABLISHED, destination=destination, local_port=port)
    peer = host.endpoint(host, link, state=Tcp.ESTABLISHED)
    host.server.accept_at(peer, kernel.engine._now + link.half_rtt)
    end.peer, peer.peer = peer, end
    return end
