"""Each: families of figures by the beginning of a name alone, declared. `sim/analysis/metric.py` computes them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LevelMaxEach:
    """LevelMax for every column whose name begins with `prefix`, by the rest of its name."""

    prefix: str
    table: str = "samples"


@dataclass(frozen=True, slots=True)
class CounterEach:
    """Every counter whose name begins with `prefix`, by the rest of its name."""

    prefix: str = ""
