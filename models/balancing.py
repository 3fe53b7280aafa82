"""Balancing: a world's balancers and what they choose among. Not how they choose (models/balancer)."""

from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import Any

from models.backend.server import Server
from models.balancer.balancer import NO_HEALTHY_UPSTREAM, Balancer
from models.balancer.config import BalancerConfig, SubsetConfig
from models.balancer.endpoints import Endpoint, Endpoints
from models.balancer.hashing import mix
from models.balancer.load import Load
from models.balancer.member import Member, own_weight
from models.balancer.outlier import OutlierDetector
from models.balancer.policies import Setting, policy_of
from models.balancer.slow_start import SlowStart
from models.balancer.subset import Subset, deterministic_subset, random_subset
from models.balancer.virtual_address import VirtualAddress
from models.kernel.host import ServerHost
from models.transport.errors import as_status
from models.transport.pool import HostPool
from models.transport.refusal import Refusal
from models.transport.site import Site
from sim.engine.environment import Engine

IN_TURN = BalancerConfig(panic_threshold=0)
"""What chooses where nothing is said."""


def endpoints_of(engine: Engine, indices: Sequence[int], config: BalancerConfig | None) -> Endpoints:
    """The backends of a service, all ready, with the weights that its configuration gives them."""
    weights = config.weights if config is not None and config.weights else (1.0,) * len(indices)
    return Endpoints(engine, [Endpoint(index, weight) for index, weight in zip(indices, weights, strict=True)])


# layer 7


def balancer_of(world: Any, service: str, pools: tuple[HostPool, ...], *, client: int) -> Balancer:
    """What chooses, in one instance of a client (number `client` of all), among the pools of a service."""
    backends, engine = world.backends[service], world.engine
    config: BalancerConfig = backends.config.balancer or IN_TURN
    name = f"balancer.{client}.{service}"
    slow_start = None if config.slow_start is None else SlowStart(config.slow_start)
    setting = Setting(
        draw=world.streams.uniforms(name),
        salt=backends.salt,
        rtt=round(world.scenario.network.rtt.mean_ns),
        weight_of=own_weight if slow_start is None else slow_start.weight_of,
        starts_anywhere=backends.config.resolve.by != "round_robin",
    )
    policy = policy_of(config, setting)
    each = zip(backends.endpoints.each, pools, backends.loads, strict=True)
    members = [Member(i, endpoint, pool, load) for i, (endpoint, pool, load) in enumerate(each)]
    balancer = Balancer(engine, backends.endpoints, members, policy, nobody=_nobody(service, pools[0]))
    balancer.panic_threshold = config.panic_threshold
    balancer.unready_are_unhealthy = config.unready == "unhealthy"
    balancer.slow_start = slow_start
    balancer.status_of = as_status
    balancer.draw_key = _keys(world, name, config, mix(backends.salt ^ mix(client)))
    if config.subset is not None:
        balancer.subset = _subset(config.subset, client, len(pools), backends.salt)
    if config.outlier_detection is not None:
        draw = world.streams.uniforms(f"{name}.outliers")
        balancer.detector = OutlierDetector(config.outlier_detection, members, draw, balancer.mark_changed)
        engine.process(_ticks(engine, balancer.detector, config.outlier_detection.interval))
    if policy.counts or policy.hears or balancer.detector is not None:
        balancer.count()
    return balancer


def _nobody(service: str, like: HostPool) -> HostPool:
    """Where requests go that no backend can have."""
    nobody = HostPool(f"{service}.nobody", resolver=like.resolver, is_secure=False, balance=like.balance)
    nobody.transport, nobody.http2 = like.transport, Refusal(like.transport, NO_HEALTHY_UPSTREAM)
    return nobody


def _subset(config: SubsetConfig, client: int, n: int, salt: int) -> Subset:
    if config.kind == "random":
        return random_subset(mix(salt ^ mix(client)), config.size)
    return deterministic_subset(client, n, config.size, salt=salt)


def _ticks(engine: Engine, detector: OutlierDetector, interval: int) -> Generator[Any, Any, None]:
    while True:
        yield engine.timeout(interval)
        detector.tick(engine.now)


# layer 4


def virtual_address_of(world: Any, service: str, nobody: int) -> VirtualAddress:
    """The balancer of layer 4 in front of a service, the same for all clients."""
    backends = world.backends[service]
    draw = world.streams.uniforms(f"balancer.{service}")
    policy = policy_of(
        backends.config.balancer or IN_TURN, Setting(draw=draw, salt=backends.salt, starts_anywhere=False)
    )
    members = [Member(i, one) for i, one in enumerate(backends.endpoints.each)]
    return VirtualAddress(world.engine, backends.endpoints, members, policy, nobody=nobody)


def through(world: Any, backends: Any, client: int) -> Callable[[int], tuple[int, int]]:
    """From the address to a backend: one destination for the ports, whoever is behind it."""
    config = backends.config.balancer or IN_TURN
    name = f"balancer.{client}.{backends.indices[0]}"
    draw_key = _keys(world, name, config, mix(backends.salt ^ mix(client)))
    return partial(_next_backend, backends.virtual_address, len(world.hosts) + backends.indices[0], draw_key)


def _next_backend(address: VirtualAddress, destination: int, draw_key: Callable[[], int], _: int) -> tuple[int, int]:
    return address.choose(draw_key()), destination


def refusing_site(like: Site, index: int) -> Site:
    """Where a dial ends that no backend can have: refused, as by kube-proxy's REJECT rule; its remote has no name."""
    engine, levels, kernel, wheel = like.host.engine, like.host.levels, like.host.config, like.host.wheel
    host = ServerHost(engine, levels, Server(engine, like.server.config, levels, index), kernel, wheel)
    host.is_dead, host.is_steady = True, False
    return Site(index=index, host=host, link=like.link, tls=like.tls, remote=0, rise=like.rise, fall=like.fall)


def _keys(world: Any, name: str, config: BalancerConfig, own: int) -> Callable[[], int]:
    """By what the next one is hashed: a key of its own, or always the client's."""
    if not config.hash_keys:
        return lambda: own
    draw = world.streams.integers(f"{name}.key", 0, config.hash_keys - 1)
    return lambda: mix(draw())


def loads_of(n: int) -> tuple[Load, ...]:
    """What the backends of a service report to all clients."""
    return tuple(Load() for _backend in range(n))
