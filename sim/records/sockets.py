"""Socket views: how a run's sockets look to who watches a kernel, as models declare it. Not how a tool prints it.

States are numbers of the kernel's, as in the rows.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

Pair = tuple[int, int]
"""A state, and the state after it."""


@dataclass(frozen=True, slots=True)
class Program:
    """Who has sockets at an address."""

    address: str
    pid: int
    comm: str


@dataclass(frozen=True, slots=True)
class SocketView:
    """What a kernel says of the changes of its sockets, and what everybody is called."""

    names: tuple[str, ...]
    """Names of the states by number, without a prefix."""
    reported: Mapping[Pair, tuple[Pair, ...]]
    """Changes that a kernel reports for one of the rows; a pair that is not there is reported by none."""
    in_process: frozenset[Pair]
    """Reported changes that happen in a system call of the program; the others happen in a softirq."""
    clients: tuple[tuple[Program, ...], ...]
    """Clients by number, each by number of its local address."""
    fleets_from: int
    """Number of the first client that stands for many devices, whose addresses follow from its ports."""
    remotes: Mapping[int, tuple[Program, int]]
    """Dialed addresses by number, with their port."""
    backlogs: Mapping[int, int]
    """Of backends by number: the most that may wait in the queue of its listener."""


@dataclass(frozen=True, slots=True)
class MessageSizes:
    """Bytes of what goes over a connection."""

    requests: Mapping[str, int]
    """Of a request, by workload."""
    answers: Mapping[int, int]
    """Of an answer, by number of the backend."""


class Change(NamedTuple):
    """One line of a kernel's report, as every format and every run has it.

    `t` is in seconds, NaN where the line does not say; `socket` tells sockets apart: an address, or what stands for it;
    `lasted` is the time in the old state in ms, 0 for the first change of a socket, NaN where the line does not say.
    """

    t: float
    socket: object
    laddr: str
    lport: int
    raddr: str
    rport: int
    old: str
    new: str
    lasted: float


def only_time(t: float) -> Change:
    """Nothing has changed up to an instant: what clocks that go by the records have to hear of a quiet stretch."""
    return Change(t, None, "", 0, "", 0, "", "", math.nan)


class NotALine(ValueError):
    """A line that the tool does not write: why."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One socket of a list."""

    state: str
    """bcc's name."""
    recv_q: int
    send_q: int
    laddr: str
    lport: int
    raddr: str
    rport: int
    retransmitted: int = 0
    """Segments sent again so far (-i)."""
    segments: int = 0
    """Segments sent so far (-i)."""


@dataclass(slots=True)
class Snapshot:
    """What one call of ss has listed; `t` in seconds, NaN where nobody says."""

    t: float = math.nan
    sockets: list[Listed] = field(default_factory=list)
