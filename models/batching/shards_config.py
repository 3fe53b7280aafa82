"""What a user says about the shards of a service: who has them, how they move, and how nodes pass items on."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Le

from sim.engine.distributions import LARGEST_DRAW
from sim.units import Duration, Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardsConfig:
    """A service whose backends are nodes that have shards: each item of a batch belongs to one of them."""

    client: str
    """The client by which nodes pass on what others have: backend i is its instance number i, modulo their number. No
    workload may have it."""
    count: Annotated[int, Gt(0), Le(100_000)]
    """Shards; items belong to them by lot, and shard i begins at node i modulo `holders`."""
    holders: Annotated[int, Ge(0)] = 0
    """Backends that have shards, the first ones; the others only coordinate. 0 means all."""
    relocation_rate: Annotated[Rate, Ge(0)] = 0.0
    """How often a shard moves to another node, by lot; of each shard."""
    forward_time: Annotated[Duration, Le(LARGEST_DRAW)] = 0
    """CPU time of a node for a batch of which it has to pass on anything, beside what compression takes."""

    def check(self, backends: int) -> None:
        """Raise ValueError unless so many backends can have them."""
        if self.holders > backends:
            raise ValueError(
                f"holders: {self.holders} of {backends} backends cannot have shards; write at most {backends}"
            )

    def nodes(self, backends: int) -> int:
        """How many of the backends have shards."""
        return self.holders or backends
