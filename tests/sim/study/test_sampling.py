import pytest

from sim.study.sampling import Sampling


def test_a_latin_hypercube_meets_each_slice_once() -> None:
    points = Sampling(ranges={"a": (0.0, 10.0), "b": ("0s", "10s")}, points=10).points_of("lhs")

    assert sorted(int(point["a"]) for point in points) == list(range(10))
    assert sorted(int(float(point["b"].removesuffix("s"))) for point in points) == list(range(10))


def test_the_same_seed_gives_the_same_points() -> None:
    sampling = Sampling(ranges={"a": ("100/s", "800/s")}, points=8, seed=3)

    assert sampling.points_of("sobol") == sampling.points_of("sobol")


@pytest.mark.filterwarnings("error")
def test_any_number_of_sobol_points_begins_the_same_sequence() -> None:
    five, eight = (Sampling(ranges={"a": (0.0, 1.0)}, points=n).points_of("sobol") for n in (5, 8))

    assert five == eight[:5]


def test_whole_bounds_give_whole_numbers_within_them() -> None:
    points = Sampling(ranges={"a": (1, 4)}, points=16).points_of("sobol")

    assert {point["a"] for point in points} == {1, 2, 3, 4}


def test_a_logarithmic_range_has_half_its_points_below_the_geometric_mean() -> None:
    points = Sampling(ranges={"a": (1.0, 10000.0)}, points=16, log=("a",)).points_of("sobol")

    assert sum(point["a"] < 100 for point in points) == 8


@pytest.mark.parametrize(
    ("ranges", "log", "message"),
    [
        ({}, (), "ranges: is empty"),
        ({"a": ("1ms", "2s")}, (), "differ in unit"),
        ({"a": (2, 1)}, (), "write the lower bound first"),
        ({"a": ("x", 1)}, (), "x is not a number"),
        ({"a": (0, 1)}, ("a",), "needs a bound above 0"),
        ({"a": (0, 1)}, ("b",), "b has no range"),
    ],
)
def test_ranges_that_cannot_be_sampled_are_refused(ranges: dict, log: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Sampling(ranges=ranges, points=4, log=log)
