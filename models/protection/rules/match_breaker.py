"""Match breaker: a rule's circuit breaker, gobreaker's, to which a match is the failure. No state machine of its own.

Its rules are those of breakers/gobreaker.py, version 2, with ConsecutiveFailures.
"""

from models.protection.breakers.gobreaker import Gobreaker
from models.protection.breakers.gobreaker_config import ConsecutiveFailures, GobreakerConfig
from models.protection.guard import Outcome, Pass
from models.protection.rules.action import BreakAction


class MatchBreaker(Gobreaker):
    """Asked before every try; told of matches by the number of its rule."""

    def __init__(self, config: BreakAction, number: int, name: str) -> None:
        in_a_row = ConsecutiveFailures(more_than=config.consecutive - 1)
        super().__init__(
            GobreakerConfig(
                max_requests=config.max_requests, timeout=config.timeout, ready_to_trip=in_a_row,
                excludes_cancelled=True, excludes_refused=True,
            )
        )  # fmt: skip
        self._number, self._text = number, f"circuit breaker of rule {name} is open"

    def ask(self, now: int) -> Pass | None:
        """As gobreaker, in the words of the rule."""
        passed = super().ask(now)
        self.refusal_text = self._text
        return passed

    def ended(self, ticket: int, outcome: Outcome) -> None:
        """A match has failed, every other end that says something has succeeded."""
        super().ended(ticket, outcome._replace(is_failure=outcome.rule == self._number))
