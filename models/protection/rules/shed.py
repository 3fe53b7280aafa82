"""Shed: tries are refused for a while after an end has matched. Not a breaker: it neither counts nor probes."""

from collections.abc import Callable

from models.protection.guard import AT_ONCE, Guard, Outcome, Pass
from models.protection.rules.action import ShedAction


class Shed(Guard):
    """Asked before every try; told of matches by the number of its rule; `draw` gives uniform numbers in [0, 1)."""

    def __init__(self, config: ShedAction, number: int, name: str, *, draw: Callable[[], float]) -> None:
        self._config, self._number, self._draw = config, number, draw
        self.refusal_text = f"shed by rule {name}"
        self.reason = "shed"
        self.until = 0

    def ask(self, now: int) -> Pass | None:
        """None for so long and for that share."""
        if now >= self.until:
            return AT_ONCE
        share = self._config.share
        return None if share >= 1 or self._draw() < share else AT_ONCE

    def ended(self, ticket: int, outcome: Outcome) -> None:
        """A match."""
        if outcome.rule == self._number:
            self.until = outcome.now + self._config.for_
