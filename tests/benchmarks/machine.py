"""The machine on which a benchmark ran: one core to run on, and the words that go with its figures."""

import os
import platform
import sys
from pathlib import Path
from typing import Any

from sim.version import MODEL_VERSION, versions


def pin() -> int | None:
    """Stay on one core, the last of those allowed; None where the system does not know how."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return core


def machine() -> dict[str, Any]:
    """CPU, Python build and versions; no name by which somebody could find the machine."""
    return {
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "load_1m": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": sys.version,
        "build": " ".join(platform.python_build()),
        "compiler": platform.python_compiler(),
        "versions": versions(),
        "model_version": MODEL_VERSION,
    }


def cpu_model() -> str:
    """The model as Linux names it, elsewhere what Python knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"
