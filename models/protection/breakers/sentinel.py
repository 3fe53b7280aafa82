"""Sentinel's breakers: open at the end of a call, by a window that tumbles; Java's and Go's. Not its flow control.

Sources: Sentinel ResponseTimeCircuitBreaker.java, ExceptionCircuitBreaker.java, AbstractCircuitBreaker.java (1.8);
sentinel-golang core/circuitbreaker/circuit_breaker.go (1.0). Their clock has milliseconds, and windows begin at
multiples of their length, counted from the epoch. What is ignored is not traced, and so a call without an error.
"""

from models.protection.breaker import Breaker, State
from models.protection.breakers.bucket_window import BucketWindow
from models.protection.breakers.sentinel_config import SentinelConfig
from models.protection.guard import AT_ONCE, Guard, Outcome, Pass
from sim.units import MS

PRECISION = 1e-8
"""Two ratios that are nearer are equal to Go (util/math.go, Float64Equals)."""
PROBE = 1
"""Ticket of the call that made the breaker half-open."""
JAVA_TEXT = "DegradeException"
GO_TEXT = "SentinelBlockError: BlockTypeCircuitBreaking, message: circuit breaker check blocked"


class Sentinel(Breaker):
    """The breaker of one rule."""

    reason = "circuit_breaking"
    blocks = True

    def __init__(self, config: SentinelConfig) -> None:
        super().__init__()
        self._config, self._is_java = config, config.flavour == "java"
        self.refusal_text = JAVA_TEXT if self._is_java else GO_TEXT
        self._window = BucketWindow(config.interval // config.buckets, config.buckets)
        self._retry_ms = self._probes = 0

    @property
    def counted(self) -> tuple[int, int]:
        """Bad calls and all calls in the window, as of the last that ended."""
        return self._window.failures, self._window.total

    def ask(self, now: int) -> Pass | None:
        """A pass at once, or None."""
        if self.state is State.CLOSED:
            return AT_ONCE
        if self.state is State.OPEN and now // MS >= self._retry_ms:
            self._go(now, State.HALF_OPEN)
            return Pass(ticket=PROBE)
        if self.state is State.HALF_OPEN and self._config.probe_num:
            return AT_ONCE
        return None

    def ended(self, ticket: int, outcome: Outcome) -> None:
        """Count a call that has ended, and judge: in half-open by it alone, whenever it began."""
        now, is_bad = outcome.now, self._is_bad(outcome)
        self._window.add(now, is_bad)
        if self.state is State.HALF_OPEN:
            self._probed(now, is_bad)
        elif self.state is State.CLOSED and self._window.total >= self._config.least_requests and self._trips():
            self._open(now)

    def withdrawn(self, ticket: int, now: int) -> None:
        """A later rule has blocked it: not counted; of the probe, open again and due at once."""
        if ticket == PROBE and self.state is State.HALF_OPEN:
            self._go(now, State.OPEN)

    def turned_back(self, ticket: int, outcome: Outcome, by: Guard) -> None:
        """Blocked by a later rule of Sentinel's, or else an error, which is traced as any other (Tracer.trace)."""
        if by.blocks:
            self.withdrawn(ticket, outcome.now)
        else:
            self.ended(ticket, outcome)

    def _is_bad(self, outcome: Outcome) -> bool:
        if self._config.max_allowed_rt is None:
            return outcome.is_failure and not outcome.is_ignored
        return (outcome.now // MS - outcome.began_at // MS) * MS > self._config.max_allowed_rt

    def _trips(self) -> bool:
        bad, total, threshold = self._window.failures, self._window.total, self._config.threshold
        is_count = self._config.strategy == "error_count"
        if self._is_java:
            level = bad if is_count else bad / total
            is_full = self._config.strategy == "slow_ratio" and level == threshold == 1
            return level > threshold or is_full
        return bad >= int(threshold) if is_count else bad / total > threshold - PRECISION

    def _probed(self, now: int, is_bad: bool) -> None:
        if is_bad:
            self._open(now)
            return
        self._probes += 1
        if self._probes >= self._config.probe_num:
            self._window.clear()
            self._go(now, State.CLOSED)

    def _open(self, now: int) -> None:
        self._retry_ms = now // MS + self._config.retry_timeout // MS
        self._probes = 0
        self._go(now, State.OPEN)
