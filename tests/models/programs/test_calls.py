"""What a request waits for elsewhere: pools against their bound and Erlang, fan-out and hedges."""

from typing import Any

import pytest

from models.programs.calls import CallConfig
from models.programs.config import ProgramConfig
from sim.engine.distributions import Constant
from sim.units import MS
from sim.wiring import Run, load_tree, run
from tests.models.worlds import Lab, a_lab, a_service


def a_caller(*calls: CallConfig, **fields: Any) -> Lab:
    return a_lab(services={"h1": a_service(program=ProgramConfig(calls=calls), **fields)})


DATABASE = CallConfig(time=Constant(value=20 * MS), pool=2)


def test_who_finds_no_connection_waits_for_one() -> None:
    lab = a_caller(DATABASE)
    for i, name in enumerate("ABCD"):
        lab.ask(name, i)
    lab.run()

    assert [lab.requests[name].t_done for name in "ABCD"] == [20, 21, 40, 41]
    assert (lab.level("call0_held_b0", 5), lab.level("call0_wait_b0", 5)) == (2, 2)
    assert (lab.level("call0_held_b0", 30), lab.level("call0_wait_b0", 30)) == (2, 0)
    assert lab.level("call0_held_b0", 50) == 0


def test_who_waits_too_long_fails_and_takes_no_connection() -> None:
    lab = a_caller(CallConfig(time=Constant(value=20 * MS), pool=1, timeout=25 * MS))
    for name in "ABC":
        lab.ask(name, 0)
    lab.ask("D", 41)
    lab.run()

    assert [(lab.requests[name].status, lab.requests[name].t_done) for name in "ABCD"] == [
        (200, 20), (200, 40), (500, 25), (200, 61)
    ]  # fmt: skip
    assert lab.world.counters()["call0_timeouts"] == 1


def test_calls_come_one_after_the_other() -> None:
    lab = a_caller(DATABASE, CallConfig(time=Constant(value=5 * MS), pool=1))
    for name in "AB":
        lab.ask(name, 0)
    lab.run()

    assert [lab.requests[name].t_done for name in "AB"] == [25, 30]


def test_a_stopped_program_keeps_its_connections() -> None:
    lab = a_caller(CallConfig(time=Constant(value=20 * MS), pool=1))
    server = lab.world.hosts[0].server
    for name in "AB":
        lab.ask(name, 0)
    lab.at(10, server.pause)
    lab.at(110, server.resume)
    lab.run()

    assert [lab.requests[name].t_done for name in "AB"] == [110, 130]


def test_a_client_that_leaves_leaves_the_queue_or_the_connection() -> None:
    lab = a_caller(CallConfig(time=Constant(value=20 * MS), pool=1), honours_cancel=True)
    for i, name in enumerate("ABCD"):
        lab.ask(name, i)
    lab.cancel("B", 5)
    lab.cancel("A", 10)
    lab.run()

    assert [lab.requests[name].t_done for name in "CD"] == [30, 50]
    assert lab.level("busy_b0", 60) == 0


def test_a_dead_program_has_all_its_connections_again() -> None:
    lab = a_caller(CallConfig(time=Constant(value=20 * MS), pool=1))
    for name in "AB":
        lab.ask(name, 0)
    lab.close_connections(10)
    lab.ask("C", 12)
    lab.ask("D", 12)
    lab.run()

    assert [lab.requests[name].t_done for name in "CD"] == [32, 52]
    assert lab.world.counters()["call0_questions"] == 3


def served(rate: int, call: dict[str, Any], **service: Any) -> Run:
    program = {"cpu": {"cores": 64}, "calls": [call]}
    tree = {
        "duration": "40s", "tail": "20s", "network": {"rtt": "0s"},
        "clients": {"gw": {"overhead": "0s", "transport": {"max_idle_conns_per_host": 2000}}},
        "services": {"a": {"resolve": "literal", "service_time": "0s", "overhead": "0s", "program": program} | service},
        "workloads": {"w": {"client": "gw", "service": "a", "arrivals": {"poisson": {"rate": f"{rate}/s"}}}},
    }  # fmt: skip
    return run(load_tree(tree))


def test_a_pool_carries_its_size_over_the_time_that_a_connection_is_held() -> None:
    done = served(800, {"pool": 10, "time": "20ms", "timeout": "500ms"})
    ok = done.requests.filter(done.requests["status"] == 200).height

    assert ok / 40.5 == pytest.approx(10 / 0.020, rel=0.01)  # of 800 a second that ask
    assert done.counters["call0_timeouts"] == done.summary["status:500"] == done.requests.height - ok


def test_below_its_bound_a_pool_is_erlangs_queue() -> None:
    done = served(150, {"pool": 4, "time": {"exponential": {"mean": "20ms"}}})

    assert done.summary["lat_mean"] - 0.020 == pytest.approx(0.0102, rel=0.25)  # M/M/4 at 0.75


@pytest.mark.parametrize(("leaves", "slow"), [(1, 0.01), (10, 0.096), (100, 0.634)])
def test_one_leaf_in_a_hundred_that_is_slow_makes_most_answers_slow(leaves: int, slow: float) -> None:
    leaf = {"bimodal": {"low": "10ms", "high": "1s", "high_share": 0.01}}
    done = served(100, {"pool": 0, "time": leaf, "fan_out": leaves})
    latency = done.requests["t_done"] - done.requests["t_arrival"]

    assert (latency > 0.5).mean() == pytest.approx(slow, abs=0.03)  # 1 - 0.99^n


def test_asking_again_after_the_95th_percentile_costs_five_percent_and_cuts_the_tail() -> None:
    leaf = {"percentiles": {"at": [0, 95, 99, 100], "values": ["5ms", "20ms", "200ms", "1s"]}}
    plain = served(100, {"pool": 0, "time": leaf, "fan_out": 20})
    hedged = served(100, {"pool": 0, "time": leaf, "fan_out": 20, "hedge_after": "20ms"})

    assert hedged.counters["call0_questions"] / plain.counters["call0_questions"] == pytest.approx(1.05, abs=0.005)
    assert hedged.summary["lat_p95"] < plain.summary["lat_p95"] / 4
