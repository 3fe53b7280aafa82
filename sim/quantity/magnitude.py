"""What a written value amounts to, in the units of results: seconds, events per second, bytes. Not a schema type."""

import re
from collections.abc import Callable
from typing import Any

from sim.units import SECOND, parse_duration, parse_rate, parse_size

_PERCENT = re.compile(r"[+-]?\d+(?:\.\d+)?%")
_POINTS = re.compile(r"([+-]?\d+(?:\.\d+)?)pp")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_READERS: tuple[tuple[Callable[[str], float], float, str], ...] = (
    (parse_duration, SECOND, "s"),
    (parse_rate, 1, "/s"),
    (parse_size, 1, "B"),
)


def magnitude(written: Any) -> tuple[float, str] | None:
    """The number that a metric is compared with, and its unit; None for a word or a structure.

    Notes
    -----
    ``300ms`` is (0.3, "s"), ``3/m`` is (0.05, "/s"), ``4KiB`` is (4096, "B"); a percentage is a plain fraction, and so
    are percentage points: ``0.1pp`` is 0.001, also where ``0.1%`` means a thousandth of something.
    """
    if isinstance(written, bool) or not isinstance(written, int | float | str):
        return None
    if not isinstance(written, str):
        return float(written), ""
    if _PERCENT.fullmatch(written):
        return float(written[:-1]) / 100, ""
    if points := _POINTS.fullmatch(written):
        return float(points[1]) / 100, ""
    if _NUMBER.fullmatch(written):
        return float(written), ""
    for read, per_unit, unit in _READERS:
        try:
            return read(written) / per_unit, unit
        except ValueError:
            continue
    return None


def number(written: Any) -> float:
    """The magnitude alone; raises ValueError for what is none."""
    found = magnitude(written)
    if found is None:
        raise ValueError(
            f"{written} is not a quantity; write a number, or one with a unit such as 300ms, 400/s, 5% or 0.1pp"
        )
    return found[0]


def unit_of(written: Any) -> str:
    """The unit that a result compared with this value has; empty for plain numbers."""
    found = magnitude(written)
    return found[1] if found else ""


def comparable(written: Any) -> Any:
    """A value under which different spellings of one quantity are equal: 1s and 1000ms, 60/m and 1/s."""
    return magnitude(written) or written
