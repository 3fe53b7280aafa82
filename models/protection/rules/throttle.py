"""Throttle: a token bucket that tries have to pass once an end has matched. Not a limit that is always there.

The bucket is that of Go's golang.org/x/time/rate: its tokens are floats, a try that waits has its token already.
"""

from models.protection.guard import AT_ONCE, Guard, Outcome, Pass
from models.protection.rules.action import ThrottleAction
from sim.units import SECOND

TOKEN = 1
"""The ticket of a try that took one."""


class Throttle(Guard):
    """Asked before every try; told of matches by the number of its rule."""

    def __init__(self, config: ThrottleAction, number: int, name: str) -> None:
        self._config, self._number = config, number
        self.refusal_text = f"throttled by rule {name}"
        self.reason = "rate"
        self.is_on = False
        self.tokens = 0.0
        """At the last try."""
        self._filled_at = self._matched_at = 0

    def look(self, now: int) -> None:
        """It may have ended."""
        if self.is_on and self._config.for_ and now - self._matched_at >= self._config.for_:
            self.is_on = False

    def ask(self, now: int) -> Pass | None:
        """A token, or the wait for one, or None."""
        self.look(now)
        if not self.is_on:
            return AT_ONCE
        config = self._config
        tokens = min(config.bucket, self.tokens + (now - self._filled_at) / SECOND * config.refill) - 1
        wait = int(-tokens / config.refill * SECOND) if tokens < 0 else 0
        if wait > config.max_wait:
            return None
        self.tokens, self._filled_at = tokens, now
        return Pass(wait, TOKEN)

    def ended(self, ticket: int, outcome: Outcome) -> None:
        """A match begins it, or keeps it up."""
        if outcome.rule != self._number:
            return
        self.look(outcome.now)
        if not self.is_on:
            self.is_on = True
            self.tokens = float(self._config.bucket) if self._config.start == "full" else 0.0
            self._filled_at = outcome.now
        self._matched_at = outcome.now

    def withdrawn(self, ticket: int, now: int) -> None:
        """Its token goes back."""
        if ticket == TOKEN and self.is_on:
            self.tokens = min(float(self._config.bucket), self.tokens + 1)
