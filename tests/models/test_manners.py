"""What a workload says about its callers and its bodies, end to end from the text of a scenario."""

import pytest

from sim.wiring import Run, load, run

SCENARIO = """
duration: 4s
tail: 2s
network: {{rtt: 10ms}}
clients: {{c: {{overhead: 0, transport: {{max_idle_conns_per_host: 50, response_header_timeout: {headers}}}}}}}
services: {{s: {{resolve: literal, overhead: 0, service_time: 20ms, {service}}}}}
workloads: {{w: {{client: c, service: s, arrivals: {{constant: {{rate: 50/s}}}}, {workload}}}}}
"""


def a_run(workload: str = "method: GET", *, service: str = "workers: 0", headers: str = "0") -> Run:
    return run(load(SCENARIO.format(workload=workload, service=service, headers=headers)))


def errors(done: Run) -> dict[str, float]:
    return {key.removeprefix("err:"): value for key, value in done.summary.items() if key.startswith("err:")}


def test_a_share_of_callers_cancels_after_a_while() -> None:
    done = a_run("cancel_after: 15ms, cancel_share: 0.25")

    assert set(errors(done)) == {"context canceled"}
    assert errors(done)["context canceled"] == pytest.approx(50, abs=20), "a quarter of 200"
    cancelled = done.requests.filter(done.requests["err"] != "")
    assert (cancelled["t_done"] - cancelled["t_arrival"]).max() == pytest.approx(0.015)


def test_a_cancel_that_comes_too_late_changes_nothing() -> None:
    assert errors(a_run("cancel_after: 1s")) == {}


def test_a_deadline_ends_every_request_that_takes_longer() -> None:
    assert errors(a_run("deadline: 25ms")) == {"context deadline exceeded": 200}


def test_an_upload_that_takes_its_time_does_not_count_for_response_header_timeout() -> None:
    slow = "method: POST, request_body: {size: 1kB, pause: 100ms}"

    in_time, too_late = a_run(slow, headers="40ms"), a_run(slow, headers="20ms")

    assert errors(in_time) == {}
    assert errors(too_late) == {"timeout awaiting response headers": 200}
    assert too_late.requests["t_wrote"].null_count() == 0


def test_request_close_dials_for_every_request() -> None:
    assert a_run("close: true").summary["dials_per_request"] == 1


def test_a_share_of_handlers_panics() -> None:
    done = a_run("method: POST", service="panics: 0.1")

    assert errors(done)["EOF"] == pytest.approx(20, abs=12)


def test_callers_that_read_late_hold_their_connections_longer() -> None:
    soon, late = a_run(), a_run("read_delay: 50ms")

    assert late.summary["open_conns_max"] > soon.summary["open_conns_max"]
    assert late.samples["goroutines_caller_reading_body"].max() in (2, 3), "50 requests a second, 50 ms each"


def test_the_same_requests_arrive_whatever_their_callers_do() -> None:
    plain, careless = a_run(), a_run("read: close, read_share: 0.5, cancel_after: 25ms, cancel_share: 0.5")

    assert sorted(plain.requests["t_arrival"]) == sorted(careless.requests["t_arrival"])
    assert sorted(plain.requests["srv_s"]) == sorted(careless.requests["srv_s"].drop_nulls())


def test_bodies_that_nobody_reads_show_in_the_summary() -> None:
    done = a_run("read: none, read_share: 0.5", service="response_size: 4kB")

    leaked = done.summary["unread_bodies_end"]
    assert leaked == done.summary["unread_bodies_max"] == pytest.approx(100, abs=25), "half of 200, for ever"
    assert done.summary["gor_end"] == 2 * (leaked + done.samples["pool_idle"][-1]), "two goroutines each (8)"
