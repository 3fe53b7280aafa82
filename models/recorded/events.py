"""timeline_of: what was done to the servers of a recorded case, as events of a scenario."""

from collections.abc import Iterator, Sequence

from models.recorded.lab import LabEvent, LabInput
from models.timeline import Fault, Pause, TimelineEvent
from sim.units import SECOND

_UNTIL = {"die": "revive", "mode": "mode"}
"""What ends an action that has no length of its own."""


def timeline_of(lab: LabInput, backends: Sequence[tuple[str, int]]) -> tuple[TimelineEvent, ...]:
    """The events of the case; `backends` gives each backend's service and place.

    Raises
    ------
    ValueError
        An event names a backend or an address that is not there, or a mode that nothing begins or ends.
    """
    events = [*_initial_modes(lab), *lab.events]
    return tuple(made for i, event in enumerate(events) for made in _event(lab, events, i, backends))


def _initial_modes(lab: LabInput) -> Iterator[LabEvent]:
    for i, backend in enumerate(lab.server.backends):
        if backend.mode != "normal":
            yield LabEvent(t=0.0, action="mode", mode=backend.mode, backend=i)


def _event(
    lab: LabInput, events: Sequence[LabEvent], i: int, backends: Sequence[tuple[str, int]]
) -> Iterator[TimelineEvent]:
    event = events[i]
    if event.action == "revive" or (event.action == "mode" and event.mode == "normal"):
        return
    length = event.dur or _length(event, events[i + 1 :])
    for service, place in _hit(lab, event, backends):
        yield _made(event, Fault(service=service, backend=place, for_=round(length * SECOND)))


def _length(event: LabEvent, later: Sequence[LabEvent]) -> float:
    """Until what ends it; 0, to the end of the run, where nothing does."""
    ends = _UNTIL.get(event.action)
    for other in later:
        if other.action == ends and other.backend in (event.backend, -1):
            return other.t - event.t
    return 0.0


def _hit(lab: LabInput, event: LabEvent, backends: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    if event.action == "drop":
        hit = [i for i, backend in enumerate(lab.server.backends) if backend.ip == event.ip]
        if not hit:
            raise ValueError(f"Events: {event.ip or 'no IP'} is no backend's address")
        return [backends[i] for i in hit]
    if event.backend == -1:
        return list(backends)
    if event.backend >= len(backends):
        raise ValueError(f"Events: there is no backend {event.backend}; they are 0 to {len(backends) - 1}")
    return [backends[event.backend]]


def _made(event: LabEvent, fault: Fault) -> TimelineEvent:
    at = round(event.t * SECOND)
    match event.action, event.mode:
        case "die", _:
            return TimelineEvent(at=at, die=fault)
        case "drop", _:
            return TimelineEvent(at=at, drop=fault)
        case "mode", "tls-stall":
            return TimelineEvent(at=at, tls_stall=fault)
        case "mode", "never-accept":
            return TimelineEvent(at=at, pause=_pause(fault, mid_accept=False))
        case "pause", _:
            return TimelineEvent(at=at, pause=_pause(fault, mid_accept=True))
        case "sigstop", _:
            return TimelineEvent(at=at, pause=_pause(fault, mid_accept=False))
    raise ValueError(f"Events: {event.action} of mode {event.mode or 'none'} says nothing")


def _pause(fault: Fault, *, mid_accept: bool) -> Pause:
    return Pause(service=fault.service, backend=fault.backend, for_=fault.for_, mid_accept=mid_accept)
