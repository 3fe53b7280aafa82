"""How a study's metric is spread: by percentile where it is one of a family of them, else over the replications."""

import re
from collections.abc import Mapping
from typing import Any

import polars as pl
from matplotlib.axes import Axes

from sim.report.chart_distribution import chart_distribution
from sim.report.chart_percentiles import chart_percentiles
from sim.report.number import plain
from sim.report.picture import Picture
from sim.report.run_pictures import drawn
from sim.report.study_answer import Level, highest
from sim.report.study_asked import chosen, label_of, limit_of, name_of, question_of, slug
from sim.report.study_record import StudyRecord

_QUANTILE = re.compile(r"(?P<of>.+_)p(?P<digits>\d{2,})")
MOST_CURVES = 8
_FEWEST_QUANTILES = 3


def distribution(record: StudyRecord, i: int, asked: Mapping[str, Any]) -> Picture | None:
    """One curve for each arm, and for each point where several are left, up to eight."""
    groups = _groups(record, asked)
    if not groups:
        return None
    family = quantiles_of(asked["metric"], record.trials.columns)
    if len(family) >= _FEWEST_QUANTILES:
        return _percentiles(record, i, asked, groups, family)
    return _replications(record, i, asked, groups)


def quantiles_of(metric: str, known: list[str]) -> dict[str, float]:
    """The metrics that are quantiles of the same thing, each with its share: lat_p50 0.5, lat_p999 0.999."""
    found = _QUANTILE.fullmatch(metric)
    if found is None:
        return {}
    alike = {other: _QUANTILE.fullmatch(other) for other in known}
    shares = {other: float(f"0.{m['digits']}") for other, m in alike.items() if m and m["of"] == found["of"]}
    return dict(sorted(shares.items(), key=lambda item: item[1]))


def _groups(record: StudyRecord, asked: Mapping[str, Any]) -> dict[str, pl.DataFrame]:
    if asked["metric"] not in record.trials.columns:
        return {}
    trials = chosen(record.trials, asked, record).filter(pl.col(asked["metric"]).is_not_null())
    varied = [axis for axis in record.axes if trials[axis].n_unique() > 1]
    parts = trials.partition_by("arm", *varied, as_dict=True, maintain_order=True)
    return {name_of(key, varied): part for key, part in list(parts.items())[:MOST_CURVES]}


def _percentiles(
    record: StudyRecord,
    i: int,
    asked: Mapping[str, Any],
    groups: Mapping[str, pl.DataFrame],
    family: Mapping[str, float],
) -> Picture:
    """The mean over the replications of each quantile that trials keep."""
    curves = {
        name: [(share, float(part[metric].mean())) for metric, share in family.items() if part[metric].count()]  # type: ignore[arg-type]
        for name, part in groups.items()
    }
    answer = asked.get("title") or _highest(record, groups, list(family)[-1])
    told = (answer, question_of(record, asked), _over(record, "Each point is a quantile's mean"))
    label = label_of(asked).replace(str(asked["metric"]), _QUANTILE.fullmatch(asked["metric"])["of"].rstrip("_"))  # type: ignore[index]
    limit = limit_of(record, asked) if asked.get("limit") else None  # an objective is for one percentile alone
    return drawn(
        f"{i + 1}-{slug(asked['metric'])}", told,
        lambda axes, text: chart_percentiles(axes[0], curves, ylabel=label, limit=limit, answer=text),
    )  # fmt: skip


def _replications(record: StudyRecord, i: int, asked: Mapping[str, Any], groups: Mapping[str, pl.DataFrame]) -> Picture:
    metric = asked["metric"]
    values = {name: part[metric].cast(pl.Float64).to_list() for name, part in groups.items()}
    reach = {(min(each), max(each)) for each in values.values()}
    if len(reach) == 1:
        ((low, high),) = reach
        answer = f"{metric} goes from {plain(low)} to {plain(high)} over {record.replications}"
    else:
        answer = _highest(record, groups, metric)
    answer = asked.get("title") or answer
    told = (answer, question_of(record, asked), _over(record, "Each dot is a replication"))
    limit = limit_of(record, asked)

    def draw(axes: list[Axes], text: str) -> None:
        chart_distribution(axes[0], values, xlabel=label_of(asked), limit=limit, answer=text)

    return drawn(f"{i + 1}-{slug(metric)}", told, draw)


def _highest(record: StudyRecord, groups: Mapping[str, pl.DataFrame], metric: str) -> str:
    """Which group has the highest mean."""
    levels = [
        Level(name, {}, float(part[metric].cast(pl.Float64).mean()), dict(_replicated(part, metric)))  # type: ignore[arg-type]
        for name, part in groups.items()
        if part[metric].count()
    ]
    return highest(levels, metric, record)


def _replicated(part: pl.DataFrame, metric: str) -> list[tuple[int, float]]:
    return part.select("replication", pl.col(metric).cast(pl.Float64)).drop_nulls().rows()


def _over(record: StudyRecord, told: str) -> str:
    return f"{told}, of {record.replications}."
