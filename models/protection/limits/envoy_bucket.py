"""Envoy bucket: the local rate limit filter of Envoy, filled by intervals or all the time. Not the global limit.

Sources: local_rate_limit.proto, local_ratelimit_impl.cc, token_bucket_impl.cc.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from models.protection.guard import AT_ONCE, Pass
from models.protection.limits.limit import Limit
from models.protection.ranges import Ranged
from models.status import TOO_MANY_REQUESTS
from sim.units import MS, Duration

LEAST_FILL_INTERVAL = 50 * MS
"""A shorter one and Envoy refuses its configuration (local_ratelimit_impl.cc)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvoyLocalConfig(Ranged):
    """One bucket of a proxy, which all its workers share. With Envoy's own defaults nothing is limited."""

    max_tokens: Annotated[int, Gt(0)]
    """Most tokens, and those at the start."""
    tokens_per_fill: Annotated[int, Gt(0)] = 1
    """Tokens of one interval."""
    fill_interval: Annotated[Duration, Ge(LEAST_FILL_INTERVAL)]
    """The interval; at least 50 ms."""
    filter_enabled: Annotated[float, Ge(0), Le(1)] = 0.0
    """Share of the calls for which the bucket is asked. Envoy: 0 %."""
    filter_enforced: Annotated[float, Ge(0), Le(1)] = 0.0
    """Share of those without a token that are refused; the others pass. Envoy: 0 %."""
    status: Annotated[int, Ge(0), Le(599)] = TOO_MANY_REQUESTS
    """Status of a refusal; below 400 it is 429."""
    fill: Literal["continuous", "interval"] = "continuous"
    """Tokens come all the time (since 1.31), or all those of an interval at its end (before)."""
    instances: Annotated[int, Ge(1)] = 1
    """Proxies that share the limit (local_cluster_rate_limit): each fills its part, rounded up; 1: each fills all."""


class EnvoyBucket(Limit):
    """A bucket that starts full; each call needs a whole token at once."""

    refusal_text = "local_rate_limited"

    def __init__(self, config: EnvoyLocalConfig, draw: Callable[[], float]) -> None:
        self._draw, self._enabled, self._enforced = draw, config.filter_enabled, config.filter_enforced
        self._interval = config.fill_interval
        self._per_fill = -(-config.tokens_per_fill // config.instances)
        self._is_stepwise = config.fill == "interval"
        # a token is so many parts as an interval has ns, so that what comes in a ns is a whole number
        self._most = config.max_tokens * self._interval
        self._parts = self._most
        self._last = 0
        self.reason = "rate"
        if config.status >= 400:
            self.refusal_status = config.status

    @property
    def tokens(self) -> float:
        """At the last look."""
        return self._parts / self._interval

    def ask(self, now: int) -> Pass | None:
        if not self._falls_to(self._enabled):
            return AT_ONCE
        # the ticks of the older kind run from the start of the proxy
        until = now - now % self._interval if self._is_stepwise else now
        if until > self._last:
            self._parts = min(self._most, self._parts + (until - self._last) * self._per_fill)
            self._last = until
        if self._parts >= self._interval:
            self._parts -= self._interval
            return AT_ONCE
        return None if self._falls_to(self._enforced) else AT_ONCE

    def _falls_to(self, share: float) -> bool:
        return share >= 1 or (share > 0 and self._draw() < share)
