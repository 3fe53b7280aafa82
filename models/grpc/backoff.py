"""Backoff: how long a subchannel waits before it tries to connect again. It knows no clock.

Source: grpc-go internal/backoff/backoff.go, Exponential.Backoff; the first retry waits exactly BaseDelay.
"""

from collections.abc import Callable

from models.grpc.config import ReconnectConfig


class Backoff:
    """The waits of one subchannel; `draw` is uniform in [0, 1)."""

    __slots__ = ("_config", "_draw", "_failures")

    def __init__(self, config: ReconnectConfig, draw: Callable[[], float]) -> None:
        self._config, self._draw = config, draw
        self._failures = 0

    def next(self) -> int:
        """The wait after the attempt that begins now, should it fail, in ns."""
        config, n = self._config, self._failures
        self._failures += 1
        if not n:
            return config.base_delay
        wait = min(config.base_delay * config.multiplier**n, config.max_delay)
        return int(wait * (1 + config.jitter * (2 * self._draw() - 1)))

    def reset(self) -> None:
        """The connection is there."""
        self._failures = 0
