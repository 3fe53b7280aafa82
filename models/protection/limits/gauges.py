"""Gauges: numbers of a machine that some limits look at. Not what the machine does; whoever models it hands them in."""

from collections.abc import Callable
from dataclasses import dataclass


def nothing(_: int) -> float:
    """What an idle machine shows."""
    return 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """Of the machine of a limit, each as a function of the instant (ns)."""

    cpu: Callable[[int], float] = nothing
    """Share of its processors that is busy, 0 to 1."""
    load: Callable[[int], float] = nothing
    """Its load average over a minute, as uptime shows it: threads."""


IDLE = Gauges()
"""A machine that never has anything to do."""
