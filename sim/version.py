"""Versions: of the model, which a result belongs to, and of the libraries that a manifest names."""

from importlib.metadata import PackageNotFoundError, version
from platform import python_version

MODEL_VERSION = "2"
"""Raised by every change of behaviour; results of different model versions are never mixed."""

_LIBRARIES = ("transport-sim", "simpy", "numpy", "polars")


def versions() -> dict[str, str]:
    """Version texts by name, for a manifest."""
    return {"python": python_version()} | {name: _version(name) for name in _LIBRARIES}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
