"""Page: one HTML file with everything in it: verdicts, pictures, tables, assumptions, and how to get it again."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from sim.records.disk import write_whole
from sim.report.palette import DARK, variable
from sim.report.picture import Picture

_JOINT = re.compile(r"(?<=[_./:])(?=\w)")
"""Where a long name may go on in the next line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One claim and what became of it, as text to be read."""

    id: str
    statement: str
    verdict: str
    value: str = ""
    interval: str = ""
    condition: str = ""
    note: str = ""
    """Said below the verdict, such as which one was expected."""
    ok: bool = True
    """The verdict is the one that was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Cells as text, under heads that say their units."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: frozenset[int] = frozenset()
    """Indices of the columns that are set flush right."""
    grouped: int = 0
    """So many columns at the left say where a row belongs; a page says that once, above the rows that share it."""

    def groups(self) -> list[tuple[str, list[Sequence[str]]]]:
        """What rows share, in words, and the rest of those rows; all of them without a word where nothing is shared."""
        if not self.grouped:
            return [("", list(self.rows))]
        n = self.grouped
        return [
            (self._where(shared), [row[n:] for row in rows])
            for shared, rows in groupby(self.rows, lambda row: tuple(row[:n]))
        ]

    def _where(self, shared: Sequence[str]) -> str:
        """The first of them alone, the others behind the names of their columns: two, rate 100/s."""
        told = [shared[0]]
        for column, cell in zip(self.columns[1 : self.grouped], shared[1:], strict=True):
            name, _, unit = column.removesuffix(")").partition(" (")
            told.append(f"{name} {cell}{unit}")
        return ", ".join(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a report says, from the answer down to the seed."""

    title: str
    answer: str
    setting: str = ""
    statements: Sequence[str] = ()
    """Sentences that follow the answer, such as a verdict."""
    warnings: Sequence[str] = ()
    verdicts: Sequence[Verdict] = ()
    pictures: Sequence[Picture] = ()
    tables: Sequence[Table] = ()
    assumptions: Sequence[str] = ()
    command: str = ""
    origin: Mapping[str, str] = field(default_factory=dict)
    """Seed, versions, fingerprint: what somebody needs to get the same numbers again."""


def render(page: Page) -> str:
    """The page as one HTML text that refers to nothing outside itself."""
    light = {variable(colour): colour for colour in DARK}
    dark = {variable(colour): turned for colour, turned in DARK.items()}
    pictures = [(picture, picture.svg()) for picture in page.pictures]
    return _template().render(page=page, pictures=pictures, light=light, dark=dark)


def write(page: Page, path: Path) -> Path:
    """Write the page whole or not at all, so that a reader never sees half of one."""
    write_whole(path, render(page).encode())
    return path


def foldable(text: str) -> Markup:
    """The text with places where a narrow column may fold a long name: behind underscores, points, slashes, colons."""
    return Markup("<wbr>").join(escape(part) for part in _JOINT.split(text))


@cache
def _template() -> Template:
    loader = PackageLoader("sim.report")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    environment.filters["foldable"] = foldable
    return environment.get_template("page.html.j2")
