"""The pictures and the table of a study's indices: Morris' effects, Sobol's shares, a tornado."""

from collections.abc import Mapping, Sequence
from typing import Any

from sim.report.chart_arms import Bar
from sim.report.chart_effects import chart_effects
from sim.report.chart_tornado import Swing, chart_tornado
from sim.report.number import plain
from sim.report.page import Table
from sim.report.picture import Picture
from sim.report.run_pictures import drawn
from sim.study.arm import ONLY_ARM

_MOST_PICTURES = 6
_MOST_LEADERS = 3

Row = Mapping[str, Any]


def sensitivity_pictures(rows: Sequence[Row], question: str, replications: str) -> list[Picture]:
    """One picture per metric and arm, of the first few."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["metric"], row["arm"]), []).append(row)
    return [
        _picture(f"sensitivity-{i + 1}-{_slug(metric)}", group, (metric, arm), (question, replications))
        for i, ((metric, arm), group) in enumerate([*groups.items()][:_MOST_PICTURES])
    ]


def _picture(name: str, rows: Sequence[Row], of: tuple[str, str], words: tuple[str, str]) -> Picture:
    metric, arm = of
    question = words[0] + ("" if arm == ONLY_ARM else f" Arm: {arm}.")
    kinds = {row["index"] for row in rows}
    maker = _tornado if "change" in kinds else _morris if "mu_star" in kinds else _sobol
    return maker(name, rows, metric, (question, words[1]))


def _morris(name: str, rows: Sequence[Row], metric: str, words: tuple[str, str]) -> Picture:
    spread = {row["axis"]: row["value"] for row in rows if row["index"] == "sigma"}
    bars = {
        axis: [Bar(mean=bar.mean, low=bar.low, high=bar.high, raw=(spread[axis],))]
        for axis, bar in _sorted(rows, "mu_star").items()
    }
    first, quantity = next(iter(bars)), _quantity(metric)
    alone = f"{first} moves {quantity} most: by {plain(bars[first][0].mean)} over its range, on average"
    answer = _strongest({axis: bar for axis, (bar,) in bars.items()}, f"move {quantity}", alone)
    caption = (
        f"Mean size of the effect of each setting over its whole range (mu*), means of {words[1]}; bars end in their"
        " 95 % bootstrap interval. A diamond is the spread of the effects: beyond half of its bar the setting interacts"
        " with others, or its effect is not linear."
    )
    return drawn(
        name, (answer, words[0], caption),
        lambda axes, text: chart_effects(
            axes[0], bars, ("mean size (mu*)", "spread (sigma)"), xlabel=f"change of {_quantity(metric)}", answer=text
        ),
        height=_height(len(bars)),
    )  # fmt: skip


def _sobol(name: str, rows: Sequence[Row], metric: str, words: tuple[str, str]) -> Picture:
    total, alone = _sorted(rows, "ST"), _sorted(rows, "S1")
    bars = {axis: [alone[axis], bar] for axis, bar in total.items()}
    first = next(iter(total))
    told = f"{first} makes {100 * total[first].mean:.0f} % of the variance of {metric}, its interactions included"
    answer = _strongest(total, f"make the variance of {metric}", told)
    caption = (
        f"Sobol indices, from means of {words[1]}, with 95 % bootstrap intervals. What the total has beyond the share"
        " alone is made together with other settings."
    )
    names, xlabel = ("alone (S1)", "with all others (ST)"), f"share of the variance of {metric}"
    return drawn(
        name, (answer, words[0], caption),
        lambda axes, text: chart_effects(axes[0], bars, names, xlabel=xlabel, answer=text),
        height=_height(2 * len(bars)),
    )  # fmt: skip


def _tornado(name: str, rows: Sequence[Row], metric: str, words: tuple[str, str]) -> Picture:
    base = next(row["value"] for row in rows if row["index"] == "base")
    swings: dict[str, list[Swing]] = {}
    for row in rows:
        if row["index"] == "change":
            swing = Swing(at=row["other"], change=row["value"], low=row["low"], high=row["high"])
            swings.setdefault(row["axis"], []).append(swing)
    order = sorted(swings, key=lambda axis: -_width(swings[axis]))
    far = {axis: max(swings[axis], key=lambda swing: abs(swing.change)) for axis in order}
    answer = _swung(far, metric, words[1])
    if all(swing.change == 0 for both in swings.values() for swing in both):
        answer = f"{metric} stays at {plain(base)} whatever one of these settings is"
    caption = (
        f"Differences to the base with 95 % intervals, paired over {words[1]}. One setting at a time: what settings do"
        " together is not seen; axes.morris sees it."
    )
    return drawn(
        name, (answer, words[0], caption),
        lambda axes, text: chart_tornado(
            axes[0], {axis: swings[axis] for axis in order}, base, xlabel=_quantity(metric), answer=text
        ),
        height=_height(sum(map(len, swings.values()))),
    )  # fmt: skip


def sensitivity_table(rows: Sequence[Row]) -> Table:
    """One row per arm, metric and setting, the strongest first; of a tornado one per value."""
    kinds = {row["index"] for row in rows}
    if "change" in kinds or "base" in kinds:
        return _changes(rows)
    first, second = ("mu_star", "sigma") if "mu_star" in kinds else ("ST", "S1")
    by_place: dict[tuple[str, str, str], dict[str, Row]] = {}
    for row in rows:
        by_place.setdefault((row["arm"], row["metric"], row["axis"]), {})[f"{row['index']}{row['other']}"] = row
    groups: dict[tuple[str, str], list[tuple[str, dict[str, Row]]]] = {}
    for (arm, metric, axis), found in by_place.items():
        groups.setdefault((arm, metric), []).append((axis, found))
    cells = []
    for (arm, metric), members in groups.items():
        for axis, found in sorted(members, key=lambda member: -member[1][first]["value"]):
            one, two = found[first], found[second]
            told = f"{two['value'] / one['value']:.2f}" if first == "mu_star" and one["value"] else _ends(two)
            cells.append((arm, metric, axis, plain(one["value"]), _ends(one), plain(two["value"]), told))
    last = "sigma / mu_star" if first == "mu_star" else "95 % interval of S1"
    columns = ("arm", "metric", "setting", first, "95 % interval", second, last)
    pairs = [row for row in rows if row["index"] == "S2"]
    cells += [
        (row["arm"], row["metric"], f"{row['axis']} with {row['other']}", plain(row["value"]), _ends(row), "S2", "")
        for row in sorted(pairs, key=lambda row: -row["value"])
    ]
    return Table(title="How much each setting matters", columns=columns, rows=cells, numeric=frozenset({3, 4, 5, 6}))


def _changes(rows: Sequence[Row]) -> Table:
    cells = []
    for row in rows:
        where = ("base", "") if row["index"] == "base" else (row["axis"], row["other"])
        cells.append((row["arm"], row["metric"], *where, plain(row["value"]), _ends(row)))
    columns = ("arm", "metric", "setting", "at", "change", "95 % interval")
    return Table(title="One setting at a time", columns=columns, rows=cells, numeric=frozenset({3, 4, 5}))


def _ends(row: Row) -> str:
    return "" if row["low"] is None else f"{plain(row['low'])} to {plain(row['high'])}"


def _sorted(rows: Sequence[Row], index: str) -> dict[str, Bar]:
    mine = sorted((row for row in rows if row["index"] == index), key=lambda row: -row["value"])
    ends = {row["axis"]: [row["value"] if row[end] is None else row[end] for end in ("low", "high")] for row in mine}
    return {row["axis"]: Bar(mean=row["value"], low=ends[row["axis"]][0], high=ends[row["axis"]][1]) for row in mine}


def _strongest(bars: Mapping[str, Bar], does: str, alone: str) -> str:
    """What is said of the first alone, else which settings it cannot be told from: their intervals meet its own."""
    first = next(iter(bars.values()))
    leaders = [axis for axis, bar in bars.items() if bar.high >= first.low]
    if len(leaders) == 1:
        return alone
    if len(leaders) == len(bars) or len(leaders) > _MOST_LEADERS:
        return f"{len(leaders)} of {len(bars)} settings may {does} most: their intervals meet"
    return f"{', '.join(leaders[:-1])} and {leaders[-1]} {does} most"


def _swung(far: Mapping[str, Swing], metric: str, replications: str) -> str:
    """Which settings swing a metric most, as far as their intervals tell."""
    if replications.startswith("1 "):
        return f"{metric} in {replications}"
    if all(swing.low <= 0 <= swing.high for swing in far.values()):
        return f"{metric} shows no change beyond the intervals in {replications}"
    bars = {axis: _size(swing) for axis, swing in sorted(far.items(), key=lambda one: -abs(one[1].change))}
    first, quantity = next(iter(bars)), _quantity(metric)
    alone = f"{first} swings {quantity} most: {far[first].change:+.3g} at {far[first].at}"
    return _strongest(bars, f"swing {quantity}", alone)


def _size(swing: Swing) -> Bar:
    """How far it goes, whichever way."""
    low, high = sorted((abs(swing.low), abs(swing.high)))
    return Bar(mean=abs(swing.change), low=0.0 if swing.low <= 0 <= swing.high else low, high=high)


def _width(swings: Sequence[Swing]) -> float:
    changes = [0.0, *(swing.change for swing in swings)]
    return max(changes) - min(changes)


def _height(bars: int) -> float:
    return max(2.4, 1.5 + 0.36 * bars)


def _quantity(metric: str) -> str:
    in_seconds = metric.startswith(("lat_", "conn_wait_", "connect_")) or metric.endswith("_t")
    return f"{metric} (s)" if in_seconds else metric


def _slug(metric: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in metric).strip("-").lower()
