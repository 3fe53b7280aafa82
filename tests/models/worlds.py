"""Builders for tests of the models: a world without delays, driven by a script in milliseconds.

The network takes no time and nobody costs CPU time unless a test says so, so the instants of Go's recorded vectors
come out exactly.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from types import SimpleNamespace
from typing import Any

from models.backend.config import ResolveConfig
from models.channeling import grpc_levels
from models.http3_of import http3_levels
from models.kernel.connect import Connect
from models.kernel.sysctl import KernelConfig
from models.network.config import NetworkConfig
from models.programs_of import program_levels
from models.protecting import tables_of
from models.protection.rules.config import RuledTransport
from models.request import NEVER_ANSWERS, Exchange, Request
from models.scenario import HostedService, Scenario
from models.tables import RPCS, TABLES, TUNING, level_names
from models.transport.config import DialerConfig
from models.transport.goroutines import client_goroutines
from models.transport.round_trip import Transport
from models.tuned import buffer_levels
from models.tuning.config import TunedClient
from models.world import World
from sim.engine.distributions import Constant
from sim.engine.environment import Engine
from sim.engine.streams import Streams
from sim.records.levels import Levels
from sim.records.rows import Kind
from sim.records.trace import Memory, Trace
from sim.units import MS, SECOND

ENDS_AT = 20 * SECOND
FOREVER = 1 << 61

ZERO = RuledTransport(preset="zero_transport", max_idle_conns=0, idle_conn_timeout=0, tls_handshake_timeout=0)
"""&http.Transport{}: what the vectors start from."""


def a_transport(**fields: Any) -> RuledTransport:
    """A literal http.Transport with these fields."""
    return replace(ZERO, **fields)


def a_client(*, transport: Mapping[str, Any] | None = None, dial_timeout: int = 0, **fields: Any) -> TunedClient:
    """A client without CPU time, with Go's zero Transport and Dialer (`dial_timeout` in ns)."""
    defaults: dict[str, Any] = {
        "transport": a_transport(**(transport or {})),
        "dialer": DialerConfig(timeout=dial_timeout),
        "kernel": KernelConfig(connect_scan_cost=0),
        "overhead": 0,
    }
    return TunedClient(**(defaults | fields))


def a_service(**fields: Any) -> HostedService:
    """A service that answers at once, reached by address."""
    defaults: dict[str, Any] = {
        "resolve": ResolveConfig(by="literal"),
        "service_time": Constant(value=0),
        "overhead": 0,
    }
    return HostedService(**(defaults | fields))


class SlowConnect(Connect):
    """A connect() that waits before it begins, or fails after the wait; it gives up at once when it is aborted."""

    def __init__(self, *args: Any, wait: int, fails: bool) -> None:
        super().__init__(*args)
        self._wait, self._fails = wait, fails

    def start(self, destination: int, tries: int = 1) -> None:
        """Wait first."""
        self._kernel.engine.call_in(self._wait, self._begin, (destination, tries))

    def _begin(self, args: tuple[int, int]) -> None:
        if self._on_done is None:
            return
        if self._fails:
            self.error = "injected dial failure"
            self._finish(None)
        else:
            super().start(*args)


@dataclass(frozen=True)
class View:
    """The state of the Transport at one instant; connections are numbered from 1, as in the vectors."""

    idle: list[int]
    open: int
    dialing: int
    conns_per_host: int


class Lab:
    """One client, named c, and its services; all instants of the script are in ms."""

    def __init__(self, scenario: Scenario, seed: int = 1) -> None:
        self.store = Memory()
        n_backends = sum(service.backends for service in scenario.services.values())
        levels = (program_levels(scenario), buffer_levels(scenario), http3_levels(scenario), grpc_levels(scenario))
        series = (*level_names(n_backends), *chain.from_iterable(levels))
        trace = Trace(tables_of(scenario), series, until=ENDS_AT, store=self.store)
        trace.levels = Levels(series, MS, ENDS_AT, lambda _: None)
        self.world = World(scenario, Streams(seed), trace)
        self.world.engine = Engine(checked=True)
        self.world.raise_()
        for host in self.world.hosts:
            host.is_steady = False  # the script may hit any of them
        self.engine = self.world.engine
        self.transport = self.world.transports["c"][0]
        self.pools = {name: self.world.pools(self.transport, "c", name)[0] for name in scenario.services}
        self.asked: dict[str, Request] = {}
        self.views: dict[int, View] = {}
        self._dials = 0

    # the script

    def at(self, ms: float, act: Callable[[], object]) -> None:
        """Do something at an instant."""
        self.engine.call_at(round(ms * MS), lambda _: act())

    def ask(self, name: str, ms: float, service: float | None = 0, *, host: str = "", **exchange: Any) -> None:
        """A request that arrives at `ms` and is served for `service` ms; None is never answered."""
        pool = self.pools[host or next(iter(self.pools))]
        time = NEVER_ANSWERS if service is None else round(service * MS)
        wanted = Exchange(workload="script", **exchange)
        self.at(ms, lambda: self._send(name, Request(len(self.asked), wanted, pool, time, self.engine.now)))

    def _send(self, name: str, request: Request) -> None:
        self.asked[name] = request
        self.transport.do(request)

    def cancel(self, name: str, ms: float) -> None:
        """The caller's context is cancelled."""
        self.at(ms, lambda: self.transport.cancel(self.asked[name], "context canceled"))

    def look(self, ms: float) -> None:
        """Keep a view of the Transport under this instant."""
        self.at(ms, lambda: self.views.update({round(ms): self.view()}))

    def slow_dials(self, *waits: float, fail: tuple[int, ...] = ()) -> None:
        """The n-th dial waits that many ms before it connects (the last repeats); those in `fail` then fail."""

        lab = self

        class SlowTransport(Transport):
            __slots__ = ()

            def connect_to(self, backend: int, on_done: Callable[[Connect], object]) -> Connect:
                site, number = self.sites[backend], lab._dials
                lab._dials += 1
                wait = round(waits[min(number, len(waits) - 1)] * MS)
                return SlowConnect(self.kernel, site.host, site.link, on_done, wait=wait, fails=number + 1 in fail)

        self.transport.__class__ = SlowTransport  # an instance has no room for a method of its own

    def black_hole(self, *backends: int) -> None:
        """SYNs to these backends vanish for ever."""
        for backend in backends:
            self.transport.sites[backend].link.blocked_until = FOREVER

    def refuse(self, *backends: int) -> None:
        """Nobody listens there."""
        for backend in backends:
            self.world.hosts[backend].is_dead = True

    def stall_tls(self) -> None:
        """Handshakes that begin never end."""
        for host in self.world.hosts:
            host.stalls_tls = True

    def close_connections(self, ms: float, backend: int = 0) -> None:
        """The server closes all its connections without answers, and goes on listening."""
        self.at(ms, self.world.hosts[backend].server.die)

    def run(self, until_ms: float = 2_000) -> "Lab":
        """Play the script."""
        self.engine.run(until=round(until_ms * MS))
        self.world.trace.flush()
        return self

    # what came of it

    def view(self) -> View:
        """The state of the Transport now."""
        hosts = self.transport.pool.hosts
        return View(
            idle=sorted(conn.conn_id + 1 for host in hosts for conn in host.idle),
            open=len(self.transport._open),
            dialing=len(self.transport._dials),
            conns_per_host=sum(host.conns for host in hosts),
        )

    @property
    def requests(self) -> dict[str, Any]:
        """The rows of the requests whose callers are done, by name, times in ms."""
        names = list(self.asked)
        return {names[row.id]: row for row in self._rows("requests")}

    @property
    def connections(self) -> dict[int, Any]:
        """The rows of closed connections and failed dials, by number from 1 in order of their dials."""
        return {row.conn: row for row in self._rows("connections")}

    def level(self, name: str, ms: int) -> int:
        """A level at an instant."""
        _, levels = self.world.trace.levels.on_grid()
        return int(levels[self.world.trace.levels.series.index(name), ms])

    def goroutines(self, ms: int, version: str = "1.27") -> int:
        """Goroutines of the client beyond the callers."""
        weights = {name: weight for name, weight in client_goroutines(version).items() if name != "inflight"}
        return sum(weight * self.level(name, ms) for name, weight in weights.items())

    def _rows(self, table: str) -> list[Any]:
        self.world.trace.flush()
        words = self.world.trace.vocabulary.texts()
        return [_row(table, row, words) for chunk in self.store.rows(table) for row in chunk.tolist()]


def _row(table: str, row: tuple[int, ...], words: list[str]) -> SimpleNamespace:
    cells = zip((TABLES | {"tuning": TUNING, "rpcs": RPCS})[table], row, strict=True)
    values = {field.name: _value(field.kind, value, words) for field, value in cells}
    return SimpleNamespace(conn=values.get("conn_id", -1) + 1, **values)


def _value(kind: Kind, value: int, words: list[str]) -> Any:
    match kind:
        case Kind.LABEL:
            return words[value]
        case Kind.FLAG:
            return bool(value)
        case Kind.INSTANT | Kind.DURATION:
            return None if value < 0 else value / MS
        case _:
            return value


def a_lab(
    *,
    client: TunedClient | None = None,
    services: Mapping[str, HostedService] | None = None,
    rtt: int = 0,
    loss: float = 0.0,
    seed: int = 1,
    **transport: Any,
) -> Lab:
    """A lab with one service h1 unless told otherwise; keywords are fields of a literal http.Transport."""
    scenario = Scenario(
        duration=ENDS_AT,
        tail=0,
        network=NetworkConfig(rtt=Constant(value=rtt), loss=loss),
        clients={"c": client or a_client(transport=transport)},
        services=services or {"h1": a_service()},
    )
    return Lab(scenario, seed)
