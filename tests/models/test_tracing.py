"""What a tracing tool is told: protocols, places, and a kind for every request that a run may record."""

import pytest

from models.tracing import spoken_by, traced
from sim.wiring import load
from tests.sim.export.runs import PHONES, PLAIN

RELAYED = """
name: chain
clients: {gateway: {}, inner: {}}
services:
  front: {relay: {client: inner, service: store}}
  store: {scheme: https, backends: 2}
workloads: {visits: {client: gateway, service: front, method: POST, arrivals: {poisson: {rate: 1/s}}}}
"""
SHARDED = """
name: bulk
clients: {gateway: {}, node: {}}
services: {cluster: {backends: 3, resolve: each, shards: {count: 6, client: node}}}
workloads: {logs: {client: gateway, service: cluster, arrivals: {poisson: {rate: 1/s}}, batch: {max_items: 5}}}
"""


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        (PLAIN, ["http/1.1"]),
        (PLAIN.replace("scheme: https", "scheme: https, http2: {}").replace(", timeout: 100ms", ""), ["h2"]),
        (PHONES, ["h3"]),
        (PHONES.replace("fallback: never", "fallback: race"), ["h3", "http/1.1"]),
        (PHONES.replace("{qlog: true", "{discovery: alt_svc, qlog: true"), ["h3", "http/1.1"]),
    ],
    ids=["http1", "http2", "http3", "http3 with a race", "http3 after the first answer"],
)
def test_a_workload_speaks_what_both_ends_do(text: str, spoken: list[str]) -> None:
    scenario = load(text)
    (workload,) = scenario.workloads.values()

    assert list(spoken_by(scenario, workload)) == spoken
    told = traced(scenario).ways[0].kinds[next(iter(scenario.workloads))].attributes
    assert ("network.protocol.version" in told) == (len(spoken) == 1), "what the records do not tell is not said"


def test_places_are_numbered_over_all_services() -> None:
    told = traced(load(RELAYED))

    assert [told.place(number) for number in (0, 1, 2, 7, -1, None)] == ["front.0", "store.0", "store.1", "7", "", ""]


def test_what_services_ask_has_a_kind_of_its_own() -> None:
    requests, inner = traced(load(RELAYED)).ways

    assert requests.kinds["visits"].name == "POST"
    assert inner.kinds["front"].attributes["url.full"] == "https://store/"


def test_what_nodes_pass_on_has_one_too() -> None:
    inner = traced(load(SHARDED)).ways[1]

    assert inner.kinds["cluster"].service == "cluster"
    assert inner.kinds["cluster"].name == "POST"
