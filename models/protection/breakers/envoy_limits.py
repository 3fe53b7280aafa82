"""Envoy's circuit breaker thresholds: how many connections, requests, retries may be there. No state, no memory.

Not outlier detection, which ejects hosts (models/balancer/outlier.py). Sources: envoy circuit_breaker.proto,
source/common/upstream/resource_manager_impl.h, source/common/conn_pool/conn_pool_base.cc.
Simplified: a check and its increment are one step here; Envoy's are two, so that several workers pass a limit by a few.
"""

from models.protection.breakers.envoy_config import EnvoyLimitsConfig
from models.protection.guard import AT_ONCE, UNTIL_LET_IN, Guard, Outcome, Pass
from models.protection.retry.concurrent import Limit, RetryShare
from models.status import SERVICE_UNAVAILABLE

WAITS = 1
"""The ticket of a call that waits for a connection."""


class EnvoyLimits(Guard):
    """The limits of one cluster; as a guard it is max_requests. The others are taken by who opens, waits, retries.

    A call has a connection of its own, as with HTTP/1.1: while max_connections have one, others wait, at most
    max_pending_requests of them, and are let in as connections become free; a call that is alone gets one all the same.
    A retry is taken before it is asked for as a request; where it is refused the first answer is the result.
    Envoy never retries what is refused here.
    Simplified: connections of all hosts count together, and those that are idle count as free.
    """

    reason = "upstream_rq_pending_overflow"
    refusal_text = "upstream connect error or disconnect/reset before headers. reset reason: overflow"
    refusal_status = SERVICE_UNAVAILABLE  # response flag UO, header x-envoy-overloaded
    is_final = True

    def __init__(self, config: EnvoyLimitsConfig) -> None:
        self.requests = Limit(config.max_requests)
        self.pending = Limit(config.max_pending_requests)
        self.connections = Limit(config.max_connections)
        self.retries = Limit(config.max_retries)
        if config.retry_budget is not None:
            budget = config.retry_budget
            self.retries = RetryShare(budget.budget_percent / 100, budget.min_retry_concurrency, self._all_requests)

    @property
    def counters(self) -> dict[str, int]:
        """Overflows by the names of Envoy's counters; a pool that waits counts once for each that waits."""
        return {
            "upstream_cx_overflow": self.connections.overflows,
            "upstream_rq_pending_overflow": self.pending.overflows + self.requests.overflows,
            "upstream_rq_retry_overflow": self.retries.overflows,
        }

    def _all_requests(self) -> int:
        return self.requests.active + self.pending.active

    def ask(self, now: int) -> Pass | None:
        """A pass at once while there is a connection, and after a wait while few others wait."""
        if self.connections.take(always=not self.connections.active):
            return self._begin(AT_ONCE)
        return Pass(wait=UNTIL_LET_IN, ticket=WAITS) if self.pending.take() else None

    def let_in(self, now: int) -> bool:
        """A connection for who waits longest."""
        if not self.pending.active or not self.connections.take(always=not self.connections.active):
            return False
        self.pending.release()
        self.requests.take(always=True)
        return True

    def ended(self, ticket: int, outcome: Outcome) -> None:
        """However it ended."""
        self.requests.release()
        self.connections.release()

    def withdrawn(self, ticket: int, now: int) -> None:
        if ticket == WAITS:
            self.pending.release()
        else:
            self.requests.release()
            self.connections.release()

    def _begin(self, passed: Pass) -> Pass | None:
        if self.requests.take():
            return passed
        self.connections.release()
        return None
