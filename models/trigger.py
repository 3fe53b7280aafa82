"""Trigger: what puts a system out of its ordinary state for a while, and how long after it one has to wait to judge.

Not what becomes of the system (`recovery`). Source of the procedure: Bronson et al., Metastable Failures in
Distributed Systems, HotOS '21; Huang et al., Metastable Failures in the Wild, OSDI '22.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from models.protection.breakers.hystrix_config import HystrixConfig
from models.timeline.event import FAULTS, TimelineEvent
from sim.units import SECOND, Duration

LASTING = (*FAULTS, "issuer_down", "clock_skew")
"""Events that may end by themselves."""
AT_ONCE = ("crash", "close_idle", "flush", "distrust", "path_change")
"""Events that are over at once; what follows is the system's own doing."""
TIMEOUTS = 5
"""So many of the longest time-out after the trigger's end the system is left alone before it is judged."""
LEAST_LEFT = 3 * SECOND
"""Less is too short to judge by: a third of it is one window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerConfig:
    """When load or capacity are out of the ordinary."""

    start: Duration
    """When that begins, from the start of the run."""
    end: Duration
    """When it is over."""

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError("end: lies before start; write a later one")


def trigger_of(scenario: Any) -> TriggerConfig | None:
    """What the scenario states, or else from the first to the end of the last event of its timeline.

    None where there is none, where something is changed for good, or where it begins when all have arrived.
    """
    if scenario.trigger is not None:
        stated: TriggerConfig = scenario.trigger
        return stated
    events = scenario.timeline
    if not events or not all(_ends(event) for event in events):
        return None
    start = min(event.at for event in events)
    if start >= scenario.duration:
        return None
    return TriggerConfig(
        start=start,
        end=max(event.at + (0 if event.kind in AT_ONCE else event.told.for_) for event in events),
    )


def _ends(event: TimelineEvent) -> bool:
    return event.kind in AT_ONCE or (event.kind in LASTING and event.told.for_ > 0)


def longest_timeout(scenario: Any) -> int:
    """The longest that anybody in a scenario waits for an answer, as far as that is limited; ns.

    Not how long a connection may take to come about (dialer.timeout, tls_handshake_timeout).
    """
    waits = [wait for client in scenario.clients.values() for wait in _timeouts(client)]
    waits += [workload.deadline for workload in scenario.workloads.values()]
    return max(waits, default=0)


def _timeouts(client: Any) -> Iterator[int]:
    yield client.timeout
    yield client.transport.response_header_timeout
    if client.retry is not None:
        yield from (client.retry.within, client.retry.per_try_timeout)
    yield from (guard.timeout for guard in client.guards if isinstance(guard, HystrixConfig))


def lacks(scenario: Any) -> int:
    """How much longer requests would have to arrive before it can be judged whether the system is back, ns."""
    trigger = trigger_of(scenario)
    if trigger is None:
        return 0
    ends_at = trigger.end + TIMEOUTS * longest_timeout(scenario) + LEAST_LEFT
    return int(max(0, ends_at - scenario.duration))


def trigger_numbers(scenario: Any) -> dict[str, float]:
    """For the metrics, in seconds: when the trigger begins and ends, and from when to when its outcome is judged.

    Judged is the last third of what is left `TIMEOUTS` time-outs after its end. Where that is too little its end is
    left out as well, so that nothing is said of what came after it.
    """
    trigger = trigger_of(scenario)
    if trigger is None:
        return {}
    start, end = trigger.start / SECOND, trigger.end / SECOND
    if lacks(scenario):
        return {"trigger_start": start}
    settled = end + TIMEOUTS * longest_timeout(scenario) / SECOND
    left = scenario.duration / SECOND - settled
    return {"trigger_start": start, "trigger_end": end, "judged_from": settled + left * 2 / 3}
