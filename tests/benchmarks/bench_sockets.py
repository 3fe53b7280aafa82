"""A run of a million requests with its sockets recorded: what the records cost, its export, and the detectors over it.

Run by hand: ``python tests/benchmarks/bench_sockets.py``, or ``make bench``. Each step runs in a process of its own, so
that its peak of memory is its own. `churn` dials for every other request, `dials` for each; the run is made without the
records, too.
"""

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from sim import wiring
from sim.detection import detect_run, detect_text, text_of
from sim.export.socket_lines import SocketLines, rows_of
from sim.export.tcpstates import Layout, write_tcpstates
from sim.records.folder import read_run
from tests.benchmarks.machine import machine, pin

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "tests" / "benchmarks" / "results" / "sockets.json"
SCENARIO = ROOT / "experiments" / "order-gateway" / "churn.yaml"
PER_SECOND = 1000
"""Requests per simulated second of the scenario."""
LOADS = {"churn": (), "dials": ("clients.gateway.transport.disable_keep_alives=true",)}
ENTRIES, PORTS = 65_536, 28_232


def simulate(folder: Path, overrides: tuple[str, ...]) -> dict[str, Any]:
    """The run itself."""
    done = wiring.run(wiring.load(SCENARIO, overrides), 1, out=folder)
    return {"requests": done.manifest["requests"], "cpu_seconds": round(done.manifest["cpu_seconds"], 1)}


def export(folder: Path) -> dict[str, Any]:
    """`sim export --format tcpstates`."""
    run = read_run(folder)
    view = wiring.sockets_of(run.manifest["scenario"])
    n_lines = 0
    with (folder / "tcpstates.txt").open("wb") as file:
        for piece in write_tcpstates(SocketLines(rows_of(run), view), view, Layout("t")):
            file.write(piece)
            n_lines += piece.count(b"\n")
    return {"lines": n_lines}


def from_run(folder: Path) -> dict[str, Any]:
    """`sim detect DIR`, without its levels."""
    return {"lines": detect_run(read_run(folder), ENTRIES).n_records}


def from_text(folder: Path) -> dict[str, Any]:
    """`sim detect FILE`."""
    with (folder / "tcpstates.txt").open(encoding="utf-8") as lines:
        return {"lines": detect_text(text_of(lines, "tcpstates.txt"), ENTRIES, PORTS).n_records}


STEPS: Mapping[str, Callable[[Path], dict[str, Any]]] = {
    "export tcpstates": export, "detect a run": from_run, "detect a text": from_text
}  # fmt: skip


def step(name: str, folder: Path, overrides: tuple[str, ...]) -> dict[str, Any]:
    """One step in this process."""
    began, cpu = perf_counter(), process_time()
    found = simulate(folder, overrides) if name == "simulate" else STEPS[name](folder)
    seconds, spent = perf_counter() - began, process_time() - cpu
    peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    row = {"step": name, "seconds": round(seconds, 1), "cpu_seconds": round(spent, 1), "peak_mib": peak, **found}
    if "lines" in found:
        row["lines_per_cpu_second"] = round(found["lines"] / spent)
    return row


def measure(options: argparse.Namespace) -> dict[str, Any]:
    core = pin()
    results: dict[str, list[dict[str, Any]]] = {}
    for load in options.load or LOADS:
        overrides = LOADS[load]
        length = f"duration={options.requests // PER_SECOND}s"
        rows = results[load] = []
        with TemporaryDirectory() as place:
            for sockets in ("false", "true"):
                told = (*overrides, length, f"records.sockets={sockets}")
                rows.append({**_apart("simulate", place, told), "sockets": sockets == "true"})
            rows += [_apart(name, place, ()) for name in STEPS]
    return {
        "benchmark": "sockets", "requests": options.requests, "core": core, "machine": machine(), "results": results
    }  # fmt: skip


def _apart(name: str, folder: str, overrides: tuple[str, ...]) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", name, "--folder", folder, *(f"--set={one}" for one in overrides)]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    row: dict[str, Any] = json.loads(found)
    return row


def table(found: dict[str, Any]) -> str:
    lines = [f"{found['machine']['cpu']}, {found['requests']:,} requests"]
    for load, rows in found["results"].items():
        lines += [f"{load:>8}{row['step']:>18}{row['cpu_seconds']:>8.1f} s{row['peak_mib']:>6} MiB" for row in rows]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--requests", type=int, default=1_000_000, help="requests of the run")
    parser.add_argument("--load", choices=LOADS, action="append", help="only this load; repeatable")
    parser.add_argument("--one", choices=["simulate", *STEPS], help="one step in this process")
    parser.add_argument("--folder", type=Path, help="of the run, with --one")
    parser.add_argument("--set", action="append", default=[], dest="overrides", help="overrides, with --one")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    parser.add_argument("--out", type=Path, default=RESULT, help="where to write")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(step(options.one, options.folder, tuple(options.overrides))))
        return
    found = measure(options)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    document = json.dumps(found, indent=2)
    options.out.write_text(document + "\n", encoding="utf-8")
    print(document if options.json else table(found))
    print(f"written to {options.out}", file=sys.stderr)


if __name__ == "__main__":
    main()
