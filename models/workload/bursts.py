"""Bursts: a Markov-modulated Poisson process (MMPP) that switches between a high and a low rate at random.

Not a schedule of known peaks: see `curve`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from models.workload.profile import RateProfile, Segment, arrivals_along
from sim.engine.streams import Streams
from sim.units import Duration, Rate

PHASES = 512
"""Phases drawn at once; even, so that each block starts in the same state as the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bursts:
    """Two-state MMPP: phases of exponential length alternate, arrivals within a phase are Poisson.

    The mean rate is (on_rate · on + off_rate · off) / (on + off); the process starts in its stationary state.
    """

    on_rate: Rate
    """Arrival rate during a burst."""
    off_rate: Rate
    """Arrival rate between bursts; 0/s for silence."""
    on: Duration
    """Mean length of a burst (exponential)."""
    off: Duration
    """Mean length of the time between two bursts (exponential)."""

    def __post_init__(self) -> None:
        if self.on + self.off <= 0:
            raise ValueError("on: bursts and the time between them both last 0s; write how long they are, such as 2s")

    def blocks(self, streams: Streams, name: str, until: int) -> Iterator[list[int]]:
        """Yield blocks of arrival instants (ns) before `until`.

        Phases come from the stream `{name}.phases`, arrivals from `{name}.arrivals`: other rates see the same phases.
        """
        return arrivals_along(self._profiles(streams[f"{name}.phases"], until), streams[f"{name}.arrivals"])

    def _profiles(self, rng: np.random.Generator, until: int) -> Iterator[RateProfile]:
        phases = [(self.on, self.on_rate), (self.off, self.off_rate)]
        if rng.random() * (self.on + self.off) >= self.on:
            phases.reverse()
        means = np.tile([mean for mean, _ in phases], PHASES // 2)
        rates = [rate for _, rate in phases] * (PHASES // 2)
        start = 0
        while start < until:
            lengths = np.rint(rng.standard_exponential(PHASES) * means).astype(np.int64)
            edges = np.minimum(start + np.concatenate([[0], lengths.cumsum()]), until).tolist()
            if edges[-1] > start:
                spans = zip(pairwise(edges), rates, strict=True)
                yield RateProfile([Segment(begin, end, rate, rate) for (begin, end), rate in spans])
            start = edges[-1]
