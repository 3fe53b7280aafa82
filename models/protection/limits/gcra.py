"""GCRA: the generic cell rate algorithm as Go's throttled has it. Not a bucket, though it admits what one would.

Source: throttled rate.go. Everything is whole ns. It equals a continuous bucket of burst + 1 tokens.
"""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Le

from models.protection.guard import AT_ONCE, Pass
from models.protection.limits.limit import Limit
from models.protection.ranges import Ranged
from sim.units import SECOND, Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class GcraConfig(Ranged):
    """throttled.RateQuota."""

    rate: Annotated[Rate, Gt(0), Le(1e9)]
    """Calls per second (MaxRate); whole ns lie between them."""
    burst: Annotated[int, Ge(0)] = 0
    """Calls at once beyond the first (MaxBurst): burst + 1 pass together."""


class Gcra(Limit):
    """Keeps one instant: when the next call would be on time (theoretical arrival time)."""

    refusal_text = "limit exceeded"

    def __init__(self, config: GcraConfig) -> None:
        self._interval = int(SECOND / config.rate)
        self._tolerance = self._interval * (config.burst + 1)
        self._due_at = 0
        self.retry_after: int | None = None
        """How long after the last refusal a call would pass, ns; None: never, or nothing was refused."""
        self.remaining = config.burst + 1
        """How many more would have passed at the last call."""
        self.reason = "rate"

    def ask(self, now: int) -> Pass | None:
        return AT_ONCE if self.take(now, 1) else None

    def take(self, now: int, n: int) -> bool:
        """Whether n calls may go; where not, nothing changes but `retry_after` and `remaining`."""
        cost = n * self._interval
        due_at = max(now, self._due_at) + cost
        early = due_at - self._tolerance - now
        if early > 0:
            self.retry_after = early if cost <= self._tolerance else None
            self.remaining = max(0, (self._tolerance - max(0, self._due_at - now)) // self._interval)
            return False
        self._due_at = due_at
        self.remaining = (self._tolerance - (due_at - now)) // self._interval
        return True
