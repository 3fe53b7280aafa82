"""Token bucket: Go's golang.org/x/time/rate. Not buckets of other libraries, which round and charge in other ways.

Source: x/time/rate/rate.go. Tokens are floats and may be negative, waits are truncated to whole ns, as there.
"""

from dataclasses import dataclass
from math import inf
from typing import Annotated

from annotated_types import Ge

from models.protection.guard import Pass
from models.protection.limits.limit import Limit
from models.protection.ranges import Ranged
from sim.units import LARGEST, SECOND, Duration, Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenBucketConfig(Ranged):
    """A rate.Limiter: so many calls per second, with a burst."""

    rate: Annotated[Rate, Ge(0)]
    """Tokens per second (Limit); 0 leaves the initial burst alone."""
    burst: Annotated[int, Ge(0)]
    """Most tokens, and those at the start; 0 lets nothing pass."""
    max_wait: Duration | None = 0
    """How long a call may wait for its token: 0 is Allow, a duration is Wait with that deadline, null has no end."""

    def __post_init__(self) -> None:
        Ranged.__post_init__(self)
        if self.rate == 0 and self.max_wait is None:
            raise ValueError("max_wait: null waits for ever where rate is 0; write a duration or another rate")


class TokenBucket(Limit):
    """A bucket that starts full; a call takes a token, or reserves one that is still to come."""

    def __init__(self, config: TokenBucketConfig) -> None:
        self._rate, self._burst = config.rate, config.burst
        self._longest = LARGEST if config.max_wait is None else config.max_wait
        self.tokens = float(config.burst)
        """At the last call that passed."""
        self._last = self._last_event = 0
        self.reason = "rate"
        if config.max_wait != 0:
            self.refusal_text, self.refusal_status = "rate: Wait(n=1) would exceed context deadline", 0

    def ask(self, now: int) -> Pass | None:
        wait = self.reserve(now, 1, self._longest)
        return None if wait is None else Pass(wait, now + wait)

    def reserve(self, now: int, n: int, longest: int = LARGEST) -> int | None:
        """How long to wait for n tokens, which are taken; None where that is longer than `longest` (reserveN)."""
        last = min(self._last, now)
        tokens = self._advanced(now, last) - n
        wait = self._time_for(-tokens) if tokens < 0 else 0
        if n > self._burst or wait > longest:
            return None
        self._last, self.tokens, self._last_event = now, tokens, now + wait
        return wait

    def cancel(self, act_at: int, n: int, now: int) -> None:
        """Give back n tokens that were to be used at `act_at`, but for what was reserved after them (CancelAt)."""
        if act_at < now:
            return
        restored = n - self._tokens_in(self._last_event - act_at)
        if restored <= 0:
            return
        self.tokens = min(self._burst, self._advanced(now, min(self._last, now)) + restored)
        self._last = now
        if act_at == self._last_event:
            before = act_at - self._time_for(n)
            self._last_event = before if before >= now else act_at

    def withdrawn(self, ticket: int, now: int) -> None:
        """The ticket is the instant at which its token was to be used."""
        self.cancel(ticket, 1, now)

    def _advanced(self, now: int, last: int) -> float:
        return min(self._burst, self.tokens + self._tokens_in(now - last))

    def _tokens_in(self, time: int) -> float:
        whole, rest = divmod(time, SECOND)
        return (whole + rest / SECOND) * self._rate

    def _time_for(self, tokens: float) -> int:
        ns = tokens / self._rate * SECOND if self._rate > 0 else inf
        return LARGEST if ns > LARGEST else int(ns)
