"""What a user says about outlier detection, in Envoy's words (outlier_detection.proto)."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Le

from sim.units import SECOND, Duration

Share = Annotated[float, Ge(0), Le(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlierDetectionConfig:
    """When a client stops asking a backend for a while. Enforcing shares are the chance that a rule that fires acts."""

    consecutive_5xx: Annotated[int, Ge(1)] = 5
    """Failures in a row after which a backend is ejected; lost connections and time-outs count, too."""
    enforcing_consecutive_5xx: Share = 1.0
    """Share of the times at which that happens. Envoy: 100 %."""
    consecutive_gateway_failure: Annotated[int, Ge(1)] = 5
    """The same for 502, 503 and 504 alone."""
    enforcing_consecutive_gateway_failure: Share = 0.0
    """Share of the times at which that happens. Envoy: 0 %."""
    split_external_local_origin_errors: bool = False
    """Whether failures without an answer are counted apart, by the next rule, and not as 5xx."""
    consecutive_local_origin_failure: Annotated[int, Ge(1)] = 5
    """With the split: failures without an answer in a row."""
    enforcing_consecutive_local_origin_failure: Share = 1.0
    """Share of the times at which that happens. Envoy: 100 %."""
    interval: Annotated[Duration, Gt(0)] = 10 * SECOND
    """Time between two ticks: rates are looked at and backends come back at ticks only."""
    base_ejection_time: Duration = 30 * SECOND
    """How long the first ejection of a backend lasts; the second in a row twice as long, and so on."""
    max_ejection_time: Duration = 300 * SECOND
    """Longest ejection; base_ejection_time where that is longer."""
    max_ejection_time_jitter: Duration = 0
    """Up to so much is added to each ejection, drawn."""
    max_ejection_percent: Annotated[float, Ge(0), Le(100)] = 10.0
    """Most backends that are ejected at a time, in percent: with 10 and fewer than 10 backends none ever is."""
    always_eject_one_host: bool = False
    """Whether one may be ejected whatever `max_ejection_percent` says; a field since Envoy 1.31."""
    tests_before_ejection: bool = False
    """Whether an ejection is allowed while fewer than `max_ejection_percent` are ejected, so that the last one may pass
    it and there is always a first, as in older versions of Envoy and in gRPC (A50)."""
    success_rate_minimum_hosts: Annotated[int, Ge(1)] = 5
    """Backends with enough requests that the rule of success rates needs."""
    success_rate_request_volume: Annotated[int, Ge(1)] = 100
    """Requests of an interval that are enough for it."""
    success_rate_stdev_factor: Annotated[float, Ge(0)] = 1.9
    """Ejected is whose success rate lies more than so many standard deviations below the mean (Envoy: 1900 / 1000)."""
    enforcing_success_rate: Share = 1.0
    """Share of the times at which that happens. Envoy: 100 %."""
    failure_percentage_threshold: Annotated[float, Ge(0), Le(100)] = 85.0
    """Failures among the requests of an interval, in percent, from which on a backend is ejected."""
    failure_percentage_minimum_hosts: Annotated[int, Ge(1)] = 5
    """Backends with enough requests that this rule needs."""
    failure_percentage_request_volume: Annotated[int, Ge(1)] = 50
    """Requests of an interval that are enough for it."""
    enforcing_failure_percentage: Share = 0.0
    """Share of the times at which that happens. Envoy: 0 %."""
