"""Page: one HTML file with everything in it: verdicts, pictures, tables, assumptions, and how to get it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from sim.records.disk import write_whole
from sim.report.palette import DARK, variable
from sim.report.picture import Picture


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a report says, from the answer down to the seed."""

    title: str
    answer: str
    setting: str = ""
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


@cache
def _template() -> Template:
    loader = PackageLoader("sim.report")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    return environment.get_template("page.html.j2")
