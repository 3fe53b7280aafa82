"""A process that runs trial after trial stays as small as after the first few, at a price that is kept to."""

import os
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from sim import wiring
from sim.execution.collector import Collector
from sim.execution.sweep import sweep
from sim.scenario import Loader, resolve
from sim.store.store import Store
from sim.study.cell import Cell
from sim.study.read import Resolver
from sim.study.study import Study
from sim.study.trial import Model

EXPERIMENTS = Path(__file__).parents[3] / "experiments"
TRIAL = Cell(arm="a", point={}, scenario={}, seed=1, version="0").trial(0)
TRIALS = 240
GROWTH_MB = 8
"""From the 40th trial to the last. With Python's own collections alone it is 20 and more."""


class Clock:
    """Moves on when trials run and when a collection does."""

    def __init__(self, collection: float) -> None:
        self.now, self.collections, self.collection = 0.0, 0, collection

    def collect(self) -> None:
        self.collections += 1
        self.now += self.collection

    def run(self, tree: Any, seed: int, replication: int, keep_samples: bool) -> Mapping[str, Any]:
        self.now += 0.125
        return {"summary": {"m": 1}}


@pytest.mark.parametrize(("collection", "collections"), [(2**-10, 13), (0.125, 2), (2.0, 1)])
def test_trials_are_collected_every_second_and_at_most_for_a_fiftieth_of_the_time(
    collection: float, collections: int
) -> None:
    clock = Clock(collection)
    collector = Collector(clock.collect, lambda: clock.now)

    for _ in range(105):
        collector.attempt(clock.run, TRIAL, False)

    assert clock.collections == collections


def test_what_a_trial_gives_is_passed_on() -> None:
    clock = Clock(0.0)

    assert Collector().attempt(clock.run, TRIAL, False).summary == {"m": 1}


def run_and_weigh(tree: Any, seed: int, replication: int, keep_samples: bool) -> Mapping[str, Any]:
    wiring.run_trial(tree, seed, replication, keep_samples)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return {"summary": {"mb": pages * os.sysconf("SC_PAGE_SIZE") / 1e6}}


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not say how large a process is")
def test_a_worker_is_no_larger_after_hundreds_of_trials(tmp_path: Path) -> None:
    base = wiring.load(EXPERIMENTS / "order-gateway" / "warm.yaml", ["duration=1s", "warmup=0s"])
    study: Study = Loader(Study).load_tree({"name": "s", "base": resolve(base), "replications": TRIALS}, "s")
    model = Model(run=run_and_weigh, version="0", resolve=Resolver(wiring.Scenario))

    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as worker:
        sizes = sweep(study, model, Store(tmp_path), workers=worker).frame.sort("replication")["mb"].to_list()

    assert sizes[-1] - sizes[39] < GROWTH_MB, f"{sizes[39]:.0f} MB after 40 trials, {sizes[-1]:.0f} MB after {TRIALS}"
