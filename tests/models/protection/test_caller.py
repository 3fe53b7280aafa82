"""Calls with their retries, hedges and time-outs: exact instants in small worlds, and that all rows add up."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.protection.retry.budget import Budget
from models.scenario import Scenario
from models.world import world_of
from sim.engine.streams import Streams
from sim.records.trace import Memory
from sim.wiring import Run, load_tree
from tests.models.protection.guarded import QUIET, a_world, calls, requests

BROKEN = {"panics": 1.0, "service_time": "0s"}
CONSTANT = {"base": "100ms", "cap": "1s", "jitter": "none"}
CANCELED, LATE = "context canceled", "context deadline exceeded"


def retrying(retry: dict[str, Any], service: dict[str, Any] | None = None, **more: Any) -> Run:
    return a_world(client={"retry": {"backoff": CONSTANT} | retry}, service=service or BROKEN, **more)


def test_what_fails_is_tried_again_after_growing_waits() -> None:
    done = retrying({"retries": 3})

    assert [row["t_getconn"] for row in requests(done)[:4]] == [0, 100, 300, 700]
    first = calls(done)[0]
    assert (first["tries"], first["waited"], first["t_done"], first["err"]) == (4, 700, 700, "EOF")


def test_what_is_not_in_the_list_is_not_tried_again() -> None:
    assert [row["tries"] for row in calls(retrying({"retries": 3, "on": ["timeout", "connect", "5xx"]}))] == [1]
    assert [row["tries"] for row in calls(retrying({"retries": 3, "on": ["reset"]}))] == [4]


def test_the_answer_of_the_last_try_is_the_callers() -> None:
    expiry = {"after": "1ms", "cost": "5ms", "status": 503}
    service = {"workers": 1, "service_time": "30ms", "expiry": expiry}
    done = retrying(
        {"retries": 1, "on": ["5xx"]}, service, workload={"arrivals": {"closed_loop": {"workers": 2, "think": "400ms"}}}
    )
    late = max(calls(done), key=lambda row: row["tries"])

    # both come at once; one waits for 30 ms, is told 503 at 35 and has its answer 100 ms and a service later
    assert (late["tries"], late["status"], late["err"]) == (2, 200, "")
    assert late["t_done"] - late["t_arrival"] == pytest.approx(35 + 100 + 30)
    tries = {row["id"]: row for row in requests(done)}
    assert tries[late["last"]]["status"] == 200


def test_statuses_below_500_are_tried_again_where_they_are_named() -> None:
    limited = {"workers": 1, "service_time": "30ms", "expiry": {"after": "1ms", "status": 429}}
    crowd = {"arrivals": {"closed_loop": {"workers": 2, "think": "400ms"}}}

    assert max(row["tries"] for row in calls(retrying({}, limited, workload=crowd))) == 1
    assert max(row["tries"] for row in calls(retrying({"statuses": [429]}, limited, workload=crowd))) == 2


def test_each_try_has_a_time_out_of_its_own() -> None:
    slow = {"service_time": "1s"}
    done = retrying({"retries": 2, "on": ["timeout"], "per_try_timeout": "200ms"}, slow)

    assert [(row["t_getconn"], row["t_done"], row["err"]) for row in requests(done)[:2]] == [
        (0, 200, LATE),
        (300, 500, LATE),
    ]
    assert (calls(done)[0]["tries"], calls(done)[0]["t_done"]) == (3, 200 + 100 + 200 + 200 + 200)


def test_a_call_ends_with_its_own_time() -> None:
    done = retrying(
        {"retries": 9, "on": ["timeout"], "per_try_timeout": "200ms", "within": "450ms"}, {"service_time": "1s"}
    )

    (only,) = calls(done)
    assert (only["t_done"], only["tries"], only["err"]) == (450, 2, LATE)


def test_nobody_waits_for_a_try_that_would_come_too_late() -> None:
    done = retrying({"retries": 9, "within": "250ms"})

    assert (calls(done)[0]["t_done"], calls(done)[0]["tries"]) == (100, 2)


def test_the_first_answer_counts_and_the_other_copy_is_cancelled() -> None:
    slow_or_not = {"bimodal": {"low": "10ms", "high": "2s", "high_share": 0.3}}
    done = a_world(
        client={"hedge": {"after": "50ms"}}, service={"service_time": slow_or_not},
        workload={"arrivals": {"constant": {"rate": "40/s"}}},
    )  # fmt: skip
    hedged = [row for row in calls(done) if row["copies"]]
    tries = {row["id"]: row for row in requests(done)}

    assert 5 < len(hedged) < 25
    for call in hedged:
        assert call["status"] == 200
        losers = [row for row in tries.values() if row["err"] == CANCELED and row["t_done"] == call["t_done"]]
        assert losers
    quick = [call["t_done"] - call["t_arrival"] for call in hedged if call["last"] != call["id"]]
    assert quick
    assert min(quick) == pytest.approx(60)


def test_a_copy_is_not_sent_between_two_tries() -> None:
    done = a_world(
        client={"retry": {"retries": 1, "backoff": {"base": "200ms", "jitter": "none"}}, "hedge": {"after": "70ms"}},
        service=BROKEN,
    )  # fmt: skip

    # the first fails at 0; nothing is under way until 200
    assert [row["t_getconn"] for row in requests(done)[:2]] == [0, 200]
    assert calls(done)[0]["copies"] == 0


def test_a_caller_that_leaves_while_it_waits_is_done() -> None:
    done = retrying({"retries": 9}, workload={"cancel_after": "150ms"})

    assert [(row["t_done"] - row["t_arrival"], row["err"], row["tries"]) for row in calls(done)] == [(150, CANCELED, 2)]
    assert len(requests(done)) == 2


def test_a_caller_that_leaves_while_it_is_served_takes_its_try_along() -> None:
    done = retrying({"retries": 9}, {"service_time": "1s"}, workload={"cancel_after": "150ms"})

    assert [(row["t_done"] - row["t_arrival"], row["err"]) for row in calls(done)] == [(150, CANCELED)]
    assert [row["err"] for row in requests(done)] == [CANCELED]


def test_a_budget_bounds_the_tries() -> None:
    done = retrying(
        {"retries": 3, "backoff": {"base": "0s"}, "budget": {"share": {"share": 0.2, "reserve": 0}}},
        workload={"arrivals": {"constant": {"rate": "100/s"}}},
    )  # fmt: skip

    assert sum(row["tries"] for row in calls(done)) == 120


def test_a_run_that_ends_says_what_was_under_way() -> None:
    done = retrying({"retries": 9}, {"service_time": "1s"}, tail="100ms", duration="500ms")

    assert [(row["err"], row["tries"]) for row in calls(done)] == [("lab-end", 1)]


class Told(Budget):
    """Writes down what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def failed(self, now: int) -> None:
        self.told.append("failed")

    def succeeded(self, now: int, paid: int | None) -> None:
        self.told.append("succeeded")

    def finished(self) -> None:
        self.told.append("finished")

    def ended(self) -> None:
        self.told.append("ended")


def told(scenario: Scenario) -> list[str]:
    world = world_of(scenario, Streams(1, 0), Memory())
    budget = Told()
    for caller in world.callers._all:
        object.__setattr__(caller._ways, "budget", budget)
    world.run()
    return budget.told


def a_scenario(retry: dict[str, Any], service: dict[str, Any], **workload: Any) -> Scenario:
    return load_tree({
        "duration": "400ms", "tail": "5s", "network": {"rtt": "0s"}, "clients": {"c": QUIET | {"retry": retry}},
        "services": {"s": {"resolve": "literal", "overhead": "0s"} | service},
        "workloads": {"w": {"client": "c", "service": "s", "arrivals": {"constant": {"rate": "2/s"}}} | workload},
    })  # fmt: skip


def test_a_budget_is_told_what_became_of_each_try() -> None:
    assert told(a_scenario({"retries": 1, "backoff": {"base": "0s"}}, BROKEN)) == [
        "failed",
        "finished",
        "failed",
        "ended",
    ]
    assert told(a_scenario({"retries": 1}, {"service_time": "0s"})) == ["succeeded", "ended"]


def test_who_leaves_has_neither_failed_nor_succeeded() -> None:
    assert told(a_scenario({"retries": 1}, {"service_time": "1s"}, cancel_after="100ms")) == ["ended"]


def test_a_budget_is_told_of_the_retry_that_its_caller_does_not_wait_for() -> None:
    seen = told(a_scenario({"retries": 9, "backoff": CONSTANT, "within": "250ms"}, BROKEN, cancel_after="150ms"))

    # it fails at 0 and at 100 and would be tried again at 300: the place of that retry is free again then
    assert seen == ["failed", "finished", "failed", "ended"]
    seen = told(a_scenario({"retries": 9, "backoff": CONSTANT}, BROKEN, cancel_after="150ms"))
    assert seen == ["failed", "finished", "failed", "ended", "finished"]


@pytest.mark.parametrize("end", ["leaves", "has waited long enough"])
def test_a_call_that_is_given_up_is_not_tried_again_whatever_a_rule_says(end: str) -> None:
    rule = {"name": "again", "match": "true", "action": {"retry": {"retries": 9}}}
    retry = {"retries": 9, "on": ["error", "timeout"], "backoff": {"base": "0s"}}
    leaves = end == "leaves"
    done = a_world(
        client={"retry": retry | ({} if leaves else {"within": "150ms"}), "protocol_rules": [rule]},
        service={"service_time": "5s"}, workload={"cancel_after": "150ms"} if leaves else {},
    )  # fmt: skip

    assert [(row["tries"], row["err"], row["t_done"]) for row in calls(done)] == [
        (1, CANCELED if leaves else LATE, 150)
    ]


def test_a_hedge_at_once_waits_for_the_next_try() -> None:
    done = a_world(
        client={"retry": {"retries": 1, "on": ["refused"], "backoff": CONSTANT}, "hedge": {"after": "0s"},
                "guards": [{"concurrency": 0}]},
        service={"service_time": "0s"},
    )  # fmt: skip

    # the first is refused at once, so that there is nothing to ask beside before 100, and nothing more then
    assert [row["t_getconn"] for row in requests(done)] == [0, 100]


@pytest.mark.parametrize("rules", [[], [{"name": "again", "match": "true", "action": {"retry": {"retries": 5}}}]])
def test_what_envoy_refuses_is_never_tried_again(rules: list[Any]) -> None:
    guards = [{"envoy": {"max_requests": 1, "max_connections": 9}}]
    retry = {"retries": 3, "on": ["refused", "5xx"], "statuses": [503], "backoff": CONSTANT}
    done = a_world(
        client={"guards": guards, "retry": retry, "protocol_rules": rules}, service={"service_time": "600ms"},
        workload={"arrivals": {"constant": {"rate": "10/s"}}}, duration="300ms",
    )  # fmt: skip

    assert {(row["tries"], row["status"]) for row in calls(done)[1:]} == {(1, 503)}


def test_what_other_guards_refuse_is_tried_again_where_that_is_asked_for() -> None:
    retry = {"retries": 1, "on": ["refused"], "backoff": CONSTANT}
    done = a_world(client={"guards": [{"concurrency": 0}], "retry": retry}, service={"service_time": "0s"})

    assert [row["tries"] for row in calls(done)] == [2]


def test_a_throttled_try_waits_longer_in_aws_new_mode() -> None:
    busy = {"workers": 1, "service_time": "30ms", "expiry": {"after": "1ms", "status": 429, "cost": "0s"}}
    crowd = {"arrivals": {"closed_loop": {"workers": 2, "think": "400ms"}}}
    retry = {"preset": "aws_new", "backoff": {"base": "50ms", "throttled_base": "1s", "cap": "20s", "jitter": "none"}}
    done = a_world(client={"retry": retry}, service=busy, workload=crowd)

    late = max(calls(done), key=lambda row: row["tries"])
    assert (late["tries"], late["status"], late["waited"]) == (2, 200, 1000)


RETRIES = st.fixed_dictionaries({
    "retries": st.integers(0, 4),
    "on": st.lists(st.sampled_from(["error", "timeout", "5xx", "reset"]), min_size=1, unique=True),
    "per_try_timeout": st.sampled_from(["0s", "30ms"]),
    "within": st.sampled_from(["0s", "150ms"]),
    "backoff": st.sampled_from([{"base": "0s"}, {"base": "20ms"}, {"base": "10ms", "jitter": "decorrelated"}]),
    "budget": st.sampled_from([None, {"grpc": {}}, {"aws": {"capacity": 30}}, {"share": {}}, {"concurrent": {}}]),
})  # fmt: skip


@settings(deadline=None, max_examples=12)
@given(RETRIES, st.sampled_from([None, {"after": "15ms", "copies": 2}]), st.booleans(), st.integers(1, 4))
def test_all_tries_are_requests_and_all_calls_end(
    retry: dict[str, Any], hedge: Any, leaves: bool, workers: int
) -> None:
    client = {"retry": {key: value for key, value in retry.items() if value is not None}, "timeout": "60ms"}
    workload = {"arrivals": {"poisson": {"rate": "100/s"}}}
    done = a_world(
        client=client | ({"hedge": hedge} if hedge else {}),
        service={"service_time": {"exponential": {"mean": "20ms"}}, "workers": workers, "queue": 5, "panics": 0.1},
        workload=workload | ({"cancel_after": {"uniform": {"low": "0s", "high": "100ms"}}} if leaves else {}),
        duration="500ms", tail="20s",
    )  # fmt: skip
    rows, tries = calls(done), requests(done)
    ids = {row["id"] for row in tries}

    assert sum(row["tries"] for row in rows) == len(tries) == len(ids)
    assert len({row["id"] for row in rows}) == len(rows)
    assert all(row["last"] in ids and row["id"] in ids for row in rows)
    assert all(row["tries"] <= 1 + retry["retries"] + row["copies"] for row in rows)
    assert all(row["err"] != "lab-end" for row in rows)
    assert done.summary["n_calls"] == len(rows)
