"""Batch: many files judged, in processes where there are enough of them to be worth it."""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from sim.lint.check import PARSE_ERROR, Judged, Linter
from sim.lint.facts import Facts
from sim.lint.fix import applied
from sim.lint.rule import Rule
from sim.lint.source import read
from sim.lint.text import Text
from sim.units import InputError

_MOST_ROUNDS = 20
"""One fix may make room for the next; each round makes all that do not meet."""
MOST_ALONE = 150
"""Files beyond which a second process is worth its start."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file; `trouble` says why it was not read."""

    file: str
    judged: Judged = field(default_factory=Judged)
    trouble: str = ""


def judged_files(
    files: Sequence[str], rules: Iterable[Rule], facts: Facts, *, as_kind: str = "", jobs: int | None = None
) -> list[Outcome]:
    """Judge files, in their order."""
    rules = list(rules)
    jobs = min(os.cpu_count() or 1, 8) if jobs is None else jobs
    if jobs == 1 or len(files) <= MOST_ALONE:
        linter = Linter(rules, facts)
        return [_one(linter, name, as_kind) for name in files]
    size = max(len(files) // (jobs * 8), 1)
    parts = [(files[i : i + size], as_kind) for i in range(0, len(files), size)]
    with ProcessPoolExecutor(jobs, initializer=_begin, initargs=(rules, facts)) as pool:
        return [outcome for part in pool.map(_some, parts) for outcome in part]


_LINTER: list[Linter] = []


def _begin(rules: list[Rule], facts: Facts) -> None:
    _LINTER[:] = [Linter(rules, facts)]


def _some(part: tuple[Sequence[str], str]) -> list[Outcome]:
    return [_one(_LINTER[0], name, part[1]) for name in part[0]]


def _one(linter: Linter, name: str, as_kind: str) -> Outcome:
    try:
        text = read(name)
    except InputError as error:
        return Outcome(name, trouble=str(error))
    return Outcome(text.name, linter.lint(text, as_kind))


def fixed(linter: Linter, text: Text, as_kind: str = "") -> tuple[str, int]:
    """The text with all fixes made, as long as there are any, and how many were made.

    A fix that would leave a text that cannot be read any more is not made.
    """
    content, made = text.content, 0
    judged = linter.lint(text, as_kind)
    broken = sum(one.rule == PARSE_ERROR for one in judged.findings)
    for _ in range(_MOST_ROUNDS):
        edits = [one.fix for one in judged.findings if one.fix and one.suppressed is None]
        after, count = applied(content, edits)
        if not count or after == content:
            break
        again = linter.lint(Text(text.name, after), as_kind)
        if sum(one.rule == PARSE_ERROR for one in again.findings) > broken:
            break
        content, made, judged = after, made + count, again
    return content, made
