"""Suppressions: comments that silence a rule at a place, each with its reason.

    idle_timeout: 0s  # sim-lint: ignore PO008 -- one batch job, restarted hourly
    # sim-lint: ignore-file PO004 -- generated

A comment on a line of its own speaks of the next line. One without a reason, or with nothing to silence, is a finding.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from sim.lint.finding import Finding, Severity, located
from sim.lint.text import Text

_COMMENT = re.compile(
    r"(?P<lead>^[ \t]*)?(?:#|//|;)[ \t]*sim-lint:[ \t]*(?P<verb>ignore-file|ignore)[ \t]+"
    r"(?P<ids>[\w-]+(?:[ \t]{0,9},[ \t]{0,9}[\w-]+){0,50})"
    r"(?:[ \t]*--[ \t]*(?P<reason>[^\n]*\S))?",
    re.MULTILINE,
)
MOST = 1_000
"""Comments of one text that count."""
UNREASONED, UNUSED = "LN001", "LN002"


@dataclass(slots=True)
class _Comment:
    ids: tuple[str, ...]
    reason: str
    start: int
    end: int
    line: int
    """The line it speaks of; 0 for all."""
    used: bool = False


class Suppressions:
    """The comments of one text."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.comments: list[_Comment] = []
        if "sim-lint:" not in text.content:
            return
        for found in islice(_COMMENT.finditer(text.content), MOST):
            line = text.position(found.start("verb"))[0]
            ids = tuple(one.strip() for one in found["ids"].split(","))
            about = 0 if found["verb"] == "ignore-file" else line + (found["lead"] is not None)
            self.comments.append(_Comment(ids, found["reason"] or "", found.start("verb"), found.end(), about))
        meant: dict[int, int] = {}
        for one in reversed(self.comments):  # several comments above one line all speak of it
            if one.line:
                own = text.position(one.start)[0]
                one.line = meant[own] = meant.get(one.line, one.line)

    def applied(self, found: Sequence[Finding]) -> list[Finding]:
        """The findings, those that a comment silences marked with its reason; and what is wrong with comments."""
        judged = [self._silenced(finding) for finding in found]
        for one in self.comments:
            if not one.reason:
                judged.append(self._about(one, UNREASONED, f"{', '.join(one.ids)}: no reason; write -- and why"))
            elif not one.used:
                judged.append(self._about(one, UNUSED, f"{', '.join(one.ids)}: nothing to ignore; remove it"))
        return judged

    def _silenced(self, finding: Finding) -> Finding:
        for one in self.comments:
            if one.reason and finding.rule in one.ids and one.line in {0, finding.line}:
                one.used = True
                return replace(finding, suppressed=one.reason)
        return finding

    def _about(self, one: _Comment, rule: str, message: str) -> Finding:
        name = "suppression with a reason" if rule == UNREASONED else "suppression of something"
        return Finding(
            rule=rule, name=name, severity=Severity.WARNING, message=message,
            **located(self.text, one.start, one.end),  # type: ignore[arg-type]  # the fields of a place
        )  # fmt: skip
