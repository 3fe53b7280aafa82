"""Reconnect: how long a device waits before it dials again. Not when it knows that it has to.

Full jitter: M. Brooker, Exponential Backoff And Jitter, AWS Architecture Blog, 2015.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import log1p
from typing import Annotated, Literal

from annotated_types import Gt

from sim.units import SECOND, Duration

Policy = Literal["at_once", "fixed", "uniform", "exponential", "backoff", "never"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconnectConfig:
    """When a device dials again after its connection was lost, or a dial has failed."""

    policy: Policy = "uniform"
    """at_once; fixed: after `delay`; uniform: after a time drawn from 0 to `delay`; exponential: of mean `delay`;
    backoff: after up to `delay`, doubled with each dial that fails, never more than `cap`; never: it stays away."""
    delay: Annotated[Duration, Gt(0)] = 5 * SECOND
    """What the policy says of it."""
    cap: Duration = 60 * SECOND
    """With `backoff`: the longest wait, before jitter."""
    jitter: Literal["full", "none"] = "full"
    """With `backoff`: the wait is drawn from 0 to what it has doubled to (full), or is that itself (none)."""

    def __post_init__(self) -> None:
        if self.policy == "backoff" and self.cap < self.delay:
            raise ValueError("cap: lies below delay, the first wait; raise it, or lower delay")

    def wait(self, failures: int, draw: Callable[[], float]) -> int | None:
        """How long (ns) before the next dial, after so many that failed in succession; None: it stays away."""
        match self.policy:
            case "at_once":
                return 0
            case "fixed":
                return self.delay
            case "uniform":
                return round(draw() * self.delay)
            case "exponential":
                return round(-log1p(-draw()) * self.delay)
            case "backoff":
                longest = min(self.cap, self.delay << min(failures, 40))
                return round(draw() * longest) if self.jitter == "full" else longest
        return None
