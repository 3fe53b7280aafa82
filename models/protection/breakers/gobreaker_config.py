"""What a user says about a gobreaker: its Settings, and when it is ready to trip.

Sources: gobreaker.go, v2/gobreaker.go (type Settings).
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from models.protection.breakers.bounds import check_count, check_positive, check_share
from sim.units import SECOND, Duration, OneOf


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsecutiveFailures:
    """Opens when more failures than this have come in a row."""

    more_than: Annotated[int, Ge(0)] = 5
    """gobreaker: 5, so that the sixth opens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalFailures:
    """Opens when so many calls of the window have failed."""

    at_least: Annotated[int, Ge(1)]
    """Failures."""

    def __post_init__(self) -> None:
        check_count("at_least", self.at_least)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureRatio:
    """Opens when such a share of the window's calls has failed, those under way included."""

    at_least: Annotated[float, Gt(0), Le(1)]
    """Failures per call."""
    requests: Annotated[int, Ge(1)] = 1
    """Calls without which nothing opens."""

    def __post_init__(self) -> None:
        check_share("at_least", self.at_least, high=1)
        check_count("requests", self.requests)


ReadyToTrip = Annotated[
    ConsecutiveFailures | TotalFailures | FailureRatio,
    OneOf(consecutive_failures=ConsecutiveFailures, total_failures=TotalFailures, failure_ratio=FailureRatio),
]
"""When a failure opens a closed breaker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GobreakerConfig:
    """sony/gobreaker, version 1 or 2."""

    version: Literal["v1", "v2"] = "v2"
    """v2 has rolling windows and excluded results; the rest is the same."""
    max_requests: Annotated[int, Ge(0)] = 1
    """Calls that half-open lets pass, and successes in a row that close it (MaxRequests); 0 means 1."""
    interval: Duration = 0
    """How long a closed breaker counts before it begins anew (Interval); 0: for ever."""
    bucket_period: Duration = 0
    """v2: the window rolls by so much, and interval is rounded up to a multiple of it (BucketPeriod); 0: it does not
    roll."""
    timeout: Duration = 60 * SECOND
    """How long it stays open (Timeout); 0 means 60 s."""
    excludes_cancelled: bool = False
    """v2: whether a call that its caller gave up counts neither way (IsExcluded, which there is none of by default);
    without it is an error like any other."""
    excludes_refused: bool = False
    """v2: the same for a call that a guard further in refused."""
    ready_to_trip: ReadyToTrip = ConsecutiveFailures()
    """When a failure opens it (ReadyToTrip): consecutive_failures, total_failures or failure_ratio."""

    def __post_init__(self) -> None:
        check_count("max_requests", self.max_requests, 0)
        for field in ("bucket_period", "excludes_cancelled", "excludes_refused"):
            if getattr(self, field) and self.version == "v1":
                raise ValueError(f"{field}: v1 has none; leave it out, or write version: v2")
        if self.bucket_period:
            check_positive("interval", self.interval, "10s")
