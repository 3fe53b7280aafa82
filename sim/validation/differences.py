"""Differences: what is known of why quantities lie outside their tolerance, for the page that shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

from annotated_types import Len

from sim.scenario import Loader, read_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One reason, and where it applies; `*` in a name stands for any text."""

    cases: Annotated[tuple[str, ...], Len(1)]
    """Names of recorded cases, such as E11-*-rtt0."""
    quantities: Annotated[tuple[str, ...], Len(1)]
    """Names of quantities, such as connect_*."""
    why: str
    """The reason, as sentences."""

    def explains(self, case: str, quantity: str) -> bool:
        """Whether it is the reason of this quantity of this case."""
        return _is_among(case, self.cases) and _is_among(quantity, self.quantities)


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    differences: tuple[Difference, ...]
    """The reasons; the first that applies counts."""


def read_differences(path: Path) -> tuple[Difference, ...]:
    """Read a file of reasons.

    Raises
    ------
    InputError
        With file, line and column: a key is wrong.
    """
    found: _File = Loader(_File).load(read_text(path), str(path))
    return found.differences


def why(differences: Sequence[Difference], case: str, quantity: str) -> str:
    """The first reason that applies; empty where none is known.

    Examples
    --------
    >>> cold = Difference(cases=("E02-*",), quantities=("connect_*",), why="A cold processor.")
    >>> why([cold], "E02-tw0", "connect_p50")
    'A cold processor.'
    """
    return next((one.why for one in differences if one.explains(case, quantity)), "")


def _is_among(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
