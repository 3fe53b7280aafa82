"""What a user says about a bridge: what it takes, how it decodes it, how it passes it on, when it acknowledges."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Gt, Le

from models.batching.config import BatchConfig
from sim.engine.distributions import LARGEST_DRAW, Constant, Delay
from sim.units import MS, Duration, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaConfig:
    """Messages are of so many schemas, each of which a bridge has to fetch."""

    count: Annotated[int, Gt(0), Le(1_000_000)] = 1
    """Schemas; a device's messages are of one, by its number."""
    lookup: Delay
    """How long the registry takes to give one; nothing is decoded meanwhile."""
    kept_for: Duration = 0
    """How long a bridge uses one until it fetches it again; 0 is for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeConfig:
    """Each device of a fleet that subscribes is an instance of the bridge, which passes on what it gets."""

    subscriber: str
    """The fleet whose devices are the instances; its `receive_maximum`, or its broker's `max_inflight`, bounds them."""
    client: str
    """The client that sends the requests; with `grpc`, calls on its channels. Instances take its own in turn."""
    service: str
    """The service that gets them."""
    poll: Duration = 0
    """How often an instance looks what has come; 0 takes each message when it comes."""
    decode_time: Delay = Constant(value=0)
    """What an instance works to decode a message, one after the other."""
    schemas: SchemaConfig | None = None
    """What it has to know for that; absent means that it does."""
    max_items: Annotated[int, Gt(0), Le(1_000_000)] = 1
    """Messages with which a batch is full and goes."""
    linger: Annotated[Duration, Le(LARGEST_DRAW)] = 0
    """How long after its first message a batch goes that is not full."""
    item_size: Annotated[Size, Gt(0)] = 250
    """Bytes that a message takes in a request, beside the 200 of its headers."""
    item_time: Annotated[Duration, Le(LARGEST_DRAW)] = 0
    """What the service works for each message, beside the service time of the request."""
    calls: Annotated[int, Gt(0), Le(100_000)] = 1
    """Requests of an instance under way; further batches wait."""
    ordered: bool = True
    """Whether messages of one device stay in order: each is of one of `calls` lanes, which have one request under way
    each and batches of their own. Otherwise all share batches, and requests overtake one another."""
    retry_wait: Annotated[Duration, Gt(0)] = 100 * MS
    """How long after a request that failed its batch is sent again, until it succeeds."""
    acknowledge: Literal["answered", "received"] = "answered"
    """When a message is acknowledged to the broker: once the service has answered (at least once from end to end, and
    the broker stops after the window), or at once (what waits can be lost, and nothing stops the broker)."""
    max_waiting: Annotated[int, Gt(0)] | None = None
    """Messages that wait in each lane; the next ones are dropped, acknowledged as they are. Absent: without limit."""

    def __post_init__(self) -> None:
        if self.max_items > 1 and not self.linger:
            raise ValueError(
                f"linger: 0s lets a batch of fewer than {self.max_items} wait for ever; write one such as 5ms"
            )

    @property
    def lanes(self) -> int:
        """Of each instance."""
        return self.calls if self.ordered else 1

    @property
    def batch(self) -> BatchConfig:
        """How a lane batches."""
        return BatchConfig(
            max_items=self.max_items,
            linger=self.linger,
            item_size=self.item_size,
            max_under_way=1 if self.ordered else self.calls,
            max_waiting=self.max_waiting,
            when_full="drop",
        )
