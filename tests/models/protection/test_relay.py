"""Services that ask others: statuses, deadlines that go along, cancels that go along, chains."""

from typing import Any

import pytest

from sim.units import InputError
from sim.wiring import Run
from tests.models.protection.guarded import QUIET, a_world, requests

QUICK = {"resolve": "literal", "overhead": "0s", "service_time": "0s"}


def a_chain(
    *, back: dict[str, Any], front: dict[str, Any] | None = None, asks: dict[str, Any] | None = None,
    client: dict[str, Any] | None = None, **more: Any,
) -> Run:  # fmt: skip
    """The client c asks s, which asks back through the client r."""
    relay = {"client": "r", "service": "back"} | (front or {}).pop("relay", {})
    return a_world(
        client=client or {}, service={"service_time": "10ms", "relay": relay} | (front or {}),
        clients={"r": QUIET | (asks or {})}, services={"back": QUICK | back}, **more,
    )  # fmt: skip


def test_a_relay_answers_when_it_has_its_answer() -> None:
    done = a_chain(back={"service_time": "30ms"})
    (asked,), (seen,) = requests(done, "relayed"), requests(done)

    assert (asked["t_getconn"], asked["t_done"]) == (10, 40)
    assert (seen["t_done"], seen["status"], seen["srv_s"]) == (40, 200, pytest.approx(10))
    assert done.summary["n_requests"] == 1
    assert done.summary["relayed:r"] == 1


def test_its_worker_is_taken_meanwhile() -> None:
    done = a_chain(
        back={"service_time": "30ms"}, front={"workers": 1},
        workload={"arrivals": {"closed_loop": {"workers": 2, "think": "400ms"}}},
    )  # fmt: skip

    assert max(row["t_done"] - row["t_arrival"] for row in requests(done)) == 80


@pytest.mark.parametrize(
    ("back", "asks", "status"),
    [
        ({"panics": 1.0}, {}, 502),
        ({"service_time": "1s"}, {"timeout": "100ms"}, 504),
        ({"workers": 1, "service_time": "1s", "expiry": {"after": "1ms", "since": "sent", "status": 503}}, {}, 200),
    ],
)
def test_what_a_gateway_says_of_an_error(back: dict[str, Any], asks: dict[str, Any], status: int) -> None:
    (seen,) = requests(a_chain(back=back, asks=asks))

    assert (seen["status"], seen["err"]) == (status, "")


def test_a_status_is_passed_on() -> None:
    overdue = {"workers": 1, "service_time": "20ms", "expiry": {"after": "1ms", "cost": "0s", "status": 429}}
    done = a_chain(back=overdue, workload={"arrivals": {"closed_loop": {"workers": 2, "think": "400ms"}}})

    assert sorted(row["status"] for row in requests(done)[:2]) == [200, 429]


SLOW = {"service_time": "1s", "honours_cancel": True}


@pytest.mark.parametrize(("goes_along", "ends"), [(True, 100), (False, 1010)])
def test_a_deadline_goes_along_where_it_is_said_to(goes_along: bool, ends: float) -> None:
    done = a_chain(back=SLOW, front={"relay": {"propagates_deadline": goes_along}}, client={"timeout": "100ms"})
    (asked,) = requests(done, "relayed")

    assert asked["t_done"] == ends
    assert requests(done)[0]["t_done"] == 100


def test_the_end_of_a_call_and_of_a_try_is_a_deadline_too() -> None:
    for key in ("within", "per_try_timeout"):
        done = a_chain(
            back=SLOW, front={"relay": {"propagates_deadline": True}},
            client={"retry": {"retries": 0, key: "150ms"}},
        )  # fmt: skip

        assert [row["t_done"] for row in requests(done, "relayed")] == [150], key


def test_a_deadline_passes_through_several_services() -> None:
    chained = {"relay": {"client": "r2", "service": "last", "propagates_deadline": True}}
    done = a_world(
        client={"timeout": "100ms"},
        service={"service_time": "10ms", "relay": {"client": "r", "service": "back", "propagates_deadline": True}},
        clients={"r": QUIET | {"timeout": "10s"}, "r2": QUIET | {"timeout": "10s"}},
        services={"back": QUICK | chained, "last": QUICK | {"service_time": "1s"}},
    )

    assert {row["client"]: row["t_done"] for row in requests(done, "relayed")} == {"r": 100, "r2": 100}


def test_what_is_too_late_is_not_begun() -> None:
    done = a_chain(
        back={"service_time": "60ms"}, front={"workers": 1, "relay": {"propagates_deadline": True}},
        client={"timeout": "50ms"}, workload={"arrivals": {"closed_loop": {"workers": 3, "think": "400ms"}}},
    )  # fmt: skip

    # the first is given up at 50 ms, and when its worker is free the others are too late
    assert len(requests(done, "relayed")) < len(requests(done))


def test_a_retry_does_not_begin_after_the_deadline() -> None:
    done = a_chain(
        back={"panics": 1.0}, front={"relay": {"propagates_deadline": True}}, client={"timeout": "100ms"},
        asks={"retry": {"retries": 9, "backoff": {"base": "40ms", "cap": "40ms", "jitter": "none"}}},
    )  # fmt: skip

    assert [row["t_getconn"] for row in requests(done, "relayed")] == [10, 50, 90]


@pytest.mark.parametrize(("honours", "ends"), [(True, 100), (False, 1010)])
def test_a_cancel_goes_along_where_handlers_honour_it(honours: bool, ends: float) -> None:
    done = a_chain(back={"service_time": "1s"}, front={"honours_cancel": honours}, client={"timeout": "100ms"})
    (asked,) = requests(done, "relayed")

    assert (asked["t_done"], asked["err"]) == (ends, "context canceled" if honours else "")


def test_a_service_that_dies_forgets_its_questions() -> None:
    done = a_chain(back=SLOW, timeline=[{"at": "100ms", "die": {"service": "s", "for": "10ms"}}])
    (asked,) = requests(done, "relayed")

    assert (asked["t_done"], asked["err"]) == (100, "context canceled")


def test_relays_that_are_programs_free_their_workers() -> None:
    done = a_chain(
        back={"service_time": "60ms"},
        front={"workers": 1, "program": {"cpu": {"cores": 1}}, "relay": {"propagates_deadline": True}},
        client={"timeout": "50ms"}, workload={"arrivals": {"closed_loop": {"workers": 3, "think": "400ms"}}},
        duration="2s",
    )  # fmt: skip

    assert done.samples["busy_b0"][-1] == 0
    assert done.samples["queue_b0"][-1] == 0
    assert done.samples["busy_b0"].max() == 1


@pytest.mark.parametrize(
    ("front", "workload", "says"),
    [
        ({"response_pause": "1ms"}, {}, "services.s.relay"),
        ({}, {"read": "none"}, "workloads.w.service"),
        ({}, {"request_body": {"size": "1MB"}, "method": "POST"}, "workloads.w.service"),
    ],
)
def test_a_relay_of_what_comes_in_parts_is_refused(front: dict[str, Any], workload: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        a_chain(back={}, front=front, workload=workload)


@pytest.mark.parametrize(("attempts", "times"), [(1, 1), (2, 8), (4, 64)])
def test_layers_multiply(attempts: int, times: int) -> None:
    retry = {"retry": {"retries": attempts - 1, "backoff": {"base": "0s"}}}
    done = a_world(
        client=retry, service={"service_time": "1ms", "relay": {"client": "r", "service": "back"}},
        clients={"r": QUIET | retry, "r2": QUIET | retry},
        services={"back": QUICK | {"relay": {"client": "r2", "service": "last"}}, "last": QUICK | {"panics": 1.0}},
    )  # fmt: skip

    assert done.summary["relayed:r2"] == times
    assert done.summary["relayed:r"] == attempts**2
    assert done.summary["tries_per_call"] == attempts
