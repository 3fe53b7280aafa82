"""Requests per CPU-second of a cluster, and what more backends cost: 20 client instances, 20,000 requests per second.

Run by hand: ``python tests/benchmarks/bench_cluster.py``, or ``make bench``. Each round runs every size once, one after
the other on one core; what counts is the median over the rounds of the cost of a request relative to the fewest
backends. Connections multiply with backends: each client instance has a pool for each of them.
"""

import argparse
import gc
import json
import statistics
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from sim import wiring
from tests.benchmarks.machine import machine, pin

ROOT = Path(__file__).parents[2]
SCENARIO = ROOT / "experiments" / "order-gateway" / "cluster.yaml"
RESULT = ROOT / "tests" / "benchmarks" / "results" / "cluster.json"
BACKENDS = (3, 100, 300)
SEED = 1


def cost(n: int, seconds: int) -> tuple[int, float]:
    """Requests, and microseconds of CPU for each of them, with everything recorded."""
    scenario = wiring.load(SCENARIO, [f"services.orders.backends={n}", f"duration={seconds}s"])
    gc.collect()
    manifest = wiring.run(scenario, SEED).manifest
    return manifest["requests"], 1e6 * manifest["cpu_seconds"] / manifest["requests"]


def measure(options: argparse.Namespace) -> dict[str, Any]:
    core = pin()
    described = machine()
    cost(BACKENDS[0], 1)  # imports and caches are no part of the question
    costs: dict[int, list[float]] = {n: [] for n in BACKENDS}
    requests: dict[int, int] = {}
    for _ in range(options.rounds):
        for n in BACKENDS:
            requests[n], each = cost(n, options.seconds)
            costs[n].append(each)
    rows = [
        {
            "backends": n,
            "requests": requests[n],
            "requests_per_cpu_second": round(1e6 / statistics.median(own)),
            "cost_over_fewest": round(
                statistics.median(a / b for a, b in zip(own, costs[BACKENDS[0]], strict=True)), 3
            ),
            "each_round": [round(1e6 / one) for one in own],
        }
        for n, own in costs.items()
    ]
    asked = {"seconds": options.seconds, "rounds": options.rounds, "seed": SEED, "core": core}
    return {"benchmark": "cluster", **asked, "machine": described, "results": rows}


def table(found: dict[str, Any]) -> str:
    asked = f"{found['seconds']} simulated s, medians of {found['rounds']} interleaved rounds"
    lines = [f"{found['machine']['cpu']}, {asked}", f"{'backends':>8}{'requests per CPU-second':>26}{'cost':>8}"]
    lines += [
        f"{row['backends']:>8}{row['requests_per_cpu_second']:>26,}{row['cost_over_fewest']:>8.2f}"
        for row in found["results"]
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=int, default=60, help="simulated seconds of each run")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds")
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
