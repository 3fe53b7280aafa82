"""Watch: what is recorded of a guard: whom it refused and why, its states, its limit. Not what it decides."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from models.protection.breaker import Breaker, State
from models.protection.guard import Guard, Outcome, Pass

KINDS = ("open", "half_open", "limit")
"""Levels of a guard: instances of it that are open and half open, and the limits of all of them together."""

_SAID = {State.CLOSED: "closed", State.OPEN: "open", State.HALF_OPEN: "half open"}

LET_IN = 0
"""The ticket of who has waited and was let in."""

Note = Callable[[str], object]
Admitted = list[tuple[int, int]]
"""Of each guard that let one pass, from outside in: its ticket, and the instant from which it counts."""


class Watch:
    """Asks a guard in its caller's place and notes what it answers."""

    __slots__ = (
        "_called",
        "_change",
        "_is_calling",
        "_left_closed_at",
        "_limit",
        "_note",
        "closed_again_after",
        "counts",
        "first_open_at",
        "guard",
        "last_closed_at",
        "waiting",
    )  # fmt: skip

    def __init__(self, guard: Guard, note: Note, change: Callable[[str, int], object], begins_at: int = 0) -> None:
        self.guard, self._note, self._change = guard, note, change
        self.counts: Counter[str] = Counter()
        """asked, refused, refused:REASON, delayed, timed_out, opened, half_opened, closed, probes."""
        self._limit = self._left_closed_at = self.closed_again_after = 0
        self.waiting: dict[object, Callable[[], object]] = {}
        """Who waits to be let in, in order, and what goes on then."""
        self._called: dict[object, Callable[[], object]] = {}
        """Who has been let in and has not gone on yet."""
        self._is_calling = False
        self.first_open_at: int | None = None
        self.last_closed_at: int | None = None
        if isinstance(guard, Breaker):
            guard.on_change = self._changed
            if guard.state is not State.CLOSED:  # it was told to be open
                self._changed(begins_at, State.CLOSED, guard.state)
        self._look()

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and text of what its callers see when it refuses."""
        return self.guard.refusal_status, self.guard.refusal_text

    @property
    def tick(self) -> int:
        """How often, in ns, it has to be looked at because time alone changes it; 0 means never."""
        return self.guard.tick

    def look(self, now: int) -> None:
        """Let it notice what the passing of time alone has changed."""
        self.guard.look(now)
        self._look()

    def ask(self, now: int) -> Pass | None:
        """Whether a call may go now."""
        guard, counts = self.guard, self.counts
        passed = guard.ask(now)
        counts["asked"] += 1
        if passed is None:
            counts["refused"] += 1
            counts[f"refused:{guard.reason or 'full'}"] += 1
        elif passed.wait:  # a while, or until it is let in
            counts["delayed"] += 1
        if passed is not None and isinstance(guard, Breaker) and guard.state is State.HALF_OPEN:
            counts["probes"] += 1
        self._look()
        return passed

    def ended(self, ticket: int, outcome: Outcome) -> None:
        """A call that it let pass has ended."""
        self.guard.ended(ticket, outcome)
        self._let_in(outcome.now)
        self._look()

    def timed_out(self, who: object) -> None:
        """Its own time-out is over for a call that it let pass or that waits to be let in, whose end is then told."""
        self.counts["timed_out"] += 1
        self.waiting.pop(who, None)

    def withdrawn(self, ticket: int, now: int, who: object) -> None:
        """A call that it let pass, or `who` waited to be let in, never began."""
        self.waiting.pop(who, None)
        was_called = self._called.pop(who, None) is not None
        self.guard.withdrawn(LET_IN if was_called else ticket, now)
        self._let_in(now)
        self._look()

    def turned_back(self, ticket: int, outcome: Outcome, by: "Watch") -> None:
        """A call that it let pass was refused by a guard further in."""
        self.guard.turned_back(ticket, outcome, by.guard)
        self._let_in(outcome.now)
        self._look()

    def _let_in(self, now: int) -> None:
        """Give places to those who wait, then let them go on: one after another, also where one is refused further in.

        Whoever is refused there gives his place back from within, which is given on here, not one call deeper.
        """
        while self.waiting and self.guard.let_in(now):
            who = next(iter(self.waiting))
            self._called[who] = self.waiting.pop(who)
        if self._is_calling:
            return
        self._is_calling = True
        while self._called:
            self._called.pop(next(iter(self._called)))()
        self._is_calling = False

    def _changed(self, now: int, old: State, new: State) -> None:
        for state, kind in ((State.OPEN, "open"), (State.HALF_OPEN, "half_open")):
            if state in (old, new):
                self._change(kind, 1 if new is state else -1)
        self.counts[{State.OPEN: "opened", State.CLOSED: "closed", State.HALF_OPEN: "half_opened"}[new]] += 1
        if old is not State.CLOSED:
            self._note(f"breaker {_SAID[old]} ends")
        if new is not State.CLOSED:
            self._note(f"breaker {_SAID[new]}")
        self._time(now, old, new)

    def _time(self, now: int, old: State, new: State) -> None:
        if old is State.CLOSED:
            self._left_closed_at = now
            if self.first_open_at is None:
                self.first_open_at = now
        if new is State.CLOSED:
            self.last_closed_at = now
            self.closed_again_after += now - self._left_closed_at

    def not_closed(self, now: int) -> int:
        """How long in all it was open or half open, ns, up to now."""
        guard = self.guard
        runs = isinstance(guard, Breaker) and guard.state is not State.CLOSED
        return self.closed_again_after + (now - self._left_closed_at if runs else 0)

    def _look(self) -> None:
        """Its limit may have moved."""
        limit = self.guard.limit
        if limit != self._limit:
            self._change("limit", limit - self._limit)
            self._limit = limit


def inside_out(guards: Sequence[Watch], admitted: Admitted) -> Iterator[tuple[Watch, tuple[int, int]]]:
    """Guards that let one pass, each with what it said, the innermost first: as nested calls return.

    Whom an outer guard lets in next then finds the places further in free.
    """
    return zip(reversed(guards[: len(admitted)]), reversed(admitted), strict=True)


def turn_back(guards: Sequence[Watch], admitted: Admitted, now: int) -> None:
    """Tell those that let one pass, the innermost first, that the next of the guards refuses it."""
    by = guards[len(admitted)]
    for guard, (ticket, began_at) in inside_out(guards, admitted):
        guard.turned_back(ticket, Outcome(now, began_at, is_failure=True), by)
