"""Numbers as people read them: three significant digits, thousands apart, a dash where there is none."""

from math import isfinite

NONE = "–"


def plain(value: float | None) -> str:
    """Three significant digits below 100, whole numbers above."""
    if value is None or not isfinite(value):
        return NONE
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    digits = f"{value:.3g}"
    return f"{value:.6f}".rstrip("0") if "e-" in digits and abs(value) >= 1e-6 else digits


def seconds(value: float | None) -> str:
    """A time in the unit that keeps it readable: us, ms or s."""
    if value is None or not isfinite(value):
        return NONE
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if abs(value) >= size:
            return f"{plain(value / size)} {unit}"
    return f"{plain(value)} s"


def percent(share: float | None) -> str:
    """A share as a percentage with two decimals; a non-zero one never reads 0.00 %."""
    if share is None or not isfinite(share):
        return NONE
    return "below 0.01 %" if 0 < share < 5e-5 else f"{100 * share:.2f} %"
