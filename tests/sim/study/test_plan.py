from typing import Any

import pytest

from sim.study.arm import Arm
from sim.study.axis import Axes
from sim.study.plan import cells_of, plan
from sim.study.precision import Replications
from sim.study.study import Study
from sim.study.trial import Model
from sim.units import InputError


def runs_nothing(tree: dict[str, Any], seed: int, replication: int, keep_samples: bool) -> dict[str, Any]:
    return {"summary": {}}


MODEL = Model(run=runs_nothing)


def a_study(**changes: Any) -> Study:
    given: dict[str, Any] = {"name": "s", "base": {"load": {"rate": 1}, "depth": 2}}
    return Study(**given | changes)


def test_a_study_without_arms_runs_its_base() -> None:
    (trial,) = plan(a_study(), MODEL)

    assert (trial.arm, trial.point, trial.scenario) == ("base", {}, {"load": {"rate": 1}, "depth": 2})


def test_every_arm_visits_every_point_with_the_same_seed() -> None:
    arms = {"flat": Arm(), "deep": Arm(set={"depth": 9})}
    study = a_study(arms=arms, axes=Axes(grid={"load.rate": (1, 5)}), replications=Replications(number=2), seed=7)

    trials = plan(study, MODEL)

    assert [(t.arm, t.point["rate"], t.replication) for t in trials] == [
        (arm, rate, i) for arm in ("flat", "deep") for rate in (1, 5) for i in (0, 1)
    ]
    assert {trial.seed for trial in trials} == {7}
    assert trials[-1].scenario == {"load": {"rate": 5}, "depth": 9}


def test_arms_that_come_to_the_same_share_their_keys() -> None:
    same = plan(a_study(arms={"a": Arm(), "b": Arm(set={"depth": 2})}), MODEL)

    assert same[0].key == same[1].key


def test_constraints_drop_points_by_the_axes_short_names() -> None:
    axes = Axes(grid={"load.rate": (1, 5), "depth": (1, 5)})

    cells = cells_of(a_study(axes=axes, constraints=("rate * depth < 20", "rate <= depth")), MODEL)

    assert [dict(cell.point) for cell in cells] == [{"rate": 1, "depth": 1}, {"rate": 1, "depth": 5}]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"arms": {"a": Arm(set={"depth.x": 1})}}, "s: arms.a: depth.x: leads through 2"),
        ({"base": "scenario.yaml"}, "has not been read"),
    ],
)
def test_a_wrong_study_is_refused_before_anything_runs(changes: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        plan(a_study(**changes), MODEL)
