"""Idle guards: what protects nothing in a scenario, though it is listed. It may be meant, so it is said, not refused.

Not what a guard does where it does something (models/protection).
"""

from collections.abc import Iterator
from math import sqrt

from models.guarding import guarded_calls, relaying_clients
from models.protection.breakers.gobreaker_config import FailureRatio, GobreakerConfig
from models.protection.breakers.hystrix_config import HystrixConfig
from models.protection.breakers.resilience4j_config import Resilience4jConfig
from models.protection.breakers.sentinel_config import SentinelConfig
from models.protection.config import GuardedClient
from models.protection.guards import GuardConfig, kind_of
from models.protection.limits.aws_adaptive import AwsAdaptiveConfig
from models.protection.limits.bbr import KratosBbrConfig
from models.protection.limits.envoy_bucket import EnvoyLocalConfig
from models.protection.limits.sentinel_config import SentinelSystemConfig
from models.protection.retry.pushback import Pushback
from models.scenario import HostedService, Scenario
from models.workload.arrivals import Arrivals, ConstantRate, Poisson
from models.workload.bursts import Bursts
from models.workload.curve import RateCurve
from sim.units import SECOND, format_duration

FAR_ABOVE_MEAN = 5
"""Standard deviations above its mean at which a number of arrivals is taken to be out of reach."""


def idle_guards(scenario: Scenario) -> Iterator[str]:
    """One line each: where, what, and what comes of it."""
    for name, client in scenario.clients.items():
        at = f"clients.{name}.guards"
        yield from _of_a_list(at, client.guards)
        for i, guard in enumerate(client.guards):
            place = f"{at}.{i}.{kind_of(guard)}"
            if _is_blind(guard):
                yield f"{place}: a client has no processors or load to look at; put it before a service"
            yield from _out_of_reach(place, guard, _most_calls_per_s(scenario, name, client))
    for name, service in scenario.services.items():
        yield from _of_a_list(f"services.{name}.guards", service.guards)
        yield from _before_workers(f"services.{name}", service)
        yield from _unheeded(scenario, name, service)


def _unheeded(scenario: Scenario, name: str, service: HostedService) -> Iterator[str]:
    """A service that asks for a wait, and nobody who calls it makes anything of that."""
    asks = service.pushback
    if asks is None:
        return
    callers = [scenario.clients[client] for client, called in guarded_calls(scenario) if called == name]
    ways = [client.retry and Pushback(asks, client.retry.pushback) for client in callers]
    if not any(way and way.of(asks.statuses[0]) is not None for way in ways):
        what = f"for a wait of {format_duration(asks.wait)}" if isinstance(asks.wait, int) else "not to be asked again"
        yield f"services.{name}.pushback: asks {what}, which no client heeds; write retry: {{pushback: obey}} of one"


def _of_a_list(at: str, guards: tuple[GuardConfig, ...]) -> Iterator[str]:
    for i, guard in enumerate(guards):
        kind, first = kind_of(guard), guards.index(guard)
        if first < i:
            yield f"{at}.{i}: {kind} with the settings of guards.{first}, so each call asks it twice; leave one out"
        if isinstance(guard, SentinelConfig) and guard.never_trips:
            yield f"{at}.{i}.{kind}.threshold: Java opens above it, and no share is above 1; write less than 1"
        if isinstance(guard, EnvoyLocalConfig) and not (guard.filter_enabled and guard.filter_enforced):
            share = "filter_enforced" if guard.filter_enabled else "filter_enabled"
            yield f"{at}.{i}.{kind}.{share}: is 0, as in Envoy, so nothing is limited; write 1"


def _before_workers(at: str, service: HostedService) -> Iterator[str]:
    for i, guard in enumerate(service.guards):
        place = f"{at}.guards.{i}.{kind_of(guard)}"
        if _is_blind(guard) and not service.workers:
            yield f"{place}: looks at workers, and workers is 0, so it refuses nothing; write their number"
        if isinstance(guard, AwsAdaptiveConfig) and service.relay is None:
            yield f"{place}: learns from 429 alone, which nothing gives it; put it before a client's calls"
    for key, it in (("queue_discipline", service.queue_discipline), ("expiry", service.expiry)):
        if it is not None and not service.workers:
            yield f"{at}.{key}: nobody waits where workers is 0, so it does nothing; write their number"


def _is_blind(guard: GuardConfig) -> bool:
    """Whether it refuses nothing where there is nothing to see of a machine."""
    match guard:
        case KratosBbrConfig():
            return guard.cpu_threshold > 0
        case SentinelSystemConfig():
            by_machine = [each for each in (guard.highest_system_load, guard.highest_cpu_usage) if each is not None]
            by_calls = (guard.qps, guard.max_thread, guard.avg_rt)
            return bool(by_machine) and all(by_machine) and all(each is None for each in by_calls)
    return False


def _out_of_reach(at: str, guard: GuardConfig, rate: float | None) -> Iterator[str]:
    """A breaker that decides nothing without more calls in its window than can come."""
    field, least, window = _least_calls(guard)
    if rate is None or not window:
        return
    mean = rate * window / SECOND
    if mean + FAR_ABOVE_MEAN * sqrt(mean) + 1 < least:
        within = f"{least} calls do not come within {format_duration(window)}"
        yield f"{at}.{field}: {within} at {rate:g}/s of an instance, so it never opens; write a smaller number"


def _least_calls(guard: GuardConfig) -> tuple[str, int, int]:
    """The key, how many calls it demands, and within how long (ns); 0 where that has no end."""
    match guard:
        case HystrixConfig():
            return "request_volume_threshold", guard.request_volume_threshold, guard.rolling_window
        case Resilience4jConfig(sliding_window_type="time_based"):
            return "minimum_number_of_calls", guard.minimum_number_of_calls, guard.sliding_window_size * SECOND
        case SentinelConfig():
            return "min_request_amount", guard.least_requests, guard.interval
        case GobreakerConfig(ready_to_trip=FailureRatio() as rule):
            return "ready_to_trip.failure_ratio.requests", rule.requests, guard.interval
    return "", 0, 0


def _most_calls_per_s(scenario: Scenario, name: str, client: GuardedClient) -> float | None:
    """Most tries per second of an instance at the service that it asks most; None where that is not known."""
    if name in relaying_clients(scenario):
        return None
    per_service: dict[str, float] = {}
    for workload in scenario.workloads.values():
        if workload.client == name:
            rate, targets = _highest_rate(workload.arrivals), workload.targets()
            if rate is None:
                return None
            for service in targets:
                per_service[service] = per_service.get(service, 0.0) + rate / len(targets)
    tries = 1 + (client.retry.retries if client.retry else 0) + (client.hedge.copies if client.hedge else 0)
    return max(per_service.values(), default=0.0) * tries / client.instances


def _highest_rate(arrivals: Arrivals) -> float | None:
    match arrivals:
        case Poisson() | ConstantRate():
            return arrivals.rate
        case Bursts():
            return max(arrivals.on_rate, arrivals.off_rate)
        case RateCurve():
            return max(point.rate for point in arrivals.points)
        case _:
            return None
