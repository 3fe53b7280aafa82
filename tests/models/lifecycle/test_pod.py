"""A pod: its start, its probes, its end in order, and what is announced of it when."""

import polars as pl
import pytest

from sim.units import InputError
from sim.wiring import Run, load, run

SCENARIO = """
duration: 120s
clients: {{c: {{timeout: 2s, transport: {{max_idle_conns_per_host: 50}}}}}}
services:
  s: {{backends: 3, resolve: each, service_time: 5ms, startup: 8s{more}}}
workloads: {{w: {{client: c, service: s, arrivals: {{constant: {{rate: 30/s}}}}}}}}
timeline: [{events}]
"""
PROBED = ", readiness: {period: 10s}"


def a_run(events: str, more: str = "", *settings: str) -> Run:
    return run(load(SCENARIO.format(events=events, more=more), settings))


def told(done: Run, *names: str, backend: int | None = None) -> list[tuple[float, str]]:
    """What was recorded, without what is not named if anything is."""
    events = done.events if backend is None else done.events.filter(pl.col("backend") == backend)
    return [(round(t, 3), event) for t, event, _, _ in events.rows() if not names or event in names]


def served(done: Run, backend: int, low: float, high: float) -> int:
    """Requests that arrived between two instants and that a backend answered."""
    hit = (pl.col("backend") == backend) & pl.col("t_arrival").is_between(low, high) & (pl.col("err") == "")
    return done.requests.filter(hit).height


def test_who_crashes_is_taken_out_until_it_has_started_and_passed_its_probe() -> None:
    done = a_run("{at: 30s, crash: {backend: 1}}", PROBED)

    assert told(done) == [
        (30.0, "crash"), (30.0, "is not ready"), (30.0, "starts base"), (38.0, "listens"), (40.0, "is ready"),
    ]  # fmt: skip
    assert served(done, 1, 30.1, 39.9) == 0
    assert served(done, 1, 41, 50) == pytest.approx(90, abs=2)


def test_without_a_probe_it_is_back_as_soon_as_it_listens() -> None:
    done = a_run("{at: 30s, crash: {backend: 1}}")

    assert told(done, "is ready") == [(38.0, "is ready")]


def test_who_does_not_start_in_time_is_killed_again_and_again_and_waits_longer_each_time() -> None:
    done = a_run("{at: 10s, crash: {}}", ", liveness: {period: 2s, failures: 3, timeout: 1s}")

    assert told(done, "starts base", "listens") == [
        (10.0, "starts base"), (24.0, "starts base"), (48.0, "starts base"), (92.0, "starts base"),
    ]  # fmt: skip
    assert told(done, "is killed by its liveness probe")[0] == (14.0, "is killed by its liveness probe"), (
        "three failures, the first at once"
    )


def test_a_program_that_has_an_initial_delay_for_its_start_is_left_alone() -> None:
    done = a_run("{at: 10s, crash: {}}", ", liveness: {period: 2s, failures: 3, initial_delay: 8s}")

    assert told(done, "listens", "is killed by its liveness probe") == [(18.0, "listens")]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_program_that_stands_is_out_after_three_probes_that_time_out(seed: int) -> None:
    text = SCENARIO.format(events="{at: 30s, pause: {backend: 2, for: 60s}}", more=", readiness: {}")

    done = run(load(text), seed)

    ((out, _),) = told(done, "is not ready")
    ((back, _),) = told(done, "is ready")
    assert 51.0 <= out <= 61.0, "a period of 10 s, 3 failures, a time-out of 1 s: 20 to 30 s, and the time-out"
    assert 90.0 <= back <= 100.0


def test_a_hang_fails_probes_as_well() -> None:
    done = a_run("{at: 30s, header_stall: {backend: 2, for: 60s}}", ", readiness: {}")

    ((out, _),) = told(done, "is not ready", backend=2)
    assert 51.0 <= out <= 61.0


def test_a_liveness_probe_restarts_what_stands_for_good() -> None:
    done = a_run("{at: 30s, pause: {backend: 2}}", ", liveness: {}, readiness: {}")

    names = [name for _, name in told(done, backend=2) if name != "is not ready"]
    assert names == ["pause", "is killed by its liveness probe", "starts base", "listens", "is ready"]
    assert served(done, 2, 85, 110) > 200, "a new program is not paused"


def test_a_drained_backend_refuses_dials_until_its_end_has_spread() -> None:
    dialing = "clients.c.transport.disable_keep_alives=true"
    more = ", propagation: 500ms"

    at_once = a_run("{at: 30s, drain: {backend: 0}}", more, dialing)
    first_stops = a_run("{at: 30s, drain: {backend: 0}}", more + ", termination: {pre_stop: 1s}", dialing)

    refused = at_once.requests.filter(pl.col("err") == "connection refused")
    assert refused.height == pytest.approx(5, abs=1), "a third of 30/s in half a second"
    assert refused["t_arrival"].is_between(29.9, 30.6).all()
    assert first_stops.requests.filter(pl.col("err") != "").height == 0


def test_requests_that_run_when_the_end_begins_are_answered_within_the_grace() -> None:
    settings = (
        "services.s.service_time=4s", "workloads.w.arrivals.constant.rate=10/s", "workloads.w.method=POST",
        "clients.c.timeout=0", "tail=9s",
    )  # fmt: skip

    patient = a_run("{at: 30s, drain: {backend: 0}}", "", *settings)
    hasty = a_run("{at: 30s, drain: {backend: 0}}", ", termination: {grace: 1s}", *settings)

    assert patient.requests.filter(pl.col("err") != "").height == 0
    ((gone, _),) = told(patient, "is gone")
    assert gone == pytest.approx(34, abs=0.6)
    assert set(hasty.requests["err"].unique()) == {"", "EOF"}
    assert told(hasty, "is gone") == [(31.0, "is gone")]


def test_a_drained_backend_is_replaced_after_the_time_that_the_event_says() -> None:
    done = a_run("{at: 30s, drain: {backend: 0, for: 20s}}")

    assert told(done, "starts base", "is ready") == [(50.0, "starts base"), (58.0, "is ready")]


def test_a_lost_zone_is_taken_out_when_its_nodes_are_believed_to_be_lost() -> None:
    done = a_run("{at: 30s, zone_loss: {zone: b, for: 60s}}", ", zones: [a, b]")

    assert told(done) == [
        (30.0, "zone_loss"), (70.0, "is not ready"), (90.0, "zone_loss ends"), (90.0, "is ready"),
    ]  # fmt: skip
    assert set(done.events["backend"].to_list()) == {1}
    failed = done.requests.filter(pl.col("err") != "")
    assert failed["t_arrival"].is_between(29.9, 70).all()
    assert failed.height == pytest.approx(400, abs=5), "a third of 30/s for 40 s"


def test_a_short_loss_of_a_zone_is_over_before_anybody_believes_it() -> None:
    done = a_run("{at: 30s, zone_loss: {zone: b, for: 10s}}", ", zones: [a, b]")

    assert told(done, "is not ready") == []


def test_backends_that_do_not_run_at_the_start_are_not_asked() -> None:
    done = a_run("", ", ready: 2")

    assert served(done, 2, 0, 120) == 0
    assert done.requests.filter(pl.col("err") != "").height == 0


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (", ready: 4", "services.s.ready: 4 is more than the 3 backends"),
        (", versions: {base: {}}", "services.s.versions: base is what the service itself states"),
        (", readiness: {timeout: 20s}", "services.s.readiness.timeout: lies above the period"),
    ],
)
def test_a_life_that_cannot_be_is_refused(more: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        a_run("", more)
