"""What a notebook calls: load, change, run, sweep, find, tune, recall. Not commands."""

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from sim import wiring
from sim.cli import study_file
from sim.cli.console import progress
from sim.execution.execute import workers_of
from sim.execution.partial import kept
from sim.execution.sweep import sweep as run_missing
from sim.notebook.found import Found
from sim.notebook.result import Result
from sim.notebook.swept import Sweep, Values
from sim.notebook.tuning import Tuning
from sim.scenario import Loader, resolve
from sim.scenario.resolve import to_yaml
from sim.search.find import find as find_along
from sim.search.question import Question, kept_objectives
from sim.search.tune import check_tuning
from sim.search.tune import tune as search
from sim.store.store import FILE, Store
from sim.study.plan import plan
from sim.study.study import Study
from sim.study.trial import Model
from sim.units import InputError
from sim.wiring import Scenario


def load(source: Path | str, *, set: Values | None = None, **overrides: Any) -> Scenario:
    """Read a scenario: a file, a folder with a ``scenario.yaml``, or a text with a line break in it.

    Parameters
    ----------
    set
        Changes by dotted path.
    overrides
        Changes of the scenario's own keys, such as ``duration="5s"``.

    Raises
    ------
    InputError
        One line that names the place, the offender and the way out.
    """
    return wiring.load(source, {**overrides, **(set or {})})


def change(scenario: Scenario, values: Values) -> Scenario:
    """Return the scenario with other values at some paths; the given one stays as it is.

    Raises
    ------
    InputError
        Where a path or a value is wrong; for a preset, too: it fills in what is omitted, and here nothing is.
    """
    for path in values:
        if path.rpartition(".")[2] == "preset":
            raise InputError(f"{path}: a loaded scenario has no gaps for a preset to fill; give it to load(…, set=…)")
    return wiring.load_tree(resolve(scenario), values)


def run(
    scenario: Scenario | Path | str, seed: int = 1, *, replication: int = 0, out: Path | str | None = None
) -> Result:
    """Run a scenario once; an interrupted run returns what was done and is marked partial.

    Parameters
    ----------
    scenario
        Loaded, or what `load` takes.
    seed, replication
        Equal ones give equal runs.
    out
        The folder to fill; None writes nothing.
    """
    loaded = scenario if isinstance(scenario, Scenario) else load(scenario)
    with progress(loaded.name) as show:
        return Result(wiring.run(loaded, seed, replication, out=out, progress=show))


def sweep(  # parameters: the options of a sweep
    study: Path | str | Values,
    *,
    set: Values | None = None,
    seed: int | None = None,
    out: Path | str | None = None,
    workers: int | None = None,
    executor: Literal["processes", "dask"] | Executor | None = None,
    scheduler: str | None = None,
    retry_failed: bool = False,
) -> Sweep:
    """Run the trials of a study that its store lacks; an interrupted sweep returns those that were done.

    Parameters
    ----------
    study
        A study file, its folder, or a mapping like one, whose ``base`` may be a loaded scenario.
    set
        Changes by dotted path, of the study or of its base; of a study file only.
    seed
        Root seed instead of the study's.
    out
        The store's folder; ``out/NAME`` by default.
    workers
        Processes; None is one per CPU, 1 stays in this one.
    executor, scheduler
        Where trials run: ``scheduler="tcp://10.0.0.1:8786"`` on a Dask cluster, or an executor that stays open.
    retry_failed
        Run trials again that failed in earlier sweeps.
    """
    loaded, of = _study(study, set, seed), _model(study)
    plan(loaded, of)  # where the study is wrong, before the first byte of a store
    with workers_of(executor, scheduler, workers) as given, progress(loaded.name) as show:
        store = Store(Path("out") / loaded.name if out is None else out)
        try:
            return Sweep(run_missing(loaded, of, store, workers=given, progress=show, retry_failed=retry_failed))
        except KeyboardInterrupt:
            return Sweep(kept(loaded, of, store))


def tune(  # parameters: those of `sweep`
    study: Path | str | Values,
    *,
    set: Values | None = None,
    seed: int | None = None,
    out: Path | str | None = None,
    workers: int | None = None,
) -> Tuning:
    """Search the cheapest settings that keep a study's objectives; parameters as of `sweep`.

    An interrupted search returns the settings that were tried; the same call goes on from there.
    """
    loaded, of = _study(study, set, seed), _model(study)
    check_tuning(loaded, of)  # where the study is wrong, before the first byte of a store
    store = Store(Path("out") / loaded.name if out is None else out)
    with progress(loaded.name) as show:
        return Tuning(search(loaded, of, store, workers=workers, progress=show))


def find(  # parameters: those of a sweep, and the question
    study: Path | str | Values,
    condition: str = "",
    *,
    along: str,
    between: tuple[str, str],
    capacity: str = "",
    within: str = "",
    confidence: float = 0.95,
    most: int = 24,
    set: Values | None = None,
    seed: int | None = None,
    out: Path | str | None = None,
    workers: int | None = None,
    executor: Literal["processes", "dask"] | Executor | None = None,
    scheduler: str | None = None,
    retry_failed: bool = False,
) -> Found:
    """Find where a condition begins to hold along a value; an interrupted search returns what it knows.

    Parameters
    ----------
    condition
        What is looked for, such as ``error_rate > 0``.
    capacity
        What has to hold, instead: ``p99 < 300ms and error_rate < 0.1%``. With neither, the study's objectives.
    along, between, within, confidence, most
        The value's path, its ends, how near (``5/s`` or ``2%``), how sure, and the most replications at one value.
    study, set, seed, out, workers, executor, scheduler, retry_failed
        As of `sweep`; a scenario goes as ``{"base": scenario}``.
    """
    if condition and capacity:
        raise InputError("capacity: stands beside a condition; keep one")
    loaded = _study(study, set, seed)
    low, high = (str(end) for end in between)
    question = Question(
        condition=condition or capacity or kept_objectives(loaded), along=along, between=(low, high), within=within,
        is_capacity=not condition, confidence=confidence, most=most,
    )  # fmt: skip
    folder = Path("out") / loaded.name if out is None else out
    with workers_of(executor, scheduler, workers) as given, progress(loaded.name) as show:
        return Found(find_along(loaded, question, _model(study), store=lambda: Store(folder), workers=given,
                                progress=show, retry_failed=retry_failed))  # fmt: skip


def recall(
    study: Path | str | Values, *, set: Values | None = None, seed: int | None = None, out: Path | str | None = None
) -> Sweep:
    """What the store of a study has, as `sweep` would return it; nothing is run. Parameters as of `sweep`.

    Raises
    ------
    InputError
        Where the study is wrong or the folder has no results; none is made.
    """
    loaded = _study(study, set, seed)
    folder = Path("out") / loaded.name if out is None else Path(out)
    if not (folder / FILE).is_file():
        raise InputError(f"{folder}: holds no results of a study; sweep makes some")
    return Sweep(kept(loaded, _model(study), Store(folder)))


def _model(study: Path | str | Values) -> Model:
    return study_file.model_of(None if isinstance(study, Mapping) else _file(study))


def _file(study: Path | str) -> Path:
    path = Path(study)
    return path / "study.yaml" if path.is_dir() else path


def _study(study: Path | str | Values, changes: Values | None, seed: int | None) -> Study:
    if seed is not None and seed < 0:
        raise InputError(f"seed: {seed} is below 0; write one such as 7")
    if isinstance(study, Mapping):
        loaded = _from_mapping(study, changes)
        return loaded if seed is None else replace(loaded, seed=seed)
    texts = [f"{path}={to_yaml(value, inline=True)}" for path, value in (changes or {}).items()]
    return study_file.load_study(_file(study), texts, seed)


def _from_mapping(tree: Values, changes: Values | None) -> Study:
    """A study written in Python; a base that is a path is relative to the working directory."""
    if changes:
        raise InputError("set: a mapping takes no overrides; write {**study, ...}")
    base = tree.get("base")
    scenario = load(base) if isinstance(base, Path | str) else base
    plain = {"name": "study", **tree}
    if isinstance(scenario, Scenario):
        plain["base"] = resolve(scenario)
    study: Study = Loader(Study).load_tree(plain, "study")
    return study
