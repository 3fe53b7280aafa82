"""HalfClosed: orphans whose FIN is acknowledged and whose peer has not closed. What they count as, `time_wait` knows.

Go closes with close(2), so the end is an orphan at once and its FIN_WAIT2 a mini socket (net/ipv4/tcp.c, __tcp_close;
net/ipv4/tcp_input.c, tcp_rcv_state_process).
"""

from typing import Final

from models.kernel.retransmit import retransmission_timeout
from models.kernel.socket import Endpoint, On, Tcp
from models.kernel.time_wait import TimeWait
from models.kernel.timer_wheel import TimerWheel
from sim.engine.agenda import Agenda

TAKEN: Final = 0
"""The local port of an end whose port belongs to another by now."""


class HalfClosed:
    """The FIN_WAIT2 mini sockets of one namespace: each ends by the peer's FIN, by its data, by RST or by its timer."""

    __slots__ = ("_engine", "_time_wait", "_wheel", "until")

    def __init__(self, engine: Agenda, wheel: TimerWheel, time_wait: TimeWait) -> None:
        self._engine, self._wheel, self._time_wait = engine, wheel, time_wait
        self.until: dict[Endpoint, int] = {}
        """When each gives up on the peer's FIN."""

    def wait(self, end: Endpoint) -> bool:
        """Start the timer of an end that has come to FIN_WAIT2; False where the table is full: it is gone at once."""
        now = self._engine._now
        ends_at = self._time_wait.enter_fin_wait2(
            now, retransmission_timeout(end.side.config, self._wheel, end.link.rtt)
        )
        if ends_at is None:
            end.feed(On.EXPIRED)
            return False
        self.until[end] = ends_at
        self._engine.call_at(ends_at, _expire, end)
        return True

    def fin_came(self, end: Endpoint, now: int) -> int | None:
        """When the TIME_WAIT of `end` is over: a mini socket becomes it and starts anew, others need a place."""
        waits_until = self.until.pop(end, None)
        if waits_until is None:
            return self._time_wait.enter(now)
        return self._time_wait.restart(waits_until, now)

    def taken_over(self, end: Endpoint) -> None:
        """A new connection took the port of `end` (tcp_twsk_unique, before 6.12)."""
        self._time_wait.recycle(self.until.pop(end), self._engine._now)
        end.local_port = TAKEN
        end.feed(On.EXPIRED)

    def leave(self, end: Endpoint) -> None:
        """The end is gone: data of the peer was answered with RST, or its RST came, or the time is over."""
        waits_until = self.until.pop(end, None)
        if waits_until is not None:
            self._time_wait.leave(waits_until, self._engine._now)


def _expire(end: Endpoint) -> None:
    if end.state is Tcp.FIN_WAIT2:
        end.feed(On.EXPIRED)
