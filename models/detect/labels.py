"""Labels: the faults that were put into runs, as somebody writes them. Configuration only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from models.detect.judge import Label
from sim.units import HOUR, SECOND, Duration

DetectorName = Literal[
    "half-open", "syn-flood", "flash-disconnect", "close-wait", "time-wait", "port-exhaustion", "retransmissions",
    "accept-queue", "pool-starvation", "goroutine-leak",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelConfig:
    """One fault, by the detector that should find it."""

    detector: DetectorName
    """Which one."""
    from_: Duration = 0
    """When it begins."""
    to: Duration = 24 * HOUR
    """When it ends, or what it has left behind is over."""
    key: str = ""
    """Part of what the detector calls the place: a destination, a state; empty: anywhere."""

    def __post_init__(self) -> None:
        if self.to < self.from_:
            raise ValueError("to: lies before from; write the beginning first")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsConfig:
    """The faults of several runs."""

    runs: Mapping[str, tuple[LabelConfig, ...]] = field(default_factory=dict)
    """By the name of the run's folder, or of a text; `[]` where nothing is wrong."""

    def of(self, name: str) -> list[Label]:
        """Those of one run."""
        return [
            Label(detector=one.detector, start=one.from_ / SECOND, end=one.to / SECOND, key=one.key)
            for one in self.runs.get(name, ())
        ]
