"""How large a Go heap may become, when marking begins, what allocations pay, and where the collector is held back."""

from typing import Any

import pytest

from models.programs.go_config import GoConfig
from models.programs.pacer import Limiter, Pacer

MB = 1_000_000
S = 1_000_000_000


def planned(marked: int, runway: float = 0, **fields: Any) -> tuple[float, float]:
    """Goal and trigger, MB."""
    pacer = Pacer(GoConfig(**({"roots": 0} | fields)))
    pacer.plan(marked * MB, runway * MB)
    return pacer.goal / MB, pacer.trigger / MB


@pytest.mark.parametrize(
    ("fields", "goal"),
    [
        ({}, 200),
        ({"gogc": 50}, 150),
        ({"gogc": 400}, 500),
        ({"roots": 10 * MB}, 210),
        ({"gomemlimit": 130 * MB}, 130),
        ({"gomemlimit": 130 * MB, "roots": 10 * MB}, 120),
        ({"gomemlimit": 900 * MB}, 200),
        ({"gomemlimit": 900 * MB, "gogc": "off"}, 900),
        ({"gomemlimit": 60 * MB}, 100),
    ],
)
def test_the_goal_is_live_heap_and_roots_times_gogc_below_the_limit(fields: dict[str, Any], goal: float) -> None:
    assert planned(100, **fields)[0] == goal


def test_a_small_heap_grows_to_four_mib_first() -> None:
    assert planned(1)[0] == pytest.approx(4.194304)
    assert planned(1, gogc=200)[0] == pytest.approx(8.388608)


@pytest.mark.parametrize(("runway", "trigger"), [(0, 195), (10, 190), (25, 175), (80, 170)])
def test_marking_begins_early_enough_to_end_at_the_goal(runway: float, trigger: float) -> None:
    assert planned(100, runway)[1] == trigger


def test_allocations_pay_the_rest_of_the_work_over_the_rest_of_the_room() -> None:
    pacer = Pacer(GoConfig(roots=0))
    pacer.plan(100 * MB, 0)

    assert pacer.debt(190 * MB, 50 * MB) == 5
    assert pacer.debt(210 * MB, 50 * MB) == pytest.approx(5)  # up to the hard goal, 10 % above


def test_the_collector_is_held_back_when_it_has_had_a_second_of_each_processor_more_than_half() -> None:
    limiter = Limiter(4)
    limiter.account(3.9 * S, 0)
    assert limiter.room == pytest.approx(0.1 * S)
    limiter.account(2 * S, 1 * S)
    assert limiter.room == 0
    limiter.account(1 * S, 1.1 * S)
    assert limiter.room == pytest.approx(0.1 * S)
