"""A rate curve: Poisson arrivals whose rate follows points in time, linearly or in steps.

Not a recording of single arrivals: see `replay`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from models.workload.profile import RateProfile, Segment, arrivals_along
from sim.engine.streams import Streams
from sim.units import Duration, Rate, format_duration


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePoint:
    """The arrival rate at one instant of the run."""

    at: Duration
    """When, from the start of the run."""
    rate: Rate
    """The arrival rate from there (step) or exactly there (linear)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateCurve:
    """Poisson arrivals along a curve; before the first and after the last point the rate is that point's."""

    points: tuple[RatePoint, ...]
    """In order of time. Two points at one instant make a jump of a linear curve."""
    shape: Literal["linear", "step"] = "linear"
    """Between two points the rate goes in a straight line, or stays at the earlier point's."""

    def __post_init__(self) -> None:
        if not self.points:
            raise ValueError("points: the curve has no point; write at least one {at: 0s, rate: 100/s}")
        for before, after in pairwise(self.points):
            if after.at < before.at:
                late, early = format_duration(before.at), format_duration(after.at)
                raise ValueError(f"points: at {early} follows at {late}; write the points in order of time")

    def blocks(self, streams: Streams, name: str, until: int) -> Iterator[list[int]]:
        """Yield blocks of arrival instants (ns) before `until`, drawn from the stream `{name}.arrivals`."""
        profiles = [RateProfile(self._segments(until))] if until > 0 else []
        return arrivals_along(profiles, streams[f"{name}.arrivals"])

    def _segments(self, until: int) -> list[Segment]:
        first, last = self.points[0], self.points[-1]
        pieces = [Segment(0, first.at, first.rate, first.rate)]
        for here, there in pairwise(self.points):
            pieces.append(Segment(here.at, there.at, here.rate, there.rate if self.shape == "linear" else here.rate))
        pieces.append(Segment(last.at, max(until, last.at), last.rate, last.rate))
        return [_cut(piece, until) for piece in pieces if piece.start < until]


def _cut(piece: Segment, until: int) -> Segment:
    if piece.end <= until:
        return piece
    share = (until - piece.start) / (piece.end - piece.start)
    return Segment(piece.start, until, piece.first, piece.first + share * (piece.last - piece.first))
