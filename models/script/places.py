"""Places: the addresses of a case, who answers there, and the names that lead to them."""

import re
from dataclasses import dataclass
from functools import partial

from models.backend.config import ResolveConfig
from models.backend.http2_config import Http2ServerConfig
from models.backend.server import Server
from models.dns.resolver import Resolver
from models.kernel.host import ServerHost
from models.kernel.sysctl import ListenConfig
from models.kernel.timer_wheel import TimerWheel
from models.network.config import NetworkConfig
from models.network.link import Link
from models.scenario import HostedService
from models.script.case import BLACK_HOLES, Case, Listener
from models.script.go_fields import NotSimulated
from models.script.raw_http2 import RawHttp2
from models.transport.pool import HostPool
from models.transport.round_trip import Transport
from models.transport.site import Site
from sim.engine.distributions import Constant
from sim.engine.environment import Engine
from sim.engine.streams import Streams
from sim.records.trace import Trace
from sim.units import MS

DNS_SERVER = "127.0.0.1:53"
HOSTS_FILE = {
    "hmulti.test": ("10.99.0.2", "10.99.0.3", "10.99.0.1"),
    "hrefused.test": ("127.0.0.1", "10.99.0.1"),
    "dual.test": ("2001:db8::2", "10.99.0.1"),
}
"""What /etc/hosts says."""
UNKNOWN_NAME = "nx.test"
"""NXDOMAIN."""
_SLOW_NAME = re.compile(r"d(\d+)\.test")
"""127.0.0.1 from a DNS server that answers after so many ms."""
FIRST_PORT = 18_001
FOREVER = 1 << 61
ADDRESSES = ("127.0.0.1", "10.99.0.1", *BLACK_HOLES)
"""What names lead to; a case may add others."""


def addresses_of(case: Case) -> tuple[str, ...]:
    """All addresses of a case."""
    added = [each for listener in case.server.values() for each in (listener.address, listener.bind) if each]
    return tuple(dict.fromkeys([*ADDRESSES, *added]))


def n_sites(case: Case) -> int:
    """Each host has a site at each address."""
    return len(case.server) * len(addresses_of(case))


@dataclass(slots=True)
class Ground:
    """What every place stands on."""

    engine: Engine
    streams: Streams
    trace: Trace
    wheel: TimerWheel


@dataclass(slots=True)
class Target:
    """What a URL of the script means: its text, and the pool of its host."""

    url: str
    name: str
    """The host name; empty where the URL holds an address."""
    authority: str
    """Address and port, or name and port."""
    pool: HostPool


class Places:
    """All hosts of a case at all addresses: a site each, in the order of hosts and then of `addresses`."""

    def __init__(self, case: Case, ground: Ground) -> None:
        self._case, self._ground = case, ground
        self.addresses = addresses_of(case)
        self.ports = {name: FIRST_PORT + i for i, name in enumerate(case.server)}
        self.running: dict[str, ServerHost] = {}
        """The machine of each host of the script."""
        self._absent: dict[str, ServerHost] = {}
        self._targets: dict[tuple[str, str], Target] = {}
        self._resolvers: dict[str, Resolver] = {}

    def settle(self, transport: Transport) -> None:
        """Make the sites of `transport`."""
        for name, listener in self._case.server.items():
            self.running[name] = self._machine(listener, len(transport.sites))
            self._absent[name] = self._machine(Listener(kind="refused"), len(transport.sites))
            for address in self.addresses:
                transport.sites.append(self._site(name, address, len(transport.sites)))

    def of_backend(self, backend: int) -> str:
        """Address and port of a site, as Go prints them."""
        host, address = divmod(backend, len(self.addresses))
        return _authority(self.addresses[address], FIRST_PORT + host)

    def target(self, host: str, name: str, transport: Transport) -> Target:
        """What a URL with this host of the script means, by address or by `name`."""
        if (host, name) not in self._targets:
            listener = self._case.server[host]
            authority = _authority(name or listener.address, self.ports[host])
            scheme = "https" if listener.is_secure else "http"
            pool = self._pool(host, name, authority, transport)
            self._targets[host, name] = Target(f"{scheme}://{authority}/", name, authority, pool)
        return self._targets[host, name]

    def meant(self, pool: HostPool) -> Target:
        """The target whose pool this is."""
        return next(target for target in self._targets.values() if target.pool is pool)

    def queries(self) -> dict[str, int]:
        """Queries that reached the DNS server, by name and type."""
        return {
            f"{name}/{record}": n
            for name, resolver in self._resolvers.items()
            for record, n in resolver.queries_sent().items()
            if n
        }

    def _pool(self, host: str, name: str, authority: str, transport: Transport) -> HostPool:
        listener, first = self._case.server[host], [*self._case.server].index(host) * len(self.addresses)
        resolver = self._by_name(name) if name else self._literal(listener.address, authority)
        pool = HostPool(authority, resolver=resolver, is_secure=listener.is_secure, balance=partial(_at_address, first))
        pool.transport = transport
        service = self.running[host].server.config.http2
        if service is not None and transport.http2 is not None:
            transport.http2.join(pool, service)
        transport.pool.add(pool)
        return pool

    def _literal(self, address: str, name: str) -> Resolver:
        return self._resolver(ResolveConfig(by="literal"), (address,), name)

    def _by_name(self, name: str) -> Resolver:
        """One resolver per name: ports do not matter to it."""
        if name not in self._resolvers:
            slow = _SLOW_NAME.fullmatch(name)
            if name in HOSTS_FILE:
                answer = HOSTS_FILE[name]
                config = ResolveConfig(by="hosts", ipv6=tuple(i for i, each in enumerate(answer) if ":" in each))
            elif slow or name == UNKNOWN_NAME:
                wait = Constant(value=int(slow[1]) * MS if slow else 0)
                config = ResolveConfig(by="dns", dns="fixed", lookup_time=wait, fails=0.0 if slow else 1.0)
                answer = ("127.0.0.1",)
            else:
                raise NotSimulated(f"the name {name}")
            self._resolvers[name] = self._resolver(config, answer, name)
        return self._resolvers[name]

    def _resolver(self, config: ResolveConfig, answer: tuple[str, ...], name: str) -> Resolver:
        ground = self._ground
        numbers = tuple(map(self.addresses.index, answer))
        return Resolver(ground.engine, config, numbers, ground.streams, name=name, levels=ground.trace.levels)

    def _machine(self, listener: Listener, index: int) -> ServerHost:
        ground = self._ground
        service = service_of(listener)
        server = Server(ground.engine, service, ground.trace.levels, index)
        host = ServerHost(ground.engine, ground.trace.levels, server, ListenConfig(), ground.wheel)
        host.is_steady = False  # the script may do anything to it, and traces see every step
        host.is_dead = listener.kind == "refused"
        if listener.kind == "stall":  # it accepts and says nothing, not even farewell to a client that leaves
            host.stalls_tls = True
            server.pause()
        if listener.kind == "rawh2":
            server.screens_stream = RawHttp2(listener).screens
        return host

    def _site(self, name: str, address: str, index: int) -> Site:
        ground, bind = self._ground, self._case.server[name].bind
        network = NetworkConfig(rtt=Constant(value=0), loopback=address.startswith("127."))
        link = Link(network, ground.streams, f"{name}.{address}")
        if address in BLACK_HOLES or self._case.server[name].kind == "blackhole":
            link.blocked_until = FOREVER
        levels, level = ground.trace.levels, f"c_estab_b{index}"
        return Site(
            index=index,
            host=self.running[name] if bind in ("", address) else self._absent[name],
            link=link,
            tls=self.running[name].server.config.tls,
            remote=ground.trace.vocabulary[f"{name}.{address}"],
            rise=levels.rise(level),
            fall=levels.fall(level),
        )


def service_of(listener: Listener) -> HostedService:
    """The program that runs behind a listener: it costs no time beyond what the script says."""
    http2 = Http2ServerConfig(max_concurrent_streams=listener.mcs) if listener.mcs else Http2ServerConfig()
    if listener.kind == "rawh2":
        http2 = Http2ServerConfig(max_concurrent_streams=0)  # empty SETTINGS
    return HostedService(
        scheme="https" if listener.is_secure else "http",
        service_time=Constant(value=0),
        overhead=0,
        response_size=0,
        idle_timeout=listener.idle_timeout,
        read_timeout=listener.read_timeout,
        read_header_timeout=listener.read_header_timeout,
        write_timeout=listener.write_timeout,
        honours_cancel=listener.kind in ("gohttp", "h2"),
        http2=http2 if listener.is_http2 else None,
    )


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _at_address(first: int, address: int) -> tuple[int, int]:
    """The site of a host at an address; each is a destination of its own to the ports."""
    return first + address, first + address
