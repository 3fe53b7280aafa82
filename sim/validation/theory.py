"""Theory: simulated queues against their closed forms, by the coverage of intervals over many seeds.

Each seed gives an interval of the mean of its replications. Intervals of 95 % have to hold the truth in 95 % of the
seeds, give or take what a binomial allows: fewer show a bias or a dependence, more an interval that says nothing.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
from annotated_types import Gt, Len
from numpy.typing import NDArray
from scipy import stats

from sim.analysis import queueing
from sim.analysis.idle_servers import fresh_share
from sim.analysis.interval import Interval, mean_interval
from sim.execution.execute import executor_of
from sim.scenario import Loader, read_text
from sim.units import InputError
from sim.validation.measure import Measure, Observed, Window

CONFIDENCE: Final = 0.95
SEEDS: Final = 100
FORMULAS: Final[Mapping[str, Callable[..., float]]] = {
    "fresh_share": fresh_share,
    **{
        name: getattr(queueing, name)
        for name in (
            "little", "erlang_b", "erlang_c", "mm1_wait", "mmc_wait", "mg1_wait", "md1_wait", "mmck_loss", "mmck_wait",
            "machine_repair_wait", "machine_repair_rate",
        )
    },
}  # fmt: skip
"""What a comparison may name, by the names of the functions."""

Observe = Callable[[Any, int, int], Observed]
"""Runs a scenario with a root seed and the number of a replication."""
Progress = Callable[[int, int], object]
"""Told the runs done and the runs in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One formula and the scenario that has to agree with it."""

    id: str
    """Its short name."""
    model: str
    """The model in the field's words, such as M/M/c."""
    quantity: str
    """What is compared."""
    unit: str = ""
    """Unit of both numbers; nothing for a share or a count."""
    scenario: str
    """The scenario's file, beside this one."""
    formula: str
    """The closed form, a function of sim/analysis/queueing.py or idle_servers.py."""
    given: Mapping[str, int | float]
    """Its arguments: seconds, and rates per second."""
    measure: Measure
    """How the simulation answers."""
    customers: Window = Window()
    """Which customers of a run are measured."""
    replications: Annotated[int, Gt(1)] = 10
    """Replications per seed, which make one interval."""
    note: str = ""
    """Where the arguments come from."""

    def __post_init__(self) -> None:
        formula = FORMULAS.get(self.formula)
        if formula is None:
            near = get_close_matches(self.formula, FORMULAS, 1) or [", ".join(FORMULAS)]
            raise ValueError(f"formula: no formula is called {self.formula}; did you mean {near[0]}?")
        try:
            inspect.signature(formula).bind(**self.given)
            self.truth()
        except (TypeError, ValueError) as error:
            raise ValueError(f"given: {error}; {self.formula} takes {_parameters(formula)}") from None

    def truth(self) -> float:
        """What the formula says."""
        return float(FORMULAS[self.formula](**self.given))


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    comparisons: Annotated[tuple[Comparison, ...], Len(1)]
    """The comparisons, in the order of the table."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A comparison with its scenario read."""

    comparison: Comparison
    scenario: Any

    def estimates(self, observe: Observe, seed: int) -> list[float]:
        """The measured number of each replication of a seed."""
        comparison = self.comparison
        try:
            return [
                comparison.measure.of(observe(self.scenario, seed, replication), comparison.customers)
                for replication in range(comparison.replications)
            ]
        except InputError as error:
            raise InputError(f"{comparison.scenario}: {error}") from None


@dataclass(frozen=True, slots=True)
class Result:
    """A comparison with what its simulations gave.

    Attributes
    ----------
    estimates : shape (seeds, replications).
    """

    comparison: Comparison
    estimates: NDArray[np.float64]

    @property
    def covered(self) -> int:
        """Seeds whose interval holds the truth."""
        truth = self.comparison.truth()
        return sum(mean_interval(seed, CONFIDENCE).holds(truth) for seed in self.estimates)

    def pooled(self, confidence: float = CONFIDENCE) -> Interval:
        """The interval of all replications of all seeds together: what shows the smallest bias."""
        return mean_interval(self.estimates.ravel(), confidence)

    @property
    def agrees(self) -> bool:
        """Whether so many intervals hold the truth as of honest ones should."""
        low, high = coverage_bounds(len(self.estimates))
        return low <= self.covered <= high

    def row(self) -> dict[str, Any]:
        """The row of a table, as plain values."""
        comparison, pooled = self.comparison, self.pooled()
        return {
            "id": comparison.id,
            "model": comparison.model,
            "quantity": comparison.quantity,
            "unit": comparison.unit,
            "theory": comparison.truth(),
            "simulated": pooled.estimate,
            "low": pooled.low,
            "high": pooled.high,
            "covered": self.covered,
            "seeds": len(self.estimates),
            "ok": self.agrees,
        }


def coverage_bounds(seeds: int) -> tuple[int, int]:
    """How many of so many honest intervals hold the truth, in 95 of 100 cases: 90 to 99 of 100.

    Examples
    --------
    >>> coverage_bounds(100)
    (90, 99)
    """
    low, high = (int(stats.binom.ppf(share, seeds, CONFIDENCE)) for share in (0.025, 0.975))
    return low, high


def read_theory(path: Path, load: Callable[[Path], Any]) -> list[Bench]:
    """Read a file of comparisons; `load` reads their scenarios, which lie beside it.

    Raises
    ------
    InputError
        With file, line and column: a key, a formula or its arguments are wrong, or a scenario is.
    """
    found: _File = Loader(_File).load(read_text(path), str(path))
    return [Bench(each, load(path.parent / each.scenario)) for each in found.comparisons]


def compare(
    benches: Sequence[Bench],
    observe: Observe,
    seeds: int = SEEDS,
    *,
    workers: int | Executor | None = 1,
    progress: Progress | None = None,
) -> Iterator[Result]:
    """Simulate every comparison with the seeds 1 to `seeds`; results as they are complete, in order."""
    with executor_of(workers) as (executor, _):
        running = [[executor.submit(bench.estimates, observe, 1 + i) for i in range(seeds)] for bench in benches]
        every = [*chain.from_iterable(running)]
        try:
            for i, (bench, futures) in enumerate(zip(benches, running, strict=True)):
                told = partial(_tell, progress, done=i * seeds, total=len(every))
                yield Result(bench.comparison, _in_order(futures, told))
        finally:  # an interruption or an error: what has not begun never does
            for future in every:
                future.cancel()


def _in_order(futures: Sequence["Future[list[float]]"], told: Callable[[int], object]) -> NDArray[np.float64]:
    estimates = []
    for future in futures:
        estimates.append(future.result())
        told(len(estimates))
    return np.array(estimates)


def _tell(progress: Progress | None, more: int, *, done: int, total: int) -> None:
    if progress is not None:
        progress(done + more, total)


def _parameters(formula: Callable[..., float]) -> str:
    return ", ".join(inspect.signature(formula).parameters)
