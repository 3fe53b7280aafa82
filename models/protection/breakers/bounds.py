"""Bounds: thresholds and windows that no breaker can work with are refused. Not the rest of a configuration's ranges.

pydantic reads the bounds that stand beside a field; these hold for what is built in Python, too.
"""

from sim.units import format_duration


def check_between(field: str, value: float, *, low: float, high: float) -> None:
    """Refuse a threshold outside its range.

    Raises
    ------
    ValueError
        In one line: the field, the value, the way out.
    """
    if not low <= value <= high:
        raise ValueError(f"{field}: {value:g} lies outside {low:g} to {high:g}; write a number within")


def check_share(field: str, value: float, *, high: float) -> None:
    """Refuse a share that is none, or more than all.

    Raises
    ------
    ValueError
        In one line: the field, the value, the way out.
    """
    if not 0 < value <= high:
        raise ValueError(f"{field}: {value:g} is not above 0 and at most {high:g}; write a number within")


def check_positive(field: str, duration: int, example: str) -> None:
    """Refuse a window or a time to wait that is no time at all.

    Raises
    ------
    ValueError
        In one line: the field, the value, the way out.
    """
    if duration <= 0:
        raise ValueError(f"{field}: {format_duration(duration)} is no time; write a longer one, such as {example}")


def check_count(field: str, count: int, least: int = 1) -> None:
    """Refuse a number of calls below the least that means something.

    Raises
    ------
    ValueError
        In one line: the field, the value, the way out.
    """
    if count < least:
        raise ValueError(f"{field}: {count} is too few; write {least} or more")
