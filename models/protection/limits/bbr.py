"""BBR: Kratos' limiter, which refuses by Little's law while processors are busy. Not TCP's BBR, nor Sentinel's guard.

Source: go-kratos/aegis ratelimit/bbr/bbr.go.
"""

from dataclasses import dataclass
from math import ceil
from typing import Annotated

from annotated_types import Ge, Gt, Le

from models.protection.guard import Outcome, Pass
from models.protection.limits.concurrency import ConcurrencyLimit
from models.protection.limits.gauges import Gauges
from models.protection.ranges import Ranged
from sim.records.rows import ABSENT
from sim.units import LARGEST, MS, SECOND, Duration

CPU_PERIOD = 500 * MS
"""How often processors are looked at."""
CPU_DECAY = 0.95
"""How much of the old average a look leaves."""
PERMILLE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class KratosBbrConfig(Ranged):
    """The limiter's options."""

    window: Annotated[Duration, Gt(0)] = 10 * SECOND
    """Over which the best bucket and the least response time are looked for."""
    buckets: Annotated[int, Ge(2)] = 100
    """Of the window; the running one is left out."""
    cpu_threshold: Annotated[float, Ge(0), Le(1)] = 0.8
    """Average share of busy processors from which calls are refused."""

    def __post_init__(self) -> None:
        Ranged.__post_init__(self)
        if not 0 < self.window // self.buckets <= SECOND:
            raise ValueError("buckets: are longer than 1s, or shorter than 1ns; write another number or window")


class _Past:
    """What ended in one bucket."""

    __slots__ = ("answered", "passed", "rt_ms")

    def __init__(self) -> None:
        self.passed = self.answered = self.rt_ms = 0


class KratosBbr(ConcurrencyLimit):
    """Refuses what is more than the best bucket times the least response time, and goes on for a second afterwards.

    Simplified: buckets begin at multiples of their length, not at the first call; of looks at the processors that were
    missed between two calls each sees what the later call sees.
    """

    refusal_text = "service unavailable due to rate limit exceeded"

    def __init__(self, config: KratosBbrConfig, gauges: Gauges) -> None:
        super().__init__(0)
        self._config, self._gauges = config, gauges
        self._length = config.window // config.buckets
        self._past: dict[int, _Past] = {}
        self._now = 0
        self._limited_in = ABSENT
        """The bucket in which the limit was worked out."""
        self._limit = 0
        self._dropping_since: int | None = None
        self._looks = 0
        self.cpu = 0
        """Average of busy processors, in thousandths."""

    @property
    def limit(self) -> int:
        """Most calls in flight while it refuses: Little's law over the last window."""
        running = self._now // self._length
        if running != self._limited_in:  # what ends in the running bucket does not count yet
            self._limited_in, self._limit = running, self._little(running)
        return self._limit

    def _little(self, running: int) -> int:
        self._past = {n: past for n, past in self._past.items() if n > running - self._config.buckets}
        whole = [past for n, past in self._past.items() if n < running]
        best = max((past.passed for past in whole), default=1)
        least_ms = min((ceil(past.rt_ms / past.answered) for past in whole if past.answered), default=1)
        return max(1, best) * max(1, least_ms) * (SECOND // self._length) // 1000

    def ask(self, now: int) -> Pass | None:
        self._now = now
        self._look(now)
        if self._refuses(now):
            return None
        self.in_flight += 1
        return Pass(ticket=self.in_flight)

    def ended(self, ticket: int, outcome: Outcome) -> None:
        self.in_flight -= 1
        self._now = outcome.now
        past = self._past.setdefault(outcome.now // self._length, _Past())
        past.passed += 1
        took_ms = outcome.took // MS
        if took_ms > 0:
            past.answered += 1
            past.rt_ms += took_ms

    def _refuses(self, now: int) -> bool:
        is_busy = self.cpu >= self._config.cpu_threshold * PERMILLE
        if not is_busy:
            if self._dropping_since is None:
                return False
            if now - self._dropping_since > SECOND:
                self._dropping_since = None
                return False
        refuses = self.in_flight > 1 and self.in_flight > self.limit
        if refuses and is_busy and self._dropping_since is None:
            self._dropping_since = now
        return refuses

    def _look(self, now: int) -> None:
        missed = min(now // CPU_PERIOD - self._looks, LARGEST)
        usage = int(min(1.0, self._gauges.cpu(now)) * PERMILLE) if missed else 0
        for _ in range(min(missed, 1000)):  # by then it has forgotten everything
            self.cpu = int(self.cpu * CPU_DECAY + usage * (1.0 - CPU_DECAY))
        self._looks += missed
