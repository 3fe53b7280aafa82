"""Arrivals: every way in which a workload's requests may come, and the instants of the open-loop ones.

A closed loop has no such instants (its arrivals depend on the answers), and recordings are read by their own files.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Annotated

import numpy as np

from models.workload.access_log import AccessLogFile
from models.workload.bursts import Bursts
from models.workload.closed_loop import ClosedLoop
from models.workload.curve import RateCurve
from models.workload.profile import BLOCK
from models.workload.replay import ReplayFile
from sim.engine.streams import Streams
from sim.units import SECOND, OneOf, Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Poisson:
    """Independent customers: exponential times between arrivals."""

    rate: Rate
    """Mean arrival rate."""

    def blocks(self, streams: Streams, name: str, until: int) -> Iterator[list[int]]:
        """Yield blocks of arrival instants (ns) before `until`, drawn from the stream `{name}.arrivals`."""
        rng = streams[f"{name}.arrivals"]
        start = 0.0 if self.rate > 0 else float(until)
        while start < until:
            # a running sum of floats: at 24 h it still resolves 0.01 ns, and the rate only scales the draws
            instants = start + rng.standard_exponential(BLOCK).cumsum() * (SECOND / self.rate)
            start = float(instants[-1])
            whole = np.rint(instants).astype(np.int64)
            yield whole[: np.searchsorted(whole, until)].tolist()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantRate:
    """A metronome: arrival k at k / rate, the first at 0; each instant is rounded by itself, so nothing drifts."""

    rate: Rate
    """Arrival rate."""

    def blocks(self, streams: Streams, name: str, until: int) -> Iterator[list[int]]:
        """Yield blocks of arrival instants (ns) before `until`."""
        first, reached = 0, 0 if self.rate > 0 else until
        while reached < until:
            whole = np.rint(np.arange(first, first + BLOCK) * float(SECOND) / self.rate).astype(np.int64)
            yield whole[: np.searchsorted(whole, until)].tolist()
            first, reached = first + BLOCK, int(whole[-1])


OpenArrivals = Poisson | ConstantRate | Bursts | RateCurve
"""The kinds whose instants are known without running the model, and without a file."""

Arrivals = Annotated[
    Poisson | ConstantRate | Bursts | RateCurve | ClosedLoop | ReplayFile | AccessLogFile,
    OneOf(
        poisson=Poisson,
        constant=ConstantRate,
        bursts=Bursts,
        curve=RateCurve,
        closed_loop=ClosedLoop,
        replay=ReplayFile,
        access_log=AccessLogFile,
    ),
]
"""What a user may write under `arrivals`."""


def open_arrivals(config: OpenArrivals, streams: Streams, name: str, *, until: int) -> Iterator[int]:
    """Return the workload's arrival instants: absolute, in ns, nondecreasing, before `until`.

    Parameters
    ----------
    config
        An open-loop kind.
    streams
        The run's streams; those called `{name}.…` are drawn from, in blocks.
    name
        The workload's name.
    until
        The instant (ns) at which arrivals stop.
    """
    return chain.from_iterable(config.blocks(streams, name, until))
