"""The rate profile's inverse, against the cumulative rate computed the slow way."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.workload.profile import RateProfile, Segment
from sim.units import SECOND

RATES = st.lists(st.tuples(st.integers(0, 5 * SECOND), st.floats(0, 1000), st.floats(0, 1000)), min_size=1, max_size=8)


def a_profile(pieces: list[tuple[int, float, float]]) -> tuple[RateProfile, list[Segment]]:
    edges = np.cumsum([0, 1, *(length for length, _, _ in pieces)]).tolist()
    shapes = [(1.0, 1.0), *((first, last) for _, first, last in pieces)]
    segments = [Segment(*span, *shape) for span, shape in zip(pairwise(edges), shapes, strict=True)]
    return RateProfile(segments), segments


def mass_until(segments: list[Segment], at: float) -> float:
    total = 0.0
    for piece in segments:
        inside = min(max(at - piece.start, 0), piece.end - piece.start)
        slope = (piece.last - piece.first) / max(piece.end - piece.start, 1)
        total += (piece.first * inside + slope * inside * inside / 2) / SECOND
    return total


@given(pieces=RATES, shares=st.lists(st.floats(0, 0.999), min_size=1, max_size=20))
def test_the_inverse_of_the_cumulative_rate_is_its_inverse(
    pieces: list[tuple[int, float, float]], shares: list[float]
) -> None:
    profile, segments = a_profile(pieces)
    masses = np.sort(np.array(shares)) * profile.mass

    times = profile.instants(masses).tolist()

    # a nanosecond at 1000/s is a mass of 1e-6; the root of a small square costs some digits more
    off = [abs(mass_until(segments, at) - mass) for at, mass in zip(times, masses.tolist(), strict=True)]
    assert max(off) < 1e-5
    assert times == sorted(times)


@given(pieces=RATES)
def test_the_mass_is_the_area_below_the_rates(pieces: list[tuple[int, float, float]]) -> None:
    profile, segments = a_profile(pieces)

    assert abs(profile.mass - mass_until(segments, segments[-1].end)) < 1e-6 * (1 + profile.mass)


def test_nobody_arrives_in_a_silent_segment() -> None:
    silent = Segment(SECOND, 9 * SECOND, 0.0, 0.0)
    profile = RateProfile([Segment(0, SECOND, 50.0, 50.0), silent, Segment(9 * SECOND, 10 * SECOND, 50.0, 50.0)])

    times = profile.instants(np.linspace(0, profile.mass, 1000, endpoint=False))

    assert not ((times >= silent.start) & (times < silent.end)).any()
