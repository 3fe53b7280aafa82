"""Race: two families of addresses side by side, the second a little later (happy eyeballs, RFC 6555).

Source: net/dial.go, sysDialer.dialParallel.
"""

from collections.abc import Callable
from typing import Any

from models.transport.errors import OPERATION_WAS_CANCELED
from models.transport.sequence import Sequence
from sim.units import MS

FALLBACK_DELAY = 300 * MS
"""net/dial.go, Dialer.fallbackDelay, of a zero Dialer."""


class Race:
    """The goroutine in dialParallel and its racers. `then(sequence)` is called once, with the winner or the primary."""

    __slots__ = ("_dialer", "_fallback", "_primary", "_racing", "_then", "done")

    def __init__(
        self, dial: Any, primaries: tuple[int, ...], fallbacks: tuple[int, ...], then: Callable[[Sequence], object]
    ) -> None:
        self._dialer, self._then = dial.dialer, then
        self._racing = 0
        self._primary = Sequence(dial, primaries, self._primary_ends)
        self._fallback = Sequence(dial, fallbacks, self._fallback_ends)
        self.done = False
        """The fallback has started, or nothing depends on it any more: what the queue of fallback timers looks at."""

    @property
    def first_error(self) -> str:
        """Of the primary family."""
        return self._primary.first_error

    @property
    def failed_at(self) -> Any:
        """Of the primary family."""
        return self._primary.failed_at

    def start(self) -> None:
        """Start the primary racer and the timer of the other."""
        self._count(+1)
        self._dialer.await_fallback(self)
        self._primary.start()

    def start_fallback(self) -> None:
        """The delay is over, or the primaries have failed."""
        self.done = True
        self._count(+1)
        self._fallback.start()

    def abort(self, err: str) -> None:
        """The dial's context ends, and with it those of the racers."""
        self.done = True
        self._primary.abort(err)
        self._fallback.abort(err)
        self._count(-self._racing)

    def _primary_ends(self, sequence: Sequence) -> None:
        if sequence.connect is not None:
            self._win(sequence, loser=self._fallback)
            return
        self._count(-1)
        if not self.done:
            self.start_fallback()
        elif self._fallback.is_over:
            self._then(sequence)

    def _fallback_ends(self, sequence: Sequence) -> None:
        if sequence.connect is not None:
            self._win(sequence, loser=self._primary)
            return
        self._count(-1)
        if self._primary.is_over:
            self._then(self._primary)

    def _win(self, winner: Sequence, loser: Sequence) -> None:
        self.done = True
        self._count(-self._racing)
        loser.abort(OPERATION_WAS_CANCELED)
        self._then(winner)

    def _count(self, change: int) -> None:
        before, self._racing = self._racing, self._racing + change
        self._dialer.racers_change(before, self._racing)
