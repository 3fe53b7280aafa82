"""A trial: one run of one arm at one point, named by what it computes. What it measured is its outcome."""

import hashlib
import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from sim.study.override import with_values
from sim.study.vocabulary import Vocabulary

if TYPE_CHECKING:
    import polars as pl


Tree = dict[str, Any]
"""A scenario as plain JSON values."""


class RunTrial(Protocol):
    """Runs one scenario: a top-level function, so that any executor can pickle it."""

    def __call__(self, resolved_tree: Tree, seed: int, replication: int, keep_samples: bool, /) -> Mapping[str, Any]:
        """``summary`` (metric to number), ``samples`` (a polars frame or None), ``seconds`` of CPU, ``warnings``.

        And ``course``, a `Course` or None: where it is missing, no warm-up is shown.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What a study runs."""

    run: RunTrial
    """Runs one resolved scenario."""
    version: str = "0"
    """Part of every key: results of another version are not reused."""
    resolve: Callable[[Tree, Mapping[str, Any]], Tree] = with_values
    """A base and the values at paths of it to the scenario with every default filled in, called in this process only.

    Raises InputError where a path or a value is wrong. Filled in, two spellings of one scenario have one key.
    """
    identify: Callable[[Tree], Tree] = lambda scenario: scenario
    """What of a resolved scenario its key is made of; called in this process only.

    A scenario that names files is another one when their contents change, and the same one elsewhere.
    """
    pace: Callable[[Tree, int, float], float] | None = None
    """Scenario, root seed and seconds to spend, to how long one trial takes; None times a whole one."""
    words: Vocabulary = Vocabulary()
    """The names of its metrics, and its closed forms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One replication of one arm at one point."""

    arm: str
    point: Mapping[str, Any]
    replication: int
    seed: int
    scenario: Tree = field(repr=False)
    version: str
    key: str
    """What is computed, see `key_of`; trials with one key are one run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How the run's response went over its time, from the first instant on: what a warm-up shows in."""

    step: float
    """Seconds."""
    values: tuple[float | None, ...]
    """The mean response in each step; None in one without any."""
    warmup: float
    """What the scenario leaves out, s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a trial gave."""

    summary: Mapping[str, Any] = field(default_factory=dict)
    """Metric to number, text or None."""
    seconds: float = 0.0
    """What it cost, in seconds, as its runner counts."""
    error: str = ""
    """Why there is no summary; empty when all went well."""
    samples: "pl.DataFrame | None" = field(default=None, repr=False, compare=False)
    """Levels over time, when asked for."""
    course: Course | None = field(default=None, repr=False)
    """Of its response; None where the model tells none."""
    warnings: tuple[str, ...] = ()
    """What its scenario asks for to no effect, one line each."""


def key_of(scenario: Tree, *, seed: int, replication: int, version: str) -> str:
    """The sha256 (hex) of all that a result depends on, as canonical JSON."""
    parts = {"model": version, "replication": replication, "scenario": scenario, "seed": seed}
    return hashlib.sha256(canonical(parts).encode()).hexdigest()


def canonical(tree: Any) -> str:
    """JSON with one spelling per value: sorted keys, no spaces."""
    return json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def attempt(run: RunTrial, trial: Trial, keep_samples: bool) -> Outcome:
    """Run the trial; what goes wrong inside becomes the outcome's error, so that the other trials go on."""
    began = time.perf_counter()
    try:
        given = run(trial.scenario, trial.seed, trial.replication, keep_samples)
    except Exception as error:  # noqa: BLE001  the one place: a trial may fail in any way, the sweep must not
        text = f"{type(error).__name__}: {error}".splitlines()[0]
        return Outcome(error=text, seconds=time.perf_counter() - began)
    summary = {metric: _plain(value) for metric, value in given["summary"].items()}
    seconds = given.get("seconds", time.perf_counter() - began)
    warnings = tuple(given.get("warnings", ()))
    return Outcome(
        summary=summary, seconds=float(seconds), samples=given.get("samples"), course=given.get("course"),
        warnings=warnings,
    )  # fmt: skip


def _plain(value: Any) -> Any:
    """A JSON value: numpy's scalars unwrapped, what is not finite as None."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
