"""Member: one backend as one balancer sees it. Not what all balancers know of it (Endpoint), not how one is chosen."""

from collections.abc import Callable
from typing import Any, NamedTuple

from models.balancer.endpoints import Endpoint
from models.balancer.load import Load


class Result(NamedTuple):
    """How a request ended that a balancer had placed."""

    now: int
    took: int
    """From its arrival to its end, ns."""
    work: int
    """From the start of its service to its end, ns; 0 where no backend answered."""
    latency: int
    """From its arrival at the backend to its end, ns; 0 where no backend answered."""
    status: int
    """What it counts as: the answer's status, or that of its error; 0 says nothing of the backend."""
    is_local: bool
    """Whether the backend did not answer: a failed dial, a lost connection, a time-out."""

    @property
    def is_failure(self) -> bool:
        """Whether it counts against the backend (5xx)."""
        return self.status >= 500


class Member:
    """A backend among those that a balancer hands out."""

    __slots__ = ("active", "ended", "endpoint", "is_ejected", "load", "place", "pool")

    def __init__(self, place: int, endpoint: Endpoint, pool: Any = None, load: Load | None = None) -> None:
        self.place = place
        """Its number within its service."""
        self.endpoint = endpoint
        self.pool = pool
        """What the one who asks gets: the pool of its connections."""
        self.load = load or Load()
        """What it reports of itself to all who ask."""
        self.active = 0
        """What this balancer has placed on it and has not ended: requests, or connections of a layer-4 one."""
        self.is_ejected = False
        self.ended: Callable[[Any, int, str], object] | None = None
        """Called with a request, its status and its error when it has ended; None where nobody counts."""


WeightOf = Callable[[Member, int], float]
"""The weight of a member at an instant."""


def own_weight(member: Member, _: int) -> float:
    """Its weight as the endpoints have it."""
    return member.endpoint.weight
