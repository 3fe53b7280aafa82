import pytest

from sim.study.axis import Axes, short_names
from sim.study.sampling import Sampling


def test_without_axes_there_is_one_point() -> None:
    assert Axes().points() == [{}]


def test_a_grid_has_every_combination_in_the_order_written() -> None:
    points = Axes(grid={"a": (1, 2), "b": ("x", "y")}).points()

    assert points == [{"a": 1, "b": "x"}, {"a": 1, "b": "y"}, {"a": 2, "b": "x"}, {"a": 2, "b": "y"}]


def test_a_zip_goes_in_step() -> None:
    assert Axes(zip={"a": (1, 2), "b": (3, 4)}).points() == [{"a": 1, "b": 3}, {"a": 2, "b": 4}]


def test_a_table_is_its_points_and_kinds_multiply() -> None:
    axes = Axes(grid={"g": (1, 2)}, table=({"a": 1, "b": 2}, {"a": 5, "b": 6}))

    assert axes.paths() == ["g", "a", "b"]
    assert len(axes.points()) == 4
    assert axes.points()[3] == {"g": 2, "a": 5, "b": 6}


def test_sampled_axes_give_as_many_points_as_asked() -> None:
    axes = Axes(lhs=Sampling(ranges={"a": (0, 9)}, points=4), sobol=Sampling(ranges={"b": (0.0, 1.0)}, points=2))

    assert axes.paths() == ["a", "b"]
    assert len(axes.points()) == 8


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ({"zip": {"a": (1, 2), "b": (1,)}}, r"zip: the lists differ in length \(2 of a, 1 of b\)"),
        ({"table": ({"a": 1}, {"b": 1})}, "table: the rows do not all set the same paths"),
        ({"grid": {"a": (1,)}, "zip": {"a": (1,)}}, "a stands in two kinds of axes"),
        ({"grid": {"a": ()}}, "grid: a lists no values"),
    ],
)
def test_axes_that_make_no_points_are_refused(axes: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Axes(**axes)


def test_an_axis_goes_by_its_last_name_while_that_is_its_own() -> None:
    paths = ["w.a.rate", "w.b.rate", "c.limit", "x.seed", "rate"]

    assert short_names(paths) == {
        "w.a.rate": "a.rate", "w.b.rate": "b.rate", "c.limit": "limit", "x.seed": "x.seed", "rate": "rate"
    }  # fmt: skip


def test_an_axis_whose_last_name_is_a_column_of_the_results_goes_by_a_longer_one() -> None:
    names = short_names(["services.s.service_time.exponential.mean", "clients.c.transport.idle_conn_timeout"])

    assert list(names.values()) == ["exponential.mean", "idle_conn_timeout"]
