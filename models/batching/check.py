"""check_batches: refuses batches and shards that do not fit the rest of a scenario. Not what each key allows alone."""

from typing import Any

from models.batching.shards_config import ShardsConfig
from sim.spelling import way_out


def check_sharded(service: Any, shards: ShardsConfig) -> None:
    """Refuse what backends with shards cannot have.

    Raises
    ------
    ValueError
        Its text begins with the key of the service.
    """
    try:
        shards.check(service.backends)
    except ValueError as error:
        raise ValueError(f"shards.{error}") from None
    if not service.resolve.is_per_request:
        raise ValueError(f"resolve: {service.resolve.by} lets nobody choose a node; with shards write each")
    if service.program is not None:
        raise ValueError("program: nodes with shards have a service time only; leave one of the two out")
    if service.relay is not None or service.is_guarded:
        raise ValueError("shards: their nodes neither relay nor guard themselves; leave relay and guards out")


def check_batches(scenario: Any) -> None:
    """Refuse batches by a cluster state that is not there, and nodes without a client of their own.

    Raises
    ------
    ValueError
        Its text begins with the offender's place.
    """
    for name, workload in scenario.workloads.items():
        if workload.batch is not None and workload.batch.routing == "state":
            _check_routing(scenario, f"workloads.{name}.batch.routing", workload)
    for name, service in scenario.services.items():
        if service.shards is not None:
            _check_client(scenario, f"services.{name}.shards.client", service.shards.client)


def _check_routing(scenario: Any, at: str, workload: Any) -> None:
    service = scenario.services[workload.service]
    if service.shards is None:
        raise ValueError(
            f"{at}: {workload.service} has no shards to route by; write services.{workload.service}.shards"
        )
    if service.balancer is not None:
        raise ValueError(
            f"{at}: the shards say which node gets a batch; leave services.{workload.service}.balancer out"
        )
    if scenario.clients[workload.client].transport.proxy is not None:
        raise ValueError(f"{at}: {workload.client} reaches no node but its proxy; leave clients' proxy out")


def _check_client(scenario: Any, at: str, client: str) -> None:
    if client not in scenario.clients:
        raise ValueError(f"{at}: no client is called {client}; {way_out(client, scenario.clients)}")
    if scenario.clients[client].transport.proxy is not None:
        raise ValueError(f"{at}: {client} reaches no node but its proxy; give the nodes another client")
    for name, workload in scenario.workloads.items():
        if workload.client == client:
            raise ValueError(f"{at}: {client} is that of workload {name}; give the nodes their own")
