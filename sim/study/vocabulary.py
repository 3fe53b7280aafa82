"""What a study knows of the world it runs, as data: the names of its metrics, their short forms, its closed forms."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A closed form: where theory puts a limit of a scenario, on the axis of one of its values."""

    name: str
    """In a few words, as on a line in a picture."""
    path: str
    """The value of the scenario that it bounds."""
    value: float
    """In the units of results: s, /s, B."""
    explanation: str
    """The sum, with its numbers."""
    source: str
    """Where the numbers are from."""


def _nothing(_: Mapping[str, Any]) -> Sequence[Any]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Words of the world."""

    aliases: Mapping[str, str] = field(default_factory=dict)
    """Short name of a metric to its key in the summary."""
    metrics: Callable[[dict[str, Any]], Iterable[str]] = _nothing
    """A resolved scenario to the names of the metrics that its runs may have, with ``{}`` for any text; none: unknown.

    Called in this process only, before anything runs.
    """
    limits: Callable[[dict[str, Any]], Sequence[Limit]] = _nothing
    """A resolved scenario to its closed forms."""

    def key(self, metric: str) -> str:
        """The key of the summary that a name stands for."""
        return self.aliases.get(metric, metric)


def is_known(metric: str, names: Iterable[str]) -> bool:
    """Whether a name is one of these, ``{}`` in them standing for any text."""
    return any(metric == name or ("{}" in name and re.fullmatch(_pattern(name), metric)) for name in names)


def nearest(metric: str, names: Iterable[str]) -> str:
    """The way out of a name that nobody knows."""
    known = [name for name in names if "{}" not in name]
    near = difflib.get_close_matches(metric, known, 1)
    return f"did you mean {near[0]}?" if near else f"known here: {', '.join(known[:12]) or 'none'}"


def _pattern(name: str) -> str:
    return ".+".join(re.escape(part) for part in name.split("{}"))
