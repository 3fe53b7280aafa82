"""Concurrent: how many retries may be under way at a time, as Envoy limits them. It has no memory and no end of tokens.

Sources: Envoy resource_manager_impl.h (max_retries, RetryBudgetImpl), retry_state_impl.cc, router.cc.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le

from models.protection.retry.budget import Budget


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


class RetryShare(Limit):
    """Retries as a share of the requests that are under way or wait, rounded down; at least a few."""

    def __init__(self, share: float, least: int, requests: Callable[[], int]) -> None:
        super().__init__(least)
        self._share, self._requests = share, requests

    @property
    def maximum(self) -> int:
        """How many retries there may be now: Envoy multiplies its percentage / 100, so that 29 % of 100 are 28."""
        return max(int(self._share * self._requests()), self._maximum)


class ConcurrentBudget(Budget):
    """A place among the retries under way: from when one is decided on, before its wait, until it has ended."""

    def __init__(self, retries: Limit) -> None:
        self._retries = retries

    def take(self, now: int, kinds: Collection[str]) -> int | None:
        """One, while there is room."""
        return 0 if self._retries.take() else None

    def finished(self) -> None:
        """One less."""
        self._retries.release()


@dataclass(frozen=True, slots=True, kw_only=True)
class Concurrent:
    """Retries under way at a time (Envoy)."""

    max_retries: Annotated[int, Ge(0)] = 3
    """Most of them. Envoy's circuit breaker: 3. With a share, the least that it may come to."""
    share: Annotated[float, Ge(0), Le(1)] = 0.0
    """Envoy's retry_budget: so many of the tries that are under way or wait at a guard, rounded down, and at least
    max_retries; 0 means that there is none. Envoy's default where it is set: 0.2."""

    def make(self) -> Budget:
        """A budget of this kind."""
        return CountingBudget(self)


class CountingBudget(ConcurrentBudget):
    """One that counts the tries itself; calls that wait for their next try have none under way."""

    def __init__(self, config: Concurrent) -> None:
        self._tries = 0
        super().__init__(RetryShare(config.share, config.max_retries, lambda: self._tries))

    def began(self) -> None:
        """One more is under way."""
        self._tries += 1

    def done(self) -> None:
        """One less."""
        self._tries -= 1
