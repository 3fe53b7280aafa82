"""A guard whose calls may take only so long, as Hystrix' do: exact instants in small worlds."""

from typing import Any

import pytest

from models.scenario import Scenario
from models.trigger import longest_timeout
from sim.units import SECOND, InputError
from sim.wiring import Run, load_tree
from tests.models.protection.guarded import a_world, calls, requests

LATE, SHORT_CIRCUITED = "context deadline exceeded", "Hystrix circuit short-circuited and is OPEN"
TEN_PER_S = {"arrivals": {"constant": {"rate": "10/s"}}}


def hystrix(*behind: Any, service_time: str = "1s", workload: dict[str, Any] | None = None, **keys: Any) -> Run:
    """A service behind a Hystrix command with these keys, and guards behind that."""
    guards = [{"hystrix": {"timeout": "200ms", "isolation": "none"} | keys}, *behind]
    return a_world(client={"guards": guards}, service={"service_time": service_time}, workload=workload)


def test_a_call_that_takes_longer_is_given_up_and_has_failed_by_a_time_out() -> None:
    done = hystrix()

    assert [(row["t_done"], row["err"]) for row in calls(done)] == [(200, LATE)]
    assert done.summary["guard.g0.timed_out"] == 1


def test_one_that_ends_in_time_is_left_alone() -> None:
    done = hystrix(service_time="199ms")

    assert [(row["t_done"], row["status"]) for row in calls(done)] == [(199, 200)]
    assert "guard.g0.timed_out" not in done.summary


def test_0_never_gives_up() -> None:
    assert [row["t_done"] for row in calls(hystrix(timeout="0s"))] == [1000]


def test_hystrix_gives_up_after_a_second_by_itself() -> None:
    done = a_world(client={"guards": ["hystrix"]}, service={"service_time": "5s"})

    assert [row["t_done"] for row in calls(done)] == [1000]


def test_time_outs_open_the_breaker() -> None:
    done = hystrix(
        request_volume_threshold=3,
        rolling_window="1s",
        snapshot_interval="100ms",
        workload=TEN_PER_S,
        service_time="1s",
    )

    # calls at 0, 100, 200 ms are over at 200, 300, 400, and the tick at 500 sees all three
    assert done.summary["guard.g0.first_open_t"] == pytest.approx(0.5)
    assert [row["err"] for row in calls(done)][:6] == [*[LATE] * 5, SHORT_CIRCUITED]


def test_a_thread_is_free_when_its_call_is_given_up() -> None:
    thread = {"thread": {"core_size": 1}}
    done = hystrix(isolation=thread, request_volume_threshold=100, workload=TEN_PER_S)

    # each call holds the only thread for 200 ms, so that every other one of those that come every 100 ms is refused
    assert [row["err"] == LATE for row in calls(done)] == [True, False] * 5
    assert [row["t_done"] for row in calls(done)][::2] == [200, 400, 600, 800, 1000]


def test_the_wait_for_a_thread_counts() -> None:
    thread = {"thread": {"core_size": 1, "max_queue_size": 5}}
    crowd = {"arrivals": {"constant": {"rate": "20/s"}}}
    done = hystrix(isolation=thread, request_volume_threshold=100, workload=crowd, service_time="150ms")

    # the first has its answer at 150; the second, there at 50, begins then and is given up at 250; the third, there at
    # 100, has the thread from 250 on and is given up at 300, and so on
    first = [(row["t_arrival"], row["t_done"], row["err"]) for row in calls(done)[:4]]
    assert first == [(0, 150, ""), (50, 250, LATE), (100, 300, LATE), (150, 350, LATE)]


def test_who_waits_at_a_guard_behind_it_is_given_up_there_and_leaves_that_guard_its_token() -> None:
    bucket = {"token_bucket": {"rate": "1/s", "burst": 1, "max_wait": "10s"}}
    done = hystrix(bucket, service_time="10ms", workload={"arrivals": {"constant": {"rate": "2/s"}}})

    assert [(row["t_arrival"], row["t_done"], row["err"]) for row in calls(done)] == [(0, 10, ""), (500, 700, LATE)]
    assert done.summary["guard.g0.timed_out"] == 1
    assert done.summary["call_wait_mean"] == pytest.approx(0.1)


def test_what_is_given_up_is_tried_again_as_after_any_time_out() -> None:
    retry = {"retries": 1, "on": ["timeout"], "backoff": {"base": "100ms", "jitter": "none"}}
    guards = [{"hystrix": {"timeout": "200ms"}}]
    done = a_world(client={"guards": guards, "retry": retry}, service={"service_time": "1s"})

    assert [(row["t_getconn"], row["t_done"]) for row in requests(done)] == [(0, 200), (300, 500)]


def test_a_backend_cannot_give_its_handlers_up() -> None:
    with pytest.raises(InputError, match=r"services\.s\.guards\.1\.hystrix\.timeout: 1s would end .*write timeout: 0s"):
        a_world(client={}, service={"guards": ["vegas", "hystrix"]})


def a_scenario(**client: Any) -> Scenario:
    return load_tree({
        "clients": {"c": client}, "services": {"s": {}},
        "workloads": {"w": {"client": "c", "service": "s", "arrivals": {"constant": {"rate": "1/s"}}}},
    })  # fmt: skip


def test_it_is_a_time_out_to_the_verdict_on_a_trigger() -> None:
    assert longest_timeout(a_scenario(guards=[{"hystrix": {"timeout": "3s"}}])) == 3 * SECOND
