"""The page of a search, or its section in the page of a study: the answer, the picture, brackets and closed forms."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

from sim.report.chart_cliff import Shares, chart_cliff
from sim.report.chart_lines import Axis
from sim.report.find_record import Record, answer_of, headline, name_of, told_of
from sim.report.number import plain
from sim.report.page import Page, Table
from sim.report.picture import Picture
from sim.report.run_pictures import drawn

COLUMNS = ("arm", "good up to", "bad from", "estimate", "interval", "trials", "closed forms")
_ASSUMPTION = (
    "The bracket of a cliff holds with its stated confidence, however the runs differ; its estimate takes looks at "
    "different values as independent."
)


def find_page(records: Sequence[Record]) -> Page:
    """The page of searches without a sweep; the last one is the answer."""
    last = records[-1]
    page = Page(
        title=f"{last['study']}: cliff",
        answer=headline(last),
        setting=_setting(last),
        command=last["origin"].get("command", ""),
        origin={key: value for key, value in last["origin"].items() if key != "command"},
    )
    return with_finds(page, records)


def with_finds(page: Page, records: Sequence[Record]) -> Page:
    """The page with a picture and a table for each search."""
    if not records:
        return page
    return replace(
        page,
        pictures=[*page.pictures, *find_pictures(records)],
        tables=[*page.tables, *(find_table(record) for record in records)],
        warnings=[*page.warnings, *(line for record in records for line in notes_of(record))],
        assumptions=(*page.assumptions, _ASSUMPTION),
    )


def find_pictures(records: Sequence[Record]) -> list[Picture]:
    """A picture for each search."""
    return [find_picture(record, f"cliff-{i + 1}") for i, record in enumerate(records)]


def find_picture(record: Record, name: str = "cliff") -> Picture:
    """Shares of bad runs along the axis; its title states the answer."""
    lines = {name_of(line): _shares(line) for line in record["lines"]}
    limits = {
        f"{one['name']}: {plain(one['value'])}{record['unit']}": one["value"]
        for line in record["lines"]
        for one in line["limits"]
    }
    axis = Axis(
        x=f"{record['axis']} ({record['unit'] or '1'})", y=f"share of runs in which {told_of(record)[0]}"
    )  # fmt: skip
    caption = "Points are shares of replications, larger for more of them; "
    caption += f"bands are brackets that hold with {_percent(record)} confidence"
    caption += ", bars estimates with their 95 % intervals." if any(line.estimate for line in lines.values()) else "."
    if limits:
        caption += " Thin lines are closed forms: " + "; ".join(_forms(record)) + "."
    told = (_title(record), _setting(record), caption)
    return drawn(name, told, lambda axes, text: chart_cliff(axes[0], lines, axis, limits=limits, answer=text))


def find_table(record: Record) -> Table:
    """One row per arm and point."""
    rows = [cells_of(record, line) for line in record["lines"]]
    title = f"Cliff: {record['condition']} along {record['along']}, {_percent(record)} confidence"
    return Table(title=title, columns=_heads(record), rows=rows, numeric=frozenset({1, 2, 3, 5}))


def cells_of(record: Record, line: Mapping[str, Any]) -> list[str]:
    """What a table says of a line, in the order of its heads."""
    estimate = line["estimate"]
    interval = f"{_bound(estimate['low'])} to {_bound(estimate['high'])}" if estimate else "none: a step"
    if line["found"] == "open" and not estimate:
        interval = "none"
    if line["found"] in {"bad at low", "good at high"}:
        interval = "none: not between the ends"
    return [
        name_of(line), _bound(line["good"]), _bound(line["bad"]), _bound(estimate and estimate["value"]), interval,
        plain(line["trials"]), ", ".join(f"{one['name']} {plain(one['value'])}" for one in line["limits"]) or "none",
    ]  # fmt: skip


def notes_of(record: Record) -> list[str]:
    """What makes an answer weaker or was not asked, a line each."""
    idle = [
        f"{axis}: makes no difference beside {record['along']}; one search stands for all its values"
        for axis in record.get("idle_axes", ())
    ]
    return idle + [
        f"{name_of(line)}: at {', '.join(map(str, line['against']))} the runs are on the other side of the bracket; the"
        " response may not be monotone"
        for line in record["lines"]
        if line["against"] and line["found"] in {"bracket", "open"}
    ]


def _title(record: Record) -> str:
    lines = record["lines"]
    found = [line for line in lines if line["found"] == "bracket"] or lines
    first = answer_of(record, found[0]).partition(";")[0]
    return first if len(lines) == 1 else f"{name_of(found[0])}: {first}"


def _setting(record: Record) -> str:
    low, high = record["between"]
    return f"{record['study']}: {record['along']} between {low} and {high}, in steps of {record['step']}."


def _shares(line: Mapping[str, Any]) -> Shares:
    looks, estimate = line["looks"], line["estimate"]
    bounds = (estimate["value"], estimate["low"], estimate["high"]) if estimate else None
    return Shares(
        x=[look["at"] for look in looks], share=[look["bad"] / look["n"] for look in looks],
        n=[look["n"] for look in looks], good=line["good"], bad=line["bad"],
        estimate=bounds if bounds and all(map(isfinite, bounds)) else None,
    )  # fmt: skip


def _heads(record: Record) -> tuple[str, ...]:
    unit = f" ({record['unit']})" if record["unit"] else ""
    return tuple(f"{head}{unit}" if 0 < i < 5 and i != 4 else head for i, head in enumerate(COLUMNS))


def _forms(record: Record) -> list[str]:
    return list(dict.fromkeys(
        f"{one['name']} {plain(one['value'])}{record['unit']} = {one['explanation']}"
        for line in record["lines"] for one in line["limits"]
    ))  # fmt: skip


def _bound(value: float | None) -> str:
    return "–" if value is None or not isfinite(value) else plain(value)


def _percent(record: Record) -> str:
    return f"{record['confidence'] * 100:g} %"
