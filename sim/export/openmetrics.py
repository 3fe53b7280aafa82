"""OpenMetrics text (version 1.0): a run as a scraper would have stored it. Not what is exposed, which models declare.

Source: the OpenMetrics specification 1.0; what promtool and Prometheus make of it was tried with 2.42.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TextIO

import numpy as np

from sim.export.series import Grid, Series, counters, gauges, grid_of, histograms
from sim.records.exposition import Counter, Exposed, Gauge, Histogram, Labels
from sim.records.folder import StoredRun
from sim.units import InputError

MOST_SAMPLES = 20_000_000
"""A gigabyte of text; who wants more has mistaken the step."""

_KIND = {Gauge: "gauge", Counter: "counter", Histogram: "histogram"}
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scraping:
    """When the run is taken to have been scraped."""

    epoch: datetime
    """When the run began."""
    step: float
    """Time between two scrapes, s."""

    def __post_init__(self) -> None:
        if self.epoch.timestamp() < 0:
            raise InputError("--epoch: lies before 1970, which Prometheus drops without a word; write a later one")


def write_openmetrics(run: StoredRun, exposed: Sequence[Exposed], scraping: Scraping, *, out: TextIO) -> int:
    """Write the whole exposition; return how many samples there are.

    Notes
    -----
    A reader that stores them has to report as many: promtool drops samples whose times do not ascend, silently.
    """
    grid = grid_of(end_of(run), scraping.step)
    _check_size(len(grid), exposed, scraping.step)
    begin = scraping.epoch.timestamp()
    return _write(run, exposed, grid, stamps=[f" {_stamp(begin + t)}" for t in grid], out=out)


def write_scrape(run: StoredRun, exposed: Sequence[Exposed], at: float, *, out: TextIO) -> int:
    """Write what one scrape at an instant (s) would have read: no times; return how many samples there are."""
    return _write(run, exposed, np.array([at]), stamps=[""], out=out)


def end_of(run: StoredRun) -> float:
    """The instant of the last sample, s from the start."""
    return float(run.table("samples", ["t"])["t"][-1])


def _write(  # parameters: what is written when
    run: StoredRun, exposed: Sequence[Exposed], grid: Grid, *, stamps: Sequence[str], out: TextIO
) -> int:
    written = 0
    for family in _families(exposed):
        found = [(one, list(_series(run, one, grid))) for one in family]
        if any(series for _, series in found):
            out.writelines(_head(family[0]))
        for one, each in ((one, each) for one, series in found for each in series):
            lines = list(_lines(one, each, stamps))
            out.writelines(lines)
            written += len(lines)
    out.write("# EOF\n")
    return written


def _check_size(scrapes: int, exposed: Sequence[Exposed], step: float) -> None:
    known = sum(len(one.series) if isinstance(one, Gauge) else 1 for one in exposed)
    if scrapes * known > MOST_SAMPLES:
        raise InputError(f"--step {step:g}s: makes {scrapes * known:,} samples and more; write a longer one, as 15s")


def _families(exposed: Iterable[Exposed]) -> list[list[Exposed]]:
    """Those of one name together, in the order of their first: a family may not be interrupted."""
    families: dict[str, list[Exposed]] = {}
    for one in exposed:
        families.setdefault(one.name, []).append(one)
    return list(families.values())


def _series(run: StoredRun, one: Exposed, grid: Grid) -> Iterator[Series]:
    if isinstance(one, Gauge):
        return gauges(run, one, grid)
    if one.rows.table not in run.names:
        return iter(())
    return counters(run, one, grid) if isinstance(one, Counter) else histograms(run, one, grid)


def _head(one: Exposed) -> Iterator[str]:
    yield f"# TYPE {one.name} {_KIND[type(one)]}\n"
    if isinstance(one, Histogram):
        yield f"# UNIT {one.name} {one.unit}\n"
    yield f"# HELP {one.name} {one.help.translate(_ESCAPES)}\n"


def _lines(one: Exposed, series: Series, stamps: Sequence[str]) -> Iterator[str]:
    if isinstance(one, Histogram):
        yield from _buckets(one, series, stamps)
        return
    head = f"{one.name}{'_total' if isinstance(one, Counter) else ''}{_braces(series.labels)}"
    for value, stamp in zip(series.values.tolist(), stamps, strict=True):
        yield f"{head} {_number(value)}{stamp}\n"


def _buckets(one: Histogram, series: Series, stamps: Sequence[str]) -> Iterator[str]:
    ends = [f"{bound!r}" for bound in one.bounds] + ["+Inf"]
    heads = [f"{one.name}_bucket{_braces((*series.labels, ('le', end)))}" for end in ends]
    labels = _braces(series.labels)
    assert series.sums is not None, "a histogram has sums"
    for row, total, stamp in zip(series.values.tolist(), series.sums.tolist(), stamps, strict=True):
        for head, value in zip(heads, row, strict=True):
            yield f"{head} {value}{stamp}\n"
        yield f"{one.name}_count{labels} {row[-1]}{stamp}\n"
        yield f"{one.name}_sum{labels} {_number(total)}{stamp}\n"


def _braces(labels: Labels) -> str:
    told = ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels if value)
    return f"{{{told}}}" if told else ""


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


def _stamp(seconds: float) -> str:
    """Seconds with ms: readers cut the rest."""
    return f"{seconds:.3f}".rstrip("0").rstrip(".")
