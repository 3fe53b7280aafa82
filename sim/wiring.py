"""Wiring: scenarios and their runs; with evidence.py the only file of `sim` that knows the models."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import polars as pl

from models import exposition
from models.call_metrics import CALL_METRICS, CALL_WINDOWS
from models.handshake_metrics import HANDSHAKE_METRICS, HANDSHAKE_WINDOWS
from models.item_metrics import ITEM_METRICS, ITEM_WINDOWS
from models.limits import closed_forms
from models.metrics import ALIASES, COUNTER_NAMES, RESPONSE, RUN_METRICS
from models.phases import BEGIN, PHASES
from models.recovery import RECOVERY, recovery_metrics
from models.remarks import constants, port_wall, remarks_of
from models.rpc_metrics import RPC_METRICS
from models.samples import sample_columns
from models.scenario import Scenario
from models.session_metrics import SESSION_METRICS, SESSION_WINDOWS
from models.skew import SKEW_NAMES, skew_metrics
from models.transport.stacks import client_stacks, place_of
from models.trigger import trigger_numbers
from models.tuning_metrics import TUNING_METRICS, TUNING_WINDOWS
from models.windows import WINDOWS, share_windows
from models.world import World, world_of
from sim.analysis.columns import columns_read
from sim.analysis.decomposition import lengths
from sim.analysis.metric import Run as Evidence
from sim.analysis.metric import doubts, evaluate
from sim.analysis.series import step_of
from sim.analysis.windows import windows_of
from sim.engine.streams import Streams
from sim.lint.facts import Facts, Remark
from sim.records.exposition import Exposed
from sim.records.folder import RunFolder, StoredRun, read_run
from sim.records.frame import Frames, samples_of
from sim.records.spool import Spool
from sim.records.stack import Stack
from sim.records.trace import Memory, Nowhere
from sim.scenario import Loader, read_text, resolve
from sim.scenario.override import Overrides
from sim.study.metric_names import MetricNames
from sim.study.trial import Course
from sim.study.vocabulary import Limit, Vocabulary
from sim.units import InputError
from sim.validation.measure import Observed
from sim.version import MODEL_VERSION, commit, versions

__all__ = [
    "Progress", "Run", "Scenario", "exposed", "load", "load_tree", "locate", "pace", "phases", "run", "run_trial",
    "stacks",
]  # fmt: skip

METRICS = RUN_METRICS | CALL_METRICS | TUNING_METRICS | HANDSHAKE_METRICS | RPC_METRICS | SESSION_METRICS | ITEM_METRICS
METRIC_NAMES = MetricNames(
    [*ALIASES, *(name for name in METRICS if name != "{}"), *RECOVERY, *SKEW_NAMES, *COUNTER_NAMES]
)
"""What the summary of a run may have."""

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
    counters: Mapping[str, float]
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
    def windows(self) -> pl.DataFrame:
        """Rates, the share that failed and latencies by windows, some hundred of a run."""
        return self.tables["windows"]

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
        summary: dict[str, float | int] = {}
        if not isinstance(store, Nowhere):
            frames = Frames((*world.trace.tables,), store, samples)
            samples["windows"] = _windows(world, frames)
            summary, manifest["doubts"] = _summary(world, Frames((*world.trace.tables,), store, samples))
        if folder is not None:
            for name, table in samples.items():
                folder.write(name, table)
            folder.summary, folder.manifest = summary, manifest
    path = None if folder is None else folder.path
    tables = _tables(world, store, samples, None if path is None else StoredRun(path, manifest, summary))
    return Run(summary, manifest, tables, world.counters(), tuple(world.warnings), path)


def run_trial(  # parameters: what an executor passes on, by position
    tree: Mapping[str, Any], seed: int, replication: int, keep_samples: bool
) -> dict[str, Any]:
    """One trial of a study, for any executor: its summary, its samples where asked for, its seconds, its warnings."""
    started = perf_counter()
    scenario = load_tree(tree)
    done = run(scenario, seed, replication)
    if done.manifest["partial"]:  # half a run is a run of its own, but no trial: it would be kept as a whole one
        raise KeyboardInterrupt
    samples = _with_windows(done) if keep_samples else None
    seconds = perf_counter() - started
    return {
        "summary": done.summary, "samples": samples, "course": _course(done, scenario), "seconds": seconds,
        "warnings": done.warnings,
    }  # fmt: skip


def _with_windows(done: Run) -> pl.DataFrame:
    """The samples, each beside the figures of the window that it lies in."""
    return done.samples.sort("t").join_asof(done.windows, on="t")


def _course(done: Run, scenario: Scenario) -> Course:
    """The latency over the time of a trial, warm-up included."""
    duration = scenario.duration / 1e9
    means = Evidence({"requests": done.requests}, numbers={"duration": duration}).series(RESPONSE)
    # six digits tell a mean; all of them would treble what a store keeps
    values = tuple(None if mean is None else float(f"{mean:.6g}") for mean in means)
    return Course(step=step_of(duration), values=values, warmup=scenario.warmup / 1e9)


def pace(tree: Mapping[str, Any], seed: int, budget: float) -> float:
    """How long a trial takes, in seconds: a whole one, or one cut off after the budget and scaled to its end."""
    started, share = perf_counter(), 1.0

    def watch(now: float, end: float) -> None:
        nonlocal share
        share = now / end
        if share and perf_counter() - started > budget:
            raise KeyboardInterrupt

    run(load_tree(tree), seed, progress=watch)
    return (perf_counter() - started) / max(share, 1e-9)


def exposed(tree: Mapping[str, Any], *, article_names: bool) -> tuple[Exposed, ...]:
    """The time series that a scraper would have read in a run of a scenario."""
    return exposition.exposed(load_tree(tree), article_names=article_names)


def stacks(tree: Mapping[str, Any]) -> tuple[Mapping[str, Sequence[Stack]], Callable[[str], str]]:
    """What goroutines do in each of their states, by the column of the samples; and where a function stands."""
    scenario = load_tree(tree)
    version = min(client.go_version for client in scenario.clients.values())
    is_secure = any(service.scheme == "https" for service in scenario.services.values())
    return {f"goroutines_{state}": of for state, of in client_stacks(version, is_secure=is_secure).items()}, place_of


def phases(folder: Path) -> pl.DataFrame:
    """Of every request of a run on the disk that ended: how long it was in each phase, s."""
    return lengths(read_run(folder).table("requests"), BEGIN, PHASES)


def limits_of(tree: Mapping[str, Any]) -> list[Limit]:
    """The closed forms of a scenario."""
    return [
        Limit(name=form.name, path=form.path, value=form.value, explanation=form.explanation, source=form.source)
        for form in closed_forms(load_tree(tree))
    ]


def lint_facts(load: Mapping[str, float]) -> Facts:
    """What a linter may know of the world: the ports' bound, constants, what the models say of a scenario."""
    return Facts(load=load, world=constants(), port_wall=port_wall, scenario=remarks)


def remarks(tree: Mapping[str, Any]) -> list[Remark]:
    """What the models say of a scenario before it runs; of one that cannot be loaded, why."""
    try:
        found = [Remark(entity=entity, path=path, said=said) for entity, path, said in remarks_of(load_tree(tree))]
    except InputError as error:
        path, _, text = error.text.removeprefix("scenario: ").partition(": ")
        steps = tuple(int(step) if step.isdigit() else step for step in path.split("."))
        found = [Remark(entity="faults", path=steps, said={"text": f"{path}: {text}"})]
    return found


VOCABULARY = Vocabulary(aliases=ALIASES, metrics=METRIC_NAMES, limits=limits_of)
"""What a study may know of the world."""


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


def _windows(world: World, frames: Frames) -> pl.DataFrame:
    extra = {**CALL_WINDOWS, **TUNING_WINDOWS, **HANDSHAKE_WINDOWS, **SESSION_WINDOWS, **ITEM_WINDOWS}
    declared = {**WINDOWS, **extra, **share_windows(len(world.hosts))}
    tables = {}
    for name, rows in world.trace.tables.items():
        read = columns_read(declared, name)
        if read:
            tables[name] = frames.columns(name, [field.name for field in rows.fields if field.name in read])
    return windows_of(declared, Evidence(tables), world.engine.now / 1e9)


def _tables(
    world: World, store: Memory | Spool | Nowhere, samples: Mapping[str, pl.DataFrame], stored: StoredRun | None
) -> Mapping[str, pl.DataFrame]:
    if isinstance(store, Nowhere):
        return {}
    return Frames((*world.trace.tables,), store if stored is None else stored, samples)


def _summary(world: World, frames: Frames) -> tuple[dict[str, float | int], dict[str, str]]:
    """What the run is measured by, and why it is not sure of some of it."""
    scenario, reached = world.scenario, world.engine.now
    numbers = {
        "duration": min(scenario.duration, reached) / 1e9,
        "warmup": scenario.warmup / 1e9,
        "skew_window": scenario.skew_window / 1e9,
        "backends": sum(service.backends for service in scenario.services.values()),
        **trigger_numbers(scenario),
    }
    declared = METRICS | recovery_metrics(scenario)
    declared |= skew_metrics({name: service.backends for name, service in scenario.services.items()})
    recorded = world.trace.tables
    read = {name: columns_read(declared, name) for name in recorded}
    # of five million requests each column that is not loaded saves 40 MB
    tables = {
        name: frames.columns(name, [field.name for field in rows.fields if field.name in read[name]])
        for name, rows in recorded.items()
    }
    made = {name: frames[name] for name in ("samples", "windows")}
    evidence = Evidence({**tables, **made}, world.counters(), numbers)
    summary = evaluate(declared, evidence)
    if reached < world.ends_at:
        summary = {"partial_until": reached / 1e9, **summary}
    return summary, doubts(RUN_METRICS, evidence)
