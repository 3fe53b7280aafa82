"""Batched: a workload whose arrivals are items: they join the batches of its instances, which go as requests."""

from collections.abc import Callable
from dataclasses import fields
from functools import partial
from itertools import cycle
from typing import Any, NamedTuple

from models.batching.batcher import Batch, Batcher, no_place
from models.batching.config import BatchConfig
from models.batching.item import Bulk, Item, Items
from models.batching.packing import Packing
from models.batching.shards import View
from models.protecting import chooser
from models.request import Exchange, Request
from models.transport.errors import CUT_OFF
from models.workload.driver import Customers
from sim.records.rows import ABSENT

_OF_EXCHANGE = tuple(field.name for field in fields(Exchange) if field.init)


def fields_of(exchange: Exchange) -> dict[str, Any]:
    """What an exchange is made of, to make a Bulk of it."""
    return {name: getattr(exchange, name) for name in _OF_EXCHANGE}


class Making(NamedTuple):
    """How a workload's requests are made and sent."""

    usual: Exchange
    """What they ask; their size is that of the headers."""
    customers: Customers
    send: Callable[[Request], object]


class Batching:
    """One workload's items: they go to its instances in turn."""

    def __init__(self, world: Any, name: str, config: BatchConfig, making: Making) -> None:
        workload = world.scenario.workloads[name]
        self._world, self._config, self._making = world, config, making
        self._client, self._service = workload.client, workload.service
        self._packing = Packing(config, making.usual.request_bytes)
        self._shards = world.sharding.shards.get(workload.service)
        self.items = Items(making.usual, self._drawer(name))
        """Makes them."""
        transports = world.transports[workload.client]
        self._batchers = {transport: self._batcher(name, number) for number, transport in enumerate(transports)}
        self._turn = cycle(self._batchers.values())
        world.batched.append(self)
        world.engine.call_at(world.scenario.duration, self._close)

    def send(self, item: Item) -> None:
        """An item arrives, at the instance whose turn it is."""
        next(self._turn).join(item)

    def cut_off(self) -> None:
        """The run ends: write the items that have no answer."""
        for transport, batcher in self._batchers.items():
            for _, item in batcher.unanswered():
                self._record(item, transport.log.label, request=ABSENT, status=0, err=CUT_OFF)

    def _drawer(self, name: str) -> Callable[[], int]:
        """To which shard an item belongs."""
        if self._shards is None:
            return int
        draw: Callable[[], int] = self._world.streams.integers(f"{name}.shard", 0, len(self._shards.holders) - 1)
        return draw

    def _batcher(self, name: str, number: int) -> Batcher:
        world = self._world
        transport = world.transports[self._client][number]
        place: Callable[[Item], int | None] = no_place
        choose: Callable[[int | None], Any]
        if self._config.routing == "state":
            every = self._config.refresh
            phase = int(world.streams.uniforms(f"{name}.refresh")() * every)
            place = View(world.engine, self._shards, every=every, phase=phase).node_of
            choose = world.pools(transport, self._client, self._service).__getitem__
        else:
            balanced = chooser(world, transport, client=self._client, service=self._service)
            choose = lambda _: balanced()  # noqa: E731 (a choice that no node narrows)
        send = partial(self._flush, transport, choose)
        return Batcher(world.engine, self._config, send, drop=partial(self._dropped, transport), place=place)

    def _close(self, _: Any) -> None:
        for batcher in self._batchers.values():
            batcher.close()

    def _flush(self, transport: Any, choose: Callable[[int | None], Any], batch: Batch) -> None:
        """A batch goes: as a request, once its items are compressed."""
        making, packed = self._making, self._packing.pack(len(batch.items))
        customers = making.customers
        request = customers.recreate(self._world.engine.now, choose(batch.node), customers.draw_service())
        sizes = {"request_bytes": packed.request_bytes, "body_bytes": 0, "has_body": True, "work": packed.work}
        request.exchange = Bulk(
            **fields_of(request.exchange) | sizes,
            items=tuple(batch.items), packing=self._packing, service_time=request.service_time,
        )  # fmt: skip
        request.service_time += packed.work
        request.on_done = partial(self._answered, transport, batch)
        if packed.compress:
            transport.cpu.work(packed.compress, partial(self._go, request))
        else:
            making.send(request)

    def _go(self, request: Request, _: Any) -> None:
        request.t_getconn = self._world.engine.now
        self._making.send(request)

    def _answered(self, transport: Any, batch: Batch, last: Request) -> None:
        label = transport.log.label
        status = 0 if last.err else last.status
        self._record_batch(batch, label, last)
        self._batchers[transport].answered(batch)
        for item in batch.items:
            err = last.err or item.err
            self._record(item, label, request=last.id, status=0 if err else status, err=err)
            if item.on_done is not None:
                item.on_done(item)

    def _dropped(self, transport: Any, item: Item) -> None:
        self._record(item, transport.log.label, request=ABSENT, status=0, err=item.err)
        if item.on_done is not None:
            item.on_done(item)

    def _record(self, item: Item, label: int, *, request: int, status: int, err: str) -> None:
        trace = self._world.trace
        trace.tables["items"].append(
            item.exchange.label, label, item.t_arrival, item.t_joined, item.t_flushed, self._world.engine.now, request,
            item.hops, status, trace.vocabulary[err] if err else 0,
        )  # fmt: skip

    def _record_batch(self, batch: Batch, label: int, last: Request) -> None:
        trace, packed, items = self._world.trace, self._packing.pack(len(batch.items)), batch.items
        trace.tables["batches"].append(
            last.id, self._making.usual.label, label, batch.opened_at, batch.flushed_at, self._world.engine.now,
            trace.vocabulary[batch.cause], len(items), sum(item.hops > 1 for item in items), packed.bytes_before,
            packed.bytes_after, packed.packets_before, packed.packets_after,
        )  # fmt: skip
