"""Prequal: probes tell requests in flight and latency; hot backends are avoided, and of the cold the fastest is taken.

Source: Wydrowski, Kleinberg, Rumble, Archer: Load is not what you should balance (NSDI '24), 3 and 4.
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable

from models.balancer.config import PrequalConfig
from models.balancer.member import Member
from models.balancer.policy import Policy

SEEN = 128
"""Requests in flight of so many probes make the distribution of which the quantile is taken."""


class Probe:
    """What one probe told. `uses` is how often it may still be used."""

    __slots__ = ("at", "latency", "member", "rif", "uses")

    def __init__(self, member: Member, at: int, uses: float) -> None:
        self.member, self.at, self.uses = member, at, uses
        self.rif = member.endpoint.active
        self.latency = member.load.latency(self.rif)


class Prequal(Policy):
    """A pool of probe results.

    Simplified: a probe tells what is true when it is sent, and is there one round trip later.
    """

    hears = True

    def __init__(self, config: PrequalConfig, draw: Callable[[], float], rtt: int) -> None:
        self._config, self._draw, self._rtt = config, draw, rtt
        self._under_way: deque[Probe] = deque()
        self._pool: list[Probe] = []
        self._order: deque[int] = deque(maxlen=SEEN)
        self._sorted: list[int] = []
        self._due_probes = self._due_removals = 0.0
        self._removes_oldest = True
        self._uses = 0.0

    def changed(self, now: int, *, is_even: bool) -> None:
        """Results of those who are gone are thrown away; b = (1 + delta) / ((1 - m/n) probes - remove), at least 1."""
        config = self._config
        self._pool = [probe for probe in self._pool if probe.member in self.members]
        self._under_way = deque(probe for probe in self._under_way if probe.member in self.members)
        net = (1 - config.pool / len(self.members)) * config.probes - config.remove
        self._uses = max(1.0, (1 + config.delta) / net) if net > 0 else float("inf")

    def pick(self, now: int, key: int) -> Member:
        """The best of the pool, or anybody while it has fewer than two."""
        self._gather(now)
        members = self.members
        if len(self._pool) < 2:
            chosen = members[int(self._draw() * len(members))]
        else:
            chosen = self._use(min(self._pool, key=self._badness()))
        self._remove()
        self._send(now)
        return chosen

    def _gather(self, now: int) -> None:
        """Probes that have come go into the pool; what is old, or too many, goes out."""
        pool, config = self._pool, self._config
        while self._under_way and self._under_way[0].at + self._rtt <= now:
            probe = self._under_way.popleft()
            pool.append(probe)
            self._see(probe.rif)
        oldest = now - config.max_age
        while pool and (pool[0].at < oldest or len(pool) > config.pool):
            pool.pop(0)

    def _see(self, rif: int) -> None:
        if len(self._order) == SEEN:
            del self._sorted[bisect_left(self._sorted, self._order[0])]
        self._order.append(rif)
        insort(self._sorted, rif)

    def _badness(self) -> Callable[[Probe], tuple[bool, int]]:
        """Cold ones first, by latency; hot ones by requests in flight."""
        hottest_cold = self._sorted[int(self._config.hot_quantile * len(self._sorted))]
        return lambda probe: (True, probe.rif) if probe.rif > hottest_cold else (False, probe.latency)

    def _use(self, probe: Probe) -> Member:
        probe.uses -= 1
        probe.rif += 1  # by the request that it gets now
        if probe.uses < 1 and self._draw() >= probe.uses:  # a fraction is the chance of one more
            self._pool.remove(probe)
        return probe.member

    def _remove(self) -> None:
        self._due_removals += self._config.remove
        while self._due_removals >= 1:
            self._due_removals -= 1
            if self._pool:
                worst = self._pool[0] if self._removes_oldest else max(self._pool, key=self._badness())
                self._pool.remove(worst)
                self._removes_oldest = not self._removes_oldest

    def _send(self, now: int) -> None:
        self._due_probes += self._config.probes
        n = min(int(self._due_probes), len(self.members))
        self._due_probes -= int(self._due_probes)
        chosen: list[int] = []
        while len(chosen) < n:
            place = int(self._draw() * len(self.members))
            if place not in chosen:
                chosen.append(place)
        self._under_way.extend(Probe(self.members[place], now, self._uses) for place in chosen)
