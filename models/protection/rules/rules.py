"""Rules: those of one instance's calls of one service: which of them an end meets, and what follows.

The first match wins. Throttle, break and shed are guards, told of the match with the end itself; they look past tries
that a guard refused, which never came to the service, and would otherwise answer their own echo.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from models.protection.guard import Guard
from models.protection.rules.action import (
    SEE_REFUSED,
    Action,
    AnnotateAction,
    BreakAction,
    RetryAction,
    ShedAction,
    ThrottleAction,
)
from models.protection.rules.config import RuleConfig
from models.protection.rules.end import Ends
from models.protection.rules.match import match_of
from models.protection.rules.match_breaker import MatchBreaker
from models.protection.rules.shed import Shed
from models.protection.rules.throttle import Throttle
from models.request import Request

NONE = -1
"""The number of no rule."""


class Rules:
    """Told of every try's end; `note` writes an event."""

    __slots__ = ("_actions", "_ends", "_matches", "_names", "_note", "counts")

    def __init__(self, rules: Sequence[RuleConfig], ends: Ends, note: Callable[[str], object]) -> None:
        self._names = [rule.name for rule in rules]
        self._matches = [match_of(rule.match) for rule in rules]
        self._actions = [rule.action for rule in rules]
        self._ends, self._note = ends, note
        self.counts: Counter[str] = Counter()
        """Of each rule by name: `NAME.matched`, and `NAME.note:NOTE` of one that annotates."""

    def look(self, request: Request, attempt: int, now: int, *, is_refused: bool = False) -> int:
        """The number of the first rule that the end of a try meets; NONE of none."""
        facts = self._ends.facts_of(request, attempt, now, is_refused=is_refused)
        for number, (match, action) in enumerate(zip(self._matches, self._actions, strict=True)):
            if is_refused and not isinstance(action, SEE_REFUSED):
                continue
            if match.holds(facts):
                self._count(self._names[number], action)
                return number
        return NONE

    def _count(self, name: str, action: Action) -> None:
        self.counts[f"{name}.matched"] += 1
        if isinstance(action, AnnotateAction):
            note = action.note or name
            self.counts[f"{name}.note:{note}"] += 1
            self._note(note)

    def retry_of(self, number: int) -> RetryAction | None:
        """How a call is tried again after an end that meets this rule; None leaves that to its client."""
        action = self._actions[number] if number != NONE else None
        return action if isinstance(action, RetryAction) else None


def guard_of(rule: RuleConfig, number: int, draw: Callable[[], Any]) -> Guard | None:
    """The guard that an action puts before later tries, in its first state; None where it puts none."""
    match rule.action:
        case ThrottleAction():
            return Throttle(rule.action, number, rule.name)
        case BreakAction():
            return MatchBreaker(rule.action, number, rule.name)
        case ShedAction():
            return Shed(rule.action, number, rule.name, draw=draw)
    return None
