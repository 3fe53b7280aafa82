"""Objectives as they are written, and which requests of a run keep them."""

from pathlib import Path

import pytest

from sim import wiring
from sim.analysis.objective import Objective, outcomes_of, parse_objective
from sim.records.folder import StoredRun
from sim.units import InputError
from tests.sim.export.runs import PLAIN, a_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    return a_run(PLAIN, tmp_path_factory.mktemp("run"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("availability 99.9%", Objective("availability 99.9%", 0.999, None)),
        (" availability  99.995 % ", Objective("availability 99.995 %", 0.99995, None)),
        ("latency 95%<1m30s", Objective("latency 95%<1m30s", 0.95, 90.0)),
    ],
)
def test_an_objective_is_read(text: str, found: Objective) -> None:
    assert parse_objective(text) == found


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("99.9%", "is no objective; write availability 99.9%"),
        ("availability 100%", "leaves no budget"),
        ("availability 0%", "leaves no budget"),
        ("latency 99%", "latency needs a time"),
        ("availability 99% < 3s", "availability has no time"),
        ("latency 99% < 300", "300 is not a duration"),
    ],
)
def test_what_is_none_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_objective(text)


def test_availability_counts_what_the_summary_counts(run: StoredRun) -> None:
    found = outcomes_of(run, wiring.JUDGED["requests"], parse_objective("availability 99%"))

    assert (found.n - found.n_bad, found.n_bad) == (run.summary["n_ok"], run.summary["n_err"])
    assert (found.ends[1:] >= found.ends[:-1]).all()


def test_latency_counts_failures_as_late(run: StoredRun) -> None:
    late = outcomes_of(run, wiring.JUDGED["requests"], parse_objective("latency 99% < 20ms"))
    rows = run.table("requests")

    slow = ((rows["t_done"] - rows["t_arrival"] > 0.02) & (rows["err"] == "")).sum()
    assert late.n_bad == int(slow) + run.summary["n_err"]


def test_a_workload_without_ends_is_refused(run: StoredRun, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none of its requests of other has ended"):
        outcomes_of(run, wiring.JUDGED["requests"], parse_objective("availability 99%"), kind="other")
    with pytest.raises(InputError, match="recorded no such table"):
        outcomes_of(run, wiring.JUDGED["calls"], parse_objective("availability 99%"))
