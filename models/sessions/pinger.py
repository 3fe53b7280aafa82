"""Pinger: the pings of one end of a connection, and what it concludes from silence. Not a protocol's other messages.

As long as nothing is wrong with path and peer a ping changes nothing but counts: the pinger sleeps, and `settle`
computes them from its schedule. When it is disturbed it plays every ping, until an answer comes and all is well again.
"""

from models.sessions.life import Life
from models.sessions.ping_config import PingConfig
from models.sessions.seam import Line

PING_BYTES = 10
"""A control frame with a few bytes of payload (RFC 6455, 5.5.2), or MQTT's two."""
NO_PONG = "no pong"


class Ping:
    """A ping, by number from 1."""

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number


class Pong(Ping):
    """The answer to the ping of that number."""

    __slots__ = ()


class Pinger:
    """The ticker of one end of one connection."""

    __slots__ = ("_anchor", "_answered", "_epoch", "_heard_at", "_is_awake", "_life", "_line", "_sent", "_told")

    def __init__(self, line: Line, told: PingConfig, phase: int) -> None:
        """Begin now; `phase` is where in its period the ticker of an `aligned` program stands at the instant 0."""
        self._line, self._told = line, told
        self._life: Life = line.life
        now = self._heard_at = line.engine._now
        self._anchor = now + told.every
        if told.aligned:
            self._anchor = now + told.every - (now - phase) % told.every
        self._sent = self._answered = 0
        self._epoch = 0
        self._is_awake = False
        if not self._may_sleep:
            self._wake()

    def disturbed(self) -> None:
        """From now on a ping may stay without an answer."""
        if not self._is_awake:
            self._wake()

    def settle(self, now: int) -> None:
        """Count what was sent and answered before `now` while it slept, and let the kernel's ends know of it."""
        if self._is_awake:
            return
        told, end, life = self._told, self._line.end, self._life
        half = end.link.half_rtt
        sent = max(-(-(now - self._anchor) // told.every), 0)  # a tick of this very instant is still to come
        answered = max(sent if self._last_at(sent) + 2 * half <= now else sent - 1, self._answered)
        life.pings += sent - self._sent
        life.pongs += answered - self._answered
        self._sent, self._answered = sent, answered
        if answered:
            self._heard_at = max(self._heard_at, self._last_at(answered) + 2 * half)
        if sent and end.peer is not None:
            end.clear_at = max(end.clear_at, self._last_at(sent) + half)
            if self._last_at(sent) + half < now:
                end.peer.clear_at = max(end.peer.clear_at, self._last_at(sent) + 2 * half)

    def heard(self, pong: Pong) -> None:
        """An answer has come."""
        self._life.pongs += 1
        self._answered = max(self._answered, pong.number)
        self._heard_at = self._line.engine._now
        self._life.heard(self._heard_at)
        if self._answered == self._sent and self._may_sleep:
            self._is_awake = False
            self._epoch += 1

    def _last_at(self, number: int) -> int:
        return self._anchor + (number - 1) * self._told.every

    @property
    def _may_sleep(self) -> bool:
        link = self._line.end.link
        every = self._told.every
        return self._line.is_calm and every > link.rtt and (link.box is None or link.box.outlasts(every))

    def _wake(self) -> None:
        engine, end, told = self._line.engine, self._line.end, self._told
        now, half = engine._now, end.link.half_rtt
        self.settle(now)
        self._is_awake = True
        self._epoch += 1
        if self._sent > self._answered:  # the last one is under way, there or back
            sent_at = self._last_at(self._sent)
            if sent_at + half >= now:
                engine.call_at(sent_at + half, end.peer.deliver, Ping(self._sent))
            else:
                engine.call_at(sent_at + 2 * half, end.deliver, Pong(self._sent))
            if told.timeout:
                engine.call_at(max(sent_at + told.timeout, now), self._expire, self._sent)
        if told.pong_wait:
            engine.call_at(max(self._heard_at + told.pong_wait, now), self._watch, self._epoch)
        engine.call_at(self._last_at(self._sent + 1), self._tick, self._epoch)

    @property
    def _is_over(self) -> bool:
        return self._line.life is not self._life or not self._line.is_open

    def _tick(self, epoch: int) -> None:
        line, told = self._line, self._told
        if self._is_over or epoch != self._epoch:
            return
        if line.is_stopped:
            line.later(self._tick, epoch)
            return
        now = line.engine._now
        self._sent += 1
        self._life.pings += 1
        if told.timeout:
            line.engine.call_in(told.timeout, self._expire, self._sent)
        line.send(Ping(self._sent), PING_BYTES)
        late = now - self._last_at(self._sent)
        self._anchor += late // told.every * told.every  # a ticker drops what its program could not take
        line.engine.call_at(self._last_at(self._sent + 1), self._tick, epoch)

    def _expire(self, number: int) -> None:
        if self._is_over or self._answered >= number:
            return
        if self._line.is_stopped:
            self._line.later(self._expire, number)
        else:
            self._line.give_up(NO_PONG)

    def _watch(self, epoch: int) -> None:
        line, due = self._line, self._heard_at + self._told.pong_wait
        if self._is_over or epoch != self._epoch:
            return
        if line.is_stopped:
            line.later(self._watch, epoch)
        elif due <= line.engine._now:
            line.give_up(NO_PONG)
        else:
            line.engine.call_at(due, self._watch, epoch)
