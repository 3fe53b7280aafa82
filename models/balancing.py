"""Balancing: a world's balancers and what they choose among. Not how they choose (models/balancer)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from models.backend.server import Server
from models.balancer.balancer import NO_HEALTHY_UPSTREAM, Balancer
from models.balancer.endpoints import Endpoints
from models.balancer.member import Member, own_weight
from models.balancer.policy import Policy
from models.balancer.round_robin import RoundRobin
from models.balancer.virtual_address import VirtualAddress
from models.kernel.host import ServerHost
from models.transport.pool import HostPool
from models.transport.refusal import Refusal
from models.transport.site import Site
from sim.engine.streams import Streams


def balancer_of(world: Any, instance: str, service: str, pools: tuple[HostPool, ...]) -> Balancer:
    """What chooses, in one instance of a client, among the pools of a service."""
    transport = pools[0].transport
    backends = world.backends[service]
    members = [Member(i, one, pool) for i, (one, pool) in enumerate(zip(backends.endpoints.each, pools, strict=True))]
    nobody = HostPool(f"{service}.nobody", resolver=None, is_secure=False, balance=pools[0].balance)
    nobody.transport, nobody.http2 = transport, Refusal(transport, NO_HEALTHY_UPSTREAM)
    policy = _policy_of(backends.config, world.streams, f"{instance}.{service}")
    balancer = Balancer(world.engine, backends.endpoints, members, policy, nobody=nobody)
    balancer.refresh()
    return balancer


def virtual_address_of(world: Any, endpoints: Endpoints, nobody: int) -> VirtualAddress:
    """The balancer of layer 4 in front of a service."""
    members = [Member(i, one) for i, one in enumerate(endpoints.each)]
    return VirtualAddress(world.engine, endpoints, members, RoundRobin(own_weight), nobody=nobody)


def _policy_of(config: Any, streams: Streams, name: str) -> Policy:
    start = None if config.resolve.by == "round_robin" else streams.uniforms(f"{name}.balancer")
    return RoundRobin(own_weight, start)


def refusing_site(like: Site, index: int) -> Site:
    """Where a dial ends that no backend can have: refused, as by kube-proxy's REJECT rule; its remote has no name."""
    engine, levels, kernel, wheel = like.host.engine, like.host.levels, like.host.config, like.host.wheel
    host = ServerHost(engine, levels, Server(engine, like.server.config, levels, index), kernel, wheel)
    host.is_dead, host.is_steady = True, False
    return Site(index=index, host=host, link=like.link, tls=like.tls, remote=0, rise=like.rise, fall=like.fall)


def through(address: VirtualAddress, destination: int, draw_key: Callable[[], int]) -> Callable[[int], tuple[int, int]]:
    """From the address to a backend: one destination for the ports, whoever is behind it."""
    return partial(_next_backend, address, destination, draw_key)


def _next_backend(address: VirtualAddress, destination: int, draw_key: Callable[[], int], _: int) -> tuple[int, int]:
    return address.choose(draw_key()), destination
