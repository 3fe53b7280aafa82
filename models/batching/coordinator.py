"""Coordinator: a node that works at the items whose shards it has and passes the others on to the nodes that have them.

As Elasticsearch's bulk action does (TransportBulkAction: grouped by shard, sent to the primaries): the parts go side by
side, and the answer is there with the last of them. Source: reference/protocols.md, 14.5.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from models.backend.config import ServiceConfig
from models.backend.server import Server
from models.batching.item import Bulk, Item
from models.batching.packing import Packed
from models.batching.shards import Shards
from models.request import NEVER_ANSWERS, Request
from sim.engine.agenda import Agenda
from sim.records.levels import Levels

STATUS_OK = 200


class Part(NamedTuple):
    """Items that another node has, as they are sent to it."""

    node: int
    items: Sequence[Item]
    bulk: Bulk
    """What they came in."""
    packed: Packed


class Ways(NamedTuple):
    """How a node of a service finds and reaches the others."""

    shards: Shards
    node: int
    """Its own number."""
    forward_time: int
    """CPU time for a batch of which it passes on anything, ns."""
    send: Callable[[Part, Callable[[Request], object]], object]
    """Sends a part; what it is given is called with the last request when the answer is there."""


class _Split:
    """A request whose items several nodes work at."""

    __slots__ = ("has_worker", "left")

    def __init__(self, parts: int) -> None:
        self.left = parts
        """Parts that are not done, its own included."""
        self.has_worker = True


class CoordinatingServer(Server):
    """A server whose handlers let go of their worker while other nodes work at parts of their request.

    Simplified: parts that are under way when their request's client leaves are worked at all the same, and a batch is
    answered 200 whatever became of its items; each of them knows.
    """

    __slots__ = ("_splits", "ways")

    def __init__(self, engine: Agenda, config: ServiceConfig, levels: Levels, index: int) -> None:
        self.ways: Ways | None = None
        """There before the first request comes."""
        self._splits: dict[Request, _Split] = {}
        super().__init__(engine, config, levels, index)

    def configure(self, config: ServiceConfig) -> None:
        """As every server; its answers cannot be foreseen."""
        super().configure(config)
        self.foresees = False

    def _start(self, conn: Any, request: Request) -> None:
        bulk = request.exchange
        is_answered = self.plan_of(request) is None and request.service_time < NEVER_ANSWERS
        if is_answered and isinstance(bulk, Bulk) and not bulk.is_forwarded:
            self._split(conn, request, bulk)
        super()._start(conn, request)

    def _split(self, conn: Any, request: Request, bulk: Bulk) -> None:
        assert self.ways is not None, "the world has said how"
        by_node = self.ways.shards.split(bulk.items, self.ways.node)
        here = by_node.pop(self.ways.node, ())
        if not by_node:
            return
        pack = bulk.packing.pack
        parts = [Part(node, items, bulk, pack(len(items))) for node, items in by_node.items()]
        cost = self.ways.forward_time + pack(len(bulk.items)).decompress + sum(part.packed.compress for part in parts)
        own = bulk.service_time + len(here) * bulk.packing.item_time if here else 0
        request.service_time = cost + own
        self._splits[request] = _Split(len(parts) + 1)
        self.engine.call_in(cost, self._forward, (conn, request, parts))

    def _forward(self, what: tuple[Any, Request, list[Part]]) -> None:
        conn, request, parts = what
        if self.is_paused:
            self.later(self._forward, what)
        elif request in self._splits:
            assert self.ways is not None, "it has split"
            for part in parts:
                self.ways.send(part, partial(self._answered, conn, request, part))

    def _answered(self, conn: Any, request: Request, part: Part, last: Request) -> None:
        err = last.err or ("" if last.status == STATUS_OK else f"status {last.status}")
        for item in part.items if err else ():
            item.err = err
        self._part_done((conn, request))

    def _finish(self, conn: Any) -> None:
        split = self._splits.get(conn.request)
        if split is None or self.is_paused:
            super()._finish(conn)
            return
        split.has_worker = False
        if self.waiting:
            self._release()
        else:
            self._busy -= 1
        self._part_done((conn, conn.request))

    def _part_done(self, what: tuple[Any, Request]) -> None:
        conn, request = what
        if self.is_paused:
            self.later(self._part_done, what)
            return
        split = self._splits.get(request)
        if split is None:
            return  # its client has left, or the program has ended
        split.left -= 1
        if not split.left:
            del self._splits[request]
            if conn.request is request:
                self.level(self.fall_handlers)
                self.reply(conn, request, STATUS_OK)

    def cancel(self, conn: Any) -> None:
        """The client of a request has left: its handler returns, and gives its worker back if it has still one."""
        request = conn.request
        split = self._splits.pop(request, None)
        if split is None or split.has_worker:
            super().cancel(conn)
            return
        conn.request = None
        self.level(self.fall_handlers)
        self.reply(conn, request, STATUS_OK)

    def die(self) -> None:
        """The program ends, and what it waited for."""
        super().die()
        self._splits.clear()
