"""Counting: what a world has counted, by name: kernels, resolvers, dialers, programs, guards, NAT, ports."""

from collections import Counter
from typing import Any

from models.kernel.counters import full_name
from models.ports_taken import ports_taken
from models.programs_of import count_programs
from models.protecting import count_doors
from models.transport.config import ClientConfig


def count_world(world: Any) -> dict[str, float]:
    """Kernel counters by side and name, and those of all other parts."""
    total: dict[str, float] = count_programs(world.programs) | world.guards.count() | count_doors(world.hosts)
    total |= world.tuners.count() | world.callers.count() | world.certificates.count() | world.http3.counts
    total |= world.sessions.count() | world.bridges.count() | world.sharding.count() | world.pinging.count()
    transports = [transport for group in world.transports.values() for transport in group]
    sides = [("server", host.count()) for host in world.hosts]
    sides += [("client", transport.kernel.count()) for transport in transports]
    for side, counters in sides:
        for name, n in counters.items():
            key = full_name(side, name)
            total[key] = total.get(key, 0) + n
    for resolver in {pools[0].resolver: None for pools in world.all_pools.values()}:
        for record, n in resolver.queries_sent().items():
            if n:
                total[f"client.dns.{record}"] = total.get(f"client.dns.{record}", 0) + n
    total["connect_attempts"] = sum(transport.dialer.attempts for transport in transports)
    for err, n in sum((transport.dialer.errors for transport in transports), Counter[str]()).items():
        total[f"connect_err:{err}"] = n
    instances = [
        each
        for name, group in world.transports.items()
        for each in zip(instances_of(name, world.scenario.clients[name]), group, strict=True)
    ]
    total |= ports_taken(instances, _destinations(world))
    return total if world.nat is None else total | world.nat.count()


def instances_of(name: str, client: ClientConfig) -> list[str]:
    """What the instances of a client are called."""
    return [name] if client.instances == 1 else [f"{name}.{i}" for i in range(client.instances)]


def _destinations(world: Any) -> dict[int, str]:
    """What ports are held towards, by number: a backend, or a service behind one address."""
    backends = {index: f"{name}.{i}" for name, of in world.backends.items() for i, index in enumerate(of.indices)}
    return backends | {len(world.hosts) + of.indices[0]: name for name, of in world.backends.items()}
