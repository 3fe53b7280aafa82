"""Sharding: a world's services whose backends have shards: their nodes told of them and of one another.

Not what a node does with a batch (models/batching/coordinator.py).
"""

from functools import partial
from typing import Any

from models.batched import fields_of
from models.batching.coordinator import CoordinatingServer, Part, Ways
from models.batching.item import Bulk
from models.batching.shards import Shards
from models.batching.shards_config import ShardsConfig
from models.protection.call import Again
from models.request import Exchange, Request
from sim.engine.distributions import Exponential
from sim.units import SECOND


class Sharding:
    """The shards of each service that has any, by its name."""

    def __init__(self, world: Any) -> None:
        self._world = world
        self.shards: dict[str, Shards] = {}
        for name, service in world.scenario.services.items():
            if service.shards is not None:
                self.shards[name] = self._start(name, service.shards)

    def count(self) -> dict[str, float]:
        """How often shards have moved."""
        return {"relocations": sum(shards.moves for shards in self.shards.values())} if self.shards else {}

    def _start(self, name: str, config: ShardsConfig) -> Shards:
        world, streams = self._world, self._world.streams
        backends = world.backends[name]
        nodes = config.nodes(len(backends.indices))
        shards = Shards(world.engine, config.count, nodes)
        if config.relocation_rate and nodes > 1:
            gap = Exponential(mean=round(SECOND / (config.relocation_rate * config.count)))
            shards.relocate(
                streams.ints(f"{name}.relocation", gap),
                streams.integers(f"{name}.relocated", 0, config.count - 1),
                streams.integers(f"{name}.relocated_to", 1, nodes - 1),
            )
        sender = _Sender(world, name, config)
        for node, index in enumerate(backends.indices):
            server: CoordinatingServer = world.hosts[index].server
            server.ways = Ways(shards, node, config.forward_time, partial(sender.send, node))
        return shards


class _Sender:
    """How nodes of a service send parts of a batch to one another."""

    def __init__(self, world: Any, name: str, config: ShardsConfig) -> None:
        self._world, self._name, self._client = world, name, config.client
        self._draw_service = world.streams.ints(
            f"{name}.forwarded.service_time", world.scenario.services[name].service_time
        )
        self._draw_fate = world.streams.uniforms(f"{name}.forwarded.stall")
        keeps = not world.scenario.clients[config.client].transport.disable_keep_alives
        self._fields = fields_of(
            Exchange(workload=name, label=world.trace.vocabulary[name], method="POST", wants_close=not keeps)
        )

    def send(self, node: int, part: Part, answered: Any) -> None:
        """Send a part from a node to the one that has it."""
        world, transports = self._world, self._world.transports[self._client]
        transport = transports[node % len(transports)]
        exchange = Bulk(
            **self._fields | {"request_bytes": part.packed.request_bytes, "has_body": True, "work": part.packed.work},
            items=tuple(part.items), packing=part.bulk.packing, is_forwarded=True,
        )  # fmt: skip
        request = self._request(exchange, world.engine.now, world.pools(transport, self._client, self._name)[part.node])
        request.on_done = answered
        if transport.config.is_guarded:
            again: Again = self._again
            world.callers.send(request, again)
        else:
            transport.do(request)

    def _request(self, exchange: Exchange, now: int, pool: Any) -> Request:
        request = Request(next(self._world.ids), exchange, pool, self._draw_service() + exchange.work, now)
        request.fate_draw = self._draw_fate()
        return request

    def _again(self, first: Request, now: int, _: Any) -> Request:
        """Once more to the same node: no other has the shards."""
        return self._request(first.exchange, now, first.host)
