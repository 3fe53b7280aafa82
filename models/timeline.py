"""Timeline: what happens when. The faults of a scenario, and what its clients are told to do, as SimPy scripts."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le

from models.backend.life import disable_keep_alives, shutdown
from models.kernel.connect import EHOSTUNREACH, ENETUNREACH
from sim.units import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Which backend is hit, and how long."""

    service: str = ""
    """The service; may be left out where there is one."""
    backend: Annotated[int, Ge(0)] | Literal["all"] = 0
    """Number of the backend in its service, from 0, or all."""
    for_: Duration = 0
    """How long; 0 means to the end of the run."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseIdle:
    """Which client does it. It is done at once, so there is no `for`."""

    client: str = ""
    """The client, with all its instances; may be left out where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEvent:
    """One entry: an instant, and exactly one thing that happens."""

    at: Duration
    """When, from the start of the run."""
    pause: Pause | None = None
    """The program stops (a stop-the-world collection, SIGSTOP); its kernel goes on."""
    die: Fault | None = None
    """The program ends: all connections closed, dials refused; after `for` it is back."""
    drop: Fault | None = None
    """All packets from and to the backend vanish."""
    refuse: Fault | None = None
    """The listener is closed: dials are refused, open connections live on."""
    unreachable: Unreachable | None = None
    """A router says that there is no way: dials fail at once, open connections repeat what they send."""
    tls_stall: Fault | None = None
    """TLS handshakes that begin meanwhile never end."""
    header_stall: HeaderStall | None = None
    """Requests that arrive meanwhile are never answered."""
    dns_down: NameFault | None = None
    """DNS queries for the service's name that are sent meanwhile get no answer."""
    leave_dns: Fault | None = None
    """The backend's address is left out of DNS answers; connections to it go on."""
    keep_alives_off: Fault | None = None
    """Server.SetKeepAlivesEnabled(false): idle connections close at once, answers say Connection: close."""
    shutdown: Fault | None = None
    """Server.Shutdown: dials are refused, idle connections close, busy ones after their answers; then it is back."""
    close_idle: CloseIdle | None = None
    """Transport.CloseIdleConnections: idle connections close, busy ones as they return before the next request."""

    def __post_init__(self) -> None:
        if len(self.chosen()) != 1:
            raise ValueError(f"at: needs exactly one of {', '.join(KINDS)} beside it")

    def chosen(self) -> list[str]:
        """The kinds that are given."""
        return [kind for kind in KINDS if getattr(self, kind) is not None]

    @property
    def kind(self) -> str:
        """What happens."""
        return self.chosen()[0]

    @property
    def fault(self) -> Fault | NameFault:
        """To whom, and how long; of the kinds in FAULTS alone."""
        assert self.kind in FAULTS, "a client does it, and no service is hit"
        fault: Fault | NameFault = getattr(self, self.kind)
        return fault


FAULTS = (
    "pause", "die", "drop", "refuse", "unreachable", "tls_stall", "header_stall", "dns_down", "leave_dns",
    "keep_alives_off", "shutdown",
)  # fmt: skip
KINDS = (*FAULTS, "close_idle")
OF_NAMES = ("dns_down", "leave_dns")
"""Faults that happen to what a name answers, not to a backend."""


def play(world: Any, event: TimelineEvent, sites: list[Any]) -> Generator[Any, Any, None]:
    """The script of one fault; run with ``engine.process(play(...))``."""
    engine, kind, length = world.engine, event.kind, event.fault.for_
    yield engine.timeout(event.at)
    for site in sites:
        world.note(kind, backend=site.index)
        _BEGIN[kind](world, site, event)
    if length:
        yield engine.timeout(length)
        for site in sites:
            world.note(f"{kind} ends", backend=site.index)
            _END[kind](world, site, event)


def close_idle(world: Any, at: int, transports: list[Any]) -> Generator[Any, Any, None]:
    """The script of `close_idle`, which every instance of the client does in the same instant."""
    yield world.engine.timeout(at)
    for transport in transports:
        world.note("close_idle", client=transport.label)
        transport.close_idle_connections()


def _pause(_: Any, site: Any, event: TimelineEvent) -> None:
    assert event.pause is not None, "the kind says so"
    site.host.server.pause(mid_accept=event.pause.mid_accept)


def _resume(_: Any, site: Any, __: Any) -> None:
    site.host.server.resume()


def _die(_: Any, site: Any, __: Any) -> None:
    site.host.is_dead = True
    site.host.server.die()


def _revive(_: Any, site: Any, __: Any) -> None:
    site.host.is_dead = False


def _start_anew(_: Any, site: Any, __: Any) -> None:
    site.host.server.start_again()


def _drop(world: Any, site: Any, event: TimelineEvent) -> None:
    world.break_paths(site.index, _until(world, event))


def _until(world: Any, event: TimelineEvent) -> int:
    length = event.fault.for_
    until: int = event.at + length if length else world.ends_at + 1
    return until


def _cut_off(world: Any, site: Any, event: TimelineEvent) -> None:
    unreachable = event.unreachable
    assert unreachable is not None, "the kind says so"
    world.break_paths(site.index, _until(world, event), EHOSTUNREACH if unreachable.kind == "host" else ENETUNREACH)


def _refuse(_: Any, site: Any, __: Any) -> None:
    site.host.is_dead = True


def _stall_tls(_: Any, site: Any, __: Any) -> None:
    site.host.stalls_tls = True


def _heal_tls(_: Any, site: Any, __: Any) -> None:
    site.host.stalls_tls = False


def _stall_headers(_: Any, site: Any, event: TimelineEvent) -> None:
    stall = event.header_stall
    assert stall is not None, "the kind says so"
    site.host.server.unanswered_share = stall.share


def _answer_again(_: Any, site: Any, __: Any) -> None:
    site.host.server.unanswered_share = 0.0


def _nothing(_: Any, __: Any, ___: Any) -> None:
    """It ends by itself: the end was known when it began."""


def _silence_dns(world: Any, _: Any, event: TimelineEvent) -> None:
    length = event.fault.for_
    for resolver in world.resolvers_of(event):
        resolver.down_until = event.at + length if length else world.ends_at + 1


def _leave_dns(world: Any, site: Any, event: TimelineEvent) -> None:
    for resolver in world.resolvers_of(event):
        resolver.absent.add(site.index)


def _enter_dns(world: Any, site: Any, event: TimelineEvent) -> None:
    for resolver in world.resolvers_of(event):
        resolver.absent.discard(site.index)


def _disable_keep_alives(_: Any, site: Any, __: Any) -> None:
    disable_keep_alives(site.host.server)


def _enable_keep_alives(_: Any, site: Any, __: Any) -> None:
    site.host.server.closes = site.host.server.config.disable_keep_alives


def _shut_down(world: Any, site: Any, _: Any) -> None:
    site.host.is_dead = True
    world.engine.process(shutdown(site.host.server))


def _start_again(world: Any, site: Any, event: TimelineEvent) -> None:
    _revive(world, site, event)
    _enable_keep_alives(world, site, event)


_BEGIN = {
    "pause": _pause, "die": _die, "drop": _drop, "refuse": _refuse, "unreachable": _cut_off, "tls_stall": _stall_tls,
    "header_stall": _stall_headers, "dns_down": _silence_dns, "leave_dns": _leave_dns,
    "keep_alives_off": _disable_keep_alives, "shutdown": _shut_down,
}  # fmt: skip
_END = {
    "pause": _resume, "die": _start_anew, "drop": _nothing, "refuse": _revive, "unreachable": _nothing,
    "tls_stall": _heal_tls, "header_stall": _answer_again, "dns_down": _nothing, "leave_dns": _enter_dns,
    "keep_alives_off": _enable_keep_alives, "shutdown": _start_again,
}  # fmt: skip
