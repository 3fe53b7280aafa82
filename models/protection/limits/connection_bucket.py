"""Connection bucket: tokens of one connection at its server, which closes, delays or refuses without one. Not a guard.

A guard belongs to callers and outlives connections; this state is born and dies with a connection.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Literal, NamedTuple

from annotated_types import Ge, Gt

from models.protection.ranges import Ranged
from models.status import TOO_MANY_REQUESTS
from sim.units import MS, Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionBucketConfig(Ranged):
    """A bucket of each connection that a server accepts."""

    tokens: Annotated[int, Ge(1)] = 100
    """Most tokens, and those of a fresh connection; a request takes one."""
    refill_interval: Annotated[Duration, Gt(0)] | None = 10 * MS
    """How often one comes back; null: never, so that a connection carries so many requests and no more."""
    on_empty: Literal["close", "delay", "refuse"] = "close"
    """A request that finds none: the connection is closed, with what is in flight on it; the request waits for a token;
    it is answered with 429."""

    def __post_init__(self) -> None:
        Ranged.__post_init__(self)
        if self.on_empty == "delay" and self.refill_interval is None:
            raise ValueError("on_empty: delay waits for ever without a refill_interval; write one, such as 10ms")


class Verdict(IntEnum):
    """What becomes of a request."""

    SERVE = 0
    """It is served, after a wait where there is one."""
    REFUSE = 1
    """It is answered with `refusal_status`."""
    CLOSE = 2
    """The connection is closed; the request is lost."""


class Taken(NamedTuple):
    """What a connection's bucket says of a request."""

    verdict: Verdict
    wait: int = 0
    """How long the request waits first, ns."""


class ConnectionBucket:
    """The tokens of one connection; fewer than 0 where requests wait for those to come."""

    refusal_text, refusal_status = "Too Many Requests", TOO_MANY_REQUESTS

    def __init__(self, config: ConnectionBucketConfig, opened_at: int) -> None:
        self._config = config
        self.tokens = config.tokens
        self._filled_at = opened_at
        """When the last token came back, or the bucket was full."""

    def take(self, now: int) -> Taken:
        """Decide on a request that has arrived."""
        self._refill(now)
        if self.tokens > 0:
            self.tokens -= 1
            return Taken(Verdict.SERVE)
        if self._config.on_empty == "close":
            return Taken(Verdict.CLOSE)
        if self._config.on_empty == "refuse" or self._config.refill_interval is None:
            return Taken(Verdict.REFUSE)
        self.tokens -= 1
        return Taken(Verdict.SERVE, self._filled_at - self.tokens * self._config.refill_interval - now)

    def _refill(self, now: int) -> None:
        interval = self._config.refill_interval
        if interval is None:
            return
        if self.tokens < self._config.tokens:
            come = min((now - self._filled_at) // interval, self._config.tokens - self.tokens)
            self.tokens += come
            self._filled_at += come * interval
        if self.tokens == self._config.tokens:
            self._filled_at = now
