"""SRE throttle: a client that refuses its own calls by how many of the last ones were accepted. Not a retry budget.

Source: Beyer et al., Site Reliability Engineering, chapter 21, "Client-side throttling".
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt

from models.protection.guard import AT_ONCE, Outcome, Pass
from models.protection.limits.limit import Limit
from models.protection.ranges import Ranged
from sim.units import MINUTE, Duration

BUCKETS = 120
"""Parts in which the window moves on: seconds, by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SreThrottleConfig(Ranged):
    """Adaptive throttling."""

    k: Annotated[float, Ge(1)] = 2.0
    """How many calls are sent for each that is accepted, when many are refused."""
    window: Annotated[Duration, Gt(0)] = 2 * MINUTE
    """Over which calls and accepted calls are counted."""


class SreThrottle(Limit):
    """Counts calls, its own refusals among them, and those that were accepted: neither failed nor throttled nor left.

    Simplified: the window moves on by its 120th parts.
    """

    refusal_text, refusal_status = "rejected by the client's throttle", 0

    def __init__(self, config: SreThrottleConfig, draw: Callable[[], float]) -> None:
        self._k, self._draw = config.k, draw
        self._length = max(1, config.window // BUCKETS)
        self._buckets: deque[list[int]] = deque()
        """Number, calls, accepted calls."""
        self.requests = self.accepts = 0
        self.reason = "throttled"

    @property
    def chance(self) -> float:
        """With which the next call is refused."""
        return max(0.0, (self.requests - self._k * self.accepts) / (self.requests + 1))

    def ask(self, now: int) -> Pass | None:
        bucket, chance = self._bucket(now), self.chance
        bucket[1] += 1
        self.requests += 1
        return None if chance > 0 and self._draw() < chance else AT_ONCE

    def ended(self, ticket: int, outcome: Outcome) -> None:
        bucket = self._bucket(outcome.now)
        if not (outcome.is_failure or outcome.is_ignored or outcome.is_throttled):
            bucket[2] += 1
            self.accepts += 1

    def _bucket(self, now: int) -> list[int]:
        number, buckets = now // self._length, self._buckets
        while buckets and buckets[0][0] <= number - BUCKETS:
            _, requests, accepts = buckets.popleft()
            self.requests -= requests
            self.accepts -= accepts
        if not buckets or buckets[-1][0] != number:
            buckets.append([number, 0, 0])
        return buckets[-1]
