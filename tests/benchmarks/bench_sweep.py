"""What a sweep costs beside its trials: overhead per trial, efficiency on several cores, memory of its workers.

Run by hand: ``python tests/benchmarks/bench_sweep.py``, or ``make bench``. Three questions:

- overhead: trials that do nothing, one worker; what a sweep takes per trial above what the trials themselves took.
- efficiency: trials of some seconds of the real model on as many processes as there are cores; the time that one
  process takes for them, divided by the processes times the time that they take. Interleaved rounds.
- memory: resident memory of each worker after a tenth of many tiny trials of the real model, and after all of them;
  growth beyond MOST_GROWTH_MB is an error.
"""

import argparse
import gc
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from sim import wiring
from sim.execution.execute import executor_of
from sim.execution.sweep import sweep
from sim.scenario import Loader, resolve
from sim.store.store import Store
from sim.study.read import Resolver
from sim.study.study import Study
from sim.study.trial import Model
from sim.version import MODEL_VERSION
from tests.benchmarks.machine import machine

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "tests" / "benchmarks" / "results" / "sweep.json"
SCENARIO = ROOT / "experiments" / "order-gateway" / "warm.yaml"
MOST_GROWTH_MB = 12
"""Of a worker, from a tenth of its trials to the last; with Python's own collections alone it was 39."""
Tree = dict[str, Any]


def run_nothing(tree: Tree, seed: int, replication: int, keep_samples: bool) -> Mapping[str, Any]:
    """As large a summary as a real one, at no cost."""
    began = time.perf_counter()
    summary = {f"metric_{i}": replication + i / 7 for i in range(100)}
    return {"summary": summary, "samples": None, "seconds": time.perf_counter() - began}


def run_and_weigh(tree: Tree, seed: int, replication: int, keep_samples: bool) -> Mapping[str, Any]:
    """A trial of the real model, with the process that ran it and its memory."""
    done = wiring.run_trial(tree, seed, replication, keep_samples)
    return {**done, "summary": {"pid": os.getpid(), "resident": resident(), "at": time.monotonic()}}


def run_timed(tree: Tree, seed: int, replication: int, keep_samples: bool) -> Mapping[str, Any]:
    return wiring.run_trial(tree, seed, replication, keep_samples)


def resident() -> int:
    """Bytes of this process in memory; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def study_of(replications: int, simulated_s: float) -> Study:
    base = wiring.load(SCENARIO, [f"duration={simulated_s:g}s", "warmup=0s"])
    tree = {"name": "bench", "base": resolve(base), "replications": replications}
    study: Study = Loader(Study).load_tree(tree, "bench")
    return study


def swept(study: Study, run: Any, workers: Any) -> tuple[float, Any]:
    """Wall seconds of a sweep into a store of its own, and its frame."""
    model = Model(run=run, version=MODEL_VERSION, resolve=Resolver(wiring.Scenario))
    with tempfile.TemporaryDirectory() as folder:
        gc.collect()
        began = time.perf_counter()
        frame = sweep(study, model, Store(folder), workers=workers).frame
        return time.perf_counter() - began, frame


def overhead(trials: int) -> dict[str, Any]:
    """Milliseconds per trial above the trial itself, in this process and through a pool of one that is warm."""
    found: dict[str, Any] = {"trials": trials}
    study = study_of(trials, 1)
    with executor_of(2) as (pool, _):
        list(pool.map(abs, range(8)))
        for name, workers in (("this_process", 1), ("pool", pool)):
            wall, frame = swept(study, run_nothing, workers)
            found[f"{name}_ms"] = round(1e3 * (wall - frame["seconds"].sum()) / trials, 2)
    found["trials_per_minute"] = round(60e3 / found["pool_ms"])
    return found


def efficiency(trials: int, simulated_s: float, rounds: int) -> dict[str, Any]:
    """The time of one process over that of all, divided by their number."""
    n = os.cpu_count() or 1
    study = study_of(trials, simulated_s)
    ratios: list[float] = []
    one_trial: list[float] = []
    for _ in range(rounds):
        walls = {}
        for workers in (1, n):
            with executor_of(n) as (pool, _):
                list(pool.map(abs, range(4 * n)))  # their start is a cost of the sweep, not of a trial
                alone = workers == 1
                wall, frame = swept(study, run_timed, 1 if alone else pool)
                walls[workers] = wall
            one_trial += frame["seconds"].to_list() if alone else []
        ratios.append(walls[1] / (n * walls[n]))
    return {
        "processes": n, "trials": trials, "seconds_of_a_trial": round(statistics.median(one_trial), 2),
        "efficiency": round(statistics.median(ratios), 3), "each_round": [round(ratio, 3) for ratio in ratios],
    }  # fmt: skip


def memory(trials: int) -> dict[str, Any]:
    """Megabytes of each worker after a tenth of its trials and after all."""
    _, frame = swept(study_of(trials, 1), run_and_weigh, 2)
    workers = []
    for _, own in frame.sort("at").group_by("pid", maintain_order=True):
        sizes = [size / 1e6 for size in own["resident"].to_list()]
        early = sizes[len(sizes) // 10]
        workers.append({"trials": len(sizes), "early_mb": round(early, 1), "end_mb": round(sizes[-1], 1)})
    return {"trials": trials, "workers": workers, "growth_mb": max(w["end_mb"] - w["early_mb"] for w in workers)}


def measure(options: argparse.Namespace) -> dict[str, Any]:
    described = machine()
    results = {
        "overhead": overhead(options.trials),
        "efficiency": efficiency(options.long_trials, options.seconds, options.rounds),
        "memory": memory(options.trials),
    }
    asked = {"seconds": options.seconds, "rounds": options.rounds}
    return {"benchmark": "sweep", **asked, "machine": described, "results": results}


def table(found: dict[str, Any]) -> str:
    cost, spread, held = (found["results"][name] for name in ("overhead", "efficiency", "memory"))
    lines = [
        found["machine"]["cpu"],
        f"overhead per trial: {cost['this_process_ms']} ms in this process, {cost['pool_ms']} ms through a pool",
        f"empty trials a minute: {cost['trials_per_minute']:,}",
        f"efficiency: {spread['efficiency']:.0%} on {spread['processes']} processes, each round {spread['each_round']}",
        f"a trial of it takes {spread['seconds_of_a_trial']} s",
    ]
    grown = ", ".join(f"{worker['early_mb']} to {worker['end_mb']} MB" for worker in held["workers"])
    return "\n".join([*lines, f"memory of workers over {held['trials']:,} trials: {grown}"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--trials", type=int, default=1000, help="tiny trials, for overhead and for memory")
    parser.add_argument("--long-trials", type=int, default=16, help="trials for efficiency")
    parser.add_argument(
        "--seconds", type=float, default=100, help="simulated seconds of a long trial; 100 take some 2 s"
    )
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds of efficiency")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    parser.add_argument("--out", type=Path, default=RESULT, help="where to write")
    options = parser.parse_args()
    found = measure(options)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    document = json.dumps(found, indent=2)
    options.out.write_text(document + "\n", encoding="utf-8")
    print(document if options.json else table(found))
    print(f"written to {options.out}", file=sys.stderr)
    if (growth := found["results"]["memory"]["growth_mb"]) > MOST_GROWTH_MB:
        sys.exit(f"a worker grew by {growth:.1f} MB, more than {MOST_GROWTH_MB}")


if __name__ == "__main__":
    main()
