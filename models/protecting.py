"""Protecting: a world's callers, what stands before its backends, and what is recorded of both. Not what they decide.

A guard has a number, g0, g1, ...: clients in their order, of each its services in the order of its workloads, of each
its guards as they are listed. All instances of a client count under the numbers of its guards.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from models.backend.server import Server
from models.protection.admission import GuardedServer
from models.protection.call import Again, Call
from models.protection.caller import Caller, Ways
from models.protection.config import GuardedClient
from models.protection.relay import RelayServer
from models.protection.retry.backoff import Backoff
from models.protection.retry.budget import Budget
from models.protection.retry.config import RetryConfig
from models.request import Request
from models.ruling import Ruling, ruling_of
from models.scenario import HostedService, Scenario
from models.tables import CALLS, REQUESTS, TABLES
from sim.records.rows import Field

NO_RETRY = RetryConfig(retries=0)


def guarded_calls(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Which clients' calls of which services are protected, in order."""
    for name, client in scenario.clients.items():
        if client.is_guarded:
            targets = [
                target for each in scenario.workloads.values() if each.client == name for target in each.targets()
            ]
            relays = [service.relay for service in scenario.services.values() if service.relay is not None]
            targets += [relay.service for relay in relays if relay.client == name]
            yield from dict.fromkeys((name, service) for service in targets)


def relaying_clients(scenario: Scenario) -> set[str]:
    """The clients by which services ask others."""
    return {service.relay.client for service in scenario.services.values() if service.relay is not None}


def tables_of(scenario: Scenario) -> dict[str, tuple[Field, ...]]:
    """What a run of it records."""
    tables = dict(TABLES)
    if any(client.is_guarded for client in scenario.clients.values()):
        tables["calls"] = CALLS
    if relaying_clients(scenario):
        tables["relayed"] = REQUESTS
    return tables


def server_of(world: Any, name: str, index: int) -> Server:
    """A backend of a service, as it is configured to guard itself."""
    service: HostedService = world.scenario.services[name]
    of_all = (world.engine, service, world.trace.levels, index)
    if service.relay is not None:
        return RelayServer(*of_all, expiry=service.expiry)
    if service.expiry is not None:
        return GuardedServer(*of_all, expiry=service.expiry)
    return Server(*of_all)


class Callers:
    """All callers of a world, each by the pools whose calls it makes."""

    def __init__(self, world: Any) -> None:
        self._world = world
        self._of: dict[Any, Caller] = {}
        self._all: list[Caller] = []
        self._ruled: list[Ruling] = []
        for client, service in guarded_calls(world.scenario):
            for transport in world.transports[client]:
                self._add(transport, client, service)

    def send(self, request: Request, again: Again) -> Call:
        """Do, with what protects the calls of the service that it goes to."""
        return self._of[request.host].send(request, again)

    def cancel(self, call: Call) -> None:
        """The customer of a call leaves."""
        self._of[call.first.host].cancel(call)

    def cut_off(self) -> None:
        """The run ends."""
        for caller in self._all:
            caller.cut_off()

    def count(self) -> dict[str, float]:
        """What is counted of guards, by number."""
        total: Counter[str] = Counter()
        for ruling in self._ruled:
            total.update(ruling.count())
        return dict(total)

    def _add(self, transport: Any, client: str, service: str) -> None:
        world = self._world
        config: GuardedClient = world.scenario.clients[client]
        name = f"{client}.{service}.{world.transports[client].index(transport)}"
        retry = config.retry or NO_RETRY
        ruling = ruling_of(world, transport, client=client, service=service, stream=name)
        self._ruled.append(ruling)
        ways = Ways(
            guards=ruling.guards,
            retry=retry,
            backoff=Backoff(retry.backoff, world.streams.uniforms(f"{name}.backoff")),
            budget=Budget() if retry.budget is None else retry.budget.make(),
            hedge=config.hedge,
            failed_statuses=frozenset(config.failed_statuses),
            rules=ruling.rules,
        )
        choose = chooser(world, transport, client=client, service=service)
        log = _unrecorded if client in relaying_clients(world.scenario) else self._logger(transport.log.label)
        caller = Caller(transport, ways, choose, log)
        self._all.append(caller)
        for pool in world.pools(transport, client, service):
            self._of[pool] = caller

    def _logger(self, label: int) -> Callable[[Call, Request], object]:
        """Writes the row of a call of an instance."""
        calls, words, engine = self._world.trace.tables["calls"], self._world.trace.vocabulary, self._world.engine

        def log(call: Call, last: Request) -> None:
            first = call.first
            status = 0 if last.err else last.status
            word = words[last.err] if last.err else 0
            calls.append(
                first.id, first.exchange.label, label, first.t_arrival, engine._now, status, word, last.id, call.tries,
                call.refused, call.copies, call.waits,
            )  # fmt: skip

        return log


def chooser(world: Any, transport: Any, *, client: str, service: str) -> Callable[[], Any]:
    """What gives the pool of the next request of an instance: its balancer's choice where each request chooses."""
    is_direct = world.scenario.clients[client].transport.proxy is None
    if is_direct and world.scenario.services[service].resolve.is_per_request:
        choose: Callable[[], Any] = world.balancer(transport, client, service).choose
        return choose
    return partial(_itself, world.pools(transport, client, service)[0])


def _itself(pool: Any) -> Any:
    return pool


def _unrecorded(call: Call, last: Request) -> None:
    """No customer made the call."""
