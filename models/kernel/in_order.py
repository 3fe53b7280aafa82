"""InOrder: messages of a TCP connection that carries many streams over a path that loses: each waits for all before it.

An `Endpoint` reckons what a loss costs from the message in which it happens, which is right as long as nothing is sent
behind it. On a shared connection something is: later segments report the gap long before a time-out does, and all that
is sent meanwhile waits behind it. Not which segment is lost (`models/network/link.py`).

Source: RFC 8985 (RACK), 6.2; net/ipv4/tcp_recovery.c, tcp_rack_detect_loss; half a round trip of reordering wait while
fewer than three have passed the gap, as measured for one message (Linux 6.18).
"""

from collections import deque
from collections.abc import Callable
from typing import Any

from models.network.link import Passage
from models.network.repair import REORDERING, Timeouts, loss_delay
from models.network.transfer import segments


class Gap:
    """A lost segment, until a repetition of it arrives."""

    __slots__ = ("left", "passed", "repeat_at", "repeated", "rtt", "sent_at", "timeouts")

    def __init__(  # parameters: when it was sent, when it will be sent again and by whose timers
        self, sent_at: int, repeat_at: int, losses: int, *, rtt: int, timeouts: Timeouts
    ) -> None:
        self.sent_at, self.repeat_at, self.rtt, self.timeouts = sent_at, repeat_at, rtt, timeouts
        self.left = losses
        """How often it will be lost, this time counted."""
        self.passed = self.repeated = 0
        """Segments behind its last sending that have arrived or will; how often it was sent again."""

    def passed_by(self, n_segments: int, sent_at: int) -> None:
        """So many segments were sent behind it, and arrive: their acknowledgements say that it is missing."""
        if sent_at < self.sent_at:
            return
        before, self.passed = self.passed, self.passed + n_segments
        if self.passed >= REORDERING > before:
            self.repeat_at = min(self.repeat_at, sent_at + self.rtt)
        elif not before:
            self.repeat_at = min(self.repeat_at, sent_at + 3 * self.rtt // 2)

    def repeat(self, now: int) -> bool:
        """It is sent again; whether it arrives, or waits for later ones again, or for a time-out, which doubles."""
        self.left -= 1
        self.sent_at, self.passed = now, 0
        self.repeat_at = self.timeouts.fires_at(now, (self.rtt + self.timeouts.rto_min) << self.repeated)
        self.repeated += 1
        return not self.left


class Entry:
    """A message on its way."""

    __slots__ = ("gap", "is_here", "message", "take")

    def __init__(self, take: Callable[[Any], object], message: Any) -> None:
        self.take, self.message = take, message
        self.is_here = False
        self.gap: Gap | None = None


class InOrder:
    """What one end of a shared connection has under way."""

    __slots__ = ("_engine", "_entries", "_gaps")

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self._entries: deque[Entry] = deque()
        self._gaps: list[Entry] = []

    def __bool__(self) -> bool:
        return bool(self._entries)

    def send(  # parameters: a message, when and how it goes
        self,
        take: Callable[[Any], object],
        message: Any,
        *,
        size_bytes: int,
        leaves_at: int,
        passage: Passage,
    ) -> int:
        """A message leaves; about when it arrives, should nothing be sent behind it."""
        arrives_at, rtt, fate, timeouts = passage
        entry = Entry(take, message)
        self._entries.append(entry)
        for other in self._gaps:
            if fate.losses == 0 and other.gap is not None:
                other.gap.passed_by(max(segments(size_bytes), 1), leaves_at)
                self._look_at(other)
        if fate.losses:
            once = arrives_at + loss_delay(leaves_at, rtt, fate._replace(losses=1), timeouts=timeouts)
            entry.gap = Gap(leaves_at, once - rtt // 2, fate.losses, rtt=rtt, timeouts=timeouts)
            entry.gap.passed = min(fate.followers, REORDERING)
            self._gaps.append(entry)
            arrives_at += loss_delay(leaves_at, rtt, fate, timeouts=timeouts)
            self._look_at(entry)
        else:
            self._engine.call_at(arrives_at, self._arrived, entry)
        return arrives_at

    def put(self, take: Callable[[Any], object], message: Any, arrives_at: int) -> None:
        """Something that is not lost, and stays behind the rest: a segment without data."""
        entry = Entry(take, message)
        self._entries.append(entry)
        self._engine.call_at(arrives_at, self._arrived, entry)

    def _look_at(self, entry: Entry) -> None:
        assert entry.gap is not None, "who looks has a gap"
        due = max(entry.gap.repeat_at, self._engine._now)
        self._engine.call_at(due, self._repeat, (entry, entry.gap.repeat_at))

    def _repeat(self, due: tuple[Entry, int]) -> None:
        entry, instant = due
        gap = entry.gap
        if gap is None or gap.repeat_at != instant:
            return  # it was noticed earlier, or is repaired
        if gap.repeat(self._engine._now):
            entry.gap = None
            self._gaps.remove(entry)
            self._engine.call_in(gap.rtt // 2, self._arrived, entry)
        else:
            self._look_at(entry)

    def _arrived(self, entry: Entry) -> None:
        entry.is_here = True
        entries = self._entries
        while entries and entries[0].is_here:
            first = entries.popleft()
            first.take(first.message)
