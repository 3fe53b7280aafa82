"""World: a scenario built from the rooms, and run. Not how it is configured, not what is made of its records."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count

from models.balancer.balancer import Balancer
from models.balancer.endpoints import Endpoints
from models.balancer.load import Load
from models.balancer.virtual_address import VirtualAddress
from models.balancing import balancer_of, endpoints_of, loads_of, refusing_site, through, virtual_address_of
from models.batched import Batching
from models.bridging import Bridges
from models.certifying import Certificates
from models.channeling import http2_of
from models.counting import count_world, instances_of
from models.dns.resolver import Resolver
from models.dns.subnet import Subnet
from models.footprints import weigh_backend
from models.guarding import Guards, relaying_clients
from models.http3_of import Http3Of
from models.kernel.addresses import local_ports
from models.kernel.host import ClientKernel, ServerHost
from models.kernel.middlebox import put_between
from models.kernel.timer_wheel import TimerWheel, wheel_period
from models.kernel.translated import TranslatedKernel
from models.launch import launch
from models.levels_of import levels_of
from models.lifecycle.fleet import Fleet
from models.lifecycle.pod import Pod
from models.network.link import Link
from models.network.nat import Nat
from models.network.repair import Timeouts
from models.oversights import oversights_of
from models.pinging import Pinging
from models.programs.program import Program
from models.programs_of import add_program
from models.protecting import Callers, server_of, tables_of
from models.relaying import start_relays
from models.scenario import HostedService, Scenario
from models.sessions_of import Sessions, probes_of
from models.sharding import Sharding
from models.tables import UNHASHED
from models.timeline.play import start
from models.transport.config import ProxyConfig
from models.transport.keep_alive import SilentPath, keep_alive_of
from models.transport.pool import HostPool
from models.transport.proxy import Leg, Tunnel
from models.transport.round_trip import Transport
from models.transport.site import Site
from models.tuned import Tuners
from models.tuning.config import TunedClient
from models.watching import Watching
from sim.engine.distributions import Constant
from sim.engine.environment import Engine
from sim.engine.streams import Streams
from sim.records.rows import ABSENT
from sim.records.trace import Store, Trace
from sim.units import SECOND

MOST_UNWATCHED = SECOND
"""After so much of a run at the latest, full chunks of its records are handed over."""


def world_of(scenario: Scenario, streams: Streams, store: Store) -> "World":
    """Build the world of `scenario`: same streams, same world."""
    ends_at = scenario.duration + scenario.tail
    trace = Trace(tables_of(scenario), levels_of(scenario), until=ends_at, store=store, unhashed=UNHASHED)
    world = World(scenario, streams, trace)
    world.raise_()
    return world


@dataclass(slots=True)
class Backends:
    """The backends of one service: numbers, who of them is ready, and what is in front of them."""

    config: HostedService
    indices: tuple[int, ...]
    endpoints: Endpoints
    loads: tuple[Load, ...]
    """What they report of themselves."""
    salt: int = 0
    """Where their hashes begin, which clients have in common."""
    virtual_address: VirtualAddress | None = None


class World:
    """All rooms of one run around one engine."""

    def __init__(self, scenario: Scenario, streams: Streams, trace: Trace) -> None:
        self.scenario, self.streams, self.trace = scenario, streams, trace
        self.engine = Engine()
        self.ends_at = scenario.duration + scenario.tail
        self.hosts: list[ServerHost] = []
        self.backends: dict[str, Backends] = {}
        self.fleets: dict[str, Fleet] = {}
        self.transports: dict[str, list[Transport]] = {}
        self.programs: list[Program] = []
        self.warnings: list[str] = [*oversights_of(scenario)]
        self.ids = count()
        self.batched: list[Batching] = []
        self.guards, self.http3 = Guards(self), Http3Of(self)
        self.all_pools: dict[tuple[Transport, str], tuple[HostPool, ...]] = {}
        self._balancers: dict[tuple[Transport, str], Balancer] = {}
        self._wheels: dict[int, TimerWheel] = {}
        self._subnet: Subnet | None = None
        instances = sum(client.instances for client in scenario.clients.values())
        told = scenario.network.nat
        self.nat = Nat(self.engine, trace.levels, told, instances) if told is not None else None

    def raise_(self) -> None:
        """Put everything in its place; nothing has happened yet."""
        for name, service in self.scenario.services.items():
            self._add_service(name, service)
        for name, client in self.scenario.clients.items():
            self._add_client(name, client)
        self.tuners = Tuners(self)
        self.certificates = Certificates(self)
        self.callers = Callers(self)
        start_relays(self)
        self.sharding, self.pinging = Sharding(self), Pinging(self)
        for name, workload in self.scenario.workloads.items():
            self.warnings += launch(self, name, workload)
        self.sessions = Sessions(self)
        self.bridges = Bridges(self)
        self.watching = Watching(self)
        self.fleets = {name: Fleet(self, name) for name in self.backends}
        for fleet in self.fleets.values():
            fleet.begin()
        for event in self.scenario.timeline:
            start(self, event)
        if self.scenario.cancel_before_end:
            self.engine.call_at(max(self.ends_at - self.scenario.cancel_before_end, 0), self._cancel_all)

    def _cancel_all(self, _: object) -> None:
        for transports in self.transports.values():
            for transport in transports:
                transport.cancel_all()

    def run(self, *, progress: Callable[[int], object] | None = None, step: int = 0) -> None:
        """Run to the end of the tail; `progress` gets the instant after every `step` ns, at least once a second."""
        engine, trace = self.engine, self.trace
        step = min(step or max(self.ends_at // 200, 1), MOST_UNWATCHED)
        with _rare_collections():
            for until in range(step, self.ends_at + step, step):
                engine.run(until=min(until, self.ends_at))
                trace.hand_over()
                if progress is not None:
                    progress(engine._now)
        self.close()

    def close(self) -> None:
        """Write what is still open."""
        for transports in self.transports.values():
            for transport in transports:
                transport.cut_off()
        self.callers.cut_off()
        self.sessions.cut_off()
        self.watching.cut_off()
        for workload in self.batched:
            workload.cut_off()
        self.bridges.cut_off()
        self.trace.flush()

    def note(self, event: str, *, backend: int = ABSENT, client: int = 0) -> None:
        """Record a step of the timeline, at a backend or at an instance of a client (its `label`)."""
        self.trace.tables["events"].append(self.engine._now, self.trace.vocabulary[event], backend, client)

    def break_paths(self, backend: int, until: int, icmp: str = "") -> None:
        """All that is sent between a backend and its clients is lost until then; `icmp` is what dials are told."""
        for link in self.sessions.links(backend):
            link.blocked_until, link.icmp = until, icmp
        server = self.hosts[backend].server
        listens = keep_alive_of(server.config)
        for transport in (each for group in self.transports.values() for each in group):
            link = transport.sites[backend].link
            link.blocked_until, link.icmp = until, icmp
            silent = SilentPath(self.engine, link)
            silent.client(transport.keep_alive, transport.connections)
            silent.server(listens, server.connections)

    def site(self, backend: int) -> Site:
        """A backend, as some client reaches it."""
        transports = next(iter(self.transports.values()), None)
        return self.sessions.site(backend) if transports is None else transports[0].sites[backend]

    def pod(self, backend: int) -> Pod:
        """A backend, as its orchestrator sees it."""
        return self.fleets[self.service_at(backend)].pod_at(backend)

    def links_of(self, backend: int) -> list[Link]:
        """The paths from all clients to a backend."""
        links = [transport.sites[backend].link for group in self.transports.values() for transport in group]
        return links + self.sessions.links(backend)

    def service_at(self, backend: int) -> str:
        """The service that a backend is of."""
        return next(name for name, backends in self.backends.items() if backend in backends.indices)

    def resolvers_of(self, backend: int) -> list[Resolver]:
        """What all clients ask for the name of the service that a backend is of."""
        name = self.service_at(backend)
        return [pool.resolver for (_, service), (pool, *_rest) in self.all_pools.items() if service == name]

    def counters(self) -> dict[str, float]:
        """Kernel counters by side and name, and those of all other parts."""
        return count_world(self)

    def wheel(self, hz: int) -> TimerWheel:
        """All kernels of one HZ share the machine's wheel, whose phase is drawn."""
        if hz not in self._wheels:
            phase = int(self.streams[f"wheel.{hz}"].integers(wheel_period(hz)))
            self._wheels[hz] = TimerWheel(hz, phase)
        return self._wheels[hz]

    def _add_service(self, name: str, service: HostedService) -> None:
        first = len(self.hosts)
        for i in range(service.backends):
            server = server_of(self, name, first + i)
            if service.program is not None:
                self.programs.append(add_program(self, name, server))
            kernel = service.kernel
            if server.age is not None:
                server.age.draw = self.streams.uniforms(f"{name}.connection_age")
            weigh_backend(self, name, server)
            self.hosts.append(ServerHost(self.engine, self.trace.levels, server, kernel, self.wheel(kernel.hz)))
            self.hosts[-1].is_steady &= service.footprint is None
            if server.program is not None:
                self.hosts[-1].is_steady &= not server.program.stops
                server.program.start()
        indices = tuple(range(first, first + service.backends))
        endpoints = endpoints_of(self.engine, indices, service.balancer)
        backends = self.backends[name] = Backends(service, indices, endpoints, loads_of(len(indices)))
        if service.balancer is not None:
            backends.salt = int(self.streams[f"{name}.salt"].integers(1 << 62))
        if service.resolve.by == "vip":
            before = sum(each.virtual_address is not None for each in self.backends.values())
            nobody = sum(each.backends for each in self.scenario.services.values()) + before
            backends.virtual_address = virtual_address_of(self, name, nobody)

    def _add_client(self, name: str, client: TunedClient) -> None:
        instances = self.transports[name] = [self._transport(each, client) for each in instances_of(name, client)]
        if name in relaying_clients(self.scenario):
            for transport, each in zip(instances, instances_of(name, client), strict=True):
                transport.log = transport.log.into(self.trace, each, "relayed")
        proxy = client.transport.proxy
        for index in self.backends[proxy.service].indices if proxy is not None else ():
            self.hosts[index].server.negotiates = True

    def _transport(self, name: str, client: TunedClient) -> Transport:
        streams, trace, engine = self.streams, self.trace, self.engine
        ports = local_ports(client.kernel, client.dialer, streams, name=name)
        made = ClientKernel if self.nat is None else TranslatedKernel
        kernel = made(engine, trace.levels, client.kernel, self.wheel(client.kernel.hz), ports)
        kernel.is_loopback = self.scenario.network.loopback
        instances = sum(each.instances for each in self.scenario.clients.values())
        if instances * len(self.hosts) * client.dialer.source_addresses > 1:
            kernel.count_ports()  # of one pair, the levels of the client's sockets say the same
        race = streams.uniforms(f"{name}.close_race")
        transport = Transport(client, kernel, trace, name=name, draw_race=race)
        transport.draw_wake = streams.uniforms(f"{name}.wake")
        if client.read_lag != Constant(value=0):
            transport.lateness.delay_reads(streams.ints(f"{name}.read_lag", client.read_lag))
        transport.http2 = http2_of(self, transport, name=name, client=client)
        timeouts = Timeouts(kernel.wheel.fires_at, client.kernel.tcp_rto_min_us)
        for service, backends in self.backends.items():
            for i, index in enumerate(backends.indices):
                link = Link(self.scenario.network, streams, f"{name}.{service}.{i}", timeouts=timeouts)
                put_between(self.scenario.network.middlebox, link, probes_of(transport.keep_alive, backends.config))
                if self.nat is not None:
                    address = index if backends.virtual_address is None else backends.indices[0]
                    link.translate(self.nat.ports(name, address))
                transport.sites.append(self._site(index, link, f"{service}.{i}", backends.config))
        for backends in self.backends.values():  # behind all backends, one for each virtual address
            if backends.virtual_address is not None:
                transport.sites.append(refusing_site(transport.sites[backends.indices[0]], len(transport.sites)))
        return transport

    def _site(self, index: int, link: Link, name: str, service: HostedService) -> Site:
        levels, level = self.trace.levels, f"c_estab_b{index}"
        return Site(
            index=index,
            host=self.hosts[index],
            link=link,
            tls=service.tls,
            remote=self.trace.vocabulary[name],
            rise=levels.rise(level),
            fall=levels.fall(level),
        )

    def pools(self, transport: Transport, client: str, service: str) -> tuple[HostPool, ...]:
        """The pool keys of a service in one Transport: one name, or one address each where each request chooses."""
        proxy = transport.config.transport.proxy
        if (transport, service) not in self.all_pools and proxy is not None:
            self.all_pools[transport, service] = (self._proxied(transport, client, service, proxy),)
        elif (transport, service) not in self.all_pools:
            backends = self.backends[service]
            each = backends.config.resolve.is_per_request
            groups = [(index,) for index in backends.indices] if each else [backends.indices]
            self.all_pools[transport, service] = tuple(
                self._pool(transport, f"{client}.{service}" + (f".{i}" if each else ""), backends, group)
                for i, group in enumerate(groups)
            )
        return self.all_pools[transport, service]

    def balancer(self, transport: Transport, client: str, service: str) -> Balancer:
        """What chooses among the pools of a service in one instance of a client."""
        if (transport, service) not in self._balancers:
            pools = self.pools(transport, client, service)
            self._balancers[transport, service] = balancer_of(self, service, pools, client=self._number(transport))
        return self._balancers[transport, service]

    def _proxied(self, transport: Transport, client: str, service: str, proxy: ProxyConfig) -> HostPool:
        """The key of a target behind a proxy: all of http have one, the proxy's (connectMethod.key)."""
        backends, name = self.backends[proxy.service], f"{client}.{proxy.service}"
        if (transport, proxy.service) not in self.all_pools:
            self.all_pools[transport, proxy.service] = (self._pool(transport, name, backends, backends.indices),)
        pool = self.all_pools[transport, proxy.service][0]
        target = self.scenario.services[service]
        if target.scheme == "http":
            return pool
        name = f"{client}.{service}"
        tunnel = Tunnel(
            proxy_name=pool.name,
            proxy_is_secure=pool.is_secure,
            draw_connect_time=self.streams.ints(f"{name}.connect_time", proxy.connect_time),
            draw_refused=partial(_is_below, proxy.refuses, self.streams.uniforms(f"{name}.connect_refused")),
            leg=Leg(name, target.tls, ticket=(ABSENT, self.backends[service].indices[0])),
        )
        tunnels = HostPool(name, resolver=pool.resolver, is_secure=True, balance=pool.balance)
        tunnels.transport, tunnels.tunnel, tunnels.on_closed = transport, tunnel, pool.on_closed
        transport.pool.add(tunnels)
        self._negotiate(transport, tunnels, target)
        return tunnels

    def _pool(self, transport: Transport, name: str, backends: Backends, group: tuple[int, ...]) -> HostPool:
        config = backends.config
        levels = self.trace.levels
        conf = transport.config.resolv_conf
        resolver = Resolver(self.engine, config.resolve, group, self.streams, name=name, levels=levels, conf=conf)
        if config.resolve.by == "dns":
            announce = partial(_announce, resolver, backends.endpoints)
            backends.endpoints.watch(announce)
            announce()
        if config.resolve.dns == "same_subnet":
            resolver.nearest_first = partial(self._nearest_first, transport)
        address = backends.virtual_address
        balance = _itself if address is None else through(self, backends, self._number(transport))
        pool = HostPool(name, resolver=resolver, is_secure=config.scheme == "https", balance=balance)
        pool.transport = transport
        pool.on_closed = None if address is None else address.closed
        transport.pool.add(pool)
        self._negotiate(transport, pool, config)
        return pool

    def _nearest_first(self, transport: Transport, addresses: tuple[int, ...]) -> tuple[int, ...]:
        n_hosts = len(self.hosts)
        if self._subnet is None:
            instances = sum(len(group) for group in self.transports.values())
            self._subnet = Subnet(self.streams["subnet"], n_hosts + instances)
        return self._subnet.nearest_first(addresses, n_hosts + self._number(transport))

    def _number(self, transport: Transport) -> int:
        """Which of all instances of clients it is."""
        return [each for group in self.transports.values() for each in group].index(transport)

    def _negotiate(self, transport: Transport, pool: HostPool, service: HostedService) -> None:
        """ALPN: h2 where both ends speak it."""
        if service.http2 is not None and transport.http2 is not None:
            transport.http2.join(pool, service.http2)
        self.http3.join(transport, pool, service)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Connections are cyclic garbage, a few kB each: collecting every 700 objects took a quarter of the time."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _is_below(share: float, draw: Callable[[], float]) -> bool:
    return draw() < share


def _itself(backend: int) -> tuple[int, int]:
    return backend, backend


def _announce(resolver: Resolver, endpoints: Endpoints) -> None:
    resolver.announce(tuple(one.index for one in endpoints.ready))
