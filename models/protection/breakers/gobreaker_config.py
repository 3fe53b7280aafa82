"""What a user says about a gobreaker: its Settings, and when it is ready to trip.

Sources: gobreaker.go, v2/gobreaker.go (type Settings).
"""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Le

from models.protection.ranges import Ranged, check_parts
from sim.units import SECOND, Duration, OneOf


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsecutiveFailures(Ranged):
    """Opens when more failures than this have come in a row."""

    more_than: Annotated[int, Ge(0)] = 5
    """gobreaker: 5, so that the sixth opens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalFailures(Ranged):
    """Opens when so many calls of the window have failed."""

    at_least: Annotated[int, Ge(1)]
    """Failures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureRatio(Ranged):
    """Opens when such a share of the window's calls has failed, those under way included."""

    at_least: Annotated[float, Gt(0), Le(1)]
    """Failures per call."""
    requests: Annotated[int, Ge(1)] = 1
    """Calls without which nothing opens."""


ReadyToTrip = Annotated[
    ConsecutiveFailures | TotalFailures | FailureRatio,
    OneOf(consecutive_failures=ConsecutiveFailures, total_failures=TotalFailures, failure_ratio=FailureRatio),
]
"""When a failure opens a closed breaker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GobreakerConfig(Ranged):
    """sony/gobreaker; version 1 is the same without bucket_period and what is excluded."""

    max_requests: Annotated[int, Ge(0)] = 1
    """Calls that half-open lets pass, and successes in a row that close it (MaxRequests); 0 means 1."""
    interval: Duration = 0
    """How long a closed breaker counts before it begins anew (Interval); 0: for ever."""
    bucket_period: Duration = 0
    """The window rolls by so much, and interval is rounded up to a multiple of it (BucketPeriod); 0: it does not
    roll."""
    timeout: Duration = 60 * SECOND
    """How long it stays open (Timeout); 0 means 60 s."""
    excludes_cancelled: bool = False
    """Whether a call that its caller gave up counts neither way (IsExcluded, which there is none of by default);
    without it is an error like any other."""
    excludes_refused: bool = False
    """The same for a call that a guard further in refused."""
    ready_to_trip: ReadyToTrip = ConsecutiveFailures()
    """When a failure opens it (ReadyToTrip): consecutive_failures, total_failures or failure_ratio."""

    def __post_init__(self) -> None:
        Ranged.__post_init__(self)
        if self.bucket_period and not self.interval:
            raise ValueError("interval: 0s has no buckets; write a length such as 10s, or leave bucket_period out")
        if self.bucket_period:
            check_parts("bucket_period", self.bucket_period, self.interval)
