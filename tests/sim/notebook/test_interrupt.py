"""A cell that is stopped in a real kernel: what it returns, and that no worker is left."""

import os
import sqlite3
import sys
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any

import pytest

manager = pytest.importorskip("jupyter_client.manager")
pytest.importorskip("ipykernel")

ROOT = Path(__file__).parents[3]
SWEEP = """
from sim import sweep
found = sweep({
    "name": "long", "replications": 400,
    "base": {
        "duration": "2s", "clients": {"gateway": {}}, "services": {"orders": {"backends": 1, "service_time": "10ms"}},
        "workloads": {"w": {"client": "gateway", "service": "orders", "arrivals": {"poisson": {"rate": "200/s"}}}},
    },
}, workers=2)
import multiprocessing
done = found.frame.filter(found.frame["error"] == "").height
print(found.is_partial, 0 < done < 400, multiprocessing.active_children())
"""


@pytest.mark.slow
def test_a_stopped_cell_returns_what_was_done_and_leaves_no_worker(tmp_path: Path) -> None:
    kernels: Any = manager.KernelManager(kernel_name="python3")
    kernels.kernel_cmd = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernels.start_kernel(cwd=str(tmp_path), env={**os.environ, "PYTHONPATH": str(ROOT)})
    client = kernels.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=120)
        said = executed(client, SWEEP, lambda: interrupt_once_some_are_done(kernels, client, tmp_path))
    finally:
        client.stop_channels()
        kernels.shutdown_kernel(now=True)

    assert said == "True True []\n"


def executed(client: Any, code: str, meanwhile: Any) -> str:
    """Run a cell, do something meanwhile, and return what the cell printed."""
    message = client.execute(code)
    meanwhile()
    said = []
    while True:
        told = client.get_iopub_msg(timeout=120)
        if told["parent_header"].get("msg_id") != message:
            continue
        if told["msg_type"] in {"stream", "error"}:
            said.append(told["content"].get("text") or told["content"]["evalue"])
        if told["msg_type"] == "status" and told["content"]["execution_state"] == "idle":
            return "".join(said)


def interrupt_once_some_are_done(kernels: Any, client: Any, folder: Path) -> None:
    """Wait for the first results as anybody sees them: in the index."""
    index, until = folder / "out" / "long" / "results.sqlite", time.monotonic() + 120
    while time.monotonic() < until:
        with suppress(Empty):
            client.get_iopub_msg(timeout=0.2)
        if index.exists():
            with sqlite3.connect(f"file:{index}?mode=ro", uri=True) as db:
                if db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'trials'").fetchone()[0] and (
                    db.execute("SELECT count(*) FROM trials").fetchone()[0] > 3
                ):
                    break
    kernels.interrupt_kernel()
