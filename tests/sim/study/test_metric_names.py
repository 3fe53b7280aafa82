"""Which metrics a model's runs may have, and what is said of one that no run has."""

from pathlib import Path
from typing import Any

import pytest

from sim.study.claim import Claim, Versus
from sim.study.metric_names import MetricNames
from sim.study.picture import Picture
from sim.study.plan import plan
from sim.study.precision import Replications
from sim.study.slo import Objective
from sim.study.study import Study
from sim.study.trial import Model
from sim.study.vocabulary import Vocabulary
from sim.units import InputError
from sim.wiring import METRIC_NAMES, load, run

NAMES = MetricNames(["delay", "lost", "share_b{}_end", "err:{}"])


def never(*_: Any) -> Any:
    raise AssertionError("nothing is run here")


@pytest.mark.parametrize("metric", ["delay", "share_b0_end", "share_b12_end", "err:i/o timeout"])
def test_names_and_members_of_families_are_known(metric: str) -> None:
    assert metric in NAMES


@pytest.mark.parametrize("metric", ["dela", "share_b_end", "err:", "share_b{}", ""])
def test_others_are_not(metric: str) -> None:
    assert metric not in NAMES


CLAIM: dict[str, Any] = {"id": "C", "statement": "", "metric": "delay", "op": "<", "value": 1}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"claims": (Claim(**CLAIM | {"metric": "dely"}),)}, "s: claims.C.metric: no run measures dely; did you mean"),
        ({"claims": (Claim(**CLAIM, versus=Versus(metric="lst")),)}, "claims.C.versus.metric: no run measures lst"),
        ({"slo": (Objective(metric="dely", op="<", value=1),)}, "slo.0.metric: no run measures dely"),
        ({"replications": Replications(until={"dely": "5%"})}, "replications.until: no run measures dely"),
        ({"pictures": (Picture(chart="line", metric="dely"),)}, "pictures.0.metric: no run measures dely"),
    ],
)
def test_whatever_asks_about_another_metric_is_refused_before_anything_runs(asked: Any, said: str) -> None:
    study = Study(name="s", base={}, **asked)

    with pytest.raises(InputError) as caught:
        plan(study, Model(run=never, words=Vocabulary(metrics=NAMES)))

    assert str(caught.value).startswith(said) or said in str(caught.value)


def test_every_metric_of_a_run_is_known_before_it() -> None:
    done = run(load(Path("experiments/order-gateway"), ["duration=2s", "warmup=0s"]))

    assert [metric for metric in done.summary if metric not in METRIC_NAMES] == []
