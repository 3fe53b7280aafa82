"""Sentinel system: its system rule, which looks at all that comes in and at the machine. Not a rule of one resource.

Sources: Sentinel SystemRuleManager.java, SystemStatusListener.java, ArrayMetric.java; sentinel-golang
core/system/slot.go.
"""

from models.protection.guard import Outcome, Pass
from models.protection.limits.gauges import Gauges
from models.protection.limits.leap_array import LeapArray
from models.protection.limits.limit import Limit
from models.protection.limits.sentinel_config import SentinelSystemConfig
from sim.units import MS, SECOND


class SentinelSystem(Limit):
    """Total rate, calls under way, mean response time, load and processors, in this order."""

    refusal_text, refusal_status = "SystemBlockException", 0
    blocks = True

    def __init__(self, config: SentinelSystemConfig, gauges: Gauges) -> None:
        self._config, self._gauges = config, gauges
        self._is_go = config.implementation == "go"
        self._window = LeapArray()
        self.in_flight = 0
        self._sampled_in = -1
        self._load = self._cpu = 0.0

    def ask(self, now: int) -> Pass | None:
        now_ms = now // MS
        self._sample(now)
        self.reason = self._refusal(now_ms)
        if self.reason:
            return None
        self.in_flight += 1
        self._window.at(now_ms).passed += 1
        return Pass(ticket=now_ms)

    def ended(self, ticket: int, outcome: Outcome) -> None:
        self.in_flight -= 1
        took_ms = outcome.now // MS - outcome.began_at // MS
        bucket = self._window.at(outcome.now // MS)
        bucket.succeeded += 1
        bucket.rt_ms += took_ms
        bucket.least_rt_ms = min(bucket.least_rt_ms, took_ms)

    def withdrawn(self, ticket: int, now: int) -> None:
        """The ticket is the ms in which it passed."""
        self.in_flight -= 1
        bucket = self._window.starting_at(ticket - ticket % self._window.length_ms)
        if bucket is not None and bucket.passed:
            bucket.passed -= 1

    def _sample(self, now: int) -> None:
        """Load and processors are looked at once in a second."""
        if now // SECOND != self._sampled_in:
            self._sampled_in = now // SECOND
            self._load, self._cpu = self._gauges.load(now), self._gauges.cpu(now)

    def _refusal(self, now_ms: int) -> str:
        """What refuses a call, or nothing."""
        config = self._config
        # Java counts the call that asks, Go refuses once the limit is reached
        rate = self._window.passed(now_ms) + (0 if self._is_go else 1)
        if self._exceeds(rate, config.qps):
            return "qps"
        if self._exceeds(self.in_flight, config.max_thread):
            return "thread"
        if self._exceeds(self._mean_rt_ms(now_ms), None if config.avg_rt is None else config.avg_rt / MS):
            return "rt"
        if self._exceeds(self._load, config.highest_system_load) and self._is_beyond_bbr(now_ms):
            return "load"
        if self._exceeds(self._cpu, config.highest_cpu_usage) and (
            not config.cpu_by_bbr or self._is_beyond_bbr(now_ms)
        ):
            return "cpu"
        return ""

    def _exceeds(self, value: float, limit: float | None) -> bool:
        if limit is None:
            return False
        return value >= limit if self._is_go else value > limit

    def _mean_rt_ms(self, now_ms: int) -> float:
        live = self._window.live(now_ms)
        succeeded = sum(bucket.succeeded for bucket in live)
        return sum(bucket.rt_ms for bucket in live) / succeeded if succeeded else 0.0

    def _is_beyond_bbr(self, now_ms: int) -> bool:
        """More calls are under way than the best bucket and the least response time let expect (Little's law)."""
        live = self._window.live(now_ms)
        per_second = max(1, *(bucket.succeeded for bucket in live)) * self._window.n
        least_rt_ms = max(1, min(bucket.least_rt_ms for bucket in live))
        return self.in_flight > 1 and self.in_flight > per_second * least_rt_ms / 1000
