"""Subset: which of the backends one client instance uses."""

from collections.abc import Callable, Sequence

from models.balancer.hashing import mix
from models.balancer.member import Member

Subset = Callable[[Sequence[Member]], list[Member]]
"""From the backends that are there to those that one client uses."""


def deterministic(client: int, n: int, size: int, *, salt: int) -> frozenset[int]:
    """Places of client number `client`: n / size clients share out all backends, round by round (SRE book, chapter 20).

    Every round has a shuffle of its own, as the backends' hashes order them.
    """
    rounds = n // size
    seed = mix(salt + client // rounds)
    order = sorted(range(n), key=lambda place: mix(seed ^ mix(place)))
    part = client % rounds
    return frozenset(order[part * size : (part + 1) * size])


def by_hash(places: Sequence[int], seed: int, size: int) -> frozenset[int]:
    """The `size` places with the largest hashes: rendezvous hashing (gRPC A68)."""
    return frozenset(sorted(places, key=lambda place: mix(seed ^ mix(place)), reverse=True)[:size])


def deterministic_subset(client: int, n: int, size: int, *, salt: int) -> Subset:
    """Of all backends of a service, ready or not, so that nobody's subset moves when one goes."""
    places = deterministic(client, n, min(size, n), salt=salt)
    return lambda members: [each for each in members if each.place in places]


def random_subset(seed: int, size: int) -> Subset:
    """Of those that are there: the next by hash takes the place of who goes."""

    def choose(members: Sequence[Member]) -> list[Member]:
        chosen = by_hash([each.place for each in members], seed, size)
        return [each for each in members if each.place in chosen]

    return choose
