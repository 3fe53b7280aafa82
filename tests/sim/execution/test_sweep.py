"""A whole study on a model of three lines: two writers, an interruption, precision, verdicts."""

import multiprocessing
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sim.execution.sweep import SweepResult, sweep
from sim.store.store import Store
from sim.study.arm import Arm
from sim.study.axis import Axes
from sim.study.claim import Claim, Condition, Versus
from sim.study.precision import Replications
from sim.study.slo import Objective
from sim.study.study import Study
from sim.study.trial import Model
from sim.units import InputError


def noisy_delay(tree: dict[str, Any], seed: int, replication: int, keep_samples: bool) -> Mapping[str, Any]:
    """Delay = load / servers, plus noise of one part in a hundred."""
    load, servers = float(str(tree["load"]["rate"]).removesuffix("/s")), tree["servers"]
    if servers == 0:
        raise ZeroDivisionError("no servers")
    noise = np.random.default_rng([seed, replication]).normal(0, 0.01)
    delay = load / 1000 / servers * (1 + noise)
    samples = pl.DataFrame({"t": [0.0, 0.1], "level": [0, round(load)]}) if keep_samples else None
    summary = {"delay": delay, "lost": int(load > 400 * servers), "noise": noise}
    return {"summary": summary, "samples": samples, "seconds": 0.5}


def a_study(**changes: Any) -> Study:
    given: dict[str, Any] = {
        "name": "delays",
        "base": {"load": {"rate": "100/s"}, "servers": 1},
        "arms": {"one": Arm(), "two": Arm(set={"servers": 2})},
        "axes": Axes(grid={"load.rate": ("100/s", "200/s", "800/s")}),
        "replications": Replications(number=3),
    }
    return Study(**given | changes)


def a_claim(**changes: Any) -> Claim:
    given: dict[str, Any] = {
        "id": "D1", "statement": "delay stays below 150 ms", "metric": "delay", "arm": "one",
        "at": {"rate": "100/s"}, "op": "<", "value": "150ms",
    }  # fmt: skip
    return Claim(**given | changes)


def swept(folder: Path, workers: int = 1, **changes: Any) -> SweepResult:
    return sweep(a_study(**changes), noisy_delay, Store(folder), workers=workers)


def sweep_into(folder: str) -> None:
    """For a second process."""
    swept(Path(folder))


class Recorder:
    """A progress callback that can press Ctrl-C."""

    def __init__(self, interrupts_at: int = -1) -> None:
        self.calls: list[tuple[int, int]] = []
        self.interrupts_at = interrupts_at

    def __call__(self, done: int, total: int) -> None:
        self.calls.append((done, total))
        if done == self.interrupts_at:
            raise KeyboardInterrupt


def test_the_frame_has_a_row_per_trial_with_arm_axes_replication_and_metrics(tmp_path: Path) -> None:
    frame = swept(tmp_path).frame

    assert frame.columns == ["arm", "rate", "replication", "seconds", "error", "delay", "lost", "noise"]
    assert frame.shape[0] == 2 * 3 * 3
    assert frame["rate"].unique().sort().to_list() == [100.0, 200.0, 800.0], "rates are numbers per second"


def test_arms_see_the_same_random_inputs(tmp_path: Path) -> None:
    frame = swept(tmp_path).frame

    noise = frame.group_by("replication").agg(pl.col("noise").n_unique())
    assert noise["noise"].to_list() == [1, 1, 1], "common random numbers: the noise depends on the replication alone"


def test_results_are_the_same_for_one_and_two_workers_and_any_executor(tmp_path: Path) -> None:
    alone, together = swept(tmp_path / "a"), swept(tmp_path / "b", workers=2)
    with ThreadPoolExecutor(4) as threads:
        threaded = sweep(a_study(), noisy_delay, Store(tmp_path / "c"), workers=threads)

    assert_frame_equal(alone.frame, together.frame, check_exact=True)
    assert_frame_equal(alone.frame, threaded.frame, check_exact=True)


def test_a_second_sweep_runs_nothing(tmp_path: Path) -> None:
    swept(tmp_path)
    progress = Recorder()

    sweep(a_study(), noisy_delay, Store(tmp_path), workers=1, progress=progress)

    assert progress.calls == []


def test_an_extended_study_runs_only_what_is_new(tmp_path: Path) -> None:
    swept(tmp_path)
    progress = Recorder()

    sweep(a_study(replications=Replications(number=4)), noisy_delay, Store(tmp_path), workers=1, progress=progress)

    assert progress.calls == [(done, 24) for done in range(19, 25)]


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupted_sweep_keeps_what_is_done_and_resumes(tmp_path: Path, workers: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        sweep(a_study(), noisy_delay, Store(tmp_path), workers=workers, progress=Recorder(interrupts_at=7))
    kept = Store(tmp_path).frame().height
    progress = Recorder()
    resumed = sweep(a_study(), noisy_delay, Store(tmp_path), workers=1, progress=progress)

    assert 7 <= kept <= 7 + 3, "seven were reported, at most three more were under way"
    assert len(progress.calls) == 18 - kept
    assert_frame_equal(resumed.frame, swept(tmp_path / "fresh").frame, check_exact=True)


def test_two_processes_fill_one_store(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=sweep_into, args=(str(tmp_path / "shared"),)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert [writer.exitcode for writer in writers] == [0, 0]
    assert_frame_equal(swept(tmp_path / "shared").frame, swept(tmp_path / "alone").frame, check_exact=True)


def test_a_failed_trial_is_recorded_and_the_others_go_on(tmp_path: Path) -> None:
    result = swept(tmp_path, arms={"none": Arm(set={"servers": 0}), "one": Arm()}, claims=(a_claim(arm="none"),))

    assert len(result.failed) == 9
    assert result.failed[0] == "none, rate 100/s, replication 0: ZeroDivisionError: no servers"
    assert result.frame.filter(pl.col("error") == "").height == 9
    assert [verdict.word for verdict in result.claims] == ["UNDECIDED"]
    assert result.exit_code == 3


def test_precision_adds_replications_only_where_they_are_needed(tmp_path: Path) -> None:
    enough, more = Replications(until={"delay": "2%"}), Replications(until={"delay": "0.3%"}, max=40)

    assert swept(tmp_path, replications=enough).table().filter(pl.col("metric") == "delay")["n"].max() == 10
    table = swept(tmp_path, replications=more).table().filter(pl.col("metric") == "delay")
    assert min(table["n"].to_list()) > 10
    width = ((table["high"] - table["low"]) / 2 / table["mean"]).to_list()
    assert all(w <= 0.003 or n == 40 for w, n in zip(width, table["n"], strict=True))


def test_a_claim_is_printed_in_the_agreed_columns(tmp_path: Path) -> None:
    row = swept(tmp_path, claims=(a_claim(),)).claims[0].row()

    assert list(row) == ["id", "statement", "verdict", "condition", "value", "low", "high", "unit", "study", "seconds"]
    assert (row["verdict"], row["condition"], row["unit"], row["study"]) == ("SUPPORTED", None, "s", "delays")
    assert row["low"] < row["value"] < row["high"]
    assert row["seconds"] == 1.5, "three trials of half a second decided it"


def test_a_claim_that_fails_here_and_holds_there_holds_if(tmp_path: Path) -> None:
    condition = Condition(text="with two servers at 200/s", arm="two", at={"rate": "200/s"})
    claim = a_claim(at={"rate": "800/s"}, condition=condition, expect="HOLDS IF")

    result = swept(tmp_path, claims=(claim,))

    assert result.claims[0].row()["verdict"] == "HOLDS IF"
    assert result.claims[0].row()["condition"] == "with two servers at 200/s"
    assert result.claims[0].row()["value"] > 0.7, "the value printed is the one that refutes"
    assert result.exit_code == 0


def test_a_paired_ratio_between_arms_has_no_width_under_common_random_numbers(tmp_path: Path) -> None:
    claim = a_claim(
        op="in", value=[1.99, 2.01], versus=Versus(arm="two")
    )  # fmt: skip

    verdict = swept(tmp_path, claims=(claim,)).claims[0]

    assert verdict.word == "SUPPORTED"
    assert verdict.found is not None
    assert verdict.found.half_width < 1e-12


def test_a_difference_between_points_is_judged(tmp_path: Path) -> None:
    versus = Versus(at={"rate": "200/s"}, by="difference")

    verdict = swept(tmp_path, claims=(a_claim(op="<", value="0ms", versus=versus),)).claims[0]

    assert verdict.word == "SUPPORTED"


def test_another_verdict_than_expected_makes_the_exit_code_one(tmp_path: Path) -> None:
    result = swept(tmp_path, claims=(a_claim(expect="REFUTED"),))

    assert not result.claims[0].is_expected
    assert result.exit_code == 1


def test_an_objective_is_met_or_missed_at_each_point(tmp_path: Path) -> None:
    result = swept(tmp_path, slo=(Objective(metric="delay", op="<", value="300ms", arm="one"),))

    assert [row.row()["result"] for row in result.slo] == ["met", "met", "missed"]
    assert result.slo[2].row()["at"] == {"rate": "800/s"}
    assert result.exit_code == 1


def test_samples_are_kept_only_when_the_study_asks_for_them(tmp_path: Path) -> None:
    bare = swept(tmp_path)
    with pytest.raises(InputError, match="keep: samples"):
        bare.samples("two", {"rate": "800/s"}, 1)

    kept = swept(tmp_path, keep="samples")

    assert kept.samples("two", {"rate": "800/s"}, 1)["level"].to_list() == [0, 800]


def test_an_unknown_metric_is_refused_with_the_near_one(tmp_path: Path) -> None:
    result = swept(tmp_path, claims=(a_claim(metric="delai"),))

    with pytest.raises(InputError, match=r"delays: claims.D1.metric: no trial has delai; did you mean delay\?"):
        _ = result.claims


def test_an_absent_metric_counts_as_what_the_claim_says(tmp_path: Path) -> None:
    claim = a_claim(metric="err:refused", op="==", value=0, absent=0)

    assert swept(tmp_path, claims=(claim,)).claims[0].word == "SUPPORTED"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"arm": "on"}, r"^claims.0.arm: no arm is called on; did you mean one\?"),
        ({"at": {"rate": "90/s"}}, "^claims.0.at: no point has rate: 90/s; points here: rate: 100/s; rate: 200/s"),
        ({"at": {"rates": "90/s"}}, r"^claims.0.at: no axis is called rates; did you mean rate\?"),
        ({"at": {}}, "^claims.0: fits 3 cells"),
        ({"versus": Versus(arm="tow")}, r"^claims.0.versus.arm: .* did you mean two\?"),
        ({"condition": Condition(text="x", at={"rate": 1})}, "^claims.0.condition.at: no point has rate: 1"),
    ],
)
def test_a_study_with_wrong_names_cannot_be_made(changes: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        a_study(claims=(a_claim(**changes),))


def test_precision_of_an_unknown_metric_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"replications.until.metric: no trial has dellay; did you mean delay\?"):
        swept(tmp_path, replications=Replications(until={"dellay": "5%"}))


def test_another_model_version_is_refused_and_the_store_stays_as_it_is(tmp_path: Path) -> None:
    swept(tmp_path)
    before = Store(tmp_path).frame()

    with pytest.raises(InputError, match="holds results of model version 0, this is 2"):
        sweep(a_study(), Model(run=noisy_delay, version="2"), Store(tmp_path), workers=1)

    assert_frame_equal(Store(tmp_path).frame(), before, check_exact=True)


def test_a_failed_trial_is_run_again_only_on_demand(tmp_path: Path) -> None:
    failing: dict[str, Any] = {"arms": {"none": Arm(set={"servers": 0})}}
    swept(tmp_path, **failing)
    progress = Recorder()

    sweep(a_study(**failing), noisy_delay, Store(tmp_path), workers=1, progress=progress)
    assert progress.calls == []
    again = sweep(a_study(**failing), repaired, Store(tmp_path), workers=1, progress=progress, retry_failed=True)

    assert progress.calls == [(done, 9) for done in range(1, 10)]
    assert again.failed == []


def test_a_trial_that_fails_again_is_tried_once_in_a_sweep(tmp_path: Path) -> None:
    failing: dict[str, Any] = {
        "arms": {"none": Arm(set={"servers": 0}), "one": Arm()},
        "replications": Replications(until={"delay": "0.3%"}, max=20),
    }
    swept(tmp_path, **failing)
    progress = Recorder()

    sweep(a_study(**failing), noisy_delay, Store(tmp_path), workers=1, progress=progress, retry_failed=True)

    assert len(progress.calls) == 3 * 10, "the first round of three points; there is no second without a value"


def repaired(tree: dict[str, Any], seed: int, replication: int, keep_samples: bool) -> Mapping[str, Any]:
    return noisy_delay({**tree, "servers": 1}, seed, replication, keep_samples)
