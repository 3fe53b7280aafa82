"""Tolerance: how far a simulated figure may lie from what repetitions measured, and whether it does.

A quantity's class is that of its relative spread over the repetitions: up to 2 % T (tight), up to 10 % o (ok), beyond
N (noisy). T and o are compared with the mean of the simulated replications, N as two ranges.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

TIGHT, OK, NOISY = "T", "o", "N"
_SPREADS = ((0.02, TIGHT), (0.10, OK))
_SHARES = {TIGHT: 0.03, OK: 0.10}
SMALL_COUNT = 50
"""Tight counts below it may differ by 2, or by 5 %."""

COUNT, INSTANT, FIGURE = "count", "instant", "figure"
"""Sorts of quantities: a number of things, an instant of the run in seconds, anything else."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One quantity of one case."""

    quantity: str
    class_: str
    measured: list[float | int]
    simulated: float | int | list[float | int] | None
    """A mean for T and o, [min, max] for N; None where nothing was simulated."""
    tolerance: float
    """Largest difference from the mean of the measured values; 0 for ranges, which have to overlap."""
    ok: bool

    def words(self) -> tuple[str, str, str, str, str]:
        """Class, measured, simulated, tolerance and verdict as a table shows them."""
        allowed = "ranges overlap" if self.class_ == NOISY else f"±{figure(self.tolerance)}"
        measured = " ".join(map(figure, self.measured))
        return self.class_, measured, figure(self.simulated), allowed, "ok" if self.ok else "OUT"


def printed(case: str, row: Any) -> dict[str, Any]:
    """A row of a comparison as it is printed with --json: the seven keys of every comparison, from its fields."""
    keys = ("measured", "simulated", "tolerance", "ok")
    return {"case": case, "quantity": row.quantity, "class": row.class_} | {key: getattr(row, key) for key in keys}


def class_of(measured: Sequence[float]) -> str:
    """T, o or N by the relative spread, (max - min) / |mean|."""
    spread, mean = max(measured) - min(measured), abs(fmean(measured))
    return next((name for most, name in _SPREADS if spread <= most * mean), NOISY)


def judge(
    quantity: str,
    measured: Sequence[float | int],
    simulated: Sequence[float | int],
    *,
    sort: str,
    is_reproducible: bool,
) -> Verdict:
    """Compare what repetitions measured, at least one value, with what replications gave, if they could."""
    class_ = class_of(measured) if is_reproducible else NOISY
    values = list(measured)
    if not simulated:
        return Verdict(quantity, class_, values, None, 0.0, ok=False)
    if class_ == NOISY:
        low, high = min(simulated), max(simulated)
        ok = low <= max(values) and high >= min(values)
        return Verdict(quantity, class_, values, [low, high], 0.0, ok)
    mean, allowed = fmean(values), tolerance_of(values, class_, sort)
    figure = fmean(simulated)
    return Verdict(quantity, class_, values, figure, allowed, ok=abs(figure - mean) <= allowed * (1 + 1e-9))


def tolerance_of(measured: Sequence[float], class_: str, sort: str) -> float:
    """The largest difference from the mean: a share of it, or the measured range where that is wider."""
    mean = fmean(measured)
    reached = max(abs(value - mean) for value in measured)
    if sort == INSTANT:
        return max(0.5, 0.02 * abs(mean), reached)
    if class_ == TIGHT and sort == COUNT and abs(mean) < SMALL_COUNT:
        return max(2.0, 0.05 * abs(mean), reached)
    return max(_SHARES[class_] * abs(mean), reached)


def figure(value: Any) -> str:
    """A value as tables show it: four digits, `none` for what is not there, ranges with `to`."""
    if value is None:
        return "none"
    if isinstance(value, list):
        return " to ".join(map(figure, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)
