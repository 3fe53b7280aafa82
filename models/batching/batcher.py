"""Batcher: one instance's items on their way into requests: which batch takes one, when it goes, who waits meanwhile.

Rules: Elasticsearch's BulkProcessor (a batch goes when it is over a limit, the item that reached it included; whoever
adds while all permits are taken waits), and a timer that a batch's first item starts. Not how requests are sent.
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from models.batching.config import BatchConfig
from models.batching.item import Item
from sim.engine.environment import Engine

DROPPED = "dropped: queue full"
"""The error of an item that found no room."""
ITEMS, BYTES, LINGER, END = "items", "bytes", "linger", "end"
"""Why a batch goes: it has all its items, all its bytes, its time is over, or nothing more arrives."""
CAUSES = (ITEMS, BYTES, LINGER, END)


class Batch:
    """Items that go together; `node` says where to, None leaves that to a balancer."""

    __slots__ = ("cause", "flushed_at", "items", "node", "opened_at")

    def __init__(self, node: int | None, now: int) -> None:
        self.node = node
        self.items: list[Item] = []
        self.opened_at = self.flushed_at = now
        self.cause = ""


class Batcher:
    """The batches of one instance: those that fill, those that wait for an answer of others, those under way."""

    __slots__ = (
        "_blocked", "_config", "_drop", "_engine", "_fills", "_is_admitting", "_is_closing", "_open", "_place",
        "_sealed", "_send", "_under_way", "_waiting",
    )  # fmt: skip

    def __init__(
        self,
        engine: Engine,
        config: BatchConfig,
        send: Callable[[Batch], object],
        *,
        drop: Callable[[Item], object],
        place: Callable[[Item], int | None],
    ) -> None:
        self._engine, self._config, self._send = engine, config, send
        self._drop, self._place = drop, place
        self._fills = config.fills_with
        self._open: dict[int | None, Batch] = {}
        self._sealed: deque[Batch] = deque()
        self._under_way: dict[Batch, None] = {}
        self._blocked: deque[Item] = deque()
        self._waiting = 0
        self._is_admitting = self._is_closing = False

    @property
    def waiting(self) -> int:
        """Items in batches that have not gone."""
        return self._waiting

    @property
    def under_way(self) -> int:
        """Batches that have gone and are not answered."""
        return len(self._under_way)

    def unanswered(self) -> Iterator[tuple[Batch | None, Item]]:
        """All items that have no answer, each with its batch if that has gone."""
        for batch in self._under_way:
            yield from ((batch, item) for item in batch.items)
        for batch in (*self._sealed, *self._open.values()):
            yield from ((None, item) for item in batch.items)
        yield from ((None, item) for item in self._blocked)

    def join(self, item: Item) -> None:
        """An item arrives: into a batch, or before them where too many wait."""
        if not self._is_full:
            self._put(item)
        elif self._config.when_full == "drop":
            item.err = DROPPED
            self._drop(item)
        else:
            self._blocked.append(item)

    def answered(self, batch: Batch) -> None:
        """The request of a batch has ended, well or not: there may be room for others."""
        del self._under_way[batch]
        if self._sealed:
            self._flush(self._sealed.popleft())
        self._admit()

    def close(self) -> None:
        """Nothing more arrives: what waits goes as it is."""
        self._is_closing = True
        self._admit()

    @property
    def _is_full(self) -> bool:
        most = self._config.max_waiting
        return bool(self._blocked) or (most is not None and self._waiting >= most)

    def _put(self, item: Item) -> None:
        now, node = self._engine._now, self._place(item)
        item.t_joined = now
        batch = self._open.get(node)
        if batch is None:
            batch = self._open[node] = Batch(node, now)
            if self._config.linger:
                self._engine.call_in(self._config.linger, self._expire, batch)
        batch.items.append(item)
        self._waiting += 1
        if self._fills is not None and len(batch.items) >= self._fills:
            self._seal(batch, ITEMS if self._fills == self._config.max_items else BYTES)

    def _expire(self, batch: Batch) -> None:
        if self._open.get(batch.node) is batch:
            self._seal(batch, LINGER)

    def _seal(self, batch: Batch, cause: str) -> None:
        """It takes no more items: it goes, or waits until one of those under way is answered."""
        del self._open[batch.node]
        batch.cause = cause
        most = self._config.max_under_way
        if most is not None and len(self._under_way) >= most:
            self._sealed.append(batch)
        else:
            self._flush(batch)

    def _flush(self, batch: Batch) -> None:
        self._under_way[batch] = None
        self._waiting -= len(batch.items)
        batch.flushed_at = self._engine._now
        for item in batch.items:
            item.t_flushed = batch.flushed_at
        self._send(batch)
        self._admit()

    def _admit(self) -> None:
        """Those who waited before the batches join them, in their order, as far as there is room."""
        if self._is_admitting:  # a batch that goes makes room while others are let in
            return
        self._is_admitting = True
        most = self._config.max_waiting
        while self._blocked and (most is None or self._waiting < most):
            self._put(self._blocked.popleft())
        self._is_admitting = False
        if self._is_closing and not self._blocked:
            while self._open:
                self._seal(next(iter(self._open.values())), END)


def no_place(_: Any) -> None:
    """Of an item whose node a balancer says."""
