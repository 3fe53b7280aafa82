"""HalfOpen: the connections of a listener between SYN and final ACK. What its queues decide is in `listener`.

Sources: net/ipv4/tcp_minisocks.c, tcp_check_req; net/ipv4/inet_connection_sock.c, reqsk_timer_handler;
net/ipv4/syncookies.c, cookie_v4_check; measurements of Linux 6.18 (limbo, backlog-burst, cookie-data).
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from models.kernel.listener import Listener, Verdict
from models.kernel.retransmit import retransmissions
from models.kernel.side import Side
from models.kernel.socket import Endpoint, On, Tcp
from models.kernel.syn import Schedule, synack_schedule
from models.kernel.sysctl import ListenConfig
from models.kernel.timer_wheel import TimerWheel
from models.network.link import Link
from sim.engine.agenda import Agenda


class Waiting(NamedTuple):
    """A half-open end, when its SYN-ACK is repeated, how many of these instants are over, and how one is sent."""

    end: Endpoint
    schedule: Schedule
    over: int
    send: Callable[[Endpoint], object]


Step = tuple[Callable[[Any], object], Any]


class HalfOpen:
    """Ends in SYN_RECV: they become connections, wait for room in the accept queue, or are forgotten.

    Simplified: what a client sends to a half-open end is taken when the end is established, not at the client's own
    next retransmission; a cookie, of which the kernel keeps nothing, is counted as SYN_RECV until its final ACK.
    """

    def __init__(
        self, engine: Agenda, backlog: int, config: ListenConfig, wheel: TimerWheel, on_open: Callable[[Endpoint], None]
    ) -> None:
        self._engine, self._config, self._wheel, self._on_open = engine, config, wheel, on_open
        self.listener = Listener(backlog, config)
        self._cookies: dict[Endpoint, None] = {}
        self._held: dict[Endpoint, list[Step]] = {}
        self._unacked: dict[Endpoint, None] = {}  # whose final ACK was lost; whatever comes stands for it
        self._synacks: dict[Endpoint, Waiting] = {}  # whose SYN-ACK has a timer

    def syn(self, side: Side, link: Link) -> Endpoint | None:
        """The end that a SYN makes; None where it is dropped without a word."""
        verdict = self.listener.syn()
        if verdict is Verdict.DROP:
            return None
        end: Endpoint = side.endpoint(side, link, state=Tcp.SYN_RECV)
        end.app = self
        if verdict is Verdict.COOKIE:
            self._cookies[end] = None
        return end

    def final_ack(self, end: Endpoint) -> None:
        """The ACK of the SYN-ACK, or data in its place: the connection is there, or stays half-open."""
        if end.state is not Tcp.SYN_RECV:
            return
        self._unacked.pop(end, None)
        listener = self.listener
        verdict = listener.ack_cookie() if end in self._cookies else listener.ack()
        if verdict is Verdict.ACCEPT:
            self._open(end)
        elif verdict is Verdict.RESET:
            self._cookies[end] = None  # the listener has forgotten the request already
            end.feed(On.ABORT)
        elif end not in self._held:
            self._held[end] = []
            if end not in self._cookies:
                self._start_synacks(end, self._engine._now - end.link.rtt, self._repeat_synack)

    def lose_ack(self, end: Endpoint) -> None:
        """The final ACK does not come; the client's data stands for it, or another after the next SYN-ACK.

        Of a cookie nothing is kept that could wait for it.
        """
        if end.state is Tcp.SYN_RECV and end not in self._cookies:
            self._unacked[end] = None
            self._start_synacks(end, self._engine._now - end.link.rtt, self._repeat_synack)

    def await_synack(self, end: Endpoint, send: Callable[[Endpoint], object]) -> None:
        """The SYN-ACK that answers a SYN is lost: it is sent again while the end stays half-open, a cookie never."""
        if end in self._cookies:
            end.feed(On.FAILED)
        else:
            self._start_synacks(end, self._engine._now, send)

    def asked_again(self, end: Endpoint) -> None:
        """The client's SYN comes again and is answered: the timer of the SYN-ACK starts anew (tcp_check_req)."""
        waiting = self._synacks.get(end)
        if waiting is not None:
            fired = self._config.tcp_synack_retries - len(waiting.schedule.repeats_at) + waiting.over
            schedule = synack_schedule(self._config, self._wheel, self._engine._now, fired=fired)
            self._await_synack(waiting._replace(schedule=schedule, over=0))

    def hold(self, end: Endpoint, fn: Callable[[Any], object], arg: Any) -> None:
        """Data or a FIN meets a half-open end; a cookie's counts as its final ACK (cookie_v4_check)."""
        if end in self._unacked:
            self.final_ack(end)
            if end.state is not Tcp.SYN_RECV:
                fn(arg)
                return
        first = not self._held.get(end)
        self._held.setdefault(end, []).append((fn, arg))
        if first and end in self._cookies:
            now, rtt = self._engine._now, end.link.rtt
            self._try_data((end, retransmissions(self._config, self._wheel, now - rtt // 2, rtt=rtt)))

    def forget(self, end: Endpoint) -> None:
        """The end is gone: the client reset it, or nobody repeats its SYN-ACK any more."""
        self._held.pop(end, None)
        self._unacked.pop(end, None)
        self._synacks.pop(end, None)
        if end in self._cookies:
            del self._cookies[end]
        else:
            self.listener.forget()

    def accept_all(self) -> None:
        """The program fetches whoever waits."""
        while self.listener.accept():
            pass

    def _open(self, end: Endpoint) -> None:
        self._cookies.pop(end, None)
        self._synacks.pop(end, None)
        held = self._held.pop(end, ())
        end.feed(On.CONNECTED)
        self._on_open(end)
        for fn, arg in held:
            fn(arg)

    def _start_synacks(self, end: Endpoint, asked_at: int, send: Callable[[Endpoint], object]) -> None:
        """`send` the SYN-ACK again on its timer (reqsk_timer_handler)."""
        self._await_synack(Waiting(end, synack_schedule(self._config, self._wheel, asked_at), 0, send))

    def _await_synack(self, waiting: Waiting) -> None:
        self._synacks[waiting.end] = waiting
        repeats, now = waiting.schedule.repeats_at, self._engine._now
        if waiting.over < len(repeats):
            self._engine.call_at(max(repeats[waiting.over], now), self._synack_timer, waiting)
        else:
            self._engine.call_at(max(waiting.schedule.gives_up_at, now), self._give_up, waiting)

    def _synack_timer(self, waiting: Waiting) -> None:
        if self._synacks.get(waiting.end) is waiting:  # neither opened, nor forgotten, nor asked for again
            waiting.send(waiting.end)
            self._await_synack(waiting._replace(over=waiting.over + 1))

    def _repeat_synack(self, end: Endpoint) -> None:
        if end.link.blocked_until <= self._engine._now:
            self._engine.call_in(end.link.rtt, self.final_ack, end)

    def _give_up(self, waiting: Waiting) -> None:
        """The request is dropped; data of the client that comes later meets no socket, so it is reset."""
        end = waiting.end
        if self._synacks.get(end) is waiting:
            end.feed(On.ABORT if self._held.get(end) else On.FAILED)

    def _try_data(self, trying: tuple[Endpoint, Iterator[int]]) -> None:
        end, repeats = trying
        self.final_ack(end)
        if end.state is Tcp.SYN_RECV and end.peer.state is not Tcp.CLOSED:
            at = next(repeats) + end.link.rtt // 2
            self._engine.call_at(max(at, self._engine._now), self._try_data, trying)
