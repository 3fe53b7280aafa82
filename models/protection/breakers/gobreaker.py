"""gobreaker: opens after a failure, by rows or totals of failures; results of an earlier generation are dropped.

Not its distributed form. Sources: gobreaker.go, v2/gobreaker.go. Nothing has a timer: what the passing of time changes
is found at the next call, and has its instant. A call that another guard refuses, or that its caller gives up, has an
error like any other (IsSuccessful: err == nil), unless it is told to exclude it.
"""

from models.protection.breaker import Breaker, State
from models.protection.breakers.gobreaker_config import ConsecutiveFailures, GobreakerConfig, TotalFailures
from models.protection.breakers.rolling_counts import RollingCounts
from models.protection.guard import Guard, Outcome, Pass
from sim.engine.timers import NEVER
from sim.units import SECOND

OPEN_STATE = "circuit breaker is open"
TOO_MANY_TEXT = "too many requests"
DEFAULT_TIMEOUT = 60 * SECOND
"""What a timeout of 0 means (defaultTimeout)."""
_AGE_BITS = 40


class Gobreaker(Breaker):
    """One breaker, made at `begins_at`: its first interval begins then."""

    def __init__(self, config: GobreakerConfig, begins_at: int = 0) -> None:
        super().__init__()
        self._config, self._max_requests = config, config.max_requests or 1
        self._timeout = config.timeout or DEFAULT_TIMEOUT
        self._period = config.bucket_period
        n = -(-config.interval // self._period) if self._period else 1
        self._rolls = n > 1  # a period as long as the interval is a window that does not roll
        self.counts = RollingCounts(n)
        self.generation = 0
        self._began_at = self._expiry = begins_at
        self._begin(begins_at)

    def look(self, now: int) -> State:
        """The state at `now`; a call of State() changes what a call would change."""
        if self.state is State.CLOSED:
            if self._rolls:
                self.counts.grow((now - self._began_at) // self._period)
            elif now > self._expiry:
                self._begin(now)
        elif self.state is State.OPEN and now > self._expiry:
            self._turn(now, State.HALF_OPEN)
        return self.state

    def ask(self, now: int) -> Pass | None:
        """A pass with the generation and the bucket for a ticket, or None."""
        state, counts = self.look(now), self.counts
        if state is State.OPEN:
            self.reason, self.refusal_text = "open", OPEN_STATE
            return None
        if state is State.HALF_OPEN and counts.requests - counts.exclusions >= self._max_requests:
            self.reason, self.refusal_text = "too_many_requests", TOO_MANY_TEXT
            return None
        counts.begin()
        return Pass(ticket=self.generation << _AGE_BITS | counts.age)

    def ended(self, ticket: int, outcome: Outcome) -> None:
        """Count a result, unless its generation is over or its bucket gone."""
        if outcome.is_ignored:
            self.withdrawn(ticket, outcome.now)
        else:
            self._result(ticket, outcome.now, outcome.is_failure)

    def withdrawn(self, ticket: int, now: int) -> None:
        """Its caller left while it waited further in: a failure, or excluded."""
        if self._config.excludes_cancelled:
            self._exclude(ticket, now)
        else:
            self._result(ticket, now, is_failure=True)

    def turned_back(self, ticket: int, outcome: Outcome, by: Guard) -> None:
        """A failure, or excluded."""
        if self._config.excludes_refused:
            self._exclude(ticket, outcome.now)
        else:
            self._result(ticket, outcome.now, is_failure=True)

    def _exclude(self, ticket: int, now: int) -> None:
        generation, age = divmod(ticket, 1 << _AGE_BITS)
        self.look(now)
        if generation == self.generation and self.counts.is_kept(age):
            self.counts.exclude_of(age)

    def _result(self, ticket: int, now: int, is_failure: bool) -> None:
        generation, age = divmod(ticket, 1 << _AGE_BITS)
        state, counts = self.look(now), self.counts
        if generation != self.generation:
            return
        if is_failure and state is State.HALF_OPEN:
            self._turn(now, State.OPEN)
        elif not is_failure and counts.is_kept(age):
            counts.succeed_of(age)
            if state is State.HALF_OPEN and counts.successes_in_a_row >= self._max_requests:
                self._turn(now, State.CLOSED)
        elif is_failure:
            if counts.is_kept(age):
                counts.fail_of(age)
            if self._is_ready_to_trip():  # asked also after a failure whose bucket is gone (onFailure)
                self._turn(now, State.OPEN)

    def _is_ready_to_trip(self) -> bool:
        counts, rule = self.counts, self._config.ready_to_trip
        if isinstance(rule, ConsecutiveFailures):
            return counts.failures_in_a_row > rule.more_than
        if isinstance(rule, TotalFailures):
            return counts.failures >= rule.at_least
        return counts.requests >= rule.requests and counts.failures >= rule.at_least * counts.requests

    def _turn(self, now: int, state: State) -> None:
        self._go(now, state)
        self._begin(now)

    def _begin(self, now: int) -> None:
        """A new generation, with nothing counted."""
        self.generation += 1
        self.counts.clear()
        self._began_at, self._expiry = now, NEVER
        if self.state is State.OPEN:
            self._expiry = now + self._timeout
        elif self.state is State.CLOSED and self._config.interval and not self._rolls:
            self._expiry = now + self._config.interval
