"""Waits that a service asks for: what each client makes of them, by tables, and in small worlds with exact instants."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.protection.retry.budget import Budget
from models.protection.retry.config import RetryConfig
from models.protection.retry.pushback import AtLeast, Clamp, Obey, Pause, Pushback, PushbackConfig, Way
from models.world import world_of
from sim.engine.streams import Streams
from sim.records.trace import Memory
from sim.units import MS, SECOND, InputError
from sim.wiring import load_tree
from tests.models.protection.guarded import a_world, calls, requests

DRAWS = st.floats(0, 1, exclude_max=True)
WAITS = st.integers(0, 1000 * SECOND)

# who, the wait that is asked for, the backoff's own, a draw: the wait that comes of it, and the backoff's next number
PAUSES: list[tuple[Way, int, int, float, tuple[int, int]]] = [
    (Obey(), 2 * SECOND, 800 * MS, 0.5, (2 * SECOND, 0)),
    (Obey(), 0, 800 * MS, 0.5, (0, 0)),
    (Clamp(), 100 * MS, 800 * MS, 0.5, (800 * MS, 4)),
    (Clamp(), 2 * SECOND, 800 * MS, 0.5, (2 * SECOND, 4)),
    (Clamp(), 9 * SECOND, 1 * SECOND, 0.5, (6 * SECOND, 4)),
    (Clamp(most_added=SECOND), 9 * SECOND, 1 * SECOND, 0.5, (2 * SECOND, 4)),
    (AtLeast(), 2 * SECOND, 25 * MS, 0.0, (2 * SECOND, 3)),
    (AtLeast(), 2 * SECOND, 25 * MS, 0.5, (2500 * MS, 3)),
    (AtLeast(), 300 * SECOND, 25 * MS, 0.0, (300 * SECOND, 3)),
    (AtLeast(), 300 * SECOND + 1, 25 * MS, 0.0, (25 * MS, 4)),
    (AtLeast(max_interval=SECOND), 2 * SECOND, 25 * MS, 0.0, (25 * MS, 4)),
    (AtLeast(), 1 * MS, 25 * MS, 0.0, (25 * MS, 4)),
]
PRESETS: dict[str, Way | None] = {
    "none": None, "envoy": None, "aws": None, "finagle": None, "grpc": Obey(), "aws_new": Clamp(),
}  # fmt: skip


@pytest.mark.parametrize(("way", "asked", "usual", "draw", "expected"), PAUSES)
def test_what_each_client_makes_of_a_wait(
    way: Way, asked: int, usual: int, draw: float, expected: tuple[int, int]
) -> None:
    pushback = Pushback(PushbackConfig(wait=asked), way, lambda: draw)

    assert pushback.of(503) == asked
    assert pushback.pause(asked, Pause(usual, 4)) == expected


@given(WAITS, WAITS, DRAWS)
def test_no_wait_leaves_its_bounds(asked: int, usual: int, draw: float) -> None:
    clamped, stretched = (
        way.pause(asked, Pause(usual, 1), lambda: draw) for way in (Clamp(), AtLeast(max_interval=1000 * SECOND))
    )

    assert usual <= clamped.wait <= usual + 5 * SECOND
    assert asked <= stretched.wait <= 1.5 * asked or (asked <= MS and stretched.wait == usual)


def test_only_the_answers_that_are_named_ask_for_it() -> None:
    pushback = Pushback(PushbackConfig(statuses=(429,), wait=SECOND), Obey())

    assert [pushback.of(status) for status in (200, 429, 503)] == [None, SECOND, None]


@pytest.mark.parametrize("way", [None, Clamp(), AtLeast()])
def test_grpc_alone_knows_never(way: Way | None) -> None:
    never = PushbackConfig(wait="never")

    assert Pushback(never, Obey()).of(429) == "never"
    assert Pushback(never, way).of(429) is None


@pytest.mark.parametrize(("preset", "way"), PRESETS.items())
def test_each_preset_does_what_its_clients_do(preset: Any, way: Way | None) -> None:
    tree = {
        "clients": {"c": {"retry": preset if preset != "none" else {}}}, "services": {"s": {}},
        "workloads": {"w": {"client": "c", "service": "s", "arrivals": {"poisson": {"rate": "1/s"}}}},
    }  # fmt: skip
    retry: RetryConfig | None = load_tree(tree).clients["c"].retry

    assert retry is not None
    assert retry.pushback == way


def refused(asks: dict[str, Any] | None, **retry: Any) -> list[float]:
    """When the tries of a call go out that a service answers with 429 at once, each of them."""
    service = {"guards": [{"token_bucket": {"rate": "0/s", "burst": 0}}]}
    keys = {"retries": 3, "statuses": [429], "backoff": {"base": "100ms", "cap": "1s", "jitter": "none"}}
    done = a_world(client={"retry": keys | retry}, service=service if asks is None else service | {"pushback": asks})
    assert {row["status"] for row in calls(done)} == {429}
    return [row["t_getconn"] for row in requests(done)]


def test_who_obeys_comes_back_when_it_is_asked_to() -> None:
    by_backoff = [0, 100, 300, 700]

    assert refused({"wait": "700ms"}, pushback="obey") == [0, 700, 1400, 2100]
    assert refused({"wait": "700ms", "statuses": [503]}, pushback="obey") == by_backoff
    assert refused({"wait": "150ms"}, pushback="clamp") == [0, 150, 150 + 200, 350 + 400]
    assert refused({"wait": "700ms"}) == by_backoff
    assert refused(None, pushback="obey") == by_backoff


def test_a_wait_that_ends_after_the_call_is_not_begun() -> None:
    assert refused({"wait": "700ms"}, pushback="obey", within="800ms") == [0, 700]


class Failures(Budget):
    """Counts what it is told."""

    n = 0

    def failed(self, now: int) -> None:
        self.n += 1


@pytest.mark.parametrize(("asked", "on", "failures", "tries"), [
    ("never", ["error"], 1, 1),  # even an end that is not tried again costs a token (grpc-go: throttle before the code)
    ("never", ["5xx"], 1, 1),
    ("1s", ["error"], 0, 1),
    ("1s", ["5xx"], 3, 3),
])  # fmt: skip
def test_never_ends_the_call_and_is_a_failure_to_its_budget(
    asked: str, on: list[str], failures: int, tries: int
) -> None:
    world = world_of(load_tree({
        "duration": "1s", "tail": "10s", "clients": {"c": {"retry": {"on": on, "pushback": "obey"}}},
        "services": {"s": {"guards": [{"resilience4j": {"mode": "forced_open"}}], "pushback": {"wait": asked}}},
        "workloads": {"w": {"client": "c", "service": "s", "arrivals": {"constant": {"rate": "1/s"}}}},
    }), Streams(1, 0), Memory())  # fmt: skip
    budget = Failures()
    (caller,) = world.callers._all
    object.__setattr__(caller._ways, "budget", budget)
    world.run()

    assert budget.n == failures
    assert world.guards.count()["guard.g0.asked"] == tries


def test_after_a_wait_that_is_obeyed_the_backoff_begins_anew() -> None:
    pushback = Pushback(PushbackConfig(statuses=(503,), wait=SECOND), Obey())
    step, steps = 0, []
    for status in (500, 500, 503, 500):
        step = pushback.pause(pushback.of(status), Pause(0, step + 1)).step  # type: ignore[arg-type]
        steps.append(step)

    assert steps == [1, 2, 0, 1]


def test_a_rules_own_wait_comes_before_the_services() -> None:
    rule = {"name": "r", "match": "status == 429", "action": {"retry": {"retries": 1, "after": "50ms"}}}
    done = a_world(
        client={"retry": {"statuses": [429], "pushback": "obey"}, "protocol_rules": [rule]},
        service={"guards": [{"token_bucket": {"rate": "0/s", "burst": 0}}], "pushback": {"wait": "never"}},
    )

    assert [row["t_getconn"] for row in requests(done)] == [0, 50]


@pytest.mark.parametrize(
    ("service", "said"),
    [
        ({"pushback": {"wait": "often"}}, "pushback.wait"),
        ({"pushback": {"wait": "1s", "statuses": []}}, "pushback.statuses"),
        ({"pushback": {"wait": "1s", "statuses": [200]}}, "pushback.statuses"),
        ({"pushback": {}}, "pushback"),
    ],
)
def test_what_says_nothing_is_refused(service: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        a_world(client={}, service=service)
