"""When a backend is ejected, for how long, and how many at a time."""

from typing import Any

import pytest

from models.balancer.member import Member, Result
from models.balancer.outlier import OutlierDetector
from models.balancer.outlier_config import OutlierDetectionConfig
from sim.units import SECOND
from tests.models.balancer.members import luck, members


class Watched:
    """A detector of n backends, told in words what happens."""

    def __init__(self, n: int = 10, **config: Any) -> None:
        self.members: list[Member] = members(n)
        self.changes = 0
        self.detector = OutlierDetector(OutlierDetectionConfig(**config), self.members, luck(), self._changed)

    def _changed(self) -> None:
        self.changes += 1

    def answers(self, place: int, *statuses: int, now: float = 0, is_local: bool = False) -> "Watched":
        for status in statuses:
            result = Result(round(now * SECOND), 1, 1, 1, status, is_local)
            self.detector.result(self.members[place], result)
        return self

    def tick(self, now: float) -> "Watched":
        self.detector.tick(round(now * SECOND))
        return self

    @property
    def ejected(self) -> list[int]:
        return [each.place for each in self.members if each.is_ejected]


def test_the_fifth_failure_in_a_row_ejects_at_once() -> None:
    watched = Watched().answers(3, 500, 500, 500, 500)
    assert watched.ejected == []

    assert watched.answers(3, 500).ejected == [3]
    assert watched.changes == 1


def test_a_success_between_begins_again() -> None:
    assert Watched().answers(3, 500, 500, 500, 500, 200, 500, 500, 500, 500).ejected == []


def test_failures_of_a_gateway_are_counted_apart_and_a_500_between_resets_them() -> None:
    only: dict[str, Any] = {"enforcing_consecutive_5xx": 0.0, "enforcing_consecutive_gateway_failure": 1.0}

    assert Watched(**only).answers(0, 503, 502, 500, 504, 503, 503, 503).ejected == []
    assert Watched(**only).answers(0, 500, 503, 502, 504, 503, 503).ejected == [0]


def test_lost_connections_count_as_5xx_unless_they_are_counted_apart() -> None:
    assert Watched().answers(0, 503, 504, 500, 503, 503, is_local=True).ejected == [0]

    split = Watched(split_external_local_origin_errors=True, enforcing_consecutive_local_origin_failure=0.0)
    assert split.answers(0, *[503] * 9, is_local=True).ejected == []
    split = Watched(split_external_local_origin_errors=True)
    assert split.answers(0, 500, 500).answers(0, *[503] * 5, is_local=True).ejected == [0]


@pytest.mark.parametrize(("ejected_at", "back_at"), [(0.1, 40), (9.9, 40), (10, 40), (10.1, 50)])
def test_who_is_ejected_comes_back_at_a_tick_30_to_40_seconds_later(ejected_at: float, back_at: int) -> None:
    watched = Watched().answers(3, *[500] * 5, now=ejected_at)

    for second in range(10, back_at, 10):
        assert watched.tick(second).ejected == [3]
    assert watched.tick(back_at).ejected == []


def test_every_ejection_in_a_row_is_longer_by_the_base_up_to_the_longest() -> None:
    watched = Watched(max_ejection_time=70 * SECOND)
    now, lengths = 0.0, []
    for _ejection in range(4):
        began = now
        watched.answers(3, *[500] * 5, now=now)
        while watched.ejected:
            now += 10
            watched.tick(now)
        lengths.append(now - began)

    assert lengths == [30, 60, 70, 70]


def test_a_quiet_interval_takes_one_off_the_multiplier() -> None:
    watched = Watched().answers(3, *[500] * 5, now=0)
    for second in range(10, 60, 10):
        watched.tick(second)
    watched.answers(3, *[500] * 5, now=60)

    assert watched.tick(80).ejected == [3]
    assert watched.tick(90).ejected == [], "30 s again: it was back from 30 to 60"


@pytest.mark.parametrize(
    ("n", "settings", "ejected"),
    [
        (9, {}, []),
        (9, {"always_eject_one_host": True}, [0]),
        (9, {"tests_before_ejection": True}, [0]),
        (10, {}, [0]),
        (15, {}, [0]),
        (15, {"tests_before_ejection": True}, [0, 1]),
        (20, {}, [0, 1]),
    ],
)
def test_ten_percent_are_nobody_of_nine(n: int, settings: dict[str, Any], ejected: list[int]) -> None:
    watched = Watched(n, **settings)
    for place in range(4):
        watched.answers(place, *[500] * 5)

    assert watched.ejected == ejected, "tested after the ejection or, in older versions, before it"


def fill(watched: Watched, bad: int, rate: float = 0.0, requests: int = 100) -> Watched:
    """An interval in which the first `bad` backends answer this share of their requests, and the others all."""
    good = round(requests * rate)
    for each in watched.members:
        failures = requests - good if each.place < bad else 0
        watched.answers(each.place, *[500] * failures, *[200] * (requests - failures))
    return watched.tick(10)


RATES: dict[str, Any] = {"enforcing_consecutive_5xx": 0.0, "max_ejection_percent": 100.0}


@pytest.mark.parametrize(("n", "bad", "ejected"), [(4, 1, 0), (5, 1, 1), (9, 2, 0), (10, 2, 2), (10, 3, 0), (14, 3, 3)])
def test_bad_backends_hide_one_another_beyond_21_7_percent(n: int, bad: int, ejected: int) -> None:
    assert len(fill(Watched(n, **RATES), bad).ejected) == ejected, "z = sqrt((n - m) / m) against 1.9; five are needed"


def test_success_rates_need_a_hundred_requests_and_are_of_one_interval_each() -> None:
    assert fill(Watched(**RATES), 1, requests=99).ejected == []

    watched = Watched(**RATES).tick(10)
    for each in watched.members:
        watched.answers(each.place, *[500 if each.place == 0 else 200] * 60, now=15)
    watched.tick(20)
    for each in watched.members:
        watched.answers(each.place, *[500 if each.place == 0 else 200] * 60, now=25)
    assert watched.tick(30).ejected == [], "60 in one interval and 60 in the next are not 120"


@pytest.mark.parametrize(("rate", "ejected"), [(0.15, [0]), (0.16, [])])
def test_85_percent_of_failures_are_enough(rate: float, ejected: list[int]) -> None:
    watched = Watched(**RATES, enforcing_success_rate=0.0, enforcing_failure_percentage=1.0)

    assert fill(watched, 1, rate).ejected == ejected


def test_a_rule_that_is_enforced_half_the_time_acts_half_the_time() -> None:
    acted = 0
    watched = Watched(enforcing_consecutive_5xx=0.5, base_ejection_time=0, max_ejection_time=0)
    for round_ in range(400):
        acted += len(watched.answers(3, *[500] * 5, now=round_).ejected)
        watched.tick(round_ + 0.5)

    assert 160 < acted < 240
