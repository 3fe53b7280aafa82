"""Versions: of the model, which a result belongs to, and of the libraries that a manifest names."""

import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version

MODEL_VERSION = "6"
"""Raised by every change of behaviour; results of different model versions are never mixed."""

_LIBRARIES = ("transport-sim", "simpy", "numpy", "polars")


def versions() -> dict[str, str]:
    """Version texts by name, for a manifest."""
    return {"python": python_version()} | {name: _version(name) for name in _LIBRARIES}


def identity() -> dict[str, str]:
    """What two processes have to agree on to compute the same: asked of every worker of a cluster."""
    minor = ".".join(python_version().split(".")[:2])
    return {"transport-sim": _version("transport-sim"), "model version": MODEL_VERSION, "Python": minor}


@cache
def commit() -> str | None:
    """The commit of the checkout whose code this is; None where it is an installed package."""
    root = Path(__file__).resolve().parents[1]
    if not (root / ".git").exists():
        return None
    command = ["git", "-C", str(root), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
