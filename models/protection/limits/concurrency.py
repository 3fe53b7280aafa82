"""Concurrency: a limit of calls in flight, refused when it is reached. Not a pool of workers, not a queue of calls.

What the limits that adapt themselves have in common is in `adaptive.py`.
"""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge

from models.protection.guard import Outcome, Pass
from models.protection.limits.limit import Limit
from models.protection.ranges import Ranged


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcurrencyConfig(Ranged):
    """A semaphore, as bulkheads and Hystrix's semaphore isolation have it."""

    limit: Annotated[int, Ge(0)] = 10
    """Most calls in flight. Hystrix: 10."""


class ConcurrencyLimit(Limit):
    """Counts calls in flight. The ticket is how many there were with the call that passed."""

    def __init__(self, limit: float) -> None:
        self._estimate = limit
        self.in_flight = 0
        self.reason = "in_flight"

    @property
    def limit(self) -> int:
        """Most calls in flight at the moment."""
        return int(self._estimate)

    def ask(self, now: int) -> Pass | None:
        if self.in_flight >= self.limit:
            return None
        self.in_flight += 1
        return Pass(ticket=self.in_flight)

    def ended(self, ticket: int, outcome: Outcome) -> None:
        self.in_flight -= 1

    def withdrawn(self, ticket: int, now: int) -> None:
        self.in_flight -= 1
