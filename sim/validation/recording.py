"""Repetitions of a recorded case, read from the disk as tables of ours. What they mean, models declare."""

import gzip
import io
import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from sim.analysis.metric import Run
from sim.units import InputError


class Table(Protocol):
    """How a file becomes a table."""

    @property
    def table(self) -> str:
        """Our table."""

    @property
    def columns(self) -> Any:
        """The file's column to ours."""

    @property
    def stand_ins(self) -> Any:
        """Our column to the file's that serves where its own is left out."""

    @property
    def texts(self) -> tuple[str, ...]:
        """Columns of texts."""

    @property
    def flags(self) -> tuple[str, ...]:
        """Columns of truths."""


def read_csv(path: Path) -> pl.DataFrame:
    """A file of comma-separated values, gzipped or not; empty fields are null.

    Raises
    ------
    InputError
        The file is missing, damaged, or no table.
    """
    try:
        content = path.read_bytes()
        if content.startswith(b"\x1f\x8b"):
            content = gzip.decompress(content)
    except (EOFError, zlib.error, gzip.BadGzipFile) as cause:
        raise InputError(f"{path}: damaged or truncated gzip file ({cause}); copy it again") from None
    except OSError as cause:
        raise _unreadable(path, cause) from None
    try:
        return pl.read_csv(io.BytesIO(content), infer_schema_length=None)
    except pl.exceptions.PolarsError as cause:
        raise InputError(f"{path}: no table of comma-separated values ({str(cause).splitlines()[0]})") from None


def _unreadable(path: Path, cause: OSError) -> InputError:
    if isinstance(cause, FileNotFoundError):
        return InputError(f"{path}: no such file; a repetition has one")
    return InputError(f"{path}: {(cause.strerror or 'cannot be read').lower()}")


def read_table(path: Path, wanted: Table, also: str = "") -> pl.DataFrame:
    """One file as our table; columns whose names begin with `also` come along as they are.

    Raises
    ------
    InputError
        A column is missing, or holds something else; with the row where there is one.
    """
    found = read_csv(path)
    missing = [name for name in wanted.columns if name not in found.columns]
    if missing:
        raise InputError(f"{path}:1: no column {missing[0]}; the columns are {', '.join(found.columns)}")
    more = [name for name in found.columns if also and name.startswith(also)]
    chosen = found.select(*(pl.col(name).alias(ours) for name, ours in wanted.columns.items()), *more)
    for ours, name in wanted.stand_ins.items():
        chosen = chosen.with_columns((found[ours] if ours in found.columns else found[name]).alias(ours))
    for name in chosen.columns:
        if name not in wanted.texts:
            _require_numbers(path, chosen, name)
        if name in wanted.flags:
            _require_truths(path, chosen, name)
    return chosen.with_columns(
        *(pl.col(name).cast(pl.Float64) for name in chosen.columns if _is_empty(chosen[name], wanted)),
        *(pl.col(name).cast(pl.String).fill_null("") for name in wanted.texts),
        *(pl.col(name).cast(pl.Int8).cast(pl.Boolean) for name in wanted.flags),
    )


def _is_empty(series: pl.Series, wanted: Table) -> bool:
    """Whether a column of numbers has none, so that it was taken for text."""
    return series.name not in wanted.texts + wanted.flags and not series.dtype.is_numeric()


def _require_numbers(path: Path, chosen: pl.DataFrame, name: str) -> None:
    series = chosen[name]
    if series.dtype.is_numeric() or series.dtype == pl.Null:
        return
    wrong = series.cast(pl.Float64, strict=False).is_null() & series.is_not_null()
    if not wrong.any():
        return  # a column without a value
    row = int(wrong.arg_max() or 0)
    raise InputError(f"{path}:{row + 2}: {name}={series[row]} is not a number")


def _require_truths(path: Path, chosen: pl.DataFrame, name: str) -> None:
    wrong = ~chosen[name].cast(pl.Float64, strict=False).is_in([0.0, 1.0]) & chosen[name].is_not_null()
    if wrong.any():
        row = int(wrong.arg_max() or 0)
        raise InputError(f"{path}:{row + 2}: {name}={chosen[name][row]} is neither 0 nor 1")


@dataclass(frozen=True, slots=True)
class Layout:
    """Which files a repetition has, and what of them is asked for."""

    files: Any
    """File name to its table."""
    server_samples: str
    counters: str
    dials: str
    summary: str
    by_backend: str
    connects: str


def read_repetition(folder: Path, layout: Layout, numbers: dict[str, float | int]) -> tuple[Run, dict[str, Any]]:
    """A repetition as evidence for metrics, and its summary.

    Raises
    ------
    InputError
        A file is missing or wrong.
    """
    summary = _read_json(folder / layout.summary)
    tables = {
        wanted.table: read_table(folder / name, wanted, layout.by_backend if wanted.table == "samples" else "")
        for name, wanted in layout.files.items()
    }
    tables["connections"] = tables["connections"].with_columns(pl.lit("client").alias("client"))
    tables["samples"] = _with_server(tables["samples"], folder / layout.server_samples)
    return Run(tables, _counters(folder, layout), numbers), summary


def _read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as cause:
        raise _unreadable(path, cause) from None
    except (ValueError, UnicodeDecodeError) as cause:
        raise InputError(f"{path}: no JSON document ({cause})") from None
    if not isinstance(found, dict):
        raise InputError(f"{path}: no JSON object")
    return found


def _with_server(samples: pl.DataFrame, path: Path) -> pl.DataFrame:
    server = read_csv(path)
    for name in ("t", "goroutines"):
        if name not in server.columns:
            raise InputError(f"{path}:1: no column {name}; the columns are {', '.join(server.columns)}")
        _require_numbers(path, server, name)
    chosen = server.select(pl.col("t").cast(pl.Float64), pl.col("goroutines").alias("srv_goroutines"))
    return (
        samples.with_columns(pl.col("t").cast(pl.Float64))
        .sort("t")
        .join_asof(chosen.sort("t"), on="t", strategy="nearest")
    )


def _counters(folder: Path, layout: Layout) -> dict[str, float | int]:
    path = folder / layout.counters
    found = read_csv(path)
    for name in ("side", "name", "delta"):
        if name not in found.columns:
            raise InputError(f"{path}:1: no column {name}; they are {', '.join(found.columns)}")
    _require_numbers(path, found, "delta")
    counters: dict[str, float | int] = {
        f"{side}.{name}": delta for side, name, delta in found.select("side", "name", "delta").iter_rows()
    }
    if (folder / layout.dials).exists():
        dials = read_csv(folder / layout.dials)
        counters["connect_attempts"] = dials.height
        if dials.height and "err" in dials.columns:
            for err, n in dials.drop_nulls("err").group_by("err").len().iter_rows():
                counters[f"connect_err:{err}"] = n
    else:  # one address for each dial: the requests tell
        connects = _connects(folder, layout)
        if connects:  # none at all: a DialContext of the client's own, which calls no hooks
            counters["connect_attempts"] = connects
    return counters


def _connects(folder: Path, layout: Layout) -> int:
    """How many connects the requests tell of."""
    path = folder / next(name for name, wanted in layout.files.items() if wanted.table == "requests")
    requests = read_csv(path)
    if layout.connects not in requests.columns or not requests.height:
        return 0
    _require_numbers(path, requests, layout.connects)
    return int(requests[layout.connects].sum())
