"""Match breaker: a circuit breaker that counts the matches of a rule. Not one that counts failures of every kind.

Its rules are gobreaker's with ConsecutiveFailures (gobreaker.go): results of an earlier generation are dropped.
"""

from models.protection.breaker import Breaker, State
from models.protection.guard import Outcome, Pass
from models.protection.rules.action import BreakAction


class MatchBreaker(Breaker):
    """Asked before every try; told of matches by the number of its rule."""

    def __init__(self, config: BreakAction, number: int, name: str) -> None:
        super().__init__()
        self._config, self._number = config, number
        self.refusal_text = f"circuit breaker of rule {name} is open"
        self._generation = 0
        self._row = self._under_way = self._good = 0
        self._opened_at = 0

    def look(self, now: int) -> State:
        """Open until its time-out is over."""
        if self.state is State.OPEN and now - self._opened_at >= self._config.timeout:
            self._turn(self._opened_at + self._config.timeout, State.HALF_OPEN)
        return self.state

    def ask(self, now: int) -> Pass | None:
        """A pass with the generation for a ticket, or None."""
        state = self.look(now)
        if state is State.OPEN:
            self.reason = "open"
            return None
        if state is State.HALF_OPEN and self._under_way + self._good >= self._config.max_requests:
            self.reason = "too_many_requests"
            return None
        self._under_way += 1
        return Pass(ticket=self._generation)

    def ended(self, ticket: int, outcome: Outcome) -> None:
        """Count a match, or an end that is none."""
        self.withdrawn(ticket, outcome.now)
        if ticket != self._generation or outcome.is_ignored:
            return
        is_match = outcome.rule == self._number
        self._row = self._row + 1 if is_match else 0
        if self.state is State.HALF_OPEN:
            self._good += not is_match
            if is_match:
                self._open(outcome.now)
            elif self._good >= self._config.max_requests:
                self._turn(outcome.now, State.CLOSED)
        elif self._row >= self._config.consecutive:
            self._open(outcome.now)

    def withdrawn(self, ticket: int, now: int) -> None:
        """It leaves its place to another."""
        self.look(now)
        if ticket == self._generation:
            self._under_way -= 1

    def _open(self, now: int) -> None:
        self._opened_at = now
        self._turn(now, State.OPEN)

    def _turn(self, now: int, state: State) -> None:
        """Every change of state begins a generation."""
        self._generation += 1
        self._row = self._under_way = self._good = 0
        self._go(now, state)
