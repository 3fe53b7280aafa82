"""Rate curves: the area under them, their shapes, their errors."""

import pytest

from models.workload.arrivals import open_arrivals
from models.workload.curve import RateCurve, RatePoint
from sim.engine.streams import Streams
from sim.units import SECOND

RISE = (RatePoint(at=2 * SECOND, rate=1000.0), RatePoint(at=6 * SECOND, rate=5000.0))


def arrivals_between(curve: RateCurve, start: float, end: float) -> int:
    times = open_arrivals(curve, Streams(3), "w", until=10 * SECOND)
    return sum(start * SECOND <= at < end * SECOND for at in times)


@pytest.mark.parametrize(
    ("shape", "start", "end", "expected"),
    [
        ("linear", 0, 2, 2000),  # before the first point: its rate
        ("linear", 2, 4, 4000),  # from 1000/s to 3000/s
        ("linear", 4, 6, 8000),
        ("linear", 6, 10, 20_000),  # after the last point: its rate
        ("step", 0, 2, 2000),
        ("step", 2, 6, 4000),
        ("step", 6, 10, 20_000),
    ],
)
def test_a_span_has_as_many_arrivals_as_its_area(shape: str, start: int, end: int, expected: int) -> None:
    curve = RateCurve(points=RISE, shape=shape)  # type: ignore[arg-type]  # one of the two literals

    seen = arrivals_between(curve, start, end)

    assert abs(seen - expected) < 5 * expected**0.5, f"{seen} arrivals where the area is {expected}"


def test_two_points_at_one_instant_make_a_jump() -> None:
    points = (RatePoint(at=0, rate=0.0), RatePoint(at=5 * SECOND, rate=0.0), RatePoint(at=5 * SECOND, rate=100.0))

    curve = RateCurve(points=points)

    assert arrivals_between(curve, 0, 5) == 0
    assert arrivals_between(curve, 5, 10) > 400


def test_points_after_the_end_of_the_run_still_shape_it() -> None:
    curve = RateCurve(points=(RatePoint(at=0, rate=0.0), RatePoint(at=20 * SECOND, rate=2000.0)))

    seen = arrivals_between(curve, 0, 10)

    assert abs(seen - 5000) < 5 * 5000**0.5, "half of the rise: 10 s at 500/s on average"


def test_a_run_that_ends_before_the_first_point_has_its_rate() -> None:
    curve = RateCurve(points=(RatePoint(at=60 * SECOND, rate=100.0),))

    assert abs(arrivals_between(curve, 0, 10) - 1000) < 160


def test_points_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match=r"points: at 2s follows at 6s; write the points in order of time"):
        RateCurve(points=RISE[::-1])


def test_a_curve_without_points_is_refused() -> None:
    with pytest.raises(ValueError, match="points: the curve has no point"):
        RateCurve(points=())
