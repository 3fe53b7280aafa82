"""transport-sim: a discrete-event simulator of client-side HTTP transport.

>>> from sim import load, run
>>> done = run(load("experiments/order-gateway"), seed=1)  # doctest: +SKIP
"""

from typing import TYPE_CHECKING, Any

from sim import accelerator

if TYPE_CHECKING:
    from sim.notebook import Found, Result, Sweep, Tuning, find, load, recall, run, sweep, tune

__all__ = ["Found", "Result", "Sweep", "Tuning", "find", "load", "recall", "run", "sweep", "tune"]

accelerator.offer()  # before the first of the compiled modules is looked for


def __getattr__(name: str) -> Any:
    """Reach the library's verbs only when they are used: importing the package stays cheap."""
    if name in __all__:
        from sim import notebook

        return getattr(notebook, name)
    raise AttributeError(f"module 'sim' has no attribute {name!r}")
