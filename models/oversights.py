"""Oversights: what a scenario asks for that can have no effect. It may be meant, so it is said and not refused."""

from collections.abc import Iterator

from models.channeling import grpc_oversights
from models.idle_guards import idle_guards
from models.protection.rules.conflicts import conflicts_of
from models.scenario import Scenario
from models.trigger import lacks
from models.workload.arrivals import Arrivals, ConstantRate, Poisson
from models.workload.bursts import Bursts
from models.workload.curve import RateCurve
from sim.units import format_duration


def oversights_of(scenario: Scenario) -> Iterator[str]:
    """One line each: where, what, and what comes of it."""
    duration, warmup = format_duration(scenario.duration), format_duration(scenario.warmup)
    if scenario.warmup >= scenario.duration:
        yield (
            f"warmup: {warmup} takes all of the duration of {duration}, so there is no latency, ratio or rate;"
            " write a shorter warmup"
        )
    ends_at = scenario.duration + scenario.tail
    for i, event in enumerate(scenario.timeline):
        if event.at >= ends_at:
            what = f"{event.kind} at {format_duration(event.at)} does not happen"
            yield f"timeline.{i}: {what}, the run ends at {format_duration(ends_at)}; lengthen duration"
    more = lacks(scenario)
    if more:
        yield (
            f"duration: {duration} is too short to judge whether the system is back after its trigger; make it"
            f" {format_duration(more)} longer"
        )
    for name, client in scenario.clients.items():
        if client.tuning is not None and client.tuning.period > scenario.duration:
            period = format_duration(client.tuning.period)
            yield (
                f"clients.{name}.tuning.period: the controller looks first after {period}, when all have arrived;"
                f" write one below the duration of {duration}"
            )
    for name, workload in scenario.workloads.items():
        if _is_silent(workload.arrivals):
            yield f"workloads.{name}.arrivals: a rate of 0/s sends no request; write one such as 100/s"
    for name, client in scenario.clients.items():
        for number, what in conflicts_of(client.rules):
            yield f"clients.{name}.{client.rules_at}.{number}.{what}"
    yield from idle_guards(scenario)
    yield from grpc_oversights(scenario)


def _is_silent(arrivals: Arrivals) -> bool:
    match arrivals:
        case Poisson() | ConstantRate():
            return arrivals.rate == 0
        case Bursts():
            return arrivals.on_rate == arrivals.off_rate == 0
        case RateCurve():
            return not any(point.rate for point in arrivals.points)
        case _:
            return False
