"""Numbers as people read them: three significant digits, thousands apart, a dash where there is none."""

from math import ceil, isfinite, log10

NONE = "–"
_FINEST = 1e-6
"""An interval narrower than that has no width worth a digit."""


def plain(value: float | None) -> str:
    """Three significant digits below 100, whole numbers above."""
    if value is None or not isfinite(value):
        return NONE
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    digits = f"{value:.3g}"
    return f"{value:.6f}".rstrip("0") if "e-" in digits and abs(value) >= 1e-6 else digits


def bounded(value: float | None, low: float | None, high: float | None) -> tuple[str, str, str]:
    """A value and the ends of its interval, with as many decimals as it takes to tell the ends apart.

    Examples
    --------
    >>> bounded(459.5214, 459.3147, 459.7283)
    ('459.52', '459.31', '459.73')
    >>> bounded(459.5052, 459.5052, 459.5052)
    ('459.5', '459.5', '459.5')
    >>> bounded(12.0, 11.2, 12.8)
    ('12', '11.2', '12.8')
    """
    told = plain(value), plain(low), plain(high)
    if value is None or low is None or high is None or not isfinite(high - low):
        return told
    is_coarse = abs(value) >= 100 and len(set(told)) < len(told) and value not in {low, high}
    if told[1] != told[2] and not is_coarse:
        return told
    if high - low < _FINEST:
        decimals = 1 if abs(value) >= 100 and value != int(value) else 0
    else:
        decimals = ceil(-log10(high - low)) + 1
    return tuple(f"{each:,.{decimals}f}" for each in (value, low, high)) if decimals > 0 else told  # type: ignore[return-value]


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
