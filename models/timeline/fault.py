"""Faults: which backend or name an event of the timeline hits, how long, and how badly."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from sim.units import SECOND, Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """The program ends suddenly, and is started again: at once, then 10 s, 20 s ... later (CrashLoopBackOff)."""

    service: str = ""
    """The service; may be left out where there is one."""
    backend: Annotated[int, Ge(0)] | Literal["all"] = 0
    """Number of the backend in its service, from 0, or all."""

    @property
    def length(self) -> int:
        """It is over at once; what follows is the backend's own life."""
        return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Flush:
    """The cache of a program is emptied: a purge, a restart of the cache's host. It is over at once."""

    service: str = ""
    """The service; may be left out where there is one."""
    backend: Annotated[int, Ge(0)] | Literal["all"] = 0
    """Number of the backend in its service, from 0, or all."""

    @property
    def length(self) -> int:
        """It is over at once; how it fills again is the backend's own doing."""
        return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Which backend is hit, and how long."""

    service: str = ""
    """The service; may be left out where there is one."""
    backend: Annotated[int, Ge(0)] | Literal["all"] = 0
    """Number of the backend in its service, from 0, or all."""
    for_: Duration = 0
    """How long; 0 means to the end of the run."""

    @property
    def length(self) -> int:
        """How long, ns; 0 means to the end of the run."""
        return self.for_


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLimit(Fault):
    """Servers announce another limit of streams on all their connections of HTTP/2 (SETTINGS)."""

    max_concurrent_streams: Annotated[int, Ge(1)]
    """The limit meanwhile; 0 would let nobody in for good, and is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Fault):
    """The program stops; its kernel goes on."""

    mid_accept: bool = False
    """Whether the program is waiting in accept() when it stops, so that one more connection leaves the accept queue: a
    lock or a stop-the-world collection, not SIGSTOP."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderStall(Fault):
    """Some requests that arrive meanwhile are never answered."""

    share: Annotated[float, Gt(0), Le(1)] = 1.0
    """Share of the requests that are never answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable(Fault):
    """A router answers for the backend with ICMP; what is sent to it is lost."""

    kind: Literal["host", "net"] = "host"
    """What is unreachable, the host ("no route to host") or its network ("network is unreachable")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow(Fault):
    """A slow host: what it begins meanwhile takes longer."""

    factor: Annotated[float, Gt(0), Le(1000)] = 10.0
    """By how much service times are multiplied of requests that begin meanwhile: a neighbour that takes the CPU, a
    failing disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss(Fault):
    """A bad path: some packets between the backend and its clients are lost."""

    share: Annotated[float, Gt(0), Le(1)] = 0.05
    """Share of the segments that get lost, beside those that network.loss takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadCertificate(Fault):
    """TLS handshakes fail, since clients do not accept what the backend shows."""

    reason: Literal["expired", "wrong_name"] = "expired"
    """expired: its time is over, and sessions of it are not resumed either; wrong_name: another service's certificate
    is served, and sessions that began with the right one are still resumed (crypto/tls, Conn.loadSession)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameFault:
    """Which name is hit, and how long."""

    service: str = ""
    """The service; may be left out where there is one."""
    for_: Duration = 0
    """How long; 0 means to the end of the run."""

    @property
    def backend(self) -> Literal["all"]:
        """A name stands for all of them."""
        return "all"

    @property
    def length(self) -> int:
        """How long, ns; 0 means to the end of the run."""
        return self.for_


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneLoss:
    """All packets from and to the backends of a zone vanish."""

    zone: str
    """The zone, one of a service's `zones`."""
    service: str = ""
    """The service whose backends there are lost; left out, those of all services."""
    for_: Duration = 0
    """How long; 0 means to the end of the run."""
    detection: Duration = 40 * SECOND
    """When the nodes are believed to be lost, so that their backends are taken out. Kubernetes:
    node-monitor-grace-period, 40 s (50 s since 1.32)."""

    @property
    def length(self) -> int:
        """How long, ns; 0 means to the end of the run."""
        return self.for_


AnyFault = Crash | Fault | Flush | NameFault | ZoneLoss
"""What hits backends."""
