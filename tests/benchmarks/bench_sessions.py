"""An hour of 100,000 idle WebSocket connections that ping every 30 s: CPU seconds, memory, and what a fault costs them.

Run by hand: ``python tests/benchmarks/bench_sessions.py``, or ``make bench``. Each row runs in a process of its own, so
that its peak of memory is its own. `idle` is nothing but pings, which are counted and not played; `restart` closes all
connections of one backend in four after half of the time; `pause` stops one for 20 s, so that its pings are played.
"""

import argparse
import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from sim import wiring
from tests.benchmarks.machine import machine, pin

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "tests" / "benchmarks" / "results" / "sessions.json"
SEED = 1
TIMELINES: dict[str, str] = {
    "idle": "timeline=[]",
    "restart": "timeline=[{at: 30m, die: {backend: 0, for: 1s}}]",
    "pause": "timeline=[{at: 30m, pause: {backend: 0, for: 20s}}]",
}
FLEET: dict[str, Any] = {
    "name": "fleet",
    "duration": "1h",
    "tail": "0s",
    "network": {"rtt": "40ms"},
    "services": {"chat": {"scheme": "https", "backends": 4, "resolve": "vip", "keep_alive": "off"}},
    "sessions": {
        "devices": {
            "count": 100_000,
            "service": "chat",
            "websocket": {"client": {"every": "30s", "timeout": "10s"}},
            "start": {"over": "60s"},
            "reconnect": {"policy": "uniform", "delay": "30s"},
        }
    },
}


def run_one(kind: str, devices: int) -> dict[str, Any]:
    """One run in this process."""
    done = wiring.run(wiring.load_tree(FLEET, [TIMELINES[kind], f"sessions.devices.count={devices}"]), SEED)
    return {
        "kind": kind,
        "devices": devices,
        "pings": done.summary["session_pings"],
        "calls_of_the_engine": done.manifest["engine_events"],
        "cpu_seconds": round(done.manifest["cpu_seconds"], 1),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def measure(options: argparse.Namespace) -> dict[str, Any]:
    core = pin()
    rows = []
    for kind in TIMELINES:
        command = [sys.executable, __file__, "--one", kind, "--devices", str(options.devices)]
        rows.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    return {"benchmark": "sessions", "hours": 1, "seed": SEED, "core": core, "machine": machine(), "results": rows}


def table(found: dict[str, Any]) -> str:
    lines = [f"{found['machine']['cpu']}, an hour", f"{'':>8}{'devices':>9}{'pings':>13}{'CPU s':>8}{'MiB':>6}"]
    lines += [
        f"{row['kind']:>8}{row['devices']:>9,}{row['pings']:>13,}{row['cpu_seconds']:>8.1f}{row['peak_mib']:>6}"
        for row in found["results"]
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--devices", type=int, default=100_000, help="connections")
    parser.add_argument("--one", choices=TIMELINES, help="run one row in this process, and print it")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    parser.add_argument("--out", type=Path, default=RESULT, help="where to write")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(run_one(options.one, options.devices)))
        return
    found = measure(options)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    document = json.dumps(found, indent=2)
    options.out.write_text(document + "\n", encoding="utf-8")
    print(document if options.json else table(found))
    print(f"written to {options.out}", file=sys.stderr)


if __name__ == "__main__":
    main()
