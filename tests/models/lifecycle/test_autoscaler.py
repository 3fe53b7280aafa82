"""The autoscaler: the recommendations of Kubernetes' replica calculator, and what becomes of them in a run."""

import polars as pl
import pytest

from models.lifecycle.autoscaler import desired_replicas
from sim.wiring import Run, load, run

SCENARIO = """
duration: 500s
clients: {{c: {{transport: {{max_idle_conns_per_host: 200}}}}}}
services:
  s: {{backends: 12, ready: {ready}, workers: 10, resolve: each, service_time: 100ms, startup: 5s}}
workloads:
  w: {{client: c, service: s, arrivals: {{curve: {{shape: step, points: {points}}}}}}}
timeline: [{{at: 0s, autoscale: {{target: 0.5, {told}}}}}]
"""


def wanted(current: int, *ready: float, unready: int = 0, missing: int = 0) -> int:
    return desired_replicas(current, ready, target=1.0, n_unready=unready, n_missing=missing)


def test_the_ratio_times_the_ready_pods_is_rounded_up() -> None:
    assert wanted(3, 1.5, 1.5, 1.5) == 5
    assert wanted(4, 0.5, 0.5, 0.5, 0.5) == 2


def test_within_the_tolerance_nothing_is_done() -> None:
    assert wanted(10, *[1.1] * 10) == 10
    assert wanted(10, *[1.11] * 10) == 12
    assert wanted(10, *[0.9] * 10) == 10


def test_pods_that_are_not_ready_count_as_idle_on_the_way_up() -> None:
    assert wanted(4, 3.0, 3.0, unready=2) == 6, "3 x 2 / 4 = 1.5, for four pods"


def test_where_that_turns_the_direction_nothing_is_done() -> None:
    assert wanted(4, 1.5, 1.5, unready=2) == 4, "1.5 x 2 / 4 = 0.75"


def test_pods_without_measurement_count_as_on_target_on_the_way_down() -> None:
    assert wanted(4, 0.2, 0.2, missing=2) == 3, "(0.2 + 0.2 + 1 + 1) / 4 = 0.6, for four pods"


def test_nothing_is_known_of_no_ready_pod() -> None:
    assert wanted(4, unready=4) == 4


def a_run(points: str, told: str = "min: 1", ready: int = 2) -> Run:
    return run(load(SCENARIO.format(points=points, told=told, ready=ready)))


def scalings(done: Run) -> list[tuple[float, str]]:
    events = done.events.filter(pl.col("event").str.contains(" from "))
    return [(t, event.removeprefix("autoscale s ")) for t, event, _, _ in events.rows()]


def test_more_load_brings_more_pods_after_the_lag_of_the_measurements() -> None:
    done = a_run("[{at: 0s, rate: 100/s}, {at: 60s, rate: 200/s}]")

    first, *_ = scalings(done)
    assert first == (105.0, "from 2 to 4"), "100 % busy twice over a target of 50 %, seen with a lag of 30 s"
    assert len(scalings(done)) <= 2, "4 pods are enough; what waited meanwhile may ask for one more"


def test_on_the_way_down_the_largest_recommendation_of_five_minutes_counts() -> None:
    done = a_run("[{at: 0s, rate: 200/s}, {at: 60s, rate: 30/s}]", ready=4)

    ((at, what),) = scalings(done)
    assert what == "from 4 to 1"
    assert at == pytest.approx(400, abs=30)


def test_a_shorter_stabilisation_lets_it_go_down_sooner() -> None:
    done = a_run("[{at: 0s, rate: 200/s}, {at: 60s, rate: 50/s}]", "min: 2, stabilisation: 30s", ready=4)

    assert scalings(done)[0][0] < 160
    assert scalings(done)[-1][1].endswith("to 2"), "the fewest"


@pytest.mark.slow
def test_cpu_is_a_share_of_the_quota_that_a_program_has() -> None:
    text = SCENARIO.format(points="[{at: 0s, rate: 100/s}]", told="metric: cpu", ready=4)
    program = "services.s.program={cpu: {cores: 4, quota: 2}, io_time: 50ms}"

    calm = run(load(text, [program, "services.s.service_time=40ms", "services.s.overhead=0"]))
    busy = run(load(text, [program, "services.s.service_time=64ms", "services.s.overhead=0"]))

    assert scalings(calm) == [], "100/s x 40 ms on 4 x 2 CPUs are 50 %"
    assert scalings(busy)[0][1] == "from 4 to 7", "80 % over 50 %, for four pods: 6.4"


def test_scaling_by_hand_is_done_at_once() -> None:
    text = SCENARIO.format(points="[{at: 0s, rate: 100/s}]", told="", ready=4)

    done = run(load(text, ["timeline=[{at: 10s, scale: {to: 6}}, {at: 50s, scale: {to: 2}}]"]))

    names = ["scale s from 4 to 6", "is ready", "scale s from 6 to 2", "is gone"]
    found = done.events.filter(pl.col("event").is_in(names))
    assert found["event"].to_list() == [
        names[0], "is ready", "is ready", names[2], *["is gone"] * 4,
    ]  # fmt: skip
    assert found["t"].to_list()[1] == 15.0


def test_what_it_saw_and_how_many_pods_it_wants_are_levels() -> None:
    done = a_run("[{at: 0s, rate: 100/s}, {at: 60s, rate: 200/s}]")

    at = {
        t: (pods, load) for t, pods, load in done.samples.select("t", "autoscale_pods_s0", "autoscale_load_s0").rows()
    }
    assert at[10.0] == (2, 0), "nothing is decided before there are measurements"
    assert at[104.0] == (2, pytest.approx(50, abs=15)), "the lag: twice the load for 44 s, and not seen"
    assert at[106.0] == (4, pytest.approx(100, abs=10))
    assert done.summary["autoscale_pods_s0_end"] == at[499.0][0]


def test_where_no_autoscaler_works_there_is_no_level() -> None:
    done = run(load("clients: {c: {}}\nservices: {s: {}}\nduration: 1s\nworkloads: {w: {client: c, service: s,"
                    " arrivals: {constant: {rate: 5/s}}}}"))  # fmt: skip

    assert not [name for name in done.samples.columns if name.startswith("autoscale")]


def test_levels_fall_to_nothing_when_it_stops() -> None:
    done = a_run("[{at: 0s, rate: 100/s}, {at: 60s, rate: 200/s}]", "min: 1, for: 200s")

    assert done.summary["autoscale_pods_s0_end"] == 0
