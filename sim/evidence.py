"""Evidence: recordings, scripts and measurements, as the models replay them. Not how they are judged.

With wiring.py and detection.py the only file of `sim` that knows the models; `sim.validation` gets its functions as
arguments.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from os.path import normpath
from pathlib import Path
from typing import Any

import polars as pl

from models.measured.catalogue import REPRODUCTIONS
from models.measured.facts import Facts, WrongFact
from models.recorded import tables as recorded
from models.recorded.assignment import Assignment, assignment_of
from models.recorded.experiment import Experiment
from models.recorded.lab import LabInput
from models.recorded.quantities import is_reproducible, quantities_of, sort_of
from models.recorded.scenario import scenario_of
from models.recorded.tables import BASELINE
from models.scenario import Scenario
from models.script.case import Case
from models.script.go_fields import NotSimulated
from models.script.play import play
from models.workload.replay import read_replay
from sim.analysis.metric import Run as Evidence
from sim.analysis.metric import evaluate
from sim.scenario import Loader, read_text
from sim.units import InputError
from sim.validation.compare import Comparison
from sim.validation.curves import curves_of, grid_of
from sim.validation.judge import Unplayable
from sim.validation.measurements import Quantity as MeasuredQuantity
from sim.validation.reality import Outcome, Quantity, RecordedCase, repetitions
from sim.validation.recording import Layout, read_repetition
from sim.validation.shipped import ARRIVALS, INPUT, Shipped, is_shipped, read_shipped, ship
from sim.validation.vectors import Vector, read_vectors
from sim.wiring import run


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
