"""The words in which a run is declared for tracing tools: ways, what carries them, incidents, levels. Frozen data.

A declaration names tables and columns as text, as metrics do. Not how a trace is written down (`sim.export`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A piece of a way between two instants; there is none where one of them never came."""

    name: str
    begin: str
    end: str
    span: str = ""
    """What tracing libraries call it; empty where they have no span for it."""
    inside: str = ""
    """The span that it is a part of, though it may go on after it; empty where it stands below the way itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """The pieces of a way as an archive of a page names them; without those that have a name here they are a wait."""

    wait: str
    got: str
    """The column with the instant at which the wait for what carries it is over."""
    opening: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]
    """Pieces of the wait: columns with begin and end, of each the first that is known."""
    within: tuple[str, ...]
    """Those of them that lie within another, and add nothing."""
    pieces: Mapping[str, str]
    """What follows, one after the other: the column with its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What somebody else did in the middle of a way; the records say how long it took, and between which instants."""

    begin: str
    end: str
    place: str
    """The column with the number of who did it."""
    waited: str
    """The column with how long it lay there first."""
    served: str
    names: tuple[str, str]
    """What both are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What a row of a table says: from its begin to its end, in steps."""

    table: str
    noun: str
    id: str
    begin: str
    end: str
    of: str
    """The column with who makes it."""
    kind: str
    """The column with what it is one of: a key of `kinds`."""
    kinds: "Mapping[str, Kind]"
    carrier: str
    """The column with the number of what carries it, one of those of the same `of`."""
    error: str
    unfinished: str
    """The error of one that had not ended when the run did."""
    status: str
    tries: str
    port: str
    steps: tuple[Step, ...]
    visit: Visit
    timings: "Timings"

    @property
    def columns(self) -> list[str]:
        """All that are read."""
        ends = [name for step in self.steps for name in (step.begin, step.end)]
        visit = [self.visit.begin, self.visit.end, self.visit.place, self.visit.waited, self.visit.served]
        own = [self.id, self.begin, self.end, self.of, self.kind, self.carrier, self.error, self.status, self.tries]
        return list(dict.fromkeys([*own, self.port, *ends, *visit]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """What carries ways, one after the other or several at a time."""

    table: str
    noun: str
    id: str
    of: str
    begin: str
    ready: str
    """The column with the instant from which on it can carry."""
    ends: tuple[str, ...]
    """Columns with its end: the first that is known."""
    to: str
    error: str
    opening: str
    """What it does until it is ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incidents:
    """What happened at an instant, at a place or to somebody; what lasts has a second row with the text and `over`."""

    table: str
    at: str
    what: str
    place: str
    of: str
    over: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What all ways of a kind have in common."""

    name: str
    """What a tracing library calls such a way."""
    attributes: Mapping[str, str | int]
    service: str
    """Who visits are paid to."""
    request: Mapping[str, Any]
    response: Mapping[str, Any]
    """Both ends of one as an archive of a page describes them, but for what is the row's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Packets:
    """What the ends of carriers tell of each packet: columns of a table that few runs have."""

    table: str
    at: str
    of: str
    carrier: str
    side: str
    event: str
    type: str
    number: str
    size: str
    trigger: str
    levels: Mapping[str, str]
    """What the end's state is called: columns with it."""
    times: frozenset[str]
    """Those of them that are times."""
    names: Mapping[str, str]
    """Event as recorded to its name with its category."""
    protocol: tuple[str, ...]
    asked_by: str
    """The setting with which a run records them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """All that a run tells a tracing tool."""

    ways: tuple[Way, ...]
    carrier: Carrier
    packets: Packets
    incidents: Incidents
    levels: Mapping[str, Mapping[str, Mapping[str, int]]]
    """Name of a picture to names of its series to columns of the samples with their weights."""
    places: tuple[str, ...]
    """Names of those who are visited, by number; `place` gives one."""
    failed_from: int
    """The status from which on a way has failed."""
    status_attribute: str
    error_attribute: str
    tries_attribute: str
    port_attribute: str

    def place(self, number: int | None) -> str:
        """The name of who is visited, the number where there is none; empty for nobody."""
        if number is None or number < 0:
            return ""
        return self.places[number] if number < len(self.places) else f"{number}"
