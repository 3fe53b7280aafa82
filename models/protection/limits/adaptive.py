"""Adaptive: what the limits have in common that learn from samples how many calls may be in flight. Not how they learn.

Source: Netflix concurrency-limits, AbstractLimiter.java, ConcurrencyLimitServletFilter.java.
"""

from typing import NamedTuple

from models.protection.guard import Outcome
from models.protection.limits.concurrency import ConcurrencyLimit


class Sample(NamedTuple):
    """A call that ended."""

    now: int
    """When it ended, ns."""
    rtt: int
    """How long it took, ns; at least 1."""
    in_flight: int
    """Calls in flight when it passed, itself among them."""
    is_dropped: bool = False
    """It ran into a time-out, or was refused as one too many."""


class AdaptiveLimit(ConcurrencyLimit):
    """Samples are successes and drops; other failures say nothing of the load."""

    refusal_text = "Concurrency limit exceeded"

    def ended(self, ticket: int, outcome: Outcome) -> None:
        self.in_flight -= 1
        is_dropped = outcome.is_timeout or outcome.is_throttled
        if outcome.is_ignored or (outcome.is_failure and not is_dropped):
            return
        self.sample(Sample(outcome.now, max(1, outcome.took), ticket, is_dropped))

    def sample(self, sample: Sample) -> None:
        """Learn from a call that ended."""
        raise NotImplementedError
