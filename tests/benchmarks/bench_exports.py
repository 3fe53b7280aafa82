"""A run of a million requests in the formats of other tools: seconds and memory of each export.

Run by hand: ``python tests/benchmarks/bench_exports.py``, or ``make bench``. The run is made once and kept while the
benchmark goes on; each export is a process of its own, start included, so that its peak of memory is its own.
OpenMetrics and profiles are to take 20 CPU seconds and 1 GB at most; tracing tools get as much as their viewers bear.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from sim import wiring
from tests.benchmarks.machine import machine, pin

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "tests" / "benchmarks" / "results" / "exports.json"
SEED = 1
RATE_PER_S = 1250
MOST_SECONDS, MOST_MIB = 20.0, 1000 * 1000 * 1000 / (1 << 20)
"""What OpenMetrics and profiles may take."""
BOUNDED = ("openmetrics", "openmetrics 15s", "pprof", "pprof debug=2")
EXPORTS: dict[str, list[str]] = {
    "openmetrics": ["--format", "openmetrics"],
    "openmetrics 15s": ["--format", "openmetrics", "--step", "15s"],
    "pprof": ["--format", "pprof"],
    "pprof debug=2": ["--format", "pprof", "--debug", "2"],
    "perfetto 40 s": ["--format", "perfetto", "--to", "40s"],
    "otlp 40 s": ["--format", "otlp", "--to", "40s"],
    "har 15 s": ["--format", "har", "--to", "15s"],
}
GATEWAY = """
name: million
duration: {seconds}s
clients: {{gateway: {{timeout: 200ms}}}}
services:
  orders: {{scheme: https, backends: 4, resolve: each, workers: 64, service_time: {{exponential: {{mean: 20ms}}}}}}
workloads: {{checkout: {{client: gateway, service: orders, arrivals: {{poisson: {{rate: {rate}/s}}}}}}}}
timeline: [{{at: 60s, pause: {{backend: 0, for: 2s}}}}]
"""
WATCH = (
    "import os, sys; from sim.cli.main import main; code = main(sys.argv[1:]); "
    "peak = next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')); "
    "print(sum(os.times()[:2]), int(peak) // 1024); sys.exit(code)"
)
"""Says its own CPU seconds and its peak of memory, MiB, behind what the command says. A child's maxrss would be that of
its parent, too, which has just made the run (getrusage(2))."""


def one(run: Path, options: list[str]) -> dict[str, Any]:
    """Seconds of the CPU and on the clock, peak of memory and size of one export."""
    out = run / "exported"
    command = [sys.executable, "-c", WATCH, "export", str(run), *options, "--out", str(out)]
    began = time.monotonic()
    said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout.splitlines()
    cpu_seconds, peak = said[-1].split()
    return {
        "cpu_seconds": round(float(cpu_seconds), 1),
        "seconds": round(time.monotonic() - began, 1),
        "peak_mib": int(peak),
        "size_mib": round(out.stat().st_size / (1 << 20), 1),
        "written": said[0].partition(": ")[2],
    }


def measure(options: argparse.Namespace) -> dict[str, Any]:
    core = pin()
    with TemporaryDirectory() as folder:
        text = GATEWAY.format(seconds=options.requests // RATE_PER_S, rate=RATE_PER_S)
        done = wiring.run(wiring.load(text), SEED, out=Path(folder))
        rows = [{"export": name, **one(Path(folder), asked)} for name, asked in EXPORTS.items()]
    n = int(done.summary["n_requests"])
    return {"benchmark": "exports", "requests": n, "seed": SEED, "core": core, "machine": machine(), "results": rows}


def table(found: dict[str, Any]) -> str:
    lines = [f"{found['requests']:,} requests", f"{'':>16}{'CPU s':>7}{'s':>7}{'MiB':>7}{'file MiB':>10}"]
    for row in found["results"]:
        spent = f"{row['cpu_seconds']:>7.1f}{row['seconds']:>7.1f}{row['peak_mib']:>7}{row['size_mib']:>10.1f}"
        lines.append(f"{row['export']:>16}{spent}  {row['written']}")
    return "\n".join(lines)


def missed(found: dict[str, Any]) -> list[str]:
    """The exports that took more than they may."""
    return [
        row["export"]
        for row in found["results"]
        if row["export"] in BOUNDED and (row["cpu_seconds"] > MOST_SECONDS or row["peak_mib"] > MOST_MIB)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--requests", type=int, default=1_000_000, help="of the run that is exported")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    parser.add_argument("--out", type=Path, default=RESULT, help="where to write")
    options = parser.parse_args()
    found = measure(options)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    document = json.dumps(found, indent=2)
    options.out.write_text(document + "\n", encoding="utf-8")
    print(document if options.json else table(found))
    print(f"written to {options.out}", file=sys.stderr)
    if over := missed(found):
        print(f"more than {MOST_SECONDS:g} s or {MOST_MIB:.0f} MiB: {', '.join(over)}", file=sys.stderr)
    return int(bool(over))


if __name__ == "__main__":
    sys.exit(main())
