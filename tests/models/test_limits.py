"""Closed forms of scenarios, from their own kernels; none where arithmetic would not hold."""

from typing import Any

import pytest

from models.kernel.time_wait import TCP_TIMEWAIT_LEN
from models.kernel.timer_wheel import TimerWheel, lives
from models.limits import closed_forms
from sim import wiring
from sim.units import SECOND

SCENARIO = """
name: ports
duration: 130s
clients:
  gateway:
    transport: {max_idle_conns_per_host: -1}
    kernel: {tcp_tw_reuse: 0}
services: {orders: {resolve: literal}}
workloads: {checkout: {client: gateway, service: orders, arrivals: {constant: {rate: 400/s}}}}
"""
KERNEL = "clients.gateway.kernel"


def forms(**changes: Any) -> dict[str, float]:
    paths = {path.replace("__", "."): value for path, value in changes.items()}
    return {form.name: form.value for form in closed_forms(wiring.load(SCENARIO, paths))}


def test_the_ports_of_one_destination_bear_455_and_463_new_connections_a_second() -> None:
    assert forms() == pytest.approx({"first error": 28_232 / 62.048, "mean capacity": 28_232 / 61.024})


def test_items_of_batches_are_no_connections() -> None:
    assert forms(workloads__checkout__batch={"linger": "5ms"}) == {}


def test_they_follow_from_the_scenario_s_own_kernel() -> None:
    found = forms(**{f"{KERNEL}.hz": 1000, f"{KERNEL}.ip_local_port_range": [40000, 49999],
                     f"{KERNEL}.ip_local_reserved_ports": "40000-40999"})  # fmt: skip

    assert found == pytest.approx({"first error": 9_000 / 64.096, "mean capacity": 9_000 / 62.048})


def test_several_clients_and_addresses_have_as_many_ranges() -> None:
    by_turns = {"services.orders.backends": 3, "services.orders.resolve": "round_robin"}

    assert forms(**by_turns, **{"clients.gateway.instances": 2})["first error"] == pytest.approx(6 * 28_232 / 62.048)


def test_a_nat_bears_what_it_reserves_once_in_a_hold() -> None:
    nat = {"per_instance": 1024, "addresses": 3, "hold": "240s"}

    assert forms(network__nat=nat, **{"clients.gateway.instances": 2}) == pytest.approx(
        {"mean capacity": 2 * 3 * 1024 / 240}
    )
    assert forms(network__nat={}) == {}, "others may take of what is shared"
    assert forms(network__nat=nat | {"hold": "1s"}) == {}, "the client's own ports end first"


def test_a_run_that_ends_before_time_wait_does_has_its_ports_once() -> None:
    assert forms(duration="20s") == pytest.approx({"first error": 28_232 / 20})


@pytest.mark.parametrize(
    "changes",
    [
        {f"{KERNEL}.tcp_tw_reuse": 1},
        {f"{KERNEL}.tcp_tw_reuse": 2, "network.loopback": True},
        {f"{KERNEL}.tcp_max_tw_buckets": 1000},
        {"clients.gateway.transport.max_idle_conns_per_host": 2},
        {"services.orders.disable_keep_alives": True},
        {"services.orders.response_framing": "until_close"},
        {"workloads.checkout.close": True},
        {"services.orders.backends": 2, "services.orders.resolve": "dns"},
        {"clients.gateway.dialer.local_addr": True},
        {"workloads.checkout.arrivals": {"closed_loop": {"workers": 3, "think": "1s"}}},
    ],
)
def test_nothing_is_said_where_it_would_not_hold(changes: dict[str, Any]) -> None:
    assert forms(**changes) == {}


@pytest.mark.parametrize("hz", [100, 250, 300, 1000])
def test_the_lives_are_those_of_the_timer_wheel(hz: int) -> None:
    wheel = TimerWheel(hz, 0)
    instants = [i * 7_919_000 for i in range(3000)]

    seen = [(wheel.fires_at(now, TCP_TIMEWAIT_LEN) - now) / SECOND for now in instants]

    mean, longest = lives(hz, TCP_TIMEWAIT_LEN)
    assert max(seen) <= longest
    assert max(seen) == pytest.approx(longest, abs=0.02)
    assert sum(seen) / len(seen) == pytest.approx(mean, abs=0.1)


PROGRAM = """
duration: 10s
clients: {c: {}}
services:
  s:
    backends: 2
    service_time: 3ms
    overhead: 1ms
    program: {cpu: {cores: 8, quota: 2}, calls: [{pool: 10, time: 20ms}]}
workloads: {w: {client: c, service: s, arrivals: {poisson: 100/s}}}
"""


def test_a_program_bears_what_its_processors_and_its_pool_do() -> None:
    found = {form.name: (form.value, form.explanation) for form in closed_forms(wiring.load(PROGRAM))}

    assert found == {
        "processors busy": (1000, "2 x 2 CPUs / 4 ms"),
        "pool of call 0 busy": (1000, "2 x 10 connections / 20 ms"),
    }
