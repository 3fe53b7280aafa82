"""A span: what a setting may be, a range between two quantities or a list of choices. It draws nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.quantity.ends import between, check_ends, number_and_unit


@dataclass(frozen=True, slots=True)
class Span:
    """One setting's values, reached by shares between 0 and 1 of the way through them."""

    values: tuple[Any, ...]
    """The two ends of a range as written, or the choices."""
    is_range: bool
    is_log: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it is a range of whole numbers."""
        return self.is_range and all(isinstance(value, int) for value in self.values)

    def at(self, share: float) -> Any:
        """The value at this share; whole numbers and choices get equal parts of the way, the last one its end too.

        Notes
        -----
        Rounding would give the two ends of a range half the weight of the others. In the logarithm the parts are
        those of the numbers' surroundings, from half below the lowest to half above the highest.
        """
        if not self.is_range:
            return self.values[min(int(share * len(self.values)), len(self.values) - 1)]
        if not self.is_whole:
            return between((self.values[0], self.values[1]), share, self.is_log)
        low, high = self.values
        if self.is_log:
            return min(max(round((low - 0.5) * ((high + 0.5) / (low - 0.5)) ** share), low), high)
        return min(low + int(share * (high - low + 1)), high)


def spans_of(written: Mapping[str, Any], log: Sequence[str] = (), place: str = "ranges") -> dict[str, Span]:
    """The span of each path: ``[low, high]`` of two quantities is a range, any other list is of choices.

    Raises
    ------
    ValueError
        Where a range is empty or reversed, a list has nothing to choose from, or ``log`` names no range.
    """
    if not written:
        raise ValueError(f"{place}: is empty; give at least one path with [low, high]")
    if unknown := sorted(set(log) - set(written)):
        raise ValueError(f"log: {unknown[0]} has no range")
    return {path: _span(path, values, path in log, place) for path, values in written.items()}


def _span(path: str, written: Any, is_log: bool, place: str) -> Span:
    is_listed = isinstance(written, Mapping) and list(written) == ["choices"]
    values = written["choices"] if is_listed else written
    if not isinstance(values, list | tuple) or len(values) < 2:
        raise ValueError(f"{place}: {path}: {values} leaves nothing to vary; write [low, high] or a list of choices")
    if not is_listed and len(values) == 2 and all(map(_is_quantity, values)):
        try:
            check_ends(path, (values[0], values[1]), is_log)
        except ValueError as error:
            raise ValueError(
                f"{place}: {str(error).removeprefix('ranges: ')}".replace(f"{place}: log: ", "log: ")
            ) from None
        return Span(tuple(values), is_range=True, is_log=is_log)
    if is_log:
        raise ValueError(f"log: {path} is a list of choices; only a range has a logarithm")
    if len({repr(value) for value in values}) < len(values):
        raise ValueError(f"{place}: {path}: a choice is listed twice; keep one")
    return Span(tuple(values), is_range=False)


def _is_quantity(value: Any) -> bool:
    try:
        number_and_unit(value)
    except ValueError:
        return False
    return True
