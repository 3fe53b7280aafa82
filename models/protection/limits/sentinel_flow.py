"""Sentinel flow: a flow rule, by what it does with too many calls. Not the system rule, which looks at the machine.

Sources: Sentinel DefaultController.java, StatisticNode.java, ThrottlingController.java, WarmUpController.java,
WarmUpRateLimiterController.java. Its statistics have a clock of whole ms.
"""

from models.protection.guard import AT_ONCE, Outcome, Pass
from models.protection.limits.leap_array import LeapArray
from models.protection.limits.limit import Limit
from models.protection.limits.sentinel_config import SentinelFlowConfig
from models.protection.limits.sentinel_queue import ThrottlingQueue, distance_of, rounded
from models.protection.limits.sentinel_warm_up import WarmUp
from sim.units import MS

OCCUPY_TIMEOUT_MS = 500
"""A prioritized call that would have to wait so long is refused (OccupyTimeoutProperty)."""


class SentinelFlow(Limit):
    """What all flow rules have."""

    refusal_text, refusal_status = "FlowException", 0
    blocks = True

    def __init__(self, config: SentinelFlowConfig) -> None:
        self.count = config.count
        self.reason = "flow"


class Reject(SentinelFlow):
    """Refuses what passes the count within the running bucket of 500 ms and the one before."""

    def __init__(self, config: SentinelFlowConfig) -> None:
        super().__init__(config)
        self._is_prioritized = config.prioritized
        self._window = LeapArray()
        self._borrowed: dict[int, int] = {}
        """Calls by the bucket to come of which they take places."""

    def ask(self, now: int) -> Pass | None:
        now_ms = now // MS
        self._open_bucket(now_ms)
        if self._window.passed(now_ms) + 1 <= self.count:
            self._window.at(now_ms).passed += 1
            return Pass(ticket=now_ms)
        wait_ms = self._occupy(now_ms) if self._is_prioritized else OCCUPY_TIMEOUT_MS
        if wait_ms >= OCCUPY_TIMEOUT_MS:
            return None
        turn_ms = now_ms + wait_ms
        start_ms = turn_ms - turn_ms % self._window.length_ms
        self._borrowed[start_ms] = self._borrowed.get(start_ms, 0) + 1
        return Pass(turn_ms * MS - now, turn_ms)

    def withdrawn(self, ticket: int, now: int) -> None:
        """The ticket is the ms in which it passed, or will pass."""
        start_ms = ticket - ticket % self._window.length_ms
        bucket = self._window.starting_at(start_ms)
        if self._borrowed.get(start_ms):
            self._borrowed[start_ms] -= 1
        elif bucket is not None and bucket.passed:
            bucket.passed -= 1

    def _open_bucket(self, now_ms: int) -> None:
        """A bucket begins with the calls that borrowed of it."""
        running_ms = now_ms - now_ms % self._window.length_ms
        for start_ms in [start for start in self._borrowed if start <= running_ms]:
            n = self._borrowed.pop(start_ms)
            if start_ms >= running_ms - self._window.length_ms:
                self._window.at(start_ms).passed += n

    def _occupy(self, now_ms: int) -> int:
        """How long to wait for a place in a bucket to come, ms (tryOccupyNext)."""
        window, borrowed = self._window, sum(self._borrowed.values())
        if borrowed >= self.count:
            return OCCUPY_TIMEOUT_MS
        passed, wait_ms = window.passed(now_ms), window.length_ms - now_ms % window.length_ms
        leaving_ms = now_ms - now_ms % window.length_ms - (window.n - 1) * window.length_ms
        while leaving_ms < now_ms and wait_ms < OCCUPY_TIMEOUT_MS:
            bucket = window.starting_at(leaving_ms)
            leaving = bucket.passed if bucket is not None else 0
            if passed + borrowed + 1 - leaving <= self.count:
                return wait_ms
            passed -= leaving
            leaving_ms, wait_ms = leaving_ms + window.length_ms, wait_ms + window.length_ms
        return OCCUPY_TIMEOUT_MS


class Threads(SentinelFlow):
    """Refuses what passes the count of calls under way."""

    def __init__(self, config: SentinelFlowConfig) -> None:
        super().__init__(config)
        self.in_flight = 0

    def ask(self, now: int) -> Pass | None:
        if self.in_flight + 1 > self.count:
            return None
        self.in_flight += 1
        return AT_ONCE

    def ended(self, ticket: int, outcome: Outcome) -> None:
        self.in_flight -= 1

    def withdrawn(self, ticket: int, now: int) -> None:
        self.in_flight -= 1


class Queue(SentinelFlow):
    """Lets calls wait until they follow one another at even distances; there is no burst at all."""

    def __init__(self, config: SentinelFlowConfig) -> None:
        super().__init__(config)
        self._distance, self._unit = distance_of(config) if config.count > 0 else (0, MS)
        self._queue = ThrottlingQueue(config.max_queueing_time // self._unit)
        # Go refuses a batch that is larger than the threshold, and a call is a batch of one
        self._is_shut = config.count <= 0 or (config.implementation == "go" and config.count < 1)

    def ask(self, now: int) -> Pass | None:
        wait = None if self._is_shut else self._queue.wait(now // self._unit, self._distance)
        return None if wait is None else Pass(wait * self._unit)


class WarmingUp(SentinelFlow):
    """Refuses what passes a rate that rises from count / cold factor to count."""

    def __init__(self, config: SentinelFlowConfig) -> None:
        super().__init__(config)
        self._window, self._warm_up = LeapArray(), WarmUp(config)

    def ask(self, now: int) -> Pass | None:
        now_ms = now // MS
        if self._window.passed(now_ms) + 1 > self._warm_up.rate(now_ms):
            return None
        self._window.at(now_ms).passed += 1
        self._warm_up.passed(now_ms)
        return Pass(ticket=now_ms)

    def withdrawn(self, ticket: int, now: int) -> None:
        """The ticket is the ms in which it passed."""
        bucket = self._window.starting_at(ticket - ticket % self._window.length_ms)
        if bucket is not None and bucket.passed:
            bucket.passed -= 1
        self._warm_up.passed(ticket, -1)


class WarmingUpQueue(SentinelFlow):
    """Lets calls wait until they follow one another at distances that shrink as it gets warm."""

    def __init__(self, config: SentinelFlowConfig) -> None:
        super().__init__(config)
        self._warm_up = WarmUp(config)
        self._queue = ThrottlingQueue(config.max_queueing_time // MS)

    def ask(self, now: int) -> Pass | None:
        now_ms = now // MS
        wait_ms = self._queue.wait(now_ms, rounded(1.0 / self._warm_up.rate(now_ms) * 1000))
        if wait_ms is None:
            return None
        self._warm_up.passed(now_ms + wait_ms)
        return Pass(wait_ms * MS, now_ms + wait_ms)

    def withdrawn(self, ticket: int, now: int) -> None:
        """The ticket is the ms in which it was to pass."""
        self._warm_up.passed(ticket, -1)


_KINDS: dict[str, type[SentinelFlow]] = {
    "reject": Reject, "warm_up": WarmingUp, "queue": Queue, "warm_up_queue": WarmingUpQueue,
}  # fmt: skip


def sentinel_flow(config: SentinelFlowConfig) -> SentinelFlow:
    """The limit that a flow rule makes."""
    return Threads(config) if config.grade == "thread" else _KINDS[config.behaviour](config)
