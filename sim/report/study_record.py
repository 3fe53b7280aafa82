"""StudyRecord: a study's results as its report needs them, from a sweep or read back from its folder."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import polars as pl

from sim.execution.sweep import SweepResult
from sim.quantity.magnitude import unit_of
from sim.records.disk import write_whole
from sim.report.number import plain
from sim.study.arm import ONLY_ARM
from sim.study.verdict import Verdict
from sim.units import InputError

_FILE, _TABLE, _TRIALS, _LEVELS = "study.json", "table.parquet", "trials.parquet", "levels.parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRecord:
    """What a sweep left behind."""

    name: str
    question: str
    claims: Sequence[Mapping[str, Any]]
    """Rows as printed by ``--json``, plus those of `claim_row`."""
    slo: Sequence[Mapping[str, Any]]
    pictures: Sequence[Mapping[str, Any]]
    axes: Mapping[str, str]
    """Axis by its short name to the unit of its values."""
    failed: Sequence[str]
    warnings: Sequence[str] = ()
    """Of the trials: each once, with how many had it; of the indices, what they lack."""
    indices: Sequence[Mapping[str, Any]] = ()
    """How much each setting matters, see `Sensitivity`."""
    stability: Sequence[Mapping[str, Any]] = ()
    """Of each arm and point: whether it is back after what happened, see `Judged`."""
    warmups: Sequence[Mapping[str, Any]] = ()
    """Of each arm and point: the stated warm-up and what MSER-5 would cut."""
    limits: Sequence[Mapping[str, Any]] = ()
    """The closed forms of the arms, as `limits_of` makes them."""
    comparisons: str = "holm"
    """How the claims were judged together."""
    origin: Mapping[str, str]
    trials: pl.DataFrame = field(repr=False)
    table: pl.DataFrame = field(repr=False)
    levels: pl.DataFrame = field(repr=False)
    """Of the timelines: picture (its number), arm, t, value."""

    @property
    def arms(self) -> list[str]:
        """In the study's order."""
        return self.trials["arm"].unique(maintain_order=True).to_list()

    @property
    def cells(self) -> int:
        """Arms times points."""
        return self.trials.select("arm", *self.axes).n_unique()

    @property
    def replications(self) -> str:
        """How many trials a point has, such as "20 replications" or "8 to 64 replications"."""
        counts = self.trials.group_by(["arm", *self.axes]).len()["len"]
        least, most = int(counts.min() or 0), int(counts.max() or 0)  # type: ignore[arg-type]
        noun = "replication" if most == 1 else "replications"
        return f"{most} {noun}" if least == most else f"{least} to {most} {noun}"


def record_of(result: SweepResult, origin: Mapping[str, str]) -> StudyRecord:
    """What a sweep found, apart from where it keeps it."""
    study, sensitivity = result.study, result.sensitivity
    point = result.results.cells[0].cell.point
    return StudyRecord(
        name=study.name,
        question=study.question,
        claims=[claim_row(verdict) for verdict in result.claims],
        slo=[kept.row() for kept in result.slo],
        pictures=[asdict(picture) for picture in study.pictures],
        axes={name: unit_of(value) for name, value in point.items()},
        failed=result.failed,
        warnings=[*result.warnings, *sensitivity.warnings],
        indices=sensitivity.rows,
        stability=[judged.row() for judged in result.stability],
        warmups=[found.row() for found in result.warmups],
        limits=result.limits,
        comparisons=study.comparisons,
        origin={"seed": plain(study.seed), **origin},
        trials=result.frame,
        table=result.table(),
        levels=_levels(result),
    )


def claim_row(verdict: Verdict) -> dict[str, Any]:
    """The verdict as printed, and what it takes to judge and place it."""
    claim, decides = verdict.claim, verdict.decides
    return {
        **verdict.row(), "metric": claim.metric, "expect": claim.expect, "is_expected": verdict.is_expected,
        "op": claim.op, "p": verdict.p, "more": verdict.more, "rho": verdict.rho,
        "decides": None if decides is None else [decides.confidence, decides.low, decides.high],
    }  # fmt: skip


def write_study(record: StudyRecord, folder: Path) -> None:
    """Write everything that `read_study_record` needs, each file whole or not at all."""
    words = (
        "name", "question", "claims", "slo", "pictures", "axes", "failed", "warnings", "warmups", "comparisons",
        "indices", "limits", "stability", "origin",
    )  # fmt: skip
    told = {name: getattr(record, name) for name in words}
    write_whole(folder / _FILE, json.dumps(told, indent=2, default=str).encode())
    for name, table in ((_TRIALS, record.trials), (_TABLE, record.table), (_LEVELS, record.levels)):
        write_whole(folder / name, _parquet(table))


def is_study(folder: Path) -> bool:
    """Whether `write_study` has been here."""
    return (folder / _FILE).is_file()


def read_study_record(folder: Path) -> StudyRecord:
    """Read what `write_study` wrote.

    Raises
    ------
    InputError
        Where something is missing or cannot be read.
    """
    try:
        told = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        trials, table, levels = (pl.read_parquet(folder / file) for file in (_TRIALS, _TABLE, _LEVELS))
        return StudyRecord(**told, trials=trials, table=table, levels=levels)
    except (ValueError, TypeError, OSError, pl.exceptions.PolarsError) as error:
        raise InputError(f"{folder}: cannot be read ({str(error).splitlines()[0]}); sweep it again") from None


def _levels(result: SweepResult) -> pl.DataFrame:
    """The columns of each timeline, of the first replication at its point, by arm drawn; none where it failed."""
    found = [
        _level(result, i, arm)
        for i, picture in enumerate(result.study.pictures)
        if picture.chart == "timeline"
        for arm in (picture.arms or list(result.study.arms) or [ONLY_ARM])
        if not result.results.one("samples", arm, picture.at).outcomes[0].error  # a failed trial has no samples
    ]
    empty = pl.DataFrame(
        schema={"picture": pl.Int64, "arm": pl.String, "metric": pl.String, "t": pl.Float64, "value": pl.Float64}
    )
    return pl.concat([empty, *found])


def _level(result: SweepResult, i: int, arm: str) -> pl.DataFrame:
    picture = result.study.pictures[i]
    samples = result.samples(arm, picture.at)
    metrics = (picture.metric, *picture.also)
    for metric in metrics:
        if metric not in samples.columns:
            near = get_close_matches(metric, samples.columns, 1)
            way_out = f"did you mean {near[0]}?" if near else f"known here: {', '.join(samples.columns[:12])}"
            raise InputError(f"{result.study.name}: pictures.{i}: no column {metric}; {way_out}")
    says = [pl.lit(i).cast(pl.Int64).alias("picture"), pl.lit(arm).alias("arm")]
    return pl.concat(
        samples.select(
            *says, pl.lit(metric).alias("metric"), pl.col("t").cast(pl.Float64),
            pl.col(metric).cast(pl.Float64).alias("value"),
        )
        for metric in metrics
    )  # fmt: skip


def _parquet(table: pl.DataFrame) -> bytes:
    file = io.BytesIO()
    table.write_parquet(file)
    return file.getvalue()
