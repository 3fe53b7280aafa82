"""Shards end to end: which node works at an item, what is passed on, and what a stale view costs."""

import pytest

from models.batching.closed_form import stale_share
from models.world import world_of
from sim import wiring
from sim.engine.streams import Streams
from sim.records.trace import Memory

SCENARIO = """
duration: 10s
tail: 5s
network: {rtt: 2ms}
clients:
  c: {overhead: 0s, transport: {max_idle_conns_per_host: 100}}
  nodes: {overhead: 0s, instances: 5, transport: {max_idle_conns_per_host: 100}}
services:
  s: {backends: 5, resolve: each, service_time: 1ms, overhead: 0s, shards: {client: nodes, count: 20}}
workloads:
  w:
    client: c
    service: s
    method: POST
    arrivals: {poisson: {rate: 1000/s}}
    batch: {max_items: 10, linger: 20ms, item_time: 100us}
"""
AWARE = "workloads.w.batch.routing=state"
SHARDS = "services.s.shards"


def run(*more: str) -> wiring.Run:
    return wiring.run(wiring.load(SCENARIO, more))


def test_a_coordinating_node_passes_on_all_but_its_own_share() -> None:
    found = run().summary

    assert found["item_hops_mean"] == pytest.approx(2 - 1 / 5, abs=0.02), "1 - 1/n of the items take a hop more"
    assert found["n_items_ok"] == found["n_items"]


def test_a_client_that_knows_the_shards_saves_these_hops() -> None:
    found = run(AWARE).summary

    assert found["item_hops_mean"] == 1
    assert found["batch_forwarded_ratio"] == 0
    assert "relayed:nodes.0" not in found


def test_nodes_without_shards_pass_on_everything() -> None:
    found = run(f"{SHARDS}.holders=1", "services.s.balancer={weights: [0, 1, 1, 1, 1], policy: random}").summary

    assert found["item_hops_mean"] == pytest.approx(2, abs=0.001)


def test_a_batch_is_answered_with_the_last_of_its_parts() -> None:
    one = ("workloads.w.arrivals={constant: {rate: 50/s}}", "workloads.w.batch={max_items: 1, item_time: 100us}")

    done = run(*one, f"{SHARDS}.forward_time=3ms").tables
    warm = done["items"].sort("t_arrival").tail(60)
    took = warm.select(ms=(warm["t_done"] - warm["t_arrival"]) * 1000, hops="hops")

    # 2 ms of path, 1 ms for the request and 0.1 ms for its item; passed on, 3 ms to do so and 2 ms of path besides
    assert {(hops, round(ms, 6)) for ms, hops in took.rows()} == {(1, 3.1), (2, 8.1)}


def test_the_node_that_works_at_an_item_is_the_holder_of_its_shard() -> None:
    done = run("workloads.w.batch={max_items: 1, item_time: 100us}", AWARE)

    assert done.requests.group_by("backend").len()["len"].min() > 1500  # type: ignore[operator]


@pytest.mark.parametrize("refresh_s", [2, 20])
def test_a_stale_view_costs_a_hop_for_each_item_that_has_moved(refresh_s: int) -> None:
    moving = (f"{SHARDS}.relocation_rate=0.01/s", f"{SHARDS}.count=500", "duration=100s")

    found = run(*moving, AWARE, f"workloads.w.batch.refresh={refresh_s}s",
                "workloads.w.arrivals.poisson.rate=300/s").summary  # fmt: skip

    assert found["relocations"] == pytest.approx(500, rel=0.15)
    assert found["item_hops_mean"] - 1 == pytest.approx(stale_share(0.01, refresh_s), rel=0.12)


def test_with_a_view_that_is_told_at_once_only_what_is_under_way_is_stale() -> None:
    moving = (f"{SHARDS}.relocation_rate=1/s", AWARE)

    assert run(*moving).summary["item_hops_mean"] < 1.02


def test_workers_are_not_held_while_others_work() -> None:
    few = ("services.s.workers=1", "workloads.w.arrivals.poisson.rate=2000/s", "workloads.w.batch.item_time=0s",
           "services.s.service_time=300us")  # fmt: skip

    found = run(*few).summary

    assert found["n_items_ok"] == found["n_items"], "nodes that waited for one another would never answer"


def test_a_node_that_dies_fails_the_items_that_it_has() -> None:
    found = run("timeline=[{at: 2s, die: {backend: 0}}]").summary

    failed = 1 - found["n_items_ok"] / found["n_items"]
    # a fifth of the batches go there; of the others a fifth of the items has to
    assert failed == pytest.approx(0.8 * (1 - 0.8 * 0.8), abs=0.05)
    assert found["item_err:connection refused"] > 0


def test_pauses_and_clients_that_leave_do_not_upset_the_workers() -> None:
    # fmt: off
    hurt = ("clients.c.timeout=12ms", "services.s.honours_cancel=true", "services.s.workers=2",
            "timeline=[{at: 1s, pause: {backend: 1, for: 300ms}}, {at: 3s, pause: {backend: all, for: 90ms}}]")
    # fmt: on

    done = run(*hurt)
    world = world_of(wiring.load(SCENARIO, hurt), Streams(1), Memory())
    world.run()

    assert 0 < done.summary["n_items_ok"] < done.summary["n_items"]
    assert [host.server.busy for host in world.hosts] == [0] * 5, "every handler that begins ends"
    after = done.tables["items"].filter(done.tables["items"]["t_arrival"] > 5)
    assert (after["status"] == 200).mean() > 0.9  # type: ignore[operator]


def test_nodes_may_try_again() -> None:
    hurt = ("services.s.panics=0.2", "clients.nodes.retry={retries: 5}", "clients.c.retry={retries: 5}")

    found = run(*hurt).summary

    assert found["item_error_ratio"] < 0.01


def test_the_same_seed_makes_the_same_run() -> None:
    moving = (f"{SHARDS}.relocation_rate=1/s", AWARE, "workloads.w.batch.refresh=500ms", "duration=2s")

    assert run(*moving).manifest["fingerprint"] == run(*moving).manifest["fingerprint"]
