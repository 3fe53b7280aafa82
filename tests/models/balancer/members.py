"""Members to choose among, and choices from them."""

from collections import Counter
from collections.abc import Callable, Sequence

from models.balancer.endpoints import Endpoint
from models.balancer.hashing import mix
from models.balancer.member import Member
from models.balancer.policy import Policy
from sim.engine.streams import Streams

START = 0


def members(n: int, weights: Sequence[float] = ()) -> list[Member]:
    """So many, with these weights or all with 1."""
    return [Member(i, Endpoint(i, weight)) for i, weight in enumerate(weights or [1.0] * n)]


def luck(seed: int = 1) -> Callable[[], float]:
    """A drawer of uniform numbers."""
    return Streams(seed).uniforms("luck")


def chosen(policy: Policy, among: Sequence[Member], picks: int, *, now: int = START, holds: bool = False) -> list[int]:
    """How often each is picked, by place; with `holds` whatever is placed stays."""
    policy.take(list(among), now, is_even=len({each.endpoint.weight for each in among}) == 1)
    counts: Counter[int] = Counter()
    for i in range(picks):
        member = policy.pick(now, mix(i))
        counts[member.place] += 1
        member.active += holds
        policy.began(member, now)
    return [counts[i] for i in range(max(each.place for each in among) + 1)]


def variation(counts: Sequence[int]) -> float:
    """The coefficient of variation, with the population's standard deviation."""
    mean = sum(counts) / len(counts)
    return float((sum((count - mean) ** 2 for count in counts) / len(counts)) ** 0.5 / mean)
