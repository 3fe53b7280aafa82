"""Ranges: a configuration that refuses numbers outside its fields' ranges, wherever it is made. Not a file's errors.

The ranges are the marks of the fields' types (annotated_types), of which a scenario's loader makes its own errors.
"""

from typing import Any, get_args, get_type_hints

from annotated_types import Ge, Gt, Le, Lt

from sim.units import Quantity, format_duration

MOST_PARTS = 10_000
"""Buckets of a window that are kept apart: each instance of a guard has them all in memory."""


class Ranged:
    """What the configurations of guards inherit.

    Raises
    ------
    ValueError
        At the creation: a number lies outside its range. The text begins with the field.
    """

    __slots__ = ()

    def __post_init__(self) -> None:
        for name, hint in get_type_hints(type(self), include_extras=True).items():
            value = getattr(self, name)
            marks = [mark for part in (hint, *get_args(hint)) for mark in getattr(part, "__metadata__", ())]
            if value is not None:
                _refuse(name, value, marks)


def check_order(config: Any, least: str, most: str) -> None:
    """Raise ValueError where the first of two fields is above the second."""
    low, high = getattr(config, least), getattr(config, most)
    if low > high:
        raise ValueError(f"{least}: {low} is above {most}; write {high} or less")


def check_parts(field: str, part: int, whole: int) -> None:
    """Raise ValueError where a window of so many ns has more parts of that length than can be kept."""
    if whole // part > MOST_PARTS:
        least = format_duration(-(-whole // MOST_PARTS))
        raise ValueError(f"{field}: the window has {whole // part} of them; write {least} or more")


def _refuse(name: str, value: Any, marks: list[Any]) -> None:
    quantity = next((mark for mark in marks if isinstance(mark, Quantity)), None)
    write = quantity.format if quantity else _plain
    for mark in marks:
        match mark:
            case Ge(ge=least) if value < least:
                raise ValueError(f"{name}: {write(value)} is too small; write {write(least)} or more")
            case Gt(gt=least) if value <= least:
                raise ValueError(f"{name}: {write(value)} is too small; write more than {write(least)}")
            case Le(le=most) if value > most:
                raise ValueError(f"{name}: {write(value)} is too large; write {write(most)} or less")
            case Lt(lt=most) if value >= most:
                raise ValueError(f"{name}: {write(value)} is too large; write less than {write(most)}")


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
