"""Reality: recorded cases, their measured figures, and the figures of their replays. Which figures, models declare."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.analysis.metric import Figures
from sim.units import InputError
from sim.validation.curves import Band, Curve, bands_of
from sim.validation.fault import FAULTS, say_fault
from sim.validation.tolerance import Verdict, judge, printed

SEEDS = 20
"""Replications of a case: the wheel's phase and who wins a race are random."""
ABSENT_IS_ZERO = (":", "TcpExt", "Tcp.")
"""Marks in the names of quantities that count things by name: one that is not there was counted no time."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """How a quantity of a case is compared beside its class."""

    sort: str
    is_reproducible: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a repetition or of a replay."""

    figures: Figures
    curves: Mapping[str, Curve]
    """Levels over time, for pictures."""


@dataclass(frozen=True, slots=True)
class RecordedCase:
    """A case that was read: what was measured, and how to replay it."""

    name: str
    experiment: str
    """Whose variant it is; a picture shows the variants of one."""
    seconds: Curve
    """The instants of the curves."""
    measured: list[Outcome]
    """One for each repetition."""
    replay: Callable[[int], Outcome]
    """From a seed to a replay; a top-level function or its like, so that any executor can take it."""
    quantity: Callable[[str], Quantity]
    refusal: str = ""
    """Why it cannot be replayed; empty where it can."""


@dataclass(frozen=True, slots=True)
class CaseVerdict:
    """All quantities of one case."""

    case: str
    experiment: str = ""
    rows: list[Verdict] = field(default_factory=list)
    measured: Mapping[str, Band] = field(default_factory=dict)
    simulated: Mapping[str, Band] = field(default_factory=dict)
    error: str = ""
    """Why the case could not be read or replayed."""
    is_input_error: bool = False

    @property
    def ok(self) -> bool:
        """Whether every quantity is within its tolerance."""
        return not self.error and all(row.ok for row in self.rows)

    def table(self) -> Iterator[dict[str, Any]]:
        """Its rows as they are printed with --json."""
        for row in self.rows:
            yield printed(self.case, row)


def repetitions(folder: Path) -> list[Path]:
    """The rep1, rep2, ... of a case.

    Raises
    ------
    InputError
        There is none.
    """
    found = sorted(folder.glob("rep[0-9]*"), key=lambda path: (len(path.name), path.name))
    if not found:
        raise InputError(f"{folder}: no repetition rep1, rep2, ... in it; name the folder of a recorded case")
    return found


def compare_cases(
    folders: Sequence[Path],
    read: Callable[[Path], RecordedCase],
    executor: Executor,
    *,
    seeds: int = SEEDS,
    progress: Callable[[int, int], object] | None = None,
) -> Iterator[CaseVerdict]:
    """Replay every case on the executor and judge it, in the order of the folders.

    A case that is wrong, or whose replay fails, does not end the others.
    """
    cases = [_read(folder, read) for folder in folders]
    under_way = [_submit(case, executor, seeds) for case in cases]
    done, of = 0, sum(map(len, under_way))
    for case, futures in zip(cases, under_way, strict=True):
        if isinstance(case, CaseVerdict):
            yield case
            continue
        outcomes, error = [], case.refusal
        for future in futures:
            done += 1
            try:
                outcomes.append(future.result())
            except FAULTS as fault:
                error = error or say_fault(fault)
            if progress is not None:
                progress(done, of)
        yield _verdict(case, outcomes, error)


def _verdict(case: RecordedCase, outcomes: Sequence[Outcome], error: str) -> CaseVerdict:
    return CaseVerdict(
        case=case.name,
        experiment=case.experiment,
        rows=list(_rows(case, [one.figures for one in outcomes])),
        measured=bands_of([one.curves for one in case.measured], case.seconds),
        simulated=bands_of([one.curves for one in outcomes], case.seconds),
        error=error,
    )


def _submit(case: RecordedCase | CaseVerdict, executor: Executor, seeds: int) -> "list[Future[Outcome]]":
    if isinstance(case, CaseVerdict) or case.refusal:
        return []
    return [executor.submit(case.replay, n + 1) for n in range(seeds)]


def _read(folder: Path, read: Callable[[Path], RecordedCase]) -> RecordedCase | CaseVerdict:
    try:
        return read(folder)
    except InputError as error:
        return CaseVerdict(folder.name, error=str(error), is_input_error=True)


def _rows(case: RecordedCase, simulated: Sequence[Figures]) -> Iterator[Verdict]:
    reps = [one.figures for one in case.measured]
    for name in _names([*reps, *simulated]):
        measured = _values(name, reps)
        if not measured:
            continue  # reality did not have it
        how = case.quantity(name)
        yield judge(name, measured, _values(name, simulated), sort=how.sort, is_reproducible=how.is_reproducible)


def _names(figures: Iterable[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for one in figures for name in one))


def _values(name: str, figures: Sequence[Figures]) -> list[float | int]:
    if any(mark in name for mark in ABSENT_IS_ZERO):
        return [one.get(name, 0) for one in figures]
    return [one[name] for one in figures if name in one]
