"""Wiring: the only file of `sim` that knows the models; the rest gets `load` and `run` as functions."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from os.path import normpath
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import polars as pl

from models.measured.catalogue import REPRODUCTIONS
from models.measured.facts import Facts, WrongFact
from models.metrics import RUN_METRICS
from models.recorded import tables as recorded
from models.recorded.assignment import Assignment, assignment_of
from models.recorded.experiment import Experiment
from models.recorded.lab import LabInput
from models.recorded.quantities import is_reproducible, quantities_of, sort_of
from models.recorded.scenario import scenario_of
from models.recorded.tables import BASELINE
from models.samples import sample_columns
from models.scenario import Scenario
from models.script.case import Case
from models.script.go_fields import NotSimulated
from models.script.play import play
from models.tables import TABLES
from models.workload.replay import read_replay
from models.world import World, world_of
from sim.analysis.metric import Run as Evidence
from sim.analysis.metric import columns_read, evaluate
from sim.engine.streams import Streams
from sim.records.folder import RunFolder, StoredRun
from sim.records.frame import Frames, samples_of
from sim.records.spool import Spool
from sim.records.trace import Memory, Nowhere
from sim.scenario import Loader, read_text, resolve
from sim.scenario.override import Overrides
from sim.units import InputError
from sim.validation.compare import Comparison
from sim.validation.curves import curves_of, grid_of
from sim.validation.judge import Unplayable
from sim.validation.measure import Observed
from sim.validation.measurements import Quantity as MeasuredQuantity
from sim.validation.reality import Outcome, Quantity, RecordedCase, repetitions
from sim.validation.recording import Layout, read_repetition
from sim.validation.shipped import ARRIVALS, INPUT, Shipped, is_shipped, read_shipped, ship
from sim.validation.vectors import Vector, read_vectors
from sim.version import MODEL_VERSION, commit, versions

__all__ = [
    "COMPARISON", "Progress", "Run", "Scenario", "load", "load_experiment", "load_tree", "load_vectors", "locate",
    "play_vector", "run", "run_trial",
]  # fmt: skip

Progress = Callable[[float, float], object]
"""Told (seconds of the run done, seconds in all)."""


@dataclass(frozen=True)
class Run:
    """What a run left: the summary, the tables as polars frames (times in seconds), the manifest.

    A table is read when it is first asked for, from the run's folder where there is one.
    """

    summary: dict[str, float | int]
    manifest: dict[str, Any]
    tables: Mapping[str, pl.DataFrame]
    counters: Mapping[str, int]
    warnings: tuple[str, ...]
    folder: Path | None

    def columns(self, table: str, names: Sequence[str]) -> pl.DataFrame:
        """Some columns of a table; of a run on the disk, only these are read."""
        if isinstance(self.tables, Frames):
            return self.tables.columns(table, names)
        return self.tables[table].select(names)

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


def load(source: Path | str, overrides: Overrides = ()) -> Scenario:
    """Read a scenario file, a folder with a scenario.yaml, or a text with a line break in it.

    Files that a scenario names lie beside it; those of a text or an override, below the working folder.

    Raises
    ------
    InputError
        One line that names the place, the offender and the way out.
    """
    scenario: Scenario
    if isinstance(source, str) and "\n" in source:
        scenario = Loader(Scenario).load(source, "scenario", overrides)
    else:
        path = Path(source)
        path = path / "scenario.yaml" if path.is_dir() else path
        scenario = Loader(Scenario).load(read_text(path), str(path), overrides, folder=path.parent)
    return scenario


def locate(error: InputError, path: Path, overrides: Overrides = ()) -> InputError:
    """What the run of a scenario file found wrong, with the line and column of what it blames."""
    return Loader(Scenario).locate(error, read_text(path), str(path), overrides=overrides)


def load_tree(tree: Mapping[str, Any], overrides: Overrides = ()) -> Scenario:
    """Read a scenario from a tree of plain values, such as a manifest's."""
    scenario: Scenario = Loader(Scenario).load_tree(tree, "scenario", overrides)
    return scenario


def observe(scenario: Scenario, seed: int, replication: int) -> Observed:
    """Run a scenario once and keep what it recorded as it was packed: whole nanoseconds, no summary, no frames."""
    store = Memory()
    world = world_of(scenario, Streams(seed, replication), store)
    world.run()
    rows = np.concatenate(store.rows("requests"))
    instants, counts = world.trace.levels.on_grid()
    levels = dict(zip(world.trace.levels.series, counts, strict=True))
    return Observed(rows[np.argsort(rows["id"])], instants, levels)


def run(  # parameters: the options of a run
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
    An interrupted run (KeyboardInterrupt) ends early; what was done is returned, marked `partial` in the manifest and
    with `partial_until` (s) in the summary; rates and means are those up to there. With `out`, rows
    go to the disk while the run goes on: memory does not grow with the requests, but for the few columns that the
    summary is made of. A disk that refuses ends the run, and an earlier result in the folder stays as it was.
    """
    folder = None if out is None else RunFolder(out)
    with folder or nullcontext():
        store = Nowhere() if not record else Memory() if folder is None else Spool(folder)
        world = world_of(scenario, Streams(seed, replication), store)
        manifest = _manifest(world, _go(world, store, progress), seed, replication)
        samples = _samples(world) if record else {}
        summary = {} if isinstance(store, Nowhere) else _summary(world, Frames((*TABLES,), store, samples))
        if folder is not None:
            for name, table in samples.items():
                folder.write(name, table)
            folder.summary, folder.manifest = summary, manifest
    path = None if folder is None else folder.path
    tables = _tables(store, samples, None if path is None else StoredRun(path, manifest, summary))
    return Run(summary, manifest, tables, world.counters(), tuple(world.warnings), path)


def run_trial(  # parameters: what an executor passes on, by position
    tree: Mapping[str, Any], seed: int, replication: int, keep_samples: bool
) -> dict[str, Any]:
    """One trial of a study, for any executor: its summary, its samples where asked for, its seconds, its warnings."""
    started = perf_counter()
    done = run(load_tree(tree), seed, replication)
    samples = done.samples if keep_samples else None
    seconds = perf_counter() - started
    return {"summary": done.summary, "samples": samples, "seconds": seconds, "warnings": done.warnings}


def load_experiment(path: Path) -> Assignment:
    """Read what is to be recorded, and draw its arrivals.

    Raises
    ------
    InputError
        One line that names the place, the offender and the way out.
    """
    experiment: Experiment = Loader(Experiment).load(read_text(path), str(path), folder=path.parent)
    try:
        return assignment_of(experiment)
    except ValueError as error:
        raise InputError(f"{path}: {error}") from None


COMPARISON = Comparison(named_by={"connections": "conn"}, ports="ports")
"""How scripted cases are compared with what was measured."""


def load_vectors(path: Path | str) -> list[Vector]:
    """Read a file of scripted cases with what was measured; InputError where it is wrong."""
    return read_vectors(Path(path), Case, COMPARISON.check)


def play_vector(case: Case, go_version: str) -> Mapping[str, Any]:
    """Play a scripted case as a client built with a version of Go does.

    Raises
    ------
    Unplayable
        The case asks for what the models lack.
    """
    try:
        return play(case, go_version)
    except NotSimulated as missing:
        raise Unplayable(str(missing)) from None


def play_measurement(name: str, tree: Mapping[str, Any]) -> list[MeasuredQuantity] | None:
    """What the kernel model gives for one measurement of a kernel; None where it is not known.

    Raises
    ------
    InputError
        The entry lacks what its measurement needs; the line begins with its place.
    """
    try:
        return list(REPRODUCTIONS[name](Facts(tree, name))) if name in REPRODUCTIONS else None
    except WrongFact as error:
        raise InputError(str(error)) from None


def read_case(folder: Path) -> RecordedCase:
    """A recorded case, whole or as it is shipped: what was measured in its repetitions, and its replay.

    Raises
    ------
    InputError
        A file is missing or wrong, or a field is not known.
    """
    folder = Path(folder)
    inputs = folder / INPUT if is_shipped(folder) else repetitions(folder)[0] / INPUT
    lab: LabInput = Loader(LabInput).load(read_text(inputs), str(inputs))
    arrivals = folder / ARRIVALS if is_shipped(folder) else Path(normpath(inputs.parent / lab.arrivals_file))
    read_replay(str(arrivals))  # refuse what cannot be replayed before anything runs
    measured = read_shipped(folder) if is_shipped(folder) else _measured(folder, lab)
    scenario, refusal = None, ""
    try:
        scenario = scenario_of(lab, str(arrivals.resolve()))
    except ValueError as error:
        refusal = f"{inputs}: {error}"
    return RecordedCase(
        name=folder.name,
        experiment=lab.experiment,
        seconds=grid_of(lab.duration + lab.tail),
        measured=measured.outcomes,
        replay=CaseReplay(lab, scenario, measured.own_goroutines),
        quantity=lambda name: Quantity(sort_of(name).value, is_reproducible(lab, name)),
        refusal=refusal,
    )


def ship_case(folder: Path, target: Path) -> None:
    """Write a whole recorded case in the form in which cases are shipped."""
    inputs = repetitions(folder)[0] / INPUT
    lab: LabInput = Loader(LabInput).load(read_text(inputs), str(inputs))
    ship(_measured(folder, lab), target, inputs=inputs, arrivals=inputs.parent / lab.arrivals_file)


def _measured(folder: Path, lab: LabInput) -> Shipped:
    """What the repetitions on the disk give."""
    read = [read_repetition(rep, LAYOUT, _numbers(lab)) for rep in repetitions(folder)]
    own = int(read[0][1].get(BASELINE, 0)) + 1
    return Shipped(own, [_outcome(lab, run) for run, _ in read])


@dataclass(frozen=True, slots=True)
class CaseReplay:
    """The replay of a recorded case: from a seed to what comes of it, in any process."""

    lab: LabInput
    scenario: Scenario | None
    own_goroutines: int
    """What the recorder itself had."""

    def __call__(self, seed: int) -> Outcome:
        assert self.scenario is not None, "a case that is refused is not replayed"
        done = run(self.scenario, seed)
        samples = as_sampled(done.samples, self.lab, self.own_goroutines)
        tables = {"requests": done.requests, "connections": done.connections, "samples": samples}
        return _outcome(self.lab, Evidence(tables, done.counters, _numbers(self.lab)))


def _outcome(lab: LabInput, evidence: Evidence) -> Outcome:
    grid = grid_of(lab.duration + lab.tail)
    return Outcome(evaluate(quantities_of(lab), evidence), curves_of(evidence.tables, recorded.DRAWN, grid))


def _numbers(lab: LabInput) -> dict[str, float | int]:
    return {"duration": lab.duration, "warmup": 0, "backends": len(lab.server.backends)}


def as_sampled(samples: pl.DataFrame, lab: LabInput, own_goroutines: int) -> pl.DataFrame:
    """Samples as the recorder took them: its own goroutines, and all workers of a closed loop always."""
    callers = 0 if lab.load.mode == "open" else lab.load.workers - pl.col("inflight")
    return samples.with_columns(
        goroutines=pl.col("goroutines") + own_goroutines + callers, srv_goroutines=pl.col("srv_goroutines") + 1
    )


LAYOUT = Layout(
    files=recorded.FILES,
    server_samples=recorded.SERVER_SAMPLES,
    counters=recorded.COUNTERS,
    dials=recorded.DIALS,
    summary=recorded.SUMMARY,
    by_backend=recorded.ESTABLISHED_BY_BACKEND,
    connects=recorded.CONNECTS,
)
"""What the files of a repetition are called, and what of them is read."""


def _in_seconds(progress: Progress | None, ends_at: int) -> Callable[[int], object] | None:
    if progress is None:
        return None
    return lambda now: progress(now / 1e9, ends_at / 1e9)


def _go(world: World, store: Memory | Spool | Nowhere, progress: Progress | None) -> dict[str, float | bool]:
    """Run to the end or to the interruption; what it cost, how far it came, and whether it is partial."""
    if isinstance(store, Spool):
        store.begin()  # after the world was built: nothing is written for an input that is wrong
    started, cpu = perf_counter(), process_time()
    partial = False
    try:
        world.run(progress=_in_seconds(progress, world.ends_at))
    except KeyboardInterrupt:
        partial = True
        world.close()
    spent = {"wall_seconds": perf_counter() - started, "cpu_seconds": process_time() - cpu}
    return {**spent, "simulated_seconds": world.engine.now / 1e9, "partial": partial}


def _manifest(world: World, spent: Mapping[str, float | bool], seed: int, replication: int) -> dict[str, Any]:
    return {
        "scenario": resolve(world.scenario),
        "seed": seed,
        "replication": replication,
        "versions": versions(),
        "model_version": MODEL_VERSION,
        "commit": commit(),
        **spent,
        "engine_events": world.engine.scheduled,
        "requests": world.trace.tables["requests"].n_rows,
        "fingerprint": world.trace.fingerprint.text(),
        "warnings": world.warnings,
    }


def _samples(world: World) -> dict[str, pl.DataFrame]:
    samples = samples_of(world.trace.levels, sample_columns(world.scenario, len(world.hosts)))
    return {"samples": samples.filter(pl.col("t") <= world.engine.now / 1e9)}  # what is foreseen after it is not known


def _tables(
    store: Memory | Spool | Nowhere, samples: Mapping[str, pl.DataFrame], stored: StoredRun | None
) -> Mapping[str, pl.DataFrame]:
    if isinstance(store, Nowhere):
        return {}
    return Frames((*TABLES,), store if stored is None else stored, samples)


def _summary(world: World, frames: Frames) -> dict[str, float | int]:
    scenario, reached = world.scenario, world.engine.now
    numbers = {
        "duration": min(scenario.duration, reached) / 1e9,
        "warmup": scenario.warmup / 1e9,
        "backends": sum(service.backends for service in scenario.services.values()),
    }
    read = {name: columns_read(RUN_METRICS, name) for name in TABLES}
    # of five million requests each column that is not loaded saves 40 MB
    tables = {
        name: frames.columns(name, [field.name for field in fields if field.name in read[name]])
        for name, fields in TABLES.items()
    }
    summary = evaluate(RUN_METRICS, Evidence({**tables, "samples": frames["samples"]}, world.counters(), numbers))
    return summary if reached >= world.ends_at else {"partial_until": reached / 1e9, **summary}
