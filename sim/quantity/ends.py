"""Two ends of a range as written, in one unit, and what lies between them. What they amount to is in `magnitude`."""

import re
from typing import Any

_WRITTEN = re.compile(r"(?P<number>[+-]?\d+(?:\.\d+)?)(?P<unit>\D*)")


def number_and_unit(written: Any) -> tuple[float, str]:
    """The number and the unit of what is written; ValueError where it is neither a number nor one with a unit."""
    match = _WRITTEN.fullmatch(str(written))
    if match is None or isinstance(written, bool):
        raise ValueError(f"ranges: {written} is not a number with an optional unit")
    return float(match["number"]), match["unit"]


def check_ends(path: str, ends: tuple[Any, Any], is_log: bool) -> None:
    """Raise ValueError, naming the field, where there is nothing between the ends."""
    (low, low_unit), (high, high_unit) = number_and_unit(ends[0]), number_and_unit(ends[1])
    if low_unit != high_unit:
        raise ValueError(f"ranges: {path}: {ends[0]} and {ends[1]} differ in unit; write both in one")
    if not low < high:
        raise ValueError(f"ranges: {path}: {ends[0]} is not below {ends[1]}; write the lower bound first")
    if is_log and low <= 0:
        raise ValueError(f"log: {path} starts at {ends[0]}; a logarithm needs a bound above 0")


def between(ends: tuple[Any, Any], share: float, is_log: bool) -> Any:
    """The value at a share of the range, written in its unit; whole between whole ends."""
    (low, unit), (high, _) = number_and_unit(ends[0]), number_and_unit(ends[1])
    value = low * (high / low) ** share if is_log else low + (high - low) * share
    if all(isinstance(end, int) for end in ends):
        return round(value)
    rounded = float(f"{value:.6g}")  # six digits: a point has to be readable in a table of results
    return f"{rounded:.12g}{unit}" if unit else rounded
