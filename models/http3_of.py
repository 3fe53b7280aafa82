"""Http3Of: HTTP/3 of a world: its backends' UDP sockets, its clients' http3.Transports. Not what either does."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

from models.protocols.http3 import HTTP3_LEVELS, Http3
from models.protocols.http3_server import Http3Connection
from models.quic.config import Http3ServerConfig
from models.quic.journal import Book
from models.quic.listener import Listener
from models.quic.server_end import ServerEnd
from models.scenario import HostedService, Scenario
from models.transport.pool import HostPool
from models.transport.round_trip import Transport


def speaks_http3(scenario: Scenario) -> bool:
    """Whether a client and a service of it do."""
    clients, services = scenario.clients.values(), scenario.services.values()
    return any(client.http3 for client in clients) and any(service.http3 for service in services)


def http3_levels(scenario: Scenario) -> Iterator[str]:
    """The levels of such a world."""
    if speaks_http3(scenario):
        yield from HTTP3_LEVELS


class Http3Of:
    """All of a world's."""

    def __init__(self, world: Any) -> None:
        self._world = world
        self._listeners: dict[int, Listener] = {}
        self.counts: Counter[str] = Counter()

    def join(self, transport: Transport, pool: HostPool, service: HostedService) -> None:
        """Put HTTP/3 before a pool, if its client and its service speak it."""
        if service.http3 is None or transport.config.http3 is None:
            return
        if transport.http3 is None:
            transport.http3 = Http3(transport, self._world.trace.levels, self._listener, self.counts)
            if transport.config.http3.qlog:
                trace = self._world.trace
                rows, label = trace.tables["packets"], transport.log.label
                transport.http3.book = Book(self._world.engine, rows, trace.vocabulary, label)
        transport.http3.join(pool, service.http3)

    def _listener(self, backend: int) -> Listener:
        if backend not in self._listeners:
            world = self._world
            config = world.backends[world.service_at(backend)].config.http3
            accept = partial(_accept, world.hosts[backend], config)
            self._listeners[backend] = Listener(
                world.engine, world.hosts[backend], config, accept=accept, counts=self.counts
            )
        return self._listeners[backend]


def _accept(host: Any, config: Http3ServerConfig, end: ServerEnd) -> None:
    Http3Connection(host.server, end, config)
