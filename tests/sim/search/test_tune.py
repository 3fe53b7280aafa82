"""A search on a model whose best settings are known: it finds them, repeats itself at no cost, and stops cleanly."""

import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.search.tune import tune
from sim.search.tuned import Tuned, certainty, finalists_frame
from sim.store.store import Store
from sim.study.slo import Objective
from sim.study.study import Study
from sim.study.trial import Model
from sim.study.tuning import Tuning
from sim.units import InputError

pytest.importorskip("optuna")


class Counted:
    """A pool whose cost rises with its size and whose delay falls with it: 12 is the smallest below 100 ms."""

    def __init__(self, noise: float = 0.0, stops_after: int = -1, best: int = 12) -> None:
        self.runs, self.noise, self.stops_after, self.best = 0, noise, stops_after, best

    def __call__(self, tree: dict[str, Any], seed: int, replication: int, keep_samples: bool) -> Mapping[str, Any]:
        self.runs += 1
        if self.runs == self.stops_after:
            raise KeyboardInterrupt
        if tree["mode"] == "broken":
            raise ValueError("no such mode")
        noise = self.noise * np.random.default_rng([seed, replication]).normal()
        delay = 0.1 * (self.best + 0.5) / (tree["size"] + 1)
        return {"summary": {"delay": delay, "size": tree["size"] + noise, "wait": tree["wait"]}, "seconds": 0.0}


def a_tuning(**changes: Any) -> Tuning:
    given: dict[str, Any] = {
        "over": {"size": (1, 60), "mode": ("plain", "other")}, "minimise": {"size": 1.0}, "trials": 24,
        "replications": 2, "finalists": 3, "compare": 4,
    }  # fmt: skip
    return Tuning(**given | changes)


def a_study(objective: str = "100ms", **changes: Any) -> Study:
    slo = (Objective(metric="delay", op="<", value=objective),)
    base = {"size": 40, "mode": "plain", "wait": 1}
    return Study(name="pool", base=base, slo=slo, tune=a_tuning(**changes))


def tuned(folder: Path, run: Any = None, study: Study | None = None, **options: Any) -> Tuned:
    options.setdefault("workers", 1)
    return tune(study or a_study(), Model(run=run or Counted()), Store(folder), **options)


def told(found: Tuned) -> list[dict[str, Any]]:
    return [*found.history.to_dicts(), *finalists_frame(found).to_dicts()]


def test_the_cheapest_settings_within_the_objective_are_found(tmp_path: Path) -> None:
    found = tuned(tmp_path, study=a_study(trials=40))

    assert found.exit_code == 0
    assert found.best is not None
    assert 12 <= found.best.settings["size"] <= 15, "12 is the smallest that keeps the delay below 100 ms"
    assert all(kept.is_met for kept in found.best.slo)
    assert found.gain is not None
    assert found.gain.estimate == pytest.approx(found.best.settings["size"] - 40)


def test_the_same_search_again_runs_nothing_and_finds_the_same(tmp_path: Path) -> None:
    first = tuned(tmp_path, Counted(noise=1.0))
    again = Counted(noise=1.0)

    second = tuned(tmp_path, again)

    assert again.runs == 0
    assert told(second) == told(first)


def test_an_interrupted_search_keeps_what_was_tried_and_goes_on_to_the_same_end(tmp_path: Path) -> None:
    whole = tuned(tmp_path / "whole", Counted(noise=1.0))
    cut = tuned(tmp_path / "cut", Counted(noise=1.0, stops_after=20))
    rest = Counted(noise=1.0)

    resumed = tuned(tmp_path / "cut", rest)

    assert cut.is_partial
    assert cut.finalists == ()
    assert 0 < len(cut.tried) < 24
    assert told(cut) == told(whole)[: len(cut.tried)]
    assert told(resumed) == told(whole)
    assert 0 < rest.runs < Store(tmp_path / "whole").frame().height


def test_results_do_not_depend_on_who_runs_the_trials(tmp_path: Path) -> None:
    alone = tuned(tmp_path / "alone", Counted(noise=1.0))

    with ThreadPoolExecutor(3) as executor:
        together = tuned(tmp_path / "together", Counted(noise=1.0), workers=executor)

    assert told(together) == told(alone)


def test_finalists_are_judged_on_replications_that_the_search_has_not_seen(tmp_path: Path) -> None:
    found = tuned(tmp_path, Counted(noise=1.0))

    replications = set(Store(tmp_path).frame()["replication"].to_list())
    assert replications == {0, 1, 2, 3, 4, 5}
    assert found.best is not None
    assert {len(kept.where.outcomes) for kept in found.best.slo} == {4}


def test_differences_under_common_random_numbers_are_real_and_equal_settings_are_not(tmp_path: Path) -> None:
    found = tuned(tmp_path, Counted(noise=100.0))

    others = found.finalists[1:]
    sizes = [one.settings["size"] - found.finalists[0].settings["size"] for one in others]
    assert [one.versus_best.estimate for one in others if one.versus_best] == pytest.approx(sizes)
    assert [one.is_worse for one in others] == [size > 1e-6 for size in sizes]


def test_an_objective_that_nothing_keeps_is_a_no(tmp_path: Path) -> None:
    found = tuned(tmp_path, study=a_study("1ms"))

    assert (found.exit_code, found.best) == (1, None)
    assert certainty(found.finalists[0].slo[0]) == "missed"
    assert found.finalists[0].settings["size"] > 30, "the nearest miss is the largest pool"


def test_a_setting_whose_trials_fail_is_told_and_left(tmp_path: Path) -> None:
    found = tuned(tmp_path, study=a_study(over={"size": (1, 60), "mode": ("plain", "broken")}))

    assert any("no such mode" in line for line in found.warnings)
    assert {one.settings["mode"] for one in found.finalists} == {"plain"}


def test_the_cost_is_a_weighted_sum_and_progress_ends_at_the_whole(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []

    found = tuned(
        tmp_path, study=a_study(minimise={"size": 2, "wait": 10}), progress=lambda *done: calls.append(done),
    )  # fmt: skip

    assert found.base is not None
    assert found.base.cost is not None
    assert found.base.cost.estimate == 2 * 40 + 10
    assert calls[-1][1] == found.tuning.planned
    assert [done for done, _ in calls] == sorted(done for done, _ in calls)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"minimise": {"sise": 1}}, r"tune\.minimise\.metric: no trial has sise; did you mean size"),
        (
            {"subject_to": (Objective(metric="dely", op="<", value=1),)},
            r"tune\.subject_to\.metric: .* did you mean delay",
        ),
        ({"subject_to": (Objective(metric="delay", op="<", value=1, arm="a"),)}, "neither arms nor points"),
        ({"arm": "two"}, r"tune\.arm: no arm is called two"),
    ],
)
def test_what_nobody_records_or_declares_is_refused(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        tuned(tmp_path, study=a_study(**changes))

    assert Store(tmp_path).frame().height <= 1


def test_a_study_without_a_search_says_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="says nothing to tune; write tune"):
        tuned(tmp_path, study=Study(name="s", base={}))


def test_a_wrong_declaration_is_refused() -> None:
    with pytest.raises(ValueError, match="over: size: 9 is not below 1"):
        a_tuning(over={"size": (9, 1)})
    with pytest.raises(ValueError, match="minimise: names no cost"):
        a_tuning(minimise={})


def test_without_optuna_one_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)

    with pytest.raises(InputError, match=r"pip install 'transport-sim\[tune\]'"):
        tuned(tmp_path)
