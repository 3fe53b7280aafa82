"""Overlaps: two events that cannot both be true of a backend, or of a service, at the same time."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from models.timeline.event import FAULTS, OF_CLIENTS, TimelineEvent
from sim.units import format_duration

ASPECTS: dict[str, tuple[str, ...]] = {
    "pause": ("program",),
    "die": ("program", "listener"),
    "shutdown": ("program", "listener", "keep-alives"),
    "drain": ("program", "listener", "keep-alives"),
    "crash": ("listener",),
    "refuse": ("listener",),
    "keep_alives_off": ("keep-alives",),
    "drop": ("path",),
    "unreachable": ("path",),
    "zone_loss": ("path",),
    "scale": ("size",),
    "autoscale": ("size",),
}
"""What an event decides as long as it lasts; kinds that are not named here decide something of their own."""
ALL = -1
"""Stands for the service itself in the place of a backend."""
_NEVER = 1 << 62


class Span(NamedTuple):
    """What an event decides, from when to when."""

    start: int
    end: int
    number: int
    kind: str


Reach = Sequence[tuple[str, int]]
"""Service and backend that an event hits; ALL for the service."""


def check_overlaps(events: Sequence[tuple[TimelineEvent, Reach]]) -> None:
    """Refuse events that contradict one another.

    Raises
    ------
    ValueError
        Of two that overlap: the place of the later one, and which the other is.
    """
    decided: dict[tuple[str, int, str], list[Span]] = {}
    for number, (event, reach) in enumerate(events):
        length = _length(event)
        span = Span(event.at, event.at + length if length else _NEVER, number, event.kind)
        for service, backend in reach:
            for aspect in _aspects(event):
                decided.setdefault((service, backend, aspect), []).append(span)
    for (service, backend, _), spans in decided.items():
        spans.sort()
        for one, other in pairwise(spans):
            if other.start < one.end:
                raise ValueError(_said(service, backend, one, other))


def _aspects(event: TimelineEvent) -> Iterable[str]:
    """Chaos draws whom it hits and how, so it decides all that faults decide."""
    if event.chaos is not None:
        return sorted({aspect for kind in FAULTS for aspect in ASPECTS.get(kind, (kind,))} | {"chaos"})
    return ASPECTS.get(event.kind, (event.kind,))


def _length(event: TimelineEvent) -> int:
    """0 means to the end of the run; what is over at once takes the least time that there is."""
    if event.kind in ("crash", "flush", "scale", "deploy", "release", "rollback", "distrust", *OF_CLIENTS):
        return 1
    told: Any = event.told
    return 0 if event.chaos is not None else int(told.for_)


def _said(service: str, backend: int, one: Span, other: Span) -> str:
    whom = f"{service}" if backend == ALL else f"backend {backend} of {service}"
    until = "the end" if one.end == _NEVER else format_duration(one.end)
    return (
        f"timeline.{other.number}.{other.kind}: at {format_duration(other.start)} it hits {whom}, where"
        f" timeline.{one.number}.{one.kind} lasts from {format_duration(one.start)} to {until}, and both cannot be;"
        " move one of them, or shorten it"
    )
