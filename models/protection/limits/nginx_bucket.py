"""Nginx bucket: limit_req, a leaky bucket in thousandths of a request and whole ms. Not limit_conn.

Source: ngx_http_limit_req_module.c. One object is one key of a zone, or of several zones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le

from models.protection.guard import Pass
from models.protection.limits.limit import Limit
from models.protection.ranges import Ranged
from models.status import SERVICE_UNAVAILABLE
from sim.units import MS, Rate

WHOLE = 1000
"""One request in the unit of the module."""
CLOCK_JUMP_MS = 60_000
"""A clock that went back by more counts as 1 ms on, by less as standing still."""
"""limit_req_status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NginxConfig(Ranged):
    """limit_req with the rate of its zone."""

    rate: Annotated[Rate, Ge(0.001)]
    """Requests per second; nginx has whole ones per second or minute."""
    burst: Annotated[int, Ge(0)] = 0
    """How far the requests may be ahead of the rate."""
    delay: Annotated[int, Ge(0)] = 0
    """How far without waiting; those beyond wait until they are so far only."""
    nodelay: bool = False
    """Nobody waits."""
    status: Annotated[int, Ge(400), Le(599)] = SERVICE_UNAVAILABLE
    """Status of a refusal (limit_req_status)."""

    def __post_init__(self) -> None:
        Ranged.__post_init__(self)
        if self.nodelay and self.delay:
            raise ValueError("delay: has no meaning with nodelay; leave one of them out")


@dataclass(frozen=True, slots=True, kw_only=True)
class NginxZonesConfig:
    """Several limit_req of one location: all have to let a request pass."""

    zones: tuple[NginxConfig, ...]
    """In the order of the configuration; the first that refuses decides, else the longest delay."""

    def __post_init__(self) -> None:
        if not self.zones:
            raise ValueError("zones: is empty; write at least one")


class _Zone:
    """A key of one zone."""

    def __init__(self, config: NginxConfig) -> None:
        # rounded, since 1.001 * 1000 is a little less than 1001; what is left over nginx cuts off
        self._rate = int(round(config.rate * WHOLE, 6))
        self._burst = config.burst * WHOLE
        self._free = self._burst if config.nodelay else config.delay * WHOLE
        self._excess = self._last_ms = 0
        self._is_known = False
        self.status = config.status

    def look(self, now_ms: int) -> int | None:
        """How far ahead of the rate a request would be; None where that is too far."""
        if not self._is_known:
            return 0
        ms = self._passed(now_ms)
        excess = max(0, self._excess - self._rate * ms // 1000 + WHOLE)
        return None if excess > self._burst else excess

    def charge(self, excess: int, now_ms: int) -> int:
        """Let it pass; how long it has to wait, ms."""
        if self._passed(now_ms) or not self._is_known:
            self._last_ms = now_ms
        self._is_known, self._excess = True, excess
        return 0 if excess <= self._free else (excess - self._free) * 1000 // self._rate

    def _passed(self, now_ms: int) -> int:
        ms = now_ms - self._last_ms
        return ms if ms >= 0 else 0 if ms >= -CLOCK_JUMP_MS else 1


class NginxBucket(Limit):
    """What one key may do under one or several limit_req."""

    refusal_text = "Service Temporarily Unavailable"

    def __init__(self, configs: Sequence[NginxConfig]) -> None:
        self._zones = [_Zone(config) for config in configs]
        self.refusal_status = configs[0].status
        self.reason = "rate"

    def ask(self, now: int) -> Pass | None:
        now_ms, ahead = now // MS, []
        for zone in self._zones:
            excess = zone.look(now_ms)
            if excess is None:
                self.refusal_status = zone.status
                return None
            ahead.append(excess)
        waits = [zone.charge(excess, now_ms) for zone, excess in zip(self._zones, ahead, strict=True)]
        return Pass(max(waits) * MS)
