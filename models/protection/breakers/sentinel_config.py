"""What a user says about a Sentinel circuit breaker: Java's DegradeRule or Go's circuitbreaker.Rule, in one form.

Sources: DegradeRule.java, DegradeRuleManager.java (isValidRule); sentinel-golang core/circuitbreaker/rule.go,
rule_manager.go (IsValidRule). An invalid rule is refused here, where Java leaves it out with a warning.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from models.protection.ranges import MOST_PARTS, Ranged
from sim.units import MS, SECOND, Duration

JAVA_MIN_REQUEST_AMOUNT = 5
"""RuleConstant.DEGRADE_DEFAULT_MIN_REQUEST_AMOUNT."""
JAVA_STAT_INTERVAL = SECOND
"""DegradeRule.statIntervalMs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentinelConfig(Ranged):
    """One rule of one resource; several rules on a resource are several breakers, all of which are asked and told."""

    flavour: Literal["java", "go"] = "java"
    """Whose rules: they differ at the threshold, in defaults, buckets and probes."""
    strategy: Literal["slow_ratio", "error_ratio", "error_count"]
    """What is counted: slow calls or errors as a share of the calls, or errors."""
    threshold: Annotated[float, Ge(0)]
    """Java opens above it (of slow calls also at it, where it is 1), Go at it: a share up to 1, or a count."""
    max_allowed_rt: Duration | None = None
    """slow_ratio: a call that took longer, in whole milliseconds, is slow (Java: count)."""
    retry_timeout: Annotated[Duration, Gt(0)]
    """How long it stays open (Java: timeWindow, in whole seconds; Go: RetryTimeoutMs)."""
    min_request_amount: int | None = None
    """Calls in the window without which nothing opens. Absent: 5 in Java, 0 in Go."""
    stat_interval: Duration | None = None
    """Length of the window, which tumbles (statIntervalMs). Absent: 1 s in Java; Go has no default."""
    bucket_count: Annotated[int, Ge(0), Le(MOST_PARTS)] = 0
    """Go: buckets of the window (StatSlidingWindowBucketCount); 0, and what does not divide it, is 1."""
    probe_num: Annotated[int, Ge(0)] = 0
    """Go: successes in half-open that close it (ProbeNum): all calls pass until then; 0: one probe alone."""

    def __post_init__(self) -> None:
        Ranged.__post_init__(self)
        if self.strategy != "error_count" and self.threshold > 1:
            raise ValueError(f"threshold: {self.threshold:g} is a share above 1; write 1 or less")
        if (self.max_allowed_rt is not None) != (self.strategy == "slow_ratio"):
            raise ValueError("max_allowed_rt: goes with strategy: slow_ratio alone; write both or neither")
        if self.interval <= 0:
            raise ValueError("stat_interval: 0s is no time; write a longer one, such as 1s")
        for field, time in (("retry_timeout", self.retry_timeout), ("stat_interval", self.interval)):
            if time % MS:
                raise ValueError(f"{field}: is no whole number of milliseconds, of which Sentinel counts; write one")
        if self.flavour == "java":
            self._check_java()
        least = 1 if self.flavour == "java" else 0
        if self.least_requests < least:
            raise ValueError(f"min_request_amount: {self.least_requests} is too few; write {least} or more")

    def _check_java(self) -> None:
        if self.retry_timeout % SECOND:
            raise ValueError("retry_timeout: Java's timeWindow counts whole seconds; write such, or flavour: go")
        if self.bucket_count or self.probe_num:
            field = "bucket_count" if self.bucket_count else "probe_num"
            raise ValueError(f"{field}: Java has none; leave it out, or write flavour: go")

    @property
    def never_trips(self) -> bool:
        """Whether no share of errors is above the threshold, as Java demands."""
        return self.flavour == "java" and self.strategy == "error_ratio" and self.threshold >= 1

    @property
    def interval(self) -> int:
        """The window's length; 0 where none is said."""
        return self.stat_interval if self.stat_interval is not None else JAVA_STAT_INTERVAL * (self.flavour == "java")

    @property
    def least_requests(self) -> int:
        """Calls in the window without which nothing opens."""
        if self.min_request_amount is not None:
            return self.min_request_amount
        return JAVA_MIN_REQUEST_AMOUNT if self.flavour == "java" else 0

    @property
    def buckets(self) -> int:
        """Buckets of the window."""
        count = self.bucket_count or 1
        return count if self.interval // MS % count == 0 else 1
