"""What a user says about batches: how many items go into one request, how long they wait for it, and where it goes."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Gt, Le

from models.batching.codec import CodecName
from sim.engine.distributions import LARGEST_DRAW
from sim.units import Duration, Size

BULK_PROCESSOR = {"max_items": 1000, "max_bytes": "5MiB", "max_under_way": 1, "max_waiting": 1000}
"""Elasticsearch's BulkProcessor: 1000 actions or 5 MB, no timer, one request beside the batch that fills; whoever adds
to a full one waits (protocols.md, 14.1, from memory). Its 8 retries from 50 ms are the client's `retry`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchConfig:
    """Arrivals of a workload are items; those of a client instance share requests."""

    preset: Literal["none", "elasticsearch"] = "none"
    """Which defaults the omitted fields take: those below, or of Elasticsearch's BulkProcessor: 1000 items or 5 MiB, no
    timer, one request under way, 1000 items waiting."""
    max_items: Annotated[int, Gt(0), Le(1_000_000)] | None = None
    """Items with which a batch is full and goes; absent means that their number does not matter."""
    max_bytes: Annotated[Size, Gt(0)] | None = None
    """Bytes of items, uncompressed, from which on a batch goes, the item that reached them included; absent means that
    they do not matter."""
    linger: Annotated[Duration, Le(LARGEST_DRAW)] = 0
    """How long after its first item a batch goes that is not full; 0 means that it waits until it is."""
    item_size: Annotated[Size, Gt(0)] = 489
    """Bytes of an item, with what announces it in the batch; the measured documents have 489."""
    item_time: Annotated[Duration, Le(LARGEST_DRAW)] = 0
    """What a server works for each item, beside the service time of the request."""
    codec: CodecName = "none"
    """How the items of a request are compressed, at the client before it is sent and back at the server before it
    works; ratio and CPU time are the measured ones for chunks of that size."""
    max_under_way: Annotated[int, Gt(0)] | None = None
    """Requests of an instance that may be under way; further batches wait for an answer. Absent: without limit."""
    max_waiting: Annotated[int, Gt(0)] | None = None
    """Items of an instance that may wait in its batches; absent means without limit."""
    when_full: Literal["block", "drop"] = "block"
    """What becomes of an item that finds so many waiting: its producer waits, or it is dropped."""
    routing: Literal["balancer", "state"] = "balancer"
    """Which node gets a batch: the one that the service's balancer says, or, with `shards`, that of its items by what
    the client knows of the cluster; then each instance has a batch for each node."""
    refresh: Annotated[Duration, Le(LARGEST_DRAW)] = 0
    """With `routing: state`: how often a client learns which node has which shard; 0 means at once."""

    @classmethod
    def __fill__(cls, tree: Any) -> Any:
        """Give what was omitted the values of the preset."""
        if isinstance(tree, dict) and tree.get("preset") == "elasticsearch":
            return {**BULK_PROCESSOR, **tree}
        return tree

    def __post_init__(self) -> None:
        if self.max_items is None and self.max_bytes is None and not self.linger:
            raise ValueError("linger: 0s without max_items or max_bytes lets no batch go; write one of the three")
        if self.max_waiting is not None and not self.linger:
            self._check_fills(self.max_waiting)
        if self.refresh and self.routing != "state":
            raise ValueError("refresh: the balancer reads no cluster state; write routing: state, or leave it out")

    @property
    def fills_with(self) -> int | None:
        """Items with which a batch is full; None where their number never fills it."""
        by_bytes = None if self.max_bytes is None else -(-self.max_bytes // self.item_size)
        bounds = [bound for bound in (self.max_items, by_bytes) if bound is not None]
        return min(bounds) if bounds else None

    def _check_fills(self, waiting: int) -> None:
        """Without a timer a batch that cannot become full never goes."""
        if self.routing == "state":
            raise ValueError("linger: 0s lets batches of several nodes wait until max_waiting stops all; write one")
        if self.fills_with is not None and waiting < self.fills_with:
            raise ValueError(
                f"max_waiting: {waiting} lie below the {self.fills_with} items that fill a batch, so none ever goes;"
                " raise it or write a linger"
            )
