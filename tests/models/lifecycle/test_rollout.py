"""Rollouts: versions take one another's place, a few pods at a time, or by weight."""

import polars as pl
import pytest

from models.lifecycle.rollout import fenceposts
from sim.wiring import Run, load, run

SCENARIO = """
duration: 100s
clients: {{c: {{transport: {{max_idle_conns_per_host: 50}}}}}}
services:
  s: {{backends: {backends}, ready: 4, resolve: each, service_time: 5ms, startup: 3s, readiness: {{period: 1s}},
       termination: {{pre_stop: 2s}}, versions: {{v2: {{service_time: 20ms}}, broken: {{startup: 1h}}}}}}
workloads: {{w: {{client: c, service: s, arrivals: {{constant: {{rate: 40/s}}}}}}}}
timeline: [{events}]
"""


def a_run(events: str, *, backends: int = 6) -> Run:
    return run(load(SCENARIO.format(events=events, backends=backends)))


def ready_over_time(done: Run, at_start: int = 4) -> list[int]:
    """How many backends were ready, after each change of that."""
    steps = {"is ready": 1, "is not ready": -1}
    found, n = [at_start], at_start
    for event in done.events["event"].to_list():
        if event in steps:
            n += steps[event]
            found.append(n)
    return found


def took(done: Run, low: float, high: float) -> float:
    """The median latency of what arrived between two instants."""
    meanwhile = done.requests.filter(pl.col("t_arrival").is_between(low, high))
    return float((meanwhile["t_done"] - meanwhile["t_arrival"]).median())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("n", "surge", "unavailable", "expected"),
    [(10, 0.25, 0.25, (3, 2)), (4, 0.25, 0.25, (1, 1)), (1, 0.25, 0.25, (1, 0)), (5, 0, 0.1, (0, 1))],
)
def test_surge_is_rounded_up_and_unavailable_down(
    n: int, surge: float, unavailable: float, expected: tuple[int, int]
) -> None:
    assert fenceposts(n, surge, unavailable) == expected, "ResolveFenceposts"


def test_a_deploy_replaces_all_and_loses_nobody() -> None:
    done = a_run("{at: 10s, deploy: {version: v2}}")

    assert done.requests.filter(pl.col("err") != "").height == 0
    assert took(done, 5, 9) == pytest.approx(0.0055, abs=0.002)
    assert took(done, 60, 99) == pytest.approx(0.0205, abs=0.002)
    assert min(ready_over_time(done)) >= 3, "25 % of 4 may be missing"
    assert done.events["event"].to_list().count("starts v2") == 4
    assert done.events["event"].to_list()[-2:] == ["deploy to v2 of s ends", "is gone"]


def test_with_max_unavailable_0_all_that_are_wanted_stay_ready() -> None:
    done = a_run("{at: 10s, deploy: {version: v2, max_unavailable: 0}}")

    assert min(ready_over_time(done)) == 4
    assert took(done, 80, 99) == pytest.approx(0.0205, abs=0.002)


def test_without_a_backend_to_surge_into_one_after_the_other_makes_room() -> None:
    done = a_run("{at: 10s, deploy: {version: v2, max_unavailable: 0}}", backends=4)

    assert min(ready_over_time(done)) == 3
    assert took(done, 80, 99) == pytest.approx(0.0205, abs=0.002)


def test_a_version_that_never_becomes_ready_stops_the_deploy_and_is_rolled_back() -> None:
    done = a_run("{at: 10s, deploy: {version: broken}}, {at: 60s, rollback: {}}")

    events = done.events["event"].to_list()
    assert min(ready_over_time(done)) == 3
    assert "deploy to broken of s ends" not in events
    assert "rollback to base of s ends" in events
    assert events.count("starts broken") == 2, "one surges, one is unavailable; both are gone after the rollback"
    assert done.requests.filter(pl.col("err") != "").height == 0


def test_a_release_gets_its_weight_and_loses_it_with_the_rollback() -> None:
    steps = "[{weight: 0.1}, {after: 30s, weight: 0.5}]"

    done = a_run(f"{{at: 10s, release: {{version: v2, steps: {steps}}}}}, {{at: 70s, rollback: {{}}}}")

    canary = done.requests.with_columns(is_new=(pl.col("t_done") - pl.col("t_arrival")) > 0.015)
    shares = [
        canary.filter(pl.col("t_arrival").is_between(low, high))["is_new"].mean()
        for low, high in ((15, 39), (41, 69), (75, 99))
    ]
    assert shares == [pytest.approx(0.1, abs=0.02), pytest.approx(0.5, abs=0.02), 0]
    assert done.requests.filter(pl.col("err") != "").height == 0


def test_a_release_without_a_backend_that_waits_takes_the_place_of_another() -> None:
    done = a_run("{at: 10s, release: {version: v2, steps: [{weight: 0.25}]}}", backends=4)

    events = done.events.filter(pl.col("backend") == 3)["event"].to_list()
    assert events[:4] == ["ends", "is not ready", "is gone", "starts v2"]
    assert done.events["event"].to_list().count("starts v2") == 1


JAVA = "{cpu: {cores: 2}, jvm: {heap: 100MB, live: 20MB, allocation: 1MB}}"


def test_a_version_may_have_a_program_of_its_own_and_loses_it_with_the_rollback() -> None:
    text = SCENARIO.format(events="{at: 10s, deploy: {version: v2}}, {at: 60s, rollback: {}}", backends=6)

    done = run(load(text, [f"services.s.versions.v2.program={JAVA}"]))

    collections = done.events.filter(pl.col("event") == "Pause Young")["t"]
    assert collections.is_between(10, 75).all()
    assert collections.len() > 20
    assert done.requests.filter(pl.col("err") != "").height == 0


def test_a_program_that_is_restarted_begins_with_an_empty_heap() -> None:
    text = SCENARIO.format(events="{at: 50s, crash: {backend: 0}}", backends=4)
    leak = "{jvm: {heap: 200MB, live: 20MB, allocation: 10kB, leak: {per_second: 1MB}}}"

    done = run(load(text, [f"services.s.program={leak}"]))

    old = done.samples.select("t", "heap_b0", "heap_b1")
    before, after = old.filter(pl.col("t") < 49.9).row(-1), old.filter(pl.col("t") < 60).row(-1)
    assert before[1] == pytest.approx(before[2], abs=2)
    assert after[1] < after[2] - 10


def test_weights_of_the_balancer_outlive_a_release() -> None:
    events = "{at: 10s, release: {version: v2, steps: [{weight: 0.5}]}}, {at: 40s, rollback: {}}"
    text = SCENARIO.format(events=events, backends=6)

    done = run(load(text, ["services.s.balancer.weights=[5, 1, 1, 1, 1, 1]"]))

    late = done.requests.filter(pl.col("t_arrival") > 60)["backend"]
    assert (late == 0).mean() == pytest.approx(5 / 8, abs=0.02)


def test_a_paused_program_that_is_killed_while_it_collects_serves_again() -> None:
    text = SCENARIO.format(events="{at: 50s, pause: {backend: 0, for: 40s}}", backends=4)
    settings = ["services.s.liveness={period: 1s, timeout: 500ms, initial_delay: 4s}", f"services.s.program={JAVA}"]

    done = run(load(text, settings))

    late = done.requests.filter((pl.col("t_arrival") > 92) & (pl.col("backend") == 0) & (pl.col("err") == ""))
    assert "is killed by its liveness probe" in done.events["event"].to_list()
    assert late.height > 50
