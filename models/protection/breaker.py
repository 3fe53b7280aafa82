"""Breaker: a guard with states. What all circuit breakers have; each kind has a file of its own."""

from collections.abc import Callable
from enum import IntEnum

from models.protection.guard import Guard


class State(IntEnum):
    """What a circuit breaker is."""

    CLOSED = 0
    """Calls pass and are counted."""
    OPEN = 1
    """Calls are refused."""
    HALF_OPEN = 2
    """A few calls pass, as probes."""


class Breaker(Guard):
    """A guard that opens when too many calls fail, and probes before it closes again."""

    def __init__(self) -> None:
        self.state = State.CLOSED
        self.on_change: Callable[[int, State, State], object] | None = None
        """Told of every change: its instant, which may lie before the call that finds it, the old and the new state."""

    def look(self, now: int) -> State:
        """The state at `now`, after what the passing of time alone has changed."""
        return self.state

    def _go(self, now: int, state: State) -> None:
        """Change the state."""
        old, self.state = self.state, state
        if self.on_change is not None and old is not state:
            self.on_change(now, old, state)
