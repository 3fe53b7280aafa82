from typing import Any

import pytest

from sim.scenario.resolve import resolve
from sim.study.axis import Axes
from sim.study.picture import Picture
from sim.study.precision import Replications
from sim.study.study import Study


def a_study(**changes: Any) -> Study:
    given: dict[str, Any] = {"name": "s", "base": {}, "axes": Axes(grid={"load.rate": (1, 5), "depth": (1, 5)})}
    return Study(**given | changes)


def test_points_go_by_short_names() -> None:
    study = a_study(constraints=("rate < depth",))

    assert [study.named(point) for point in study.points()] == [{"rate": 1, "depth": 5}]


def test_a_fixed_number_of_replications_is_written_back_as_a_number() -> None:
    assert resolve(a_study(replications=Replications(number=4)))["replications"] == 4
    assert resolve(a_study(replications=Replications(until={"m": "5%"})))["replications"]["until"] == {"m": "5%"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pictures": (Picture(chart="line", metric="m", x="rat"),)}, r"pictures.0.x: .* did you mean rate\?"),
        ({"pictures": (Picture(chart="bars", metric="m", at={"rate": 2}),)}, "pictures.0.at: no point has rate: 2"),
        ({"constraints": ("rate > 9",)}, "constraints: no point is left"),
        ({"constraints": ("rate > 0", "rat > 9")}, "constraints.1: rat is not an axis"),
    ],
)
def test_names_that_lead_nowhere_are_refused(changes: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        a_study(**changes)


def test_a_picture_may_name_a_point_by_a_longer_end_of_its_path() -> None:
    picture = Picture(chart="line", metric="m", x="depth", at={"load.rate": 5})

    assert a_study(pictures=(picture,)).pictures == (picture,)
