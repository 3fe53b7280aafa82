"""Budget: how many calls may be tried again: what all budgets have, and those of tokens. Pure state, time in ns.

Not those of retries under way (concurrent.py). Sources: gRPC proposal A6 (throttling); botocore retries/quota.py and
standard.py (AWS); Finagle RetryBudget.scala and TokenBucket.scala.
"""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Le

from sim.units import SECOND, Duration


class Budget:
    """Told of every try; asked before each retry. This one has no end."""

    def sent(self, now: int) -> None:
        """The first try of a call goes out."""

    def began(self) -> None:
        """A try begins: the guards are asked about it, and where they let it pass it goes out."""

    def done(self) -> None:
        """A try is over, whichever way."""

    def take(self, now: int, kinds: Collection[str]) -> int | None:
        """Pay for a retry after a try that failed in these ways: its price, or None where nothing is left."""
        return 0

    def failed(self, now: int) -> None:
        """A try has failed in a way that is tried again."""

    def succeeded(self, now: int, paid: int | None) -> None:
        """A call has succeeded: after a retry that had the price `paid`, or at once, with None."""

    def finished(self) -> None:
        """A retry has ended, whichever way."""

    def ended(self) -> None:
        """A call is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrpcThrottling:
    """retryThrottling of a gRPC service config, per server name: tokens are lost by failures."""

    max_tokens: Annotated[float, Gt(0), Le(1000)] = 10.0
    """Tokens at the start, and at most; retries stop at half of them. gRPC: at most 1000."""
    token_ratio: Annotated[float, Gt(0)] = 0.1
    """What a success gives back; three decimals count."""

    def make(self) -> Budget:
        """A budget of this kind."""
        return GrpcBudget(self)


class GrpcBudget(Budget):
    """Each failure takes a token, each success gives back a little; a retry goes while more than half are left."""

    def __init__(self, config: GrpcThrottling) -> None:
        self._most = config.max_tokens
        self._gain = int(config.token_ratio * 1000) / 1000
        self.tokens = self._most

    def take(self, now: int, kinds: Collection[str]) -> int | None:
        """Nothing is paid: it is enough that more than half of the tokens are there."""
        return 0 if self.tokens > self._most / 2 else None

    def failed(self, now: int) -> None:
        """A token less."""
        self.tokens = max(0.0, self.tokens - 1)

    def succeeded(self, now: int, paid: int | None) -> None:
        """Some of a token back."""
        self.tokens = min(self._most, self.tokens + self._gain)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsQuota:
    """The retry quota of AWS' standard mode: a pool of tokens per client that successes fill again."""

    capacity: Annotated[int, Gt(0)] = 500
    """Tokens at the start, and at most. botocore: 500."""
    cost: Annotated[int, Ge(0)] = 5
    """Price of a retry. botocore: 5; in its new mode 14."""
    timeout_cost: Annotated[int, Ge(0)] = 10
    """Price of a retry after a time-out. botocore: 10; in its new mode 14."""
    throttled_cost: Annotated[int, Ge(0)] = 5
    """Price of a retry after a 429. botocore: 5, in its new mode too."""

    def make(self) -> Budget:
        """A budget of this kind."""
        return AwsBudget(self)


class AwsBudget(Budget):
    """A success at once gives one token back, one after retries the price of the last of them."""

    def __init__(self, config: AwsQuota) -> None:
        self._config = config
        self.tokens = config.capacity

    def take(self, now: int, kinds: Collection[str]) -> int | None:
        """The price, if there is so much."""
        config = self._config
        price = config.timeout_cost if "timeout" in kinds else config.cost
        if "throttled" in kinds:
            price = config.throttled_cost
        if price > self.tokens:
            return None
        self.tokens -= price
        return price

    def succeeded(self, now: int, paid: int | None) -> None:
        """Tokens back, up to the capacity."""
        self.tokens = min(self._config.capacity, self.tokens + (1 if paid is None else paid))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareOfCalls:
    """A share of the calls of the last seconds, and a reserve (Finagle's RetryBudget)."""

    share: Annotated[float, Ge(0), Le(1000)] = 0.2
    """Retries for each call of the last `ttl`. Finagle: 0.2."""
    reserve: Annotated[float, Ge(0)] = 10.0
    """Retries per second of `ttl` that are there without calls. Finagle: 10."""
    ttl: Annotated[Duration, Ge(SECOND), Le(60 * SECOND)] = 10 * SECOND
    """How long a call counts, in ten parts. Finagle: 10 s, 1 to 60 s."""

    def make(self) -> Budget:
        """A budget of this kind."""
        return ShareBudget(self)


class ShareBudget(Budget):
    """Deposits of calls, withdrawals of retries, over ten parts of `ttl`: a token bucket whose tokens grow old."""

    PARTS = 10

    def __init__(self, config: ShareOfCalls) -> None:
        self._share = config.share
        self._reserve = config.reserve * config.ttl / SECOND
        self._part = config.ttl // self.PARTS
        self._parts: deque[list[float]] = deque()
        """Of each part: its number, what was put in less what was taken out."""

    def balance(self, now: int) -> float:
        """Retries that there are."""
        oldest = now // self._part - self.PARTS
        while self._parts and self._parts[0][0] <= oldest:
            self._parts.popleft()
        return self._reserve + sum(value for _, value in self._parts)

    def sent(self, now: int) -> None:
        """A deposit."""
        self._add(now, self._share)

    def take(self, now: int, kinds: Collection[str]) -> int | None:
        """A withdrawal."""
        if self.balance(now) < 1 - 1e-9:  # five deposits of a fifth make one, whatever floats say
            return None
        self._add(now, -1.0)
        return 0

    def _add(self, now: int, value: float) -> None:
        part = now // self._part
        if self._parts and self._parts[-1][0] == part:
            self._parts[-1][1] += value
        else:
            self._parts.append([part, value])
