"""Protecting: a world's callers, and what stands before its backends. Not what they decide, nor what is counted."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from models.backend.server import Server
from models.batching.coordinator import CoordinatingServer
from models.brokering import has_mqtt
from models.certificates.check import is_certified, is_mutual
from models.channeling import has_grpc
from models.guarding import Place, guarded_calls, relaying_clients
from models.kernel.host import ServerHost
from models.protection.admission import Door, GuardedServer
from models.protection.breakers.envoy_limits import EnvoyLimits
from models.protection.call import Again, Call
from models.protection.caller import Caller, Ways
from models.protection.config import GuardedClient
from models.protection.limits.config import make_discipline
from models.protection.limits.gauges import Gauges
from models.protection.relay import RelayServer
from models.protection.retry.backoff import Backoff
from models.protection.retry.budget import Budget
from models.protection.retry.concurrent import ConcurrentBudget
from models.protection.retry.config import RetryConfig
from models.protection.retry.pushback import Pushback
from models.protection.watch import Watch
from models.request import Request
from models.ruling import Ruling, ruling_of
from models.scenario import HostedService, Scenario
from models.tables import (
    BATCHES,
    BRIDGED,
    CALLS,
    CERTIFICATES,
    HANDSHAKES,
    ITEMS,
    MESSAGES,
    PACKETS,
    REQUESTS,
    RPCS,
    SESSIONS,
    SOCKETS,
    TABLES,
    TUNING,
)
from sim.records.rows import Field

NO_RETRY = RetryConfig(retries=0)


def tables_of(scenario: Scenario) -> dict[str, tuple[Field, ...]]:
    """What a run of it records."""
    clients, workloads = scenario.clients.values(), scenario.workloads.values()
    batches = any(workload.batch is not None for workload in workloads)
    besides = {
        "calls": (CALLS, any(client.is_guarded for client in clients)),
        "tuning": (TUNING, any(client.tuning is not None for client in clients)),
        "handshakes": (HANDSHAKES, is_mutual(scenario) or is_certified(scenario)),
        "certificates": (CERTIFICATES, bool(scenario.issuers)),
        "rpcs": (RPCS, has_grpc(scenario)),
        "relayed": (REQUESTS, bool(relaying_clients(scenario))),
        "packets": (PACKETS, any(client.http3 is not None and client.http3.qlog for client in clients)),
        "sessions": (SESSIONS, bool(scenario.sessions)),
        "messages": (MESSAGES, has_mqtt(scenario)),
        "bridged": (BRIDGED, bool(scenario.bridges)),
        "items": (ITEMS, batches),
        "batches": (BATCHES, batches),
        "sockets": (SOCKETS, scenario.records.sockets),
    }
    return TABLES | {name: fields for name, (fields, is_asked) in besides.items() if is_asked}


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
        """What protocol rules have counted."""
        total: Counter[str] = Counter()
        for ruling in self._ruled:
            total.update(ruling.count())
        return dict(total)

    def _add(self, transport: Any, client: str, service: str) -> None:
        world = self._world
        config: GuardedClient = world.scenario.clients[client]
        name = f"{client}.{service}.{world.transports[client].index(transport)}"
        retry = config.retry or NO_RETRY
        label = transport.log.label
        ruling = ruling_of(world, transport, client=client, service=service, stream=name)
        self._ruled.append(ruling)
        guards = (*ruling.guards, *world.guards.make(client, service, Place(name, client=label)))
        ways = Ways(
            guards=guards,
            retry=retry,
            backoff=Backoff(retry.backoff, world.streams.uniforms(f"{name}.backoff")),
            budget=budget_of(retry, guards),
            hedge=config.hedge,
            failed_statuses=frozenset(config.failed_statuses),
            rules=ruling.rules,
            pushback=self._pushback(name, service, retry),
        )
        log = _unrecorded if client in relaying_clients(world.scenario) else self._logger(label)
        caller = Caller(transport, ways, chooser(world, transport, client=client, service=service), log)
        self._all.append(caller)
        for pool in world.pools(transport, client, service):
            self._of[pool] = caller

    def _pushback(self, name: str, service: str, retry: RetryConfig) -> Pushback:
        """What an instance makes of the waits that a service asks for."""
        world = self._world
        draw = world.streams.uniforms(f"{name}.pushback")
        return Pushback(world.scenario.services[service].pushback, retry.pushback, draw)

    def _logger(self, label: int) -> Callable[[Call, Request], object]:
        """Writes the row of a call of an instance."""
        calls, words, engine = self._world.trace.tables["calls"], self._world.trace.vocabulary, self._world.engine

        def log(call: Call, last: Request) -> None:
            first = call.first
            status = 0 if last.err else last.status
            word = words[last.err] if last.err else 0
            calls.append(
                first.id, first.exchange.label, label, first.t_arrival, engine._now, status, word, last.id, call.tries,
                call.refused, call.copies, call.waited(engine._now),
            )  # fmt: skip

        return log


def server_of(world: Any, name: str, index: int) -> Server:
    """A backend of a service, as it is configured to guard itself."""
    service: HostedService = world.scenario.services[name]
    of_all = (world.engine, service, world.trace.levels, index)
    if service.shards is not None:
        return CoordinatingServer(*of_all)
    if not service.is_guarded and service.relay is None:
        return Server(*of_all)
    busy = Business()
    gauges = Gauges(cpu=busy.share, load=busy.load)
    discipline = service.queue_discipline
    door = Door(
        connection_limit=service.connection_limit,
        guards=world.guards.make("", name, Place(f"{name}.{index}", backend=index, gauges=gauges)),
        discipline=None if discipline is None else make_discipline(discipline),
        expiry=service.expiry,
    )
    made = GuardedServer if service.relay is None else RelayServer
    server = busy.server = made(*of_all, door=door)
    return server


def budget_of(retry: RetryConfig, guards: Sequence[Watch]) -> Budget:
    """How many retries there may be: as the retries say, else as Envoy's limits among the guards do, else no end."""
    if retry.budget is not None:
        return retry.budget.make()
    limits = next((watch.guard for watch in guards if isinstance(watch.guard, EnvoyLimits)), None)
    return Budget() if limits is None else ConcurrentBudget(limits.retries)


def count_doors(hosts: Iterable[ServerHost]) -> dict[str, float]:
    """What was refused, delayed and dropped before the workers of all backends, by guards excepted: door.expired ..."""
    total: Counter[str] = Counter()
    for host in hosts:
        if isinstance(host.server, GuardedServer):
            total.update({f"door.{what}": n for what, n in host.server.counts.items()})
    return dict(total)


class Business:
    """How busy a server is, for guards that look at that. Simplified: by its workers; those without any are idle."""

    def __init__(self) -> None:
        self.server: Server | None = None

    def share(self, _: int) -> float:
        """Share of its workers that have a request."""
        server = self.server
        return 0.0 if server is None or not server.config.workers else server.busy / server.config.workers

    def load(self, _: int) -> float:
        """Requests that it works at and that wait for a worker."""
        return 0.0 if self.server is None else float(self.server.busy + self.server.waiting)


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
