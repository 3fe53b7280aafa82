"""Servers that turn away who waited too long: who that is, what it costs, what stays right."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.protection.admission import GuardedServer
from models.protection.expiry_config import ExpiryConfig
from models.protection.limits.connection_bucket import ConnectionBucketConfig
from sim.units import MS, InputError
from tests.models.protection.guarded import a_world, requests
from tests.models.worlds import a_lab, a_service

LATE = ExpiryConfig(after=15 * MS, cost=5 * MS, status=503)


def test_who_waited_too_long_gets_an_error_that_takes_time() -> None:
    lab = a_lab(services={"h1": a_service(workers=1, expiry=LATE)})
    for name in "ABC":
        lab.ask(name, 0, service=10)
    lab.run()

    # A is served until 10, B until 20; C has waited for 20
    assert [(lab.requests[name].status, lab.requests[name].t_done) for name in "ABC"] == [
        (200, 10),
        (200, 20),
        (503, 25),
    ]


def test_time_in_which_the_program_stood_still_counts_from_when_it_was_sent() -> None:
    for since, status in (("read", 200), ("sent", 503)):
        expiry = ExpiryConfig(after=15 * MS, cost=5 * MS, since=since)  # type: ignore[arg-type]
        lab = a_lab(services={"h1": a_service(workers=1, expiry=expiry)})
        server = lab.world.hosts[0].server
        lab.at(0, server.pause)
        lab.ask("A", 1, service=10)
        lab.at(100, server.resume)
        lab.run()

        assert lab.requests["A"].status == status, since


def test_a_pause_holds_up_the_error() -> None:
    lab = a_lab(services={"h1": a_service(workers=1, expiry=LATE)})
    server = lab.world.hosts[0].server
    for name in "ABC":
        lab.ask(name, 0, service=10)
    lab.at(22, server.pause)
    lab.at(50, server.resume)
    lab.run()

    assert lab.requests["C"].t_done == 50


def test_who_has_left_is_not_answered_and_its_worker_goes_on() -> None:
    lab = a_lab(services={"h1": a_service(workers=1, expiry=LATE, honours_cancel=True)})
    for name in "ABCD":
        lab.ask(name, 0, service=10)
    lab.cancel("C", 22)
    lab.run()

    assert (lab.requests["D"].status, lab.requests["D"].t_done) == (503, 27)


@settings(deadline=None, max_examples=10)
@given(st.integers(1, 3), st.sampled_from(["0s", "3ms"]), st.sampled_from(["0s", "30ms"]), st.booleans(), st.booleans())
def test_all_are_answered_and_no_worker_is_lost(  # parameters: what is drawn
    workers: int, cost: str, timeout: str, honours: bool, is_program: bool
) -> None:
    service: dict[str, Any] = {
        "workers": workers, "service_time": {"exponential": {"mean": "20ms"}}, "honours_cancel": honours,
        "expiry": {"after": "10ms", "cost": cost},
    }  # fmt: skip
    done = a_world(
        client={"timeout": timeout}, service=service | ({"program": {"cpu": {"cores": 4}}} if is_program else {}),
        workload={"arrivals": {"poisson": {"rate": "100/s"}}},
        timeline=[{"at": "300ms", "pause": {"for": "50ms"}}],
    )  # fmt: skip

    assert all(row["err"] != "lab-end" for row in requests(done))
    if is_program:
        assert done.samples["busy_b0"][-1] == 0


def test_a_bucket_goes_with_its_connection() -> None:
    limited = a_service(connection_limit=ConnectionBucketConfig(tokens=2, refill_interval=None))
    lab = a_lab(services={"h1": limited})
    server = lab.world.hosts[0].server
    assert isinstance(server, GuardedServer)
    for i in range(9):
        lab.ask(f"r{i}", 20 * i, service=1)
    lab.run(200)

    assert server.counts["connection_closed"] >= 3
    assert set(server._buckets) == set(server.connections)


def test_an_answer_that_is_no_error_is_refused() -> None:
    with pytest.raises(InputError, match="status"):
        a_world(client={}, service={"workers": 1, "expiry": {"after": "1s", "status": 200}})
