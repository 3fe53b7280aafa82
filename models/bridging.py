"""Bridging: a world's bridges: whose messages they get, how their batches become requests, what is recorded."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import repeat
from typing import Any

from models.batching.batcher import Batch
from models.bridge.bridge import BRIDGE_LEVELS, Bridge, Piece, Schemas
from models.bridge.config import BridgeConfig
from models.protecting import chooser
from models.protection.call import Again
from models.request import Exchange, Request
from models.workload.driver import Customers

HEADER_BYTES = 200
"""Of a request, as of those of workloads."""


class Bridges:
    """All bridges of a world."""

    def __init__(self, world: Any) -> None:
        self.counts: Counter[str] = Counter()
        self._instances: list[Bridge] = []
        for name, config in world.scenario.bridges.items():
            self._begin(world, name, config)

    def cut_off(self) -> None:
        """The run ends: record what they still have."""
        for bridge in self._instances:
            bridge.cut_off()

    def count(self) -> dict[str, float]:
        """What they have counted."""
        return {f"bridge.{name}": n for name, n in sorted(self.counts.items())}

    def _begin(self, world: Any, name: str, config: BridgeConfig) -> None:
        draw_decode = world.streams.ints(f"{name}.decode", config.decode_time)
        draw_lookup = None if config.schemas is None else world.streams.ints(f"{name}.lookup", config.schemas.lookup)
        draw_phase = world.streams.uniforms(f"{name}.poll")
        transports = world.transports[config.client]
        devices: dict[int, Bridge] = {}
        for number in range(world.scenario.sessions[config.subscriber].count):
            around = _Around(world, name, config, transport=transports[number % len(transports)])
            schemas = Schemas(config, self._counted(draw_lookup))
            devices[number] = Bridge(
                config, around, schemas, draw_decode=draw_decode, phase=round(draw_phase() * config.poll)
            )
        self._instances += devices.values()
        world.sessions.brokers.dialects[config.subscriber].hand = partial(_hand, world.engine, devices)

    def _counted(self, draw: Callable[[], int] | None) -> Callable[[], int] | None:
        if draw is None:
            return None

        def lookup() -> int:
            self.counts["lookups"] += 1
            return draw()

        return lookup


def _hand(engine: Any, bridges: dict[int, Bridge], device: Any, transfer: Any, done: Callable[[], object]) -> None:
    piece = Piece(transfer.message, transfer.deliveries, done, now=engine._now)
    bridges[device.number].take(piece)


class _Around:
    """What an instance has around it in a world."""

    def __init__(self, world: Any, name: str, config: BridgeConfig, *, transport: Any) -> None:
        self.engine = world.engine
        self._world, self._name, self._config, self._transport = world, name, config, transport
        service = world.scenario.services[config.service]
        self._choose = chooser(world, transport, client=config.client, service=config.service)
        self._usual = Exchange(
            workload=name,
            method="POST",
            label=world.trace.vocabulary[name],
            has_body=True,
            wants_close=world.scenario.clients[config.client].transport.disable_keep_alives,
        )
        fates = world.streams.uniforms(f"{name}.fate")
        draw_service = world.streams.ints(f"{name}.service_time", service.service_time)
        self._customers = Customers(
            repeat(self._usual).__next__, world.ids, int, draw_service=draw_service, draw_lags=None, draw_fate=fates
        )
        self._again: Again = partial(_once_more, self._customers)
        levels = world.trace.levels
        self._codes = {level: (levels.rise(level), levels.fall(level)) for level in BRIDGE_LEVELS}

    def send(self, batch: Batch, answered: Callable[[int, bool], object]) -> None:
        """One request for all its messages."""
        n, config, customers = len(batch.items), self._config, self._customers
        request = customers.recreate(self.engine._now, self._choose(), customers.draw_service())
        request.exchange = _sized(self._usual, HEADER_BYTES + n * config.item_size, n * config.item_time)
        request.service_time += request.exchange.work
        request.on_done = partial(_told, answered)
        transport = request.host.transport
        if transport.config.is_guarded:
            self._world.callers.send(request, self._again)
        else:
            transport.do(request)

    def rises(self, level: str, n: int) -> None:
        """So many more."""
        self._change(self._codes[level][0], n)

    def falls(self, level: str, n: int) -> None:
        """So many less."""
        self._change(self._codes[level][1], n)

    def _change(self, code: int, n: int) -> None:
        change, instant = self._world.trace.levels.change, self.engine._now << 12
        for _ in range(n):
            change(instant | code)

    def record(self, piece: Piece, done_at: int) -> None:
        """Write the row of a message."""
        message, words = piece.message, self._world.trace.vocabulary
        self._world.trace.tables["bridged"].append(
            self._usual.label, message.fleet, message.device, message.at, piece.received_at, piece.decoded_at,
            piece.t_flushed, done_at, piece.request, min(piece.tries, 32_767), min(piece.copy, 32_767),
            piece.is_overtaken, words[piece.err] if piece.err else 0,
        )  # fmt: skip


def _told(answered: Callable[[int, bool], object], last: Request) -> None:
    answered(last.id, not last.err and 200 <= last.status < 300)


def _once_more(customers: Customers, first: Request, now: int, pool: Any) -> Request:
    request = customers.recreate(now, pool, customers.draw_service() + first.exchange.work)
    request.exchange = first.exchange
    return request


def _sized(usual: Exchange, request_bytes: int, work: int) -> Exchange:
    return Exchange(
        workload=usual.workload, method=usual.method, label=usual.label, has_body=True, wants_close=usual.wants_close,
        request_bytes=request_bytes, work=work,
    )  # fmt: skip
