"""What a user says about Envoy's circuit breaker thresholds of a cluster (circuit_breaker.proto, one priority)."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le

from models.protection.ranges import Ranged


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvoyRetryBudgetConfig(Ranged):
    """Retries under way as a share of the requests."""

    budget_percent: Annotated[float, Ge(0), Le(100)] = 20.0
    """Retries per request, active and pending together, in percent."""
    min_retry_concurrency: Annotated[int, Ge(0)] = 3
    """Retries that are allowed however few the requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvoyLimitsConfig(Ranged):
    """How many of each may be there at a time. 0 admits none."""

    max_connections: Annotated[int, Ge(0)] = 1024
    """Connections to all hosts; one that has none gets one all the same."""
    max_pending_requests: Annotated[int, Ge(0)] = 1024
    """Requests that wait for a connection."""
    max_requests: Annotated[int, Ge(0)] = 1024
    """Requests under way."""
    max_retries: Annotated[int, Ge(0)] = 3
    """Retries under way."""
    retry_budget: EnvoyRetryBudgetConfig | None = None
    """Replaces max_retries; absent: max_retries holds."""
