"""A closed loop: so many workers, each of which thinks, sends a request, waits for its answer and thinks again.

The waiting is the caller's; this file says how long a worker thinks.
"""

from collections import deque
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le

from models.workload.profile import BLOCK
from sim.engine.distributions import Constant, Delay
from sim.engine.streams import Streams

MOST_WORKERS = 1_000_000
"""Each takes about 1 kB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedLoop:
    """Workers that never have more than one request each under way; a slow answer slows the arrivals down."""

    workers: Annotated[int, Ge(1), Le(MOST_WORKERS)]
    """Callers at the same time."""
    think: Delay = Constant(value=0)
    """The time from an answer to the same worker's next request; each worker starts with one."""


class ThinkTimes:
    """The think times of every worker, drawn from the stream `{name}.think`.

    Worker w's k-th think time is the same whatever the order in which the workers come back: the times are drawn in
    rounds, one for each worker, so two arms of a study see the same customers.

    Parameters
    ----------
    config
        The number of workers and their distribution.
    streams
        The run's streams.
    name
        The workload's name.
    """

    __slots__ = ("_distribution", "_left", "_rng", "_rounds")

    def __init__(self, config: ClosedLoop, streams: Streams, name: str) -> None:
        self._distribution = config.think
        self._rng = streams[f"{name}.think"]
        self._rounds = max(1, BLOCK // config.workers)
        self._left: list[deque[int]] = [deque() for _ in range(config.workers)]

    def draw(self, worker: int) -> int:
        """Return the worker's next think time (ns)."""
        mine = self._left[worker]
        if not mine:
            self._draw_rounds()
        return mine.popleft()

    def _draw_rounds(self) -> None:
        workers = len(self._left)
        drawn = self._distribution.block(self._rng, workers * self._rounds).reshape(self._rounds, workers)
        for queue, times in zip(self._left, drawn.T.tolist(), strict=True):
            queue.extend(times)
