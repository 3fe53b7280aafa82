"""Endpoint: one end of a TCP connection, its state and what it does with segments. Not the search for a port, not SYNs.

The states are those of RFC 9293, 3.3.2; `models/kernel/connect.py` leads to them, `half_open.py` out of SYN_RECV.
Close is Go's: close(2) without SO_LINGER, so the end that closes is an orphan at once.
"""

from collections.abc import Callable
from enum import IntEnum
from typing import Any, Final

from models.kernel.in_order import InOrder
from models.kernel.retransmit import connection_fate, heals_at, orphan_fate
from models.kernel.side import NOBODY, Side
from models.network.transfer import INITIAL_WINDOW_BYTES, TCP_INIT_CWND, grown_window, restarted_window
from sim.engine.machine import Machine, Table, ignore
from sim.engine.timers import NEVER
from sim.units import MS


class Tcp(IntEnum):
    """States of an end."""

    SYN_SENT, ESTABLISHED, FIN_WAIT1, FIN_WAIT2, CLOSING, TIME_WAIT, CLOSE_WAIT, LAST_ACK, SYN_RECV, CLOSED = range(10)


class On(IntEnum):
    """What may happen to an end."""

    CONNECTED, FAILED, CLOSE, ABORT, FIN, FIN_WITH_ACK, ACK, RST, LATE_DATA, EXPIRED = range(10)


CLOSE_NOTIFY = object()
"""The alert with which TLS closes: data, so an end that has closed before answers it with RST (RFC 8446, 6.1)."""

A_PROGRAMS_STEP: Final = MS
"""Below this round trip the RST to a program's last data is back before it closes, so that no FIN follows the data:
one RST and a reset established end in recordings E06, E11 and E15 at RTT 0; two RSTs in E11 and E16 at RTT 20 ms."""

DELAYED_ACK: Final = 40 * MS
"""How long an ACK waits for data to travel with, between request and answer (net/ipv4/tcp_output.c,
tcp_send_delayed_ack; 44.5 ms measured with the wheel)."""


def _send_fin(end: "Endpoint", _: Any) -> None:
    if end.is_secure:
        end.send(CLOSE_NOTIFY, 0)
    end.send_control(On.FIN)


def _send_last_fin(end: "Endpoint", _: Any) -> None:
    if end.is_secure:
        end.send(CLOSE_NOTIFY, 0)
    end.send_control(On.FIN_WITH_ACK)


def _peer_closed(end: "Endpoint", _: Any) -> None:
    if end.is_secure and end.side.acks_fin_at_once:
        end.send_control(On.ACK)
        end.app.peer_closed()
        return
    end.app.peer_closed()
    if end.state is Tcp.CLOSE_WAIT:  # the reader keeps it open: an ACK of its own; otherwise the FIN carries it
        side = end.side
        side.engine.call_at(side.wheel.fires_at(side.engine._now, DELAYED_ACK), _acknowledge_fin, end)


def _acknowledge_fin(end: "Endpoint") -> None:
    if end.state is Tcp.CLOSE_WAIT:
        end.send_control(On.ACK)


def _cross(end: "Endpoint", _: Any) -> None:
    end.send_control(On.ACK)  # simultaneous close: each end acknowledges the other's FIN


def _half_closed(end: "Endpoint", _: Any) -> None:
    end.side.fin_wait2(end)


def _linger(end: "Endpoint", _: Any) -> None:
    end.side.time_wait(end)
    peer = end.peer
    if peer.state is Tcp.LAST_ACK:
        if end.link.is_whole:
            peer.ends_at(end.side.engine._now + end.link.half_rtt)
        else:
            end.send_control(On.ACK)


def _reset(end: "Endpoint", _: Any) -> None:
    end.send_rst()
    end.side.closed(end)


def _abort_on_close(end: "Endpoint", _: Any) -> None:
    end.side.counters["TCPAbortOnClose"] += 1  # unread data; nothing else aborts an open end
    end.side.counters["EstabResets"] += 1
    _reset(end, None)


def _abort_on_data(end: "Endpoint", _: Any) -> None:
    end.side.counters["TCPAbortOnData"] += 1  # not a mini socket in FIN_WAIT2 (tcp_timewait_state_process)
    _reset(end, None)


def _answer_fin(end: "Endpoint", _: Any) -> None:
    if end.link.rtt >= A_PROGRAMS_STEP:
        end.side.counters["OutRsts"] += 1
    end.send_control(On.RST)


def _reset_in_last_ack(end: "Endpoint", _: Any) -> None:
    if end.link.rtt < A_PROGRAMS_STEP:
        end.side.counters["EstabResets"] += 1
    end.side.closed(end)


def _gone(end: "Endpoint", _: Any) -> None:
    end.side.closed(end)


def _was_reset(end: "Endpoint", _: Any) -> None:
    end.side.counters["EstabResets"] += 1
    end.side.closed(end)
    end.app.was_reset()


def _timed_out(end: "Endpoint", _: Any) -> None:
    end.side.counters["EstabResets"] += 1
    end.side.closed(end)
    end.app.timed_out()


def _hold_fin(end: "Endpoint", _: Any) -> None:
    end.app.hold(end, end.feed, On.FIN)


def _forget(end: "Endpoint", _: Any) -> None:
    end.app.forget(end)


def _refuse(end: "Endpoint", _: Any) -> None:
    end.app.forget(end)
    end.send_rst()


END_TABLE: Table = {
    Tcp.SYN_SENT: {
        On.CONNECTED: (Tcp.ESTABLISHED, ignore),
        On.FAILED: (Tcp.CLOSED, _gone),
        On.ABORT: (Tcp.CLOSED, _gone),
        On.RST: (Tcp.CLOSED, _gone),
    },
    Tcp.SYN_RECV: {
        On.CONNECTED: (Tcp.ESTABLISHED, ignore),
        On.FIN: (Tcp.SYN_RECV, _hold_fin),
        On.RST: (Tcp.CLOSED, _forget),
        On.FAILED: (Tcp.CLOSED, _forget),
        On.ABORT: (Tcp.CLOSED, _refuse),
    },
    Tcp.ESTABLISHED: {
        On.CLOSE: (Tcp.FIN_WAIT1, _send_fin),
        On.ABORT: (Tcp.CLOSED, _abort_on_close),
        On.FIN: (Tcp.CLOSE_WAIT, _peer_closed),
        On.RST: (Tcp.CLOSED, _was_reset),
        On.FAILED: (Tcp.CLOSED, _timed_out),
    },
    Tcp.FIN_WAIT1: {
        On.ACK: (Tcp.FIN_WAIT2, _half_closed),
        On.FIN: (Tcp.CLOSING, _cross),
        On.FIN_WITH_ACK: (Tcp.TIME_WAIT, _linger),
        On.RST: (Tcp.CLOSED, _gone),
        On.LATE_DATA: (Tcp.CLOSED, _abort_on_data),
        On.FAILED: (Tcp.CLOSED, _gone),
    },
    Tcp.FIN_WAIT2: {
        On.FIN_WITH_ACK: (Tcp.TIME_WAIT, _linger),
        On.RST: (Tcp.CLOSED, _gone),
        On.LATE_DATA: (Tcp.CLOSED, _reset),
        On.EXPIRED: (Tcp.CLOSED, _gone),
        On.FAILED: (Tcp.CLOSED, _gone),
    },
    Tcp.CLOSING: {
        On.ACK: (Tcp.TIME_WAIT, _linger),
        On.RST: (Tcp.CLOSED, _gone),
        On.FAILED: (Tcp.CLOSED, _gone),
    },
    Tcp.TIME_WAIT: {
        # RFC 1337 ignores resets; an ACK may come twice where it was sent again
        On.RST: (Tcp.TIME_WAIT, ignore),
        On.ACK: (Tcp.TIME_WAIT, ignore),
    },
    Tcp.CLOSE_WAIT: {
        On.CLOSE: (Tcp.LAST_ACK, _send_last_fin),
        On.ABORT: (Tcp.CLOSED, _abort_on_close),
        On.RST: (Tcp.CLOSED, _was_reset),
        On.FAILED: (Tcp.CLOSED, _timed_out),
    },
    Tcp.LAST_ACK: {
        On.ACK: (Tcp.CLOSED, _gone),
        On.RST: (Tcp.CLOSED, _reset_in_last_ack),
        On.FAILED: (Tcp.CLOSED, _gone),
    },
    Tcp.CLOSED: {
        # what was under way when the end was aborted meets no socket: an ACK is ignored, a FIN reset
        On.FIN: (Tcp.CLOSED, _answer_fin),
        On.FIN_WITH_ACK: (Tcp.CLOSED, _answer_fin),
        On.ACK: (Tcp.CLOSED, ignore),
        On.RST: (Tcp.CLOSED, ignore),
        On.FAILED: (Tcp.CLOSED, ignore),
        On.ABORT: (Tcp.CLOSED, ignore),
        On.EXPIRED: (Tcp.CLOSED, ignore),
    },
}


_ORPHANS = frozenset({Tcp.FIN_WAIT1, Tcp.CLOSING, Tcp.LAST_ACK})
"""States of an end that its program has closed and whose FIN is not acknowledged."""


class Endpoint(Machine, table=END_TABLE):
    """One end. `peer` is the other one; `side` its kernel; `app` who reads from it."""

    __slots__ = (
        "app", "clear_at", "destination", "has_unread", "is_secure", "link", "local_port", "order", "peer", "sent_at",
        "side", "window",
    )  # fmt: skip

    def __init__(self, side: Side, link: Any, *, state: Tcp, destination: int = 0, local_port: int = 0) -> None:
        self.side, self.link = side, link
        self.state: Tcp = state
        self.destination, self.local_port = destination, local_port
        self.has_unread = self.is_secure = False
        self.clear_at = self.sent_at = 0
        self.window = TCP_INIT_CWND
        self.app: Any = None
        self.peer: Any = None
        self.order: InOrder | None = None
        """Where streams share the connection: what of it waits for a lost segment."""
        side.levels.change(side.engine._now << 12 | side.codes[state][0])

    def feed(self, event: IntEnum, arg: Any = None) -> None:
        """As `Machine.feed`, and count the end in its new state before the action runs."""
        before = self.state
        step = self._rows[before][event]
        if step is None:
            super().feed(event, arg)
            return
        after, action = step
        if after is not before:
            side = self.side
            instant, change = side.engine._now << 12, side.levels.change
            change(instant | side.codes[before][1])
            if after is not Tcp.CLOSED:
                change(instant | side.codes[after][0])
            self.state = after  # type: ignore[assignment]  # the table of Tcp holds Tcp only
        action(self, arg)

    def send(self, message: Any, size_bytes: int, delay: int = 0) -> int:
        """Send `message` after `delay` of CPU time; return the instant at which its last byte is delivered."""
        engine, link = self.side.engine, self.link
        if link.is_whole and size_bytes <= INITIAL_WINDOW_BYTES:
            arrives_at = engine._now + delay + link.half_rtt
        elif link.blocked_until > engine._now:
            return self._send_into_void(self.peer.deliver, message)
        elif self.order is not None and (link.is_lossy or self.order):
            return self._send_in_order(self.order, message, size_bytes, delay)
        else:
            repeats = link.repeats
            window = self._widen_window(size_bytes) if size_bytes > INITIAL_WINDOW_BYTES else TCP_INIT_CWND
            arrives_at = link.arrival(engine._now + delay, size_bytes, window, sender=self.side)
            self.side.counters["RetransSegs"] += link.repeats - repeats
        if arrives_at < self.clear_at:
            arrives_at = self.clear_at
        self.clear_at = arrives_at
        engine.call_at(arrives_at, self.peer.deliver, message)
        return arrives_at  # type: ignore[no-any-return]

    def share(self, app: Any) -> None:
        """Streams share the connection from now on; `app` reads them."""
        self.app, self.order = app, InOrder(self.side.engine)

    def _send_in_order(self, order: InOrder, message: Any, size_bytes: int, delay: int) -> int:
        """As `send`, over a path that loses: what is sent later shortens the repair, and waits for it."""
        link, leaves_at = self.link, self.side.engine._now + delay
        repeats = link.repeats
        window = self._widen_window(size_bytes) if size_bytes > INITIAL_WINDOW_BYTES else TCP_INIT_CWND
        passage = link.passage(leaves_at, size_bytes, window, sender=self.side)
        self.side.counters["RetransSegs"] += link.repeats - repeats
        arrives_at = order.send(self.peer.deliver, message, size_bytes=size_bytes, leaves_at=leaves_at, passage=passage)
        self.clear_at = max(arrives_at, self.clear_at)
        return self.clear_at

    def _widen_window(self, size_bytes: int) -> int:
        """The window that a long message finds: earlier ones have widened it, and idling has closed it again.

        Simplified: messages of up to ten segments do not count as traffic that keeps the window open.
        """
        now, window, rto = self.side.engine._now, self.window, self.link.rtt + self.side.config.tcp_rto_min_us
        if self.side.config.tcp_slow_start_after_idle:
            window = restarted_window(window, now - self.sent_at, rto)
        self.window, self.sent_at = grown_window(size_bytes, window=window), now
        return window

    def _send_into_void(self, take: Callable[[Any], object], message: Any) -> int:
        """The path is down: what is sent is repeated until it gets through, or until the kernel gives up on it."""
        side, link = self.side, self.link
        if link.beyond is not None:
            link.beyond.answer(self, message)
            return NEVER
        now, back_at = side.engine._now, link.blocked_until
        fate = (orphan_fate if self.state in _ORPHANS else connection_fate)(side.config, side.wheel, now, rtt=link.rtt)
        heals = heals_at(fate, back_at)
        if heals is None:
            side.counters["RetransSegs"] += len(fate.repeats_at)
            side.engine.call_at(fate.gives_up_at, self._give_up)
            self.clear_at = fate.gives_up_at
            return NEVER
        side.counters["RetransSegs"] += fate.repeats_at.index(heals) + 1
        self.clear_at = max(heals + link.half_rtt, self.clear_at)
        side.engine.call_at(self.clear_at, take, message)
        return self.clear_at

    def _give_up(self, _: Any) -> None:
        if self.state is not Tcp.TIME_WAIT and self.state is not Tcp.FIN_WAIT2:
            self.feed(On.FAILED)

    def deliver(self, message: Any) -> None:
        """A message of the peer has arrived whole."""
        state = self.state
        if state is Tcp.ESTABLISHED:
            if message is not CLOSE_NOTIFY:
                self.app.received(message)
        elif state is Tcp.FIN_WAIT1 or state is Tcp.FIN_WAIT2:
            self.feed(On.LATE_DATA)
        elif state is Tcp.SYN_RECV:
            self.app.hold(self, self.deliver, message)
        elif state is not Tcp.TIME_WAIT:
            self.send_rst()

    def close(self) -> None:
        """close(2): FIN, or RST where data lies unread (net/ipv4/tcp.c, __tcp_close)."""
        state = self.state
        if state is Tcp.ESTABLISHED or state is Tcp.CLOSE_WAIT:
            self.feed(On.ABORT if self.has_unread else On.CLOSE)
        elif state is Tcp.SYN_SENT:
            self.feed(On.ABORT)
        self.app = NOBODY  # and no cycle that only the collector could free

    def ends_at(self, instant: int) -> None:
        """The last ACK is under way on a path that loses nothing: the end is as good as gone; its port is free then."""
        side = self.side
        side.levels.change(instant << 12 | side.codes[self.state][1])
        self.state = Tcp.CLOSED
        side.engine.call_at(instant, side.closed, self)
        self.peer.peer = None
        self.peer = None

    def send_rst(self) -> None:
        """Answer with RST what nobody reads any more."""
        self.side.counters["OutRsts"] += 1
        self.send_control(On.RST)

    def send_control(self, event: On) -> None:
        """Send a segment without data; it stays behind the data that was sent before."""
        if self.peer is None:
            return  # long gone
        engine = self.side.engine
        if self.link.blocked_until > engine._now:
            self._send_control_into_void(event)
            return
        if self.order:
            self.order.put(self.peer.feed, event, engine._now + self.link.control_delay())
            return
        arrives_at = self.link.arrival(engine._now, 0)
        if arrives_at < self.clear_at:
            arrives_at = self.clear_at
        self.clear_at = arrives_at  # an ACK never overtakes a FIN that is on its way again
        engine.call_at(arrives_at, self.peer.feed, event)

    def _send_control_into_void(self, event: On) -> None:
        """A FIN is repeated as data is; with it comes the ACK, without which the peer gives up on its own FIN."""
        if self.link.beyond is not None:
            self.link.beyond.answer(self, event)
            return
        is_fin = event is On.FIN or event is On.FIN_WITH_ACK
        comes_at = self._send_into_void(self.peer.feed, event) if is_fin else NEVER
        if comes_at == NEVER and event is not On.FIN and self.peer.state in _ORPHANS:
            self._answer_into_void(event)

    def _answer_into_void(self, event: On) -> None:
        """An ACK or RST is sent again whenever the peer repeats its FIN, which lasts until the peer gives up."""
        link, peer, now = self.link, self.peer, self.side.engine._now
        fate = orphan_fate(peer.side.config, peer.side.wheel, now, rtt=link.rtt)
        heals = heals_at(fate, link.blocked_until)
        if heals is None:
            self.side.engine.call_at(fate.gives_up_at, peer._give_up)
        elif event is not On.FIN_WITH_ACK:
            self.clear_at = max(heals + link.half_rtt, self.clear_at)
            self.side.engine.call_at(self.clear_at, peer.feed, event)
