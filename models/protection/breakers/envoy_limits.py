"""Envoy's circuit breaker thresholds: how many connections, requests, retries may be there. No state, no memory.

Not outlier detection, which ejects hosts (models/balancer/outlier.py). Sources: envoy circuit_breaker.proto,
source/common/upstream/resource_manager_impl.h, source/common/conn_pool/conn_pool_base.cc.
Simplified: a check and its increment are one step here; Envoy's are two, so that several workers pass a limit by a few.
"""

from math import floor

from models.protection.breakers.envoy_config import EnvoyLimitsConfig
from models.protection.guard import AT_ONCE, Guard, Outcome, Pass

OVERFLOW_STATUS = 503
"""What Envoy answers by itself where a limit is reached (response flag UO, header x-envoy-overloaded)."""


class Limit:
    """A count that is kept below a maximum: each that is taken has to be released."""

    def __init__(self, maximum: int) -> None:
        self.active = 0
        self.overflows = 0
        """How often one more was refused."""
        self._maximum = maximum

    @property
    def maximum(self) -> int:
        """How many there may be now."""
        return self._maximum

    def take(self, *, always: bool = False) -> bool:
        """One more, where there is room, or in any case; a refusal is counted in both cases."""
        fits = self.active < self.maximum
        self.overflows += not fits
        self.active += fits or always
        return fits or always

    def release(self) -> None:
        """One less."""
        assert self.active > 0, "released more often than taken"
        self.active -= 1


class RetryBudget(Limit):
    """Retries as a share of the requests that are under way or wait; at least a few."""

    def __init__(self, requests: Limit, pending: Limit, percent: float, least: int) -> None:
        super().__init__(least)
        self._requests, self._pending, self._percent = requests, pending, percent

    @property
    def maximum(self) -> int:
        """How many retries there may be now."""
        base = self._requests.active + self._pending.active
        return max(floor(self._percent * base / 100), self._maximum)


class EnvoyLimits(Guard):
    """The limits of one cluster; as a guard it is max_requests. The others are taken by who opens, waits, retries.

    A retry is taken before it is asked for as a request; where it is refused the first answer is the result.
    Connections are taken with `always` where their host has none. Envoy never retries what is refused here.
    Simplified: a call counts as a request from when it is let pass, in Envoy from when it has a connection; who counts
    waiting calls as pending, too, has them twice in a retry budget.
    """

    reason = "upstream_rq_pending_overflow"
    refusal_text = "upstream connect error or disconnect/reset before headers. reset reason: overflow"
    refusal_status = OVERFLOW_STATUS

    def __init__(self, config: EnvoyLimitsConfig) -> None:
        self.requests = Limit(config.max_requests)
        self.pending = Limit(config.max_pending_requests)
        self.connections = Limit(config.max_connections)
        self.retries = Limit(config.max_retries)
        if config.retry_budget is not None:
            budget = config.retry_budget
            self.retries = RetryBudget(self.requests, self.pending, budget.budget_percent, budget.min_retry_concurrency)

    @property
    def overflows(self) -> dict[str, int]:
        """Refusals by the names of Envoy's counters."""
        return {
            "upstream_cx_overflow": self.connections.overflows,
            "upstream_rq_pending_overflow": self.pending.overflows + self.requests.overflows,
            "upstream_rq_retry_overflow": self.retries.overflows,
        }

    def ask(self, now: int) -> Pass | None:
        """A pass at once while fewer than max_requests are under way."""
        return AT_ONCE if self.requests.take() else None

    def ended(self, ticket: int, outcome: Outcome) -> None:
        """However it ended."""
        self.requests.release()

    def withdrawn(self, ticket: int, now: int) -> None:
        self.requests.release()
