"""Requests per CPU-second of the order gateway: ours, ours compiled, a bare heap, idiomatic SimPy.

Run by hand: ``python tests/benchmarks/bench_gateway.py``, or ``make bench``. Each round measures every way once, one
after the other on one core, so that a loud minute of the machine hits all of them; what counts is the median of the
ratios within one round. The compiled modules, where `make accelerator` has made them, run in a process of their own,
since a process has either them or the sources. Two scenarios: warm (a pool that fits) and churn (a dial for almost
every other request).
"""

import argparse
import gc
import json
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("SIM_PURE", "1")  # here the sources; the process of `ours_compiled` is started with 0

from sim import accelerator, wiring
from sim.scenario import resolve
from tests.benchmarks import heapq_gateway, idiomatic_gateway
from tests.benchmarks.gateway_setting import Setting, setting_of
from tests.benchmarks.machine import machine, pin

ROOT = Path(__file__).parents[2]
SCENARIOS = ("warm", "churn")
RESULT = ROOT / "tests" / "benchmarks" / "results" / "gateway.json"
SEED = 1
OURS = "ours"
Measured = tuple[int, float]
"""Requests, and the CPU seconds that they took."""


def ours(setting: Setting) -> Measured:
    """With everything recorded, as `sim run` does; the seconds are the manifest's, of the run itself."""
    manifest = wiring.run(setting.scenario, SEED).manifest
    return manifest["requests"], manifest["cpu_seconds"]


def ours_without_records(setting: Setting) -> Measured:
    manifest = wiring.run(setting.scenario, SEED, record=False).manifest
    return manifest["requests"], manifest["cpu_seconds"]


def ours_compiled(setting: Setting) -> Measured:
    """As `ours`, in the process that has the compiled modules."""
    accelerated, requests, seconds = _compiled().submit(_alone, resolve(setting.scenario)).result()
    assert accelerated, f"the accelerator is {accelerator.state()}"
    return requests, seconds


def _alone(tree: Mapping[str, Any]) -> tuple[bool, int, float]:
    gc.collect()
    manifest = wiring.run(wiring.load_tree(tree), SEED).manifest
    return manifest["accelerated"], manifest["requests"], manifest["cpu_seconds"]


@cache
def _compiled() -> ProcessPoolExecutor:
    """One process that takes the compiled modules; it starts with its first task."""
    os.environ["SIM_PURE"] = "0"
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))


def bare_heapq(setting: Setting) -> Measured:
    return timed(lambda: heapq_gateway.run(setting, SEED).requests)


def idiomatic_simpy(setting: Setting) -> Measured:
    return timed(lambda: idiomatic_gateway.run(setting, SEED).requests)


def timed(run: Callable[[], int]) -> Measured:
    before = time.process_time()
    requests = run()
    return requests, time.process_time() - before


WAYS: dict[str, Callable[[Setting], Measured]] = {
    OURS: ours,
    **({"ours_compiled": ours_compiled} if accelerator.is_built() else {}),
    "ours_without_records": ours_without_records,
    "bare_heapq": bare_heapq,
    "idiomatic_simpy": idiomatic_simpy,
}


def compare(setting: Setting, rounds: int) -> list[dict[str, Any]]:
    """Medians over the rounds, and of the ratios to ours within each round."""
    rates: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(rounds):
        for name, way in WAYS.items():
            gc.collect()
            requests, seconds = way(setting)
            rates[name].append(requests / seconds)
    return [
        {
            "way": name,
            "requests_per_cpu_second": round(statistics.median(own)),
            "lowest": round(min(own)),
            "highest": round(max(own)),
            "ours_over_this": round(statistics.median(a / b for a, b in zip(rates[OURS], own, strict=True)), 3),
            "each_round": [round(rate) for rate in own],
        }
        for name, own in rates.items()
    ]


def measure(options: argparse.Namespace) -> dict[str, Any]:
    core = pin()
    described = machine()
    results = {}
    for name in SCENARIOS:
        path = ROOT / "experiments" / "order-gateway" / f"{name}.yaml"
        compare(setting_of(wiring.load(path, ["duration=1s"])), 1)  # imports and caches are no part of the question
        results[name] = compare(setting_of(wiring.load(path, [f"duration={options.seconds}s"])), options.rounds)
    asked = {"seconds": options.seconds, "rounds": options.rounds, "seed": SEED, "core": core}
    return {"benchmark": "gateway", **asked, "machine": described, "results": results}


def table(found: dict[str, Any]) -> str:
    asked = f"{found['seconds']} simulated s, medians of {found['rounds']} interleaved rounds"
    lines = [f"{found['machine']['cpu']}, {asked}"]
    for name, rows in found["results"].items():
        lines.append(f"{name:<24}{'requests per CPU-second':>26}{'ours / this':>14}")
        lines += [
            f"  {row['way']:<22}{row['requests_per_cpu_second']:>26,}{row['ours_over_this']:>14.2f}" for row in rows
        ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=int, default=60, help="simulated seconds of each run")
    parser.add_argument("--rounds", type=int, default=7, help="interleaved rounds")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    parser.add_argument("--out", type=Path, default=RESULT, help="where to write")
    options = parser.parse_args()
    found = measure(options)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    document = json.dumps(found, indent=2)
    options.out.write_text(document + "\n", encoding="utf-8")
    print(document if options.json else table(found))
    print(f"written to {options.out}", file=sys.stderr)


if __name__ == "__main__":
    main()
