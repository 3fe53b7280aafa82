"""What a watcher of a sweep is told."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sim.execution.sweep import sweep
from sim.execution.watch import Stage, Watcher
from sim.store.store import Store
from sim.study.arm import Arm
from sim.study.axis import Axes
from sim.study.precision import Replications
from sim.study.study import Study


class Notes(Watcher):
    def __init__(self) -> None:
        self.stages: list[Stage] = []

    def tell(self, stage: Stage) -> None:
        self.stages.append(stage)


def noisy(tree: dict[str, Any], seed: int, replication: int, keep_samples: bool) -> Mapping[str, Any]:
    if tree["noise"] is None:
        raise ZeroDivisionError
    return {"summary": {"delay": 1 + np.random.default_rng([seed, replication]).normal(0, tree["noise"])}}


def watched(folder: Path, **arms: Any) -> list[Stage]:
    study = Study(
        name="s", base={"noise": 0.01}, arms={name: Arm(set={"noise": noise}) for name, noise in arms.items()},
        axes=Axes(grid={"load": (1,)}), replications=Replications(until={"delay": "2%"}, max=40),
    )  # fmt: skip
    notes = Notes()
    sweep(study, noisy, Store(folder), workers=1, progress=notes)
    return notes.stages


def test_the_widest_interval_is_that_of_the_noisiest_arm_from_the_second_round_on(tmp_path: Path) -> None:
    stages = watched(tmp_path, calm=0.001, noisy=0.2)

    first = [stage.widest for stage in stages[:20]]
    assert first == [None] * 20, "nothing is known before the first round is over"
    last = stages[-1].widest
    assert last is not None
    assert (last.metric, last.arm, dict(last.point), last.target) == ("delay", "noisy", {"load": 1}, "2%")
    assert last.excess > 1


def test_failures_are_counted_as_they_come(tmp_path: Path) -> None:
    stages = watched(tmp_path, broken=None)

    assert [(stage.done, stage.failed) for stage in stages[:5]] == [(n, n) for n in range(1, 6)]
