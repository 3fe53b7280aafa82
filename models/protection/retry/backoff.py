"""Backoff: how long a caller waits before it tries again. Not whether it tries.

Sources: M. Brooker, Exponential Backoff And Jitter, AWS Architecture Blog, 2015 (none, full, equal, decorrelated);
gRPC proposal A6 (plus_minus); Envoy backoff_strategy.cc (envoy); Finagle Backoff.scala (the two of its own).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt

from sim.units import MS, Duration

Jitter = Literal[
    "none", "full", "equal", "decorrelated", "plus_minus", "envoy", "finagle_decorrelated", "finagle_exponential"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackoffConfig:
    """The wait before retry number i = 0, 1, ..."""

    base: Duration = 25 * MS
    """The first wait, before jitter; 0 means at once, always."""
    throttled_base: Duration = 0
    """The same after a try that was throttled, by a 429; 0 means as after others. AWS' new mode: 1 s."""
    cap: Annotated[Duration, Gt(0)] = 250 * MS
    """The longest wait, before plus_minus."""
    multiplier: Annotated[float, Ge(1)] = 2.0
    """What each wait is to the one before it; 1 is a constant wait."""
    jitter: Jitter = "full"
    """none: min(cap, base m^i); full: uniform between 0 and that; equal: half of it and a uniform half; decorrelated:
    uniform between base and 3 times the last, at most cap; plus_minus: a fifth more or less (gRPC); envoy: uniform
    between 0 and min(cap, (2^(i+1) - 1) base); finagle_decorrelated: uniform between the last and 3 times the last, and
    cap once that is reached; finagle_exponential: uniform up to twice the last wait drawn, and cap once reached."""

    def __post_init__(self) -> None:
        if self.base > self.cap:
            raise ValueError("cap: is less than base; write a longer one")
        if self.throttled_base > self.cap:
            raise ValueError("cap: is less than throttled_base; write a longer one")


class Backoff:
    """Waits of one call after another; `draw` gives uniform numbers in [0, 1)."""

    __slots__ = ("_config", "_draw")

    def __init__(self, config: BackoffConfig, draw: Callable[[], float]) -> None:
        self._config, self._draw = config, draw

    def wait(self, i: int, last: int, *, is_throttled: bool = False) -> int:
        """How long (ns) before retry number `i` of a call, from 0, whose last wait was `last` (0 before the first)."""
        config = self._config
        first = (is_throttled and config.throttled_base) or config.base
        if not first:
            return 0
        base, cap = float(first), float(config.cap)
        if config.jitter == "envoy":
            return int(self._draw() * min(cap, (2.0 ** min(i + 1, 62) - 1) * base))
        if config.jitter in ("decorrelated", "finagle_decorrelated", "finagle_exponential"):
            return self._after(float(last or first), base, cap)
        whole = _power(base, config.multiplier, i, cap)
        match config.jitter:
            case "full":
                return int(self._draw() * whole)
            case "equal":
                return int(whole / 2 + self._draw() * whole / 2)
            case "plus_minus":
                return int(whole * (0.8 + 0.4 * self._draw()))
        return int(whole)

    def _after(self, last: float, base: float, cap: float) -> int:
        """The shapes in which a wait follows from the last one."""
        draw = self._draw()
        match self._config.jitter:
            case "decorrelated":
                return int(min(cap, base + draw * (3 * last - base)))
            case "finagle_decorrelated":
                return int(cap if last >= cap else min(cap, last + draw * 2 * last))
        return int(cap if last >= cap else min(cap, draw * 2 * last) or 1)


def _power(base: float, multiplier: float, i: int, cap: float) -> float:
    """min(cap, base m^i), where the power may be too large for a float."""
    try:
        return min(cap, base * multiplier**i)
    except OverflowError:
        return cap
