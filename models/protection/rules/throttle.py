"""Throttle: a token bucket that tries have to pass once an end has matched. Not a limit that is always there.

The bucket is that of limits/token_bucket.py (golang.org/x/time/rate), made anew whenever a throttle begins.
"""

from models.protection.guard import AT_ONCE, Guard, Outcome, Pass
from models.protection.limits.token_bucket import TokenBucket, TokenBucketConfig
from models.protection.rules.action import ThrottleAction

UNTHROTTLED = AT_ONCE._replace(ticket=-1)
"""Of a try that took no token; the tickets of others are the bucket's, which are instants."""


class Throttle(Guard):
    """Asked before every try; told of matches by the number of its rule."""

    def __init__(self, config: ThrottleAction, number: int, name: str) -> None:
        self._config, self._number = config, number
        self.refusal_text = f"throttled by rule {name}"
        self.reason = "rate"
        self._bucket: TokenBucket | None = None
        """There while the throttle is on."""
        self._matched_at = 0

    def look(self, now: int) -> None:
        """It may have ended."""
        if self._config.for_ and now - self._matched_at >= self._config.for_:
            self._bucket = None

    def ask(self, now: int) -> Pass | None:
        """A token, or the wait for one, or None."""
        self.look(now)
        return UNTHROTTLED if self._bucket is None else self._bucket.ask(now)

    def ended(self, ticket: int, outcome: Outcome) -> None:
        """A match begins it, or keeps it up."""
        if outcome.rule != self._number:
            return
        self.look(outcome.now)
        self._matched_at = outcome.now
        if self._bucket is None:
            config = self._config
            self._bucket = TokenBucket(
                TokenBucketConfig(rate=config.refill, burst=config.bucket, max_wait=config.max_wait)
            )
            if config.start == "empty":
                self._bucket.reserve(outcome.now, config.bucket)

    def withdrawn(self, ticket: int, now: int) -> None:
        """A token that was to be used later goes back, but for what was taken after it (CancelAt)."""
        if ticket != UNTHROTTLED.ticket and self._bucket is not None:
            self._bucket.withdrawn(ticket, now)
