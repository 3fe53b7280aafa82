"""Distributions of durations in users' terms (mean, p99), drawn in blocks of whole nanoseconds.

Parameters are checked here, between fields too; reading them from text is done by the markers of sim.units.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import Annotated, Any, Protocol

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sim.units import HOUR, Duration, OneOf, format_duration

Block = NDArray[np.int64]

Z99 = NormalDist().inv_cdf(0.99)
LARGEST_DRAW = 120 * HOUR
"""Where a heavy tail is cut: beyond every run, and early enough that instants fit into the 51 bits that levels have."""


class Distribution(Protocol):
    """What a stream can draw from."""

    @property
    def mean_ns(self) -> float:
        """The mean, ns."""

    def block(self, rng: Generator, n: int) -> Block:
        """Draw `n` values, ns, shape (n,)."""

    def __hash__(self) -> int: ...


def _whole(draws: NDArray[np.float64]) -> Block:
    """Round to nanoseconds: the one place where a float becomes a time."""
    return np.rint(np.minimum(draws, LARGEST_DRAW)).astype(np.int64)


def _refuse_unless(holds: bool, field: str, offender: str, way_out: str) -> None:
    if not holds:
        raise ValueError(f"{field}: {offender} {way_out}" if field else f"{offender} {way_out}")


def _refuse_below_0(field: str, value: int) -> None:
    _refuse_unless(value >= 0, field, f"{value}ns", "lies below 0; a duration must lie at or above 0")
    _refuse_beyond(field, value)


def _refuse_beyond(field: str, value: int) -> None:
    way_out = f"lies above {format_duration(LARGEST_DRAW)}, which outlasts every run; write that or less"
    _refuse_unless(value <= LARGEST_DRAW, field, format_duration(value), way_out)


def _refuse_unless_positive(field: str, value: int) -> None:
    _refuse_unless(value > 0, field, format_duration(value), "is not above 0; write a duration such as 20ms")
    _refuse_beyond(field, value)


def _refuse_tail(mean: int, p99: int, largest: float) -> None:
    """Refuse a p99 that the kind cannot reach: at or below the mean, or above `largest` means."""
    offender = format_duration(p99)
    _refuse_unless(p99 > mean, "p99", offender, f"does not lie above the mean {format_duration(mean)}; raise it")
    way_out = f"is more than {largest:.3g} means of {format_duration(mean)}, the most that this kind has; lower it"
    _refuse_unless(p99 < largest * mean, "p99", offender, way_out)
    _refuse_beyond("p99", p99)


@dataclass(frozen=True, slots=True)
class Constant:
    """Always `value`."""

    value: Duration

    def __post_init__(self) -> None:
        _refuse_below_0("", self.value)  # written bare, as 20ms, it has no field

    @property
    def mean_ns(self) -> float:
        return float(self.value)

    def block(self, rng: Generator, n: int) -> Block:
        return np.full(n, self.value, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Exponential:
    """Memoryless: independent occasions at a constant rate of one per `mean`."""

    mean: Duration

    def __post_init__(self) -> None:
        _refuse_unless_positive("mean", self.mean)

    @property
    def mean_ns(self) -> float:
        return float(self.mean)

    def block(self, rng: Generator, n: int) -> Block:
        return _whole(rng.exponential(self.mean, n))


@dataclass(frozen=True, slots=True)
class Lognormal:
    """The exponential of a normal: service times with a moderate tail.

    Notes
    -----
    With s the normal's deviation, ln(p99 / mean) = z99 s - s² / 2, of which the smaller root is taken; the
    right side ends at z99² / 2, so p99 is at most 14.97 means.
    """

    mean: Duration
    p99: Duration

    def __post_init__(self) -> None:
        _refuse_unless_positive("mean", self.mean)
        _refuse_tail(self.mean, self.p99, math.exp(Z99**2 / 2))

    @property
    def mean_ns(self) -> float:
        return float(self.mean)

    def block(self, rng: Generator, n: int) -> Block:
        sigma = Z99 - math.sqrt(Z99**2 - 2 * math.log(self.p99 / self.mean))
        return _whole(rng.lognormal(math.log(self.mean) - sigma**2 / 2, sigma, n))


@dataclass(frozen=True, slots=True)
class Pareto:
    """A power law from a smallest value upwards (Pareto type I): the tail that has no scale.

    Notes
    -----
    With the shape a = 1/u, p99 / mean = 100^u (1 - u). It rises from 1 at u = 0 to 100 / (e ln 100) = 7.99 at
    u = 1 - 1 / ln 100; of the two shapes that fit, the one with the lighter tail (a > 1.28) is taken.
    """

    mean: Duration
    p99: Duration

    def __post_init__(self) -> None:
        _refuse_unless_positive("mean", self.mean)
        _refuse_tail(self.mean, self.p99, 100 / (math.e * math.log(100)))

    @property
    def mean_ns(self) -> float:
        return float(self.mean)

    @property
    def inverse_shape(self) -> float:
        """1/a, by bisection to the last bit."""
        ratio, low, high = self.p99 / self.mean, 0.0, 1 - 1 / math.log(100)
        while low < (middle := (low + high) / 2) < high:
            low, high = (middle, high) if 100**middle * (1 - middle) < ratio else (low, middle)
        return high

    def block(self, rng: Generator, n: int) -> Block:
        u = self.inverse_shape
        smallest = self.mean * (1 - u)
        return _whole(smallest * np.exp(u * rng.standard_exponential(n)))


@dataclass(frozen=True, slots=True)
class Bimodal:
    """`high` in a share of cases, otherwise `low`: a cache that misses, a path that stalls."""

    low: Duration
    high: Duration
    high_share: float

    def __post_init__(self) -> None:
        _refuse_below_0("low", self.low)
        _refuse_if_reversed(self.low, self.high)
        within = 0 <= self.high_share <= 1
        _refuse_unless(within, "high_share", str(self.high_share), "lies outside 0 to 1; write a share such as 0.05")

    @property
    def mean_ns(self) -> float:
        return self.low + (self.high - self.low) * self.high_share

    def block(self, rng: Generator, n: int) -> Block:
        return np.where(rng.random(n) < self.high_share, np.int64(self.high), np.int64(self.low))


@dataclass(frozen=True, slots=True)
class Uniform:
    """Any duration from `low` to `high`, all equally likely."""

    low: Duration
    high: Duration

    def __post_init__(self) -> None:
        _refuse_below_0("low", self.low)
        _refuse_if_reversed(self.low, self.high)

    @property
    def mean_ns(self) -> float:
        return (self.low + self.high) / 2

    def block(self, rng: Generator, n: int) -> Block:
        return rng.integers(self.low, self.high, n, dtype=np.int64, endpoint=True)


@dataclass(frozen=True, slots=True)
class Empirical:
    """One of the recorded `values`, all equally likely, each drawn independently."""

    values: tuple[Duration, ...]

    def __post_init__(self) -> None:
        _refuse_unless(len(self.values) > 0, "values", "the list", "is empty; write at least one duration")
        _refuse_below_0("values", min(self.values))
        _refuse_beyond("values", max(self.values))

    @property
    def mean_ns(self) -> float:
        return sum(self.values) / len(self.values)

    def block(self, rng: Generator, n: int) -> Block:
        return np.array(self.values, dtype=np.int64)[rng.integers(len(self.values), size=n)]


@dataclass(frozen=True, slots=True)
class Percentiles:
    """What a dashboard tells: at so many percent lies this value; evenly spread between two of them."""

    at: tuple[float, ...]
    """Percent, rising from 0 to 100."""
    values: tuple[Duration, ...]
    """One for each of them, none below the one before."""

    def __post_init__(self) -> None:
        counts = f"{len(self.values)} for {len(self.at)} percentiles"
        _refuse_unless(len(self.at) == len(self.values), "values", counts, "do not match; write one for each")
        ends_right = len(self.at) > 1 and (self.at[0], self.at[-1]) == (0, 100)
        _refuse_unless(ends_right, "at", str(list(self.at)), "does not go from 0 to 100; begin with 0, end with 100")
        _refuse_unless(_rises(self.at, strictly=True), "at", str(list(self.at)), "does not rise; sort it")
        shown = ", ".join(map(format_duration, self.values))
        _refuse_below_0("values", self.values[0])
        _refuse_unless(_rises(self.values, strictly=False), "values", shown, "falls; a higher percentile is no less")
        _refuse_beyond("values", self.values[-1])

    @property
    def mean_ns(self) -> float:
        return float(np.trapezoid(self.values, self.at)) / 100

    def block(self, rng: Generator, n: int) -> Block:
        return _whole(np.interp(100 * rng.random(n), self.at, self.values))


def _rises(numbers: tuple[float, ...], *, strictly: bool) -> bool:
    return all(low < high or (low == high and not strictly) for low, high in pairwise(numbers))


def _refuse_if_reversed(low: int, high: int) -> None:
    way_out = f"lies above {format_duration(high)}; write the lower bound first"
    _refuse_unless(low <= high, "low", format_duration(low), way_out)
    _refuse_beyond("high", high)


KINDS: dict[str, Any] = {
    "constant": Constant,
    "exponential": Exponential,
    "lognormal": Lognormal,
    "pareto": Pareto,
    "bimodal": Bimodal,
    "uniform": Uniform,
    "empirical": Empirical,
    "percentiles": Percentiles,
}

Delay = Annotated[
    Constant | Exponential | Lognormal | Pareto | Bimodal | Uniform | Empirical | Percentiles,
    OneOf(scalar="constant", **KINDS),
]
"""A duration that is drawn, written {lognormal: {mean: 20ms, p99: 120ms}}; a bare 20ms is constant."""
