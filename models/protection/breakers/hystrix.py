"""Hystrix: opens at a tick, by the share of failures in closed buckets; one probe. Not its fallback.

Sources: HystrixCircuitBreaker.java, HealthCountsStream.java, BucketedRollingCounterStream.java, AbstractCommand.java
(1.5.x, the last). Its clock has milliseconds. An outcome at the very instant of a tick belongs to the next bucket.
"""

from models.protection.breaker import Breaker, State
from models.protection.breakers.bucket_window import BucketWindow
from models.protection.breakers.hystrix_config import HystrixConfig
from models.protection.breakers.isolation import Isolation
from models.protection.guard import AT_ONCE, Guard, Outcome, Pass
from sim.units import MS

SHORT_CIRCUITED = "Hystrix circuit short-circuited and is OPEN"


class Hystrix(Breaker):
    """A command: its breaker, and behind it its execution isolation, whose refusals are failures to the breaker.

    Parameters
    ----------
    config
        The breaker's settings.
    isolation
        What a call that the breaker lets pass has to pass next; None: nothing. Where a chain asks one by itself, it
        tells this breaker of a refusal by `rejected`.
    begins_at
        When the health stream is subscribed to: ticks lie a whole number of intervals after it.
    """

    def __init__(self, config: HystrixConfig, isolation: Isolation | None = None, begins_at: int = 0) -> None:
        super().__init__()
        self._config, self.isolation = config, isolation
        self.tick = self._interval = config.snapshot_interval
        self.timeout = config.timeout
        # one more than Hystrix's: the current bucket, which is empty when a tick looks at the others
        self._window = BucketWindow(self._interval, config.rolling_window // self._interval + 1, begins_at)
        self._tick_at = begins_at + self._interval
        self._opened_ms = 0
        self.refusal_text = SHORT_CIRCUITED

    def look(self, now: int) -> State:
        """The state after the ticks up to `now`."""
        while self.state is State.CLOSED and self._tick_at <= now:
            self._tick(now)
        return self.state

    def ask(self, now: int) -> Pass | None:
        """A pass, of its own isolation where there is one."""
        state, config = self.look(now), self._config
        sleeps = state is State.OPEN and (now // MS - self._opened_ms) * MS <= config.sleep_window
        if config.force_open or ((sleeps or state is State.HALF_OPEN) and not config.force_closed):
            self.reason, self.refusal_text = "short_circuited", SHORT_CIRCUITED
            return None
        if state is State.OPEN and not config.force_closed:
            self._go(now, State.HALF_OPEN)  # who does this is the probe
        if self.isolation is None:
            return AT_ONCE
        passed = self.isolation.ask(now)
        if passed is None:
            self.reason, self.refusal_text = self.isolation.reason, self.isolation.refusal_text
            self.rejected(now, decides_a_probe=self.isolation.decides_a_probe)
        return passed

    def let_in(self, now: int) -> bool:
        """A thread for who waits longest in its isolation's queue."""
        return self.isolation is not None and self.isolation.let_in(now)

    def rejected(self, now: int, *, decides_a_probe: bool = True) -> None:
        """A call that it let pass was refused by an execution isolation: a failure.

        Notes
        -----
        That of a semaphore does not decide a probe: a breaker whose probe meets a full semaphore stays half-open and
        refuses for ever (from reading AbstractCommand.applyHystrixSemantics; not seen in practice).
        """
        if self.look(now) is State.CLOSED:
            self._window.add(now, is_failure=True)
        elif self.state is State.HALF_OPEN and decides_a_probe:
            self._open(now)

    def ended(self, ticket: int, outcome: Outcome) -> None:
        """Count the outcome; in half-open any outcome decides, and what is no success is a failure."""
        if self.isolation is not None:
            self.isolation.ended(ticket, outcome)
        state, now = self.look(outcome.now), outcome.now
        if state is State.CLOSED and not outcome.is_ignored:
            self._window.add(now, outcome.is_failure)
        elif state is State.HALF_OPEN and (outcome.is_failure or outcome.is_ignored):
            self._open(now)
        elif state is State.HALF_OPEN:
            self._close(now)

    def withdrawn(self, ticket: int, now: int) -> None:
        """An unsubscription: not counted, but a probe has failed."""
        if self.isolation is not None:
            self.isolation.withdrawn(ticket, now)
        if self.look(now) is State.HALF_OPEN:
            self._open(now)

    def turned_back(self, ticket: int, outcome: Outcome, by: Guard) -> None:
        """What the command runs threw: a failure, unless it is wrapped as the fault of who asked."""
        self.ended(ticket, outcome._replace(is_ignored=self._config.ignores_refused))

    def _tick(self, now: int) -> None:
        """Decide at the next tick by the buckets that are closed then."""
        window, config, at = self._window, self._config, self._tick_at
        window.move(at)
        enough = window.total >= config.request_volume_threshold
        if enough and 100 * window.failures // window.total >= config.error_threshold_percentage:
            self._open(at)
        elif window.total:
            self._tick_at += self._interval
        else:  # nothing can happen at the ticks of a quiet time
            self._tick_at += ((now - at) // self._interval + 1) * self._interval

    def _open(self, now: int) -> None:
        self._opened_ms = now // MS
        self._go(now, State.OPEN)

    def _close(self, now: int) -> None:
        """The health stream begins again, empty and with ticks counted from here (metrics.resetStream)."""
        self._window.clear(now)
        self._tick_at = now + self._interval
        self._go(now, State.CLOSED)
