"""The search on a model of two lines: arms, a store that resumes, words of its own, what is refused."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.search.find import FindResult, find, plan_of
from sim.search.question import Question, kept_objectives
from sim.store.store import Store
from sim.study.arm import Arm
from sim.study.axis import Axes
from sim.study.metric_names import MetricNames
from sim.study.plan import plan
from sim.study.slo import Objective
from sim.study.study import Study
from sim.study.trial import Model
from sim.study.vocabulary import Limit, Vocabulary
from sim.units import InputError


def a_wall(tree: dict[str, Any], seed: int, replication: int, keep_samples: bool) -> Mapping[str, Any]:
    """Errors above 400/s per server, a little earlier or later by replication where the scenario is noisy."""
    rate = float(str(tree["load"]["rate"]).removesuffix("/s"))
    noise = float(np.random.default_rng([seed, replication]).normal(0, tree["noise"]))
    over = max(0.0, rate - 400 * tree["servers"] - noise)
    return {"summary": {"error_ratio": over / rate, "lat_p99": rate / 1000}, "seconds": 0.5}


def its_limits(tree: dict[str, Any]) -> list[Limit]:
    value = 400.0 * tree["servers"]
    return [
        Limit(name="wall", path="load.rate", value=value, explanation="400/s x servers", source="here"),
        Limit(name="else", path="servers", value=1.0, explanation="of another value", source="here"),
    ]


WORDS = Vocabulary(
    aliases={"error_rate": "error_ratio", "p99": "lat_p99"},
    metrics=MetricNames(["error_rate", "p99", "error_ratio", "lat_p99", "err:{}"]),
    limits=its_limits,
)
MODEL = Model(run=a_wall, words=WORDS)


def a_study(**changes: Any) -> Study:
    given: dict[str, Any] = {
        "name": "walls",
        "base": {"load": {"rate": "100/s"}, "servers": 1, "noise": 0},
        "arms": {"one": Arm(), "two": Arm(set={"servers": 2})},
    }
    return Study(**given | changes)


def asked(**changes: Any) -> Question:
    given: dict[str, Any] = {
        "condition": "error_rate > 0", "along": "load.rate", "between": ("100/s", "1200/s"), "within": "5/s",
    }  # fmt: skip
    return Question(**given | changes)


def found(folder: Path, study: Study | None = None, model: Model = MODEL, **changes: Any) -> FindResult:
    return find(study or a_study(), asked(**changes), model, store=lambda: Store(folder), workers=1)


def test_each_arm_gets_its_bracket_and_the_closed_form_of_the_searched_value(tmp_path: Path) -> None:
    result = found(tmp_path)

    assert [(line.arm, line.good, line.bad) for line in result.lines] == [("one", 400, 405), ("two", 800, 805)]
    assert [[limit.value for limit in line.limits] for line in result.lines] == [[400.0], [800.0]]
    assert (result.axis, result.unit, result.exit_code) == ("rate", "/s", 0)


def test_a_capacity_is_the_same_turn_seen_from_the_other_side(tmp_path: Path) -> None:
    result = found(tmp_path, condition="p99 < 300ms and error_rate < 0.1%", is_capacity=True)

    assert {(line.good, line.bad) for line in result.lines} == {(295, 300)}


def test_the_study_s_objectives_are_the_capacity_where_none_is_stated() -> None:
    slo = (Objective(metric="p99", op="<", value="300ms"), Objective(metric="error_rate", op="<=", value="0.1%"))

    assert kept_objectives(a_study(slo=slo)) == "p99 < 300ms and error_rate <= 0.1%"
    with pytest.raises(InputError, match="--along says where to look and not what for"):
        kept_objectives(a_study())


def test_runs_that_differ_make_a_wider_bracket_and_an_estimate(tmp_path: Path) -> None:
    study = a_study(arms={}, base={"load": {"rate": "1/s"}, "servers": 1, "noise": 15})

    line = found(tmp_path, study).lines[0]

    assert line.good is not None
    assert line.bad is not None
    assert line.good <= 400 <= line.bad
    assert line.estimate is not None
    assert line.estimate.low < 400 < line.estimate.high


class Counted:
    """The wall, and how often it was asked."""

    def __init__(self, interrupts_at: int = -1) -> None:
        self.runs, self.interrupts_at = 0, interrupts_at

    def __call__(self, tree: dict[str, Any], seed: int, replication: int, keep_samples: bool, /) -> Mapping[str, Any]:
        if self.runs == self.interrupts_at:
            raise KeyboardInterrupt
        self.runs += 1
        return a_wall(tree, seed, replication, keep_samples)


def test_an_interrupted_search_goes_on_and_runs_nothing_twice(tmp_path: Path) -> None:
    whole, first, second = Counted(), Counted(interrupts_at=20), Counted()
    expected = found(tmp_path / "whole", model=Model(run=whole, words=WORDS))

    cut = found(tmp_path / "cut", model=Model(run=first, words=WORDS))
    resumed = found(tmp_path / "cut", model=Model(run=second, words=WORDS))

    assert cut.is_partial
    assert first.runs + second.runs == whole.runs
    assert [line.cliff for line in resumed.lines] == [line.cliff for line in expected.lines]


def test_other_axes_are_searched_point_by_point(tmp_path: Path) -> None:
    axes = Axes(grid={"load.rate": ("1/s", "2/s"), "servers": (1, 2)})

    result = found(tmp_path, a_study(arms={}, axes=axes, constraints=("rate < 2/s", "servers < 9")))

    assert [(dict(line.point), line.bad) for line in result.lines] == [({"servers": 1}, 405), ({"servers": 2}, 805)]


def test_an_axis_that_the_searched_value_overrides_is_searched_once(tmp_path: Path) -> None:
    def resolve(base: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
        """`load.rate` stands in the place of `load.burst`, as one kind of arrivals does in another's."""
        tree = {**base, "servers": values.get("servers", base["servers"])}
        if "load.rate" in values:
            return {**tree, "load": {"rate": values["load.rate"]}}
        return {**tree, "load": {"burst": values["load.burst"]}}

    counted = Counted()
    axes = Axes(grid={"load.burst": (1, 2, 3), "servers": (1, 2)})
    model = Model(run=counted, words=WORDS, resolve=resolve)
    result = found(tmp_path, a_study(arms={}, axes=axes), model)

    assert [(dict(line.point), line.bad) for line in result.lines] == [({"servers": 1}, 405), ({"servers": 2}, 805)]
    assert result.idle_axes == ("load.burst",)
    bound = a_study(arms={}, axes=axes, constraints=("burst < 3",))
    assert len(found(tmp_path, bound, model).lines) == 4, "a constraint that names it needs it"


@pytest.mark.parametrize(
    ("between", "kind"), [(("500/s", "700/s"), "bad at low"), (("100/s", "300/s"), "good at high")]
)
def test_a_cliff_that_is_elsewhere_is_an_answer_and_not_fine(
    tmp_path: Path, between: tuple[str, str], kind: str
) -> None:
    result = found(tmp_path, a_study(arms={}), between=between)

    assert [line.cliff.kind for line in result.lines] == [kind]
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"condition": "error_rte > 0"}, "no run measures error_rte; did you mean error_rate"),
        ({"condition": "rate > 3/s"}, "asks nothing of a run"),
        ({"along": "load.rate.x"}, "load.rate.x"),
    ],
)
def test_what_is_wrong_is_refused_before_a_store_is_made(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        found(tmp_path / "store", **changes)

    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"between": ("9/s", "1/s")}, "--between: 9/s is not below 1/s"),
        ({"confidence": 0.2}, "--confidence"),
        ({"most": 1}, "--most"),
        ({"condition": "error_rate >"}, "--find: 'error_rate >' is not a condition"),
        ({"condition": "error_rate"}, "--find: 'error_rate' compares nothing; write one such as error_rate > 0"),
    ],
)
def test_a_question_without_sense_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        asked(**changes)


def test_a_model_that_does_not_name_its_metrics_is_asked_after_the_first_trial(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no run measures error_rate; did you mean error_ratio"):
        found(tmp_path, model=Model(run=a_wall))


def test_a_trial_that_fails_ends_the_search_with_its_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a trial failed: KeyError"):
        found(tmp_path, a_study(arms={}, base={"load": {"rate": "1/s"}, "servers": 1}))


def test_a_later_sweep_uses_the_trials_of_a_search(tmp_path: Path) -> None:
    found(tmp_path)
    study = a_study(axes=Axes(grid={"load.rate": ("100/s", "1200/s")}))

    assert Store(tmp_path).missing([trial.key for trial in plan(study, MODEL)]) == []


def test_a_plan_counts_searches_and_values() -> None:
    assert plan_of(a_study(), asked(), MODEL) == (2, 221)
