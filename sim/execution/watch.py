"""What a sweep tells whoever watches it: how far it is, what failed, and which interval is still the widest."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sim.study.estimate import estimate
from sim.study.precision import Replications, goal_of
from sim.study.results import Replicated

Progress = Callable[[int, int], None]
"""Called with the trials done and the trials in all, after each one."""


@dataclass(frozen=True, slots=True)
class Widest:
    """The interval that is farthest from what the study asks for."""

    metric: str
    arm: str
    point: Mapping[str, Any]
    half_width: float
    goal: float
    """The half-width to reach, in the metric's unit."""
    target: Any
    """The same as the study has it, such as 5%."""

    @property
    def excess(self) -> float:
        """How many times as wide as it should be."""
        return self.half_width / self.goal


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a sweep is."""

    done: int
    total: int
    failed: int
    """Of the trials that this sweep ran."""
    widest: Widest | None = None
    """As of the last round; None where the number of replications is fixed, or nothing is known yet."""


class Watcher:
    """Watches a sweep more closely than a `Progress`: give one in its place."""

    def __call__(self, done: int, total: int) -> None:
        """Be told as any other progress."""
        self.tell(Stage(done, total, 0))

    def tell(self, stage: Stage) -> None:
        """Be told after each trial."""
        raise NotImplementedError


def widest_of(replications: Replications, found: Iterable[Replicated]) -> Widest | None:
    """The interval of all cells and metrics that exceeds its goal the most; None where none is known."""
    wide = [
        Widest(metric, one.cell.arm, one.cell.point, interval.half_width, goal_of(interval, target), target)
        for one in found
        for metric, target in replications.until.items()
        if len(known := [value for value in one.values(metric) if value is not None]) > 1
        for interval in [estimate(known)]
    ]
    return max(wide, key=lambda one: one.excess, default=None)
