"""Wiring: the only file of `sim` that knows the models; the rest gets `load` and `run` as functions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import polars as pl
from numpy.typing import NDArray

from models.metrics import RUN_METRICS
from models.samples import sample_columns
from models.scenario import Scenario
from models.tables import TABLES
from models.world import World, world_of
from sim.analysis.metric import Run as Tables
from sim.analysis.metric import evaluate
from sim.engine.streams import Streams
from sim.records.folder import RunFolder
from sim.records.frame import frame_of, samples_of
from sim.records.trace import Memory, Nowhere
from sim.scenario import Loader, read_text, resolve
from sim.version import MODEL_VERSION, versions

__all__ = ["Progress", "Run", "Scenario", "load", "load_tree", "run", "run_trial"]

Progress = Callable[[float, float], object]
"""Told (seconds of the run done, seconds in all)."""


@dataclass(frozen=True)
class Run:
    """What a run left: the summary, the tables as polars frames (times in seconds), the manifest."""

    summary: dict[str, float | int]
    manifest: dict[str, Any]
    tables: Mapping[str, pl.DataFrame]
    counters: Mapping[str, int]
    warnings: tuple[str, ...]
    folder: Path | None

    @property
    def requests(self) -> pl.DataFrame:
        """One row per request, in order of completion."""
        return self.tables["requests"]

    @property
    def connections(self) -> pl.DataFrame:
        """One row per dial."""
        return self.tables["connections"]

    @property
    def samples(self) -> pl.DataFrame:
        """Levels every 100 ms."""
        return self.tables["samples"]

    @property
    def events(self) -> pl.DataFrame:
        """One row per step of the timeline."""
        return self.tables["events"]


def load(source: Path | str, overrides: Sequence[str] = ()) -> Scenario:
    """Read a scenario file, a folder with a scenario.yaml, or a text with a line break in it.

    Raises
    ------
    InputError
        One line that names the place, the offender and the way out.
    """
    loader = Loader(Scenario)
    if isinstance(source, str) and "\n" in source:
        scenario: Scenario = loader.load(source, "scenario", overrides)
        return scenario
    path = Path(source)
    path = path / "scenario.yaml" if path.is_dir() else path
    scenario = loader.load(read_text(path), str(path), overrides)
    return _with_files_beside(scenario, path.parent)


def load_tree(tree: Mapping[str, Any], overrides: Sequence[str] = ()) -> Scenario:
    """Read a scenario from a tree of plain values, such as a manifest's."""
    scenario: Scenario = Loader(Scenario).load_tree(tree, "scenario", overrides)
    return scenario


def run(
    scenario: Scenario,
    seed: int = 1,
    replication: int = 0,
    *,
    out: Path | str | None = None,
    record: bool = True,
    progress: Progress | None = None,
) -> Run:
    """Run a scenario once.

    Parameters
    ----------
    seed, replication : the root seed and the number of the replication; equal ones give equal runs.
    out : the folder to fill; None writes nothing.
    record : False keeps no rows: the run is only fingerprinted, and the summary is empty.
    progress : told how far the run is.

    Notes
    -----
    An interrupted run (KeyboardInterrupt) ends early; what was done is returned and marked `partial`.
    """
    store: Any = Memory() if record else Nowhere()
    started, cpu = perf_counter(), process_time()
    world = world_of(scenario, Streams(seed, replication), store)
    partial = False
    try:
        world.run(progress=_in_seconds(progress, world.ends_at))
    except KeyboardInterrupt:
        partial = True
        world.close()
    spent = {"wall_seconds": perf_counter() - started, "cpu_seconds": process_time() - cpu}
    tables = _tables(world, store) if record else {}
    counters = world.counters()
    summary = _summary(scenario, tables, counters) if record else {}
    manifest = {
        "scenario": resolve(scenario),
        "seed": seed,
        "replication": replication,
        "versions": versions(),
        "model_version": MODEL_VERSION,
        "commit": None,
        **spent,
        "engine_events": world.engine.scheduled,
        "requests": world.trace.tables["requests"].n_rows,
        "fingerprint": world.trace.fingerprint.text(),
        "partial": partial,
    }
    folder = None if out is None else _write(Path(out), tables, summary, manifest)
    return Run(summary, manifest, tables, counters, tuple(world.warnings), folder)


def run_trial(tree: Mapping[str, Any], seed: int, replication: int, keep_samples: bool) -> dict[str, Any]:
    """One trial of a study, for any executor: its summary, its samples where asked for, its seconds."""
    started = perf_counter()
    done = run(load_tree(tree), seed, replication)
    samples = done.samples if keep_samples else None
    return {"summary": done.summary, "samples": samples, "seconds": perf_counter() - started}


def _in_seconds(progress: Progress | None, ends_at: int) -> Callable[[int], object] | None:
    if progress is None:
        return None
    return lambda now: progress(now / 1e9, ends_at / 1e9)


def _tables(world: World, store: Memory) -> dict[str, pl.DataFrame]:
    words = world.trace.vocabulary.texts()
    chunks: Mapping[str, list[NDArray[Any]]] = store.chunks
    tables = {name: frame_of(chunks.get(name, []), fields, words) for name, fields in TABLES.items()}
    tables["samples"] = samples_of(world.trace.levels, sample_columns(world.scenario, len(world.hosts)))
    return tables


def _summary(
    scenario: Scenario, tables: Mapping[str, pl.DataFrame], counters: Mapping[str, int]
) -> dict[str, float | int]:
    numbers = {
        "duration": scenario.duration / 1e9,
        "warmup": scenario.warmup / 1e9,
        "backends": sum(service.backends for service in scenario.services.values()),
    }
    return evaluate(RUN_METRICS, Tables(tables, counters, numbers))


def _write(
    path: Path, tables: Mapping[str, pl.DataFrame], summary: Mapping[str, float | int], manifest: Mapping[str, Any]
) -> Path:
    with RunFolder(path) as folder:
        for name, table in tables.items():
            folder.write(name, table)
        folder.summary, folder.manifest = summary, manifest
    return path


def _with_files_beside(scenario: Scenario, folder: Path) -> Scenario:
    """Files that a scenario names lie beside it, unless they are found from where the command runs."""
    workloads = dict(scenario.workloads)
    for name, workload in workloads.items():
        file = getattr(workload.arrivals, "file", None)
        if file is not None and not Path(file).is_absolute() and (folder / file).exists():
            arrivals: Any = workload.arrivals
            workloads[name] = replace(workload, arrivals=replace(arrivals, file=str(folder / file)))
    return replace(scenario, workloads=workloads)
