"""What a study knows of the world it runs, as data: the names of its metrics, their short forms, its closed forms."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.study.metric_names import MetricNames


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
    metrics: MetricNames | None = None
    """What runs may measure, short names too; None where nobody says: then a metric that no trial has shows at the end.
    """
    limits: Callable[[dict[str, Any]], Sequence[Limit]] = _nothing
    """A resolved scenario to its closed forms."""

    def key(self, metric: str) -> str:
        """The key of the summary that a name stands for."""
        return self.aliases.get(metric, metric)
