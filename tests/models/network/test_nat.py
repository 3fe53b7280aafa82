"""A NAT: who gets a port towards a destination, how long it is taken, and what a SYN without one costs its dial."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.network.config import NetworkConfig
from models.network.nat_config import NatConfig
from models.scenario import Scenario
from models.tuning.config import TunedClient
from sim.wiring import Run, load, run

SCENARIO = """
duration: {duration}
tail: 1s
network: {{rtt: 10ms, nat: {nat}}}
clients:
  one: {{transport: {{max_idle_conns_per_host: {kept}}}, dialer: {{timeout: 2500ms}}}}
  two: {{transport: {{max_idle_conns_per_host: {kept}}}, dialer: {{timeout: 2500ms}}}}
services: {{a: {{service_time: 5ms, resolve: {resolve}, backends: {backends}}}, b: {{service_time: 5ms}}}}
workloads:
  first: {{client: one, {asks}, arrivals: {{constant: {{rate: {rate}}}}}}}
  second: {{client: two, service: a, arrivals: {{constant: {{rate: 1/s}}}}}}
"""


def a_run(nat: str, **told: object) -> Run:
    usual = {"duration": "10s", "kept": -1, "rate": "5/s", "asks": "service: a", "resolve": "hosts", "backends": 1}
    return run(load(SCENARIO.format(nat=nat, **(usual | told))))


def failed(done: Run, client: str) -> int:
    rows = done.requests.filter((done.requests["client"] == client) & (done.requests["err"] == "i/o timeout"))
    return rows.height


def test_an_instance_opens_as_many_connections_as_are_reserved_for_it_and_no_more_until_the_hold_is_over() -> None:
    done = a_run("{per_instance: 20, hold: 60s}")

    opened = done.connections.filter((done.connections["client"] == "one") & (done.connections["lport"] > 0))
    assert opened["t_connected"].drop_nulls().len() == 20
    assert failed(done, "one") > 0
    assert failed(done, "two") == 0, "its own ports are not touched"


def test_ports_are_free_again_after_the_hold() -> None:
    short = a_run("{per_instance: 20, hold: 2s}")

    assert short.summary["n_err"] == 0, "5/s for 2 s are ten ports, beside a connection or two"
    assert 10 <= short.summary["nat.ports_max"] <= 12
    assert short.summary["nat.ports_of"] == 20


def test_without_a_reserve_all_share_what_there_is() -> None:
    done = a_run("{ports: 40, hold: 60s}")

    assert done.summary["nat.opened"] == 40
    assert failed(done, "two") > 0, "the busy one has taken its ports"


def test_each_address_has_its_own_ports() -> None:
    assert a_run("{ports: 40, addresses: 2, hold: 60s}").summary["n_err"] == 0


def test_a_port_serves_every_destination_once() -> None:
    done = a_run("{per_instance: 30, hold: 60s}", asks="services: [a, b]")

    assert done.summary["n_err"] == 0, "25 to each of two destinations"


def test_backends_behind_one_address_are_one_destination() -> None:
    of_two = a_run("{per_instance: 30, hold: 60s}", resolve="{dns: rotate}", backends=2)
    of_one = a_run("{per_instance: 30, hold: 60s}", resolve="vip", backends=2)

    assert (of_two.summary["n_err"], of_one.summary["n_err"] > 0) == (0, True)


def test_a_dial_that_finds_no_port_gets_the_next_one_at_a_retransmission_of_its_syn() -> None:
    done = a_run("{per_instance: 1, hold: 500ms}", rate="1/s", duration="2s")
    crowded = a_run("{per_instance: 1, hold: 500ms}", rate="4/s", duration="1s")

    assert done.summary["connect_max"] == pytest.approx(0.01)
    assert crowded.summary["connect_max"] == pytest.approx(1.01, abs=0.07), "the wheel rounds the timer up"


def test_a_kept_connection_keeps_its_port_and_needs_no_other() -> None:
    done = a_run("{per_instance: 3, hold: 60s}", kept=10)

    assert (done.summary["n_err"], done.summary["nat.dropped"]) == (0, 0)
    assert done.samples["nat_ports"].max() == 2


def test_refused_dials_fail_at_once() -> None:
    done = a_run("{per_instance: 20, hold: 60s, exhausted: refuse}")

    assert done.summary["err:no route to host"] > 0
    assert done.summary["err_latency_p99"] == pytest.approx(0.01, abs=0.002)


def test_taken_ports_are_a_level_until_their_hold_ends() -> None:
    done = a_run("{ports: 100, hold: 3s}", duration="4s")

    assert done.samples["nat_ports"].max() == pytest.approx(18, abs=2), "6/s for 3 s"
    assert max(done.samples.filter(done.samples["t"] < 0.9)["nat_ports"].to_list()) < 8


def test_more_than_an_address_has_cannot_be_reserved() -> None:
    with pytest.raises(ValueError, match=r"network.nat.per_instance: 3200 for each of 25 .* write at most 2560"):
        Scenario(
            network=NetworkConfig(nat=NatConfig(ports=64000, per_instance=3200)),
            clients={"node": TunedClient(instances=25)},
        )


@given(per_instance=st.integers(1, 12), hold=st.integers(1, 900), rate=st.integers(1, 20))
@settings(max_examples=15, deadline=None)
def test_no_share_is_ever_exceeded_and_every_port_is_a_connection(per_instance: int, hold: int, rate: int) -> None:
    done = a_run(f"{{per_instance: {per_instance}, hold: {hold}ms}}", rate=f"{rate}/s", duration="2s")

    assert max(done.samples["nat_ports"].to_list()) <= 2 * per_instance
    assert done.summary["nat.ports_max"] <= per_instance
    assert done.summary["nat.opened"] == done.summary["dials_ok"]
