"""Shards: which node of a service has which part of its data, how that changes, and what a client knows of it.

Source: reference/protocols.md, 14.5. Not who passes an item on (coordinator).
"""

from collections.abc import Callable, Iterable
from typing import Any

from models.batching.item import Item
from sim.engine.environment import Engine


class Shards:
    """The nodes of a service's shards, as they are now.

    Simplified: a shard has one copy and moves in an instant.
    """

    __slots__ = ("_draw_gap", "_draw_node", "_draw_shard", "_engine", "_nodes", "holders", "moves")

    def __init__(self, engine: Engine, count: int, nodes: int) -> None:
        self._engine, self._nodes = engine, nodes
        self.holders = [shard % nodes for shard in range(count)]
        """The node of each shard."""
        self.moves = 0
        """How often one has moved."""

    def relocate(
        self, draw_gap: Callable[[], int], draw_shard: Callable[[], int], draw_node: Callable[[], int]
    ) -> None:
        """Move a shard after each gap to one of the other nodes; `draw_node` draws from 1 to their number."""
        if self._nodes > 1:
            self._draw_gap, self._draw_shard, self._draw_node = draw_gap, draw_shard, draw_node
            self._engine.call_in(draw_gap(), self._move)

    def split(self, items: Iterable[Item], node: int) -> dict[int, list[Item]]:
        """The items by the nodes that have their shards; those that `node` has not pass one node more."""
        parts: dict[int, list[Item]] = {}
        for item in items:
            holder = self.holders[item.shard]
            item.hops, item.err = 1 if holder == node else 2, ""
            parts.setdefault(holder, []).append(item)
        return parts

    def _move(self, _: Any) -> None:
        shard = self._draw_shard()
        self.holders[shard] = (self.holders[shard] + self._draw_node()) % self._nodes
        self.moves += 1
        self._engine.call_in(self._draw_gap(), self._move)


class View:
    """What a client knows of the nodes of shards: as it was when it last asked."""

    __slots__ = ("_engine", "_every", "_holders", "_shards")

    def __init__(self, engine: Engine, shards: Shards, *, every: int, phase: int) -> None:
        self._engine, self._shards, self._every = engine, shards, every
        self._holders = shards.holders
        if every:
            self._holders = list(shards.holders)
            engine.call_in(phase, self._refresh)

    def node_of(self, item: Item) -> int:
        """The node that has the shard of an item, as far as the client knows."""
        return self._holders[item.shard]

    def _refresh(self, _: Any) -> None:
        self._holders = list(self._shards.holders)
        self._engine.call_in(self._every, self._refresh)
