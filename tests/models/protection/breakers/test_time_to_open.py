"""When each breaker opens on one and the same story: calls every 10 ms that end at once, and fail from 10.25 s on."""

from typing import Any

import pytest

from models.balancer.member import Result
from models.balancer.outlier import OutlierDetector
from models.balancer.outlier_config import OutlierDetectionConfig
from models.protection.breaker import State
from models.protection.guard import Outcome
from sim.units import MS, SECOND
from tests.models.balancer.members import luck, members
from tests.models.protection.breakers.scripted import a_breaker

STEP, BAD_FROM = 10 * MS, 10_250 * MS
RATIO = {"strategy": "error_ratio", "threshold": 0.5, "retry_timeout": "10s", "stat_interval": "1s"}


def opened_at(tree: Any, until: int = 20 * SECOND) -> int:
    """The instant of the first opening, as the breaker tells it."""
    breaker, openings = a_breaker(tree), []
    breaker.on_change = lambda now, _, state: openings.append(now) if state is State.OPEN else None
    for now in range(0, until, STEP):
        passed = breaker.ask(now)
        if passed is None:
            return openings[0]
        breaker.ended(passed.ticket, Outcome(now, now, is_failure=now >= BAD_FROM))
    return -1


@pytest.mark.parametrize(
    ("tree", "at_ms"),
    [
        pytest.param({"hystrix": {}}, 15_500, id="Hystrix, at a tick: 525 of 1000; at 15.0 s it is 47 %"),
        pytest.param({"resilience4j": {}}, 10_740, id="resilience4j, 100 calls: the 50th failure"),
        pytest.param({"sentinel": RATIO | {"flavour": "go"}}, 10_490, id="Sentinel Go, 1 s: 25 of 50"),
        pytest.param({"sentinel": RATIO}, 10_500, id="Sentinel Java, 1 s: 26 of 51"),
        pytest.param({"gobreaker": {}}, 10_300, id="gobreaker: the 6th failure"),
    ],
)
def test_the_time_to_open_after_a_sudden_failure(tree: Any, at_ms: int) -> None:
    assert opened_at(tree) == at_ms * MS


def test_outlier_detection_ejects_at_the_fifth_failure() -> None:
    host, *_ = several = members(10)
    detector = OutlierDetector(OutlierDetectionConfig(), several, luck(), lambda: None)

    now = 0
    while not host.is_ejected:
        detector.result(host, Result(now, 1, 1, 1, 500 if now >= BAD_FROM else 200, is_local=False))
        now += STEP

    assert now - STEP == 10_290 * MS
