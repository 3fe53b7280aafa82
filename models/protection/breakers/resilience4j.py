"""resilience4j's breaker: opens after an outcome, by rates of failed and slow calls; a number of permits to probe.

Not how an exception becomes an outcome: what it ignores comes as ignored, what it does not record as a success.
Sources: resilience4j CircuitBreakerStateMachine.java, CircuitBreakerMetrics.java, IntervalFunction.java (2.x).
"""

from models.protection.breaker import Breaker, State
from models.protection.breakers.bucket_window import BucketWindow
from models.protection.breakers.count_window import CountWindow
from models.protection.breakers.resilience4j_config import Resilience4jConfig
from models.protection.guard import AT_ONCE, Guard, Outcome, Pass
from sim.engine.timers import NEVER
from sim.units import MS, SECOND

NO_RATE = -1.0
"""What a rate is called while there are too few calls for one."""
TICK = 100 * MS
"""How often somebody looks whether a timer has run out; the change is told with its own instant."""


class Resilience4j(Breaker):
    """One circuit breaker. Outcomes count in the state that it is in when they come, whenever their calls began.

    Parameters
    ----------
    config
        Its settings.
    name
        As its refusals name it.
    """

    def __init__(self, config: Resilience4jConfig, name: str) -> None:
        super().__init__()
        self._config, self._name = config, name
        self._permits = self._attempts = 0
        self._opens_until = 0
        self._due = NEVER
        """When a timer ends the state."""
        self._window, self._minimum = self._closed_window()
        if config.mode == "forced_open":
            self.state = State.OPEN
        if config.automatic_transition_from_open_to_half_open_enabled or config.max_wait_duration_in_half_open_state:
            self.tick = TICK

    @property
    def buffered(self) -> int:
        """Calls in the window, as of the last outcome."""
        return self._window.total

    @property
    def failure_rate(self) -> float:
        """In percent, of the calls in the window; NO_RATE while they are too few."""
        return self._rate(self._window.failures)

    @property
    def slow_call_rate(self) -> float:
        """In percent, of the calls in the window; NO_RATE while they are too few."""
        return self._rate(self._window.slow)

    def look(self, now: int) -> State:
        """The state after the timers up to `now`; a wait that no timer ends is ended by the next call."""
        while self._due <= now:
            due = self._due
            if self.state is State.OPEN:
                self._probe(due)
            elif self._config.transition_to_state_after_wait_duration == "open":
                self._open(due)
            else:
                self._close(due)
        return self.state

    def ask(self, now: int) -> Pass | None:
        """A pass at once, or None."""
        if self._config.mode == "forced_open":
            self._refuse("FORCED_OPEN")
            return None
        state = self.look(now)
        if state is State.CLOSED:  # so are the other modes, which never leave it
            return AT_ONCE
        if state is State.OPEN and now > self._opens_until:
            self._probe(now)
        if self.state is State.HALF_OPEN and self._permits > 0:
            self._permits -= 1
            return AT_ONCE
        self._refuse(self.state.name)
        return None

    def ended(self, ticket: int, outcome: Outcome) -> None:
        """Record the outcome in the present state's window, then judge."""
        config, now = self._config, outcome.now
        if config.mode in {"disabled", "forced_open"}:
            return
        if outcome.is_ignored:
            self.withdrawn(ticket, now)
            return
        state = self.look(now)
        self._window.add(now, outcome.is_failure, outcome.took > config.slow_call_duration_threshold)
        if state is State.OPEN or config.mode == "metrics_only" or self._window.total < self._minimum:
            return
        too_many = self.failure_rate >= config.failure_rate_threshold
        if too_many or self.slow_call_rate >= config.slow_call_rate_threshold:
            self._open(now)
        elif state is State.HALF_OPEN:
            self._close(now)

    def withdrawn(self, ticket: int, now: int) -> None:
        """Give a permit back, also one that was not taken in this half-open state (releasePermission)."""
        if self.look(now) is State.HALF_OPEN:
            self._permits += 1

    def turned_back(self, ticket: int, outcome: Outcome, by: Guard) -> None:
        """What it decorates threw: a failure, unless exceptions of that kind are ignored."""
        self.ended(ticket, outcome._replace(is_ignored=self._config.ignores_refused))

    def _refuse(self, state: str) -> None:
        self.reason = state.lower()
        self.refusal_text = f"CircuitBreaker '{self._name}' is {state} and does not permit further calls"

    def _rate(self, count: int) -> float:
        total = self._window.total
        return 100.0 * count / total if total >= self._minimum else NO_RATE

    def _open(self, now: int) -> None:
        self._attempts += 1
        self._opens_until = now + self._wait()
        self._due = NEVER
        if self._config.automatic_transition_from_open_to_half_open_enabled:
            self._due = self._opens_until
        self._go(now, State.OPEN)

    def _probe(self, now: int) -> None:
        """Half-open begins: a window and permits of its own."""
        config = self._config
        self._permits = config.permitted_number_of_calls_in_half_open_state
        self._window = CountWindow(self._permits)
        self._minimum = min(config.minimum_number_of_calls, self._permits)
        longest = config.max_wait_duration_in_half_open_state
        self._due = now + longest if longest else NEVER
        self._go(now, State.HALF_OPEN)

    def _close(self, now: int) -> None:
        self._attempts = 0
        self._due = NEVER
        self._window, self._minimum = self._closed_window()
        self._go(now, State.CLOSED)

    def _closed_window(self) -> tuple[CountWindow | BucketWindow, int]:
        """An empty window, and how many calls it needs."""
        size, minimum = self._config.sliding_window_size, self._config.minimum_number_of_calls
        if self._config.sliding_window_type == "time_based":
            return BucketWindow(SECOND, size), minimum
        return CountWindow(size), min(minimum, size)

    def _wait(self) -> int:
        """How long this opening lasts, in whole milliseconds where it grows with each attempt."""
        config, wait = self._config, self._config.wait_duration_in_open_state
        if config.wait_multiplier == 1:
            return wait
        longest = config.max_wait_duration_in_open_state or NEVER // 2
        for _attempt in range(1, self._attempts):
            if wait >= longest:
                break
            wait = int(wait // MS * config.wait_multiplier) * MS
        return min(wait, longest)
