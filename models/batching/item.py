"""Item: one thing that a customer wants done, and Bulk, what a request of many asks. Not when they are put together."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from models.batching.packing import Packing
from models.request import Exchange
from sim.records.rows import ABSENT


class Item:
    """One item. Its times are instants in ns, or ABSENT."""

    __slots__ = ("err", "exchange", "hops", "on_done", "shard", "t_arrival", "t_flushed", "t_joined")

    def __init__(self, exchange: Exchange, shard: int, t_arrival: int) -> None:
        self.exchange = exchange
        """What requests of its workload ask."""
        self.shard = shard
        """The shard that it belongs to; 0 where there are none."""
        self.t_arrival = t_arrival
        self.t_joined = self.t_flushed = ABSENT
        """When a batch took it, and when that batch went."""
        self.hops = 1
        """Nodes that its last request passed to reach the one that works at it, that one included."""
        self.err = ""
        """What a node met that passed it on."""
        self.on_done: Callable[[Any], object] | None = None
        """Called with the item when it is answered, dropped or has failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk(Exchange):
    """What the request of a batch asks: its items, as they are packed.

    Simplified: it goes out in one piece and is read to its end, whatever its size.
    """

    items: tuple[Item, ...]
    packing: Packing
    service_time: int = 0
    """What its request takes a server without its items, as drawn for the first try, in ns."""
    is_forwarded: bool = False
    """Whether a node has passed it on: the next one works at it, whoever has the shards."""


class Items:
    """Makes the items of one workload: to a driver what `Customers` are that make requests."""

    __slots__ = ("_draw_shard", "_exchange", "draw_host", "draw_service")

    def __init__(self, exchange: Exchange, draw_shard: Callable[[], int]) -> None:
        self._exchange, self._draw_shard = exchange, draw_shard
        self.draw_host: Callable[[], Any] = int
        """Nothing: the batch chooses."""
        self.draw_service: Callable[[], int] = int
        """Nothing: the request of the batch draws it."""

    def create(self, now: int) -> Item:
        """An item that arrives now."""
        return Item(self._exchange, self._draw_shard(), now)

    def recreate(self, now: int, host: Any, service_time: int) -> Item:
        """The same; of what a driver may know beforehand an item has nothing."""
        return self.create(now)
