"""What happens to certificates: an issuer that is away, or not trusted any more, and clocks that are wrong."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge

from sim.units import Duration, SignedDuration


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerDown:
    """An issuer is away: certificates that should be renewed are not."""

    issuer: str = ""
    """The issuer; may be left out where there is one."""
    for_: Duration = 0
    """How long; 0 means to the end of the run."""
    of: Literal["signing", "push"] = "signing"
    """signing: it signs nothing; push: it signs, but what pushes new secrets to programs (an SDS server) is away, which
    those that are mounted or watched do not need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distrust:
    """The issuer's own certificate is taken out of all trust stores, and it goes on with another one.

    What it signed before is refused in handshakes from now on, until it is renewed in its time; connections that are
    there go on.
    """

    issuer: str = ""
    """The issuer; may be left out where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSkew:
    """Clocks are wrong: those of a client's instances, or of a service's backends."""

    by: SignedDuration
    """By how much they are fast; negative where they are slow."""
    client: str = ""
    """The client whose clocks are wrong; or `service`."""
    service: str = ""
    """The service."""
    backend: Annotated[int, Ge(0)] | Literal["all"] = "all"
    """Of a service: number of the backend, from 0, or all."""
    for_: Duration = 0
    """How long; 0 means to the end of the run."""

    def __post_init__(self) -> None:
        if bool(self.client) == bool(self.service):
            raise ValueError("client: needs exactly one of client and service")


CERTIFICATE_KINDS = ("issuer_down", "distrust", "clock_skew")


def certificate_event(world: Any, event: Any) -> Generator[Any, Any, None]:
    """The script of one of them; run with ``engine.process(...)``."""
    engine, told = world.engine, event.told
    yield engine.timeout(event.at)
    world.note(event.kind)
    if isinstance(told, Distrust):
        world.certificates.issuer(told.issuer).change_authority()
        return
    begin, end = (_turn_clocks, _turn_clocks_back) if isinstance(told, ClockSkew) else (_go_away, _come_back)
    begin(world, told)
    if told.for_:
        yield engine.timeout(told.for_)
        world.note(f"{event.kind} ends")
        end(world, told)


def _go_away(world: Any, told: IssuerDown) -> None:
    issuer = world.certificates.issuer(told.issuer)
    if told.of == "push":
        issuer.push_no_more()
    else:
        issuer.fail(world.engine.now)


def _come_back(world: Any, told: IssuerDown) -> None:
    issuer = world.certificates.issuer(told.issuer)
    if told.of == "push":
        issuer.push_again()
    else:
        issuer.come_back(world.engine.now, world.streams.uniforms(f"issuer.{issuer.name}.back"))


def _turn_clocks(world: Any, told: ClockSkew, *, sign: int = 1) -> None:
    for holder in world.certificates.holders(told.client, told.service, told.backend):
        holder.turn_clock(sign * told.by)


def _turn_clocks_back(world: Any, told: ClockSkew) -> None:
    _turn_clocks(world, told, sign=-1)


def check_certificate_event(scenario: Any, place: str, event: Any, *, ask: Any) -> None:
    """Refuse one that names what is not there; `ask` says what was probably meant.

    Raises
    ------
    ValueError
        The place comes first.
    """
    told, place = event.told, f"{place}.{event.kind}"
    if isinstance(told, ClockSkew):
        for key, known in (("client", scenario.clients), ("service", scenario.services)):
            _check_name(f"{place}.{key}", getattr(told, key), known, ask)
        if told.service and isinstance(told.backend, int) and told.backend >= scenario.services[told.service].backends:
            last = scenario.services[told.service].backends - 1
            raise ValueError(f"{place}.backend: {told.service} has backends 0 to {last}, not {told.backend}")
        return
    if not scenario.issuers:
        raise ValueError(f"{place}: there is no issuer; write issuers: {{mesh: spire}} and certificates that name it")
    _check_name(f"{place}.issuer", told.issuer, scenario.issuers, ask)
    if not told.issuer and len(scenario.issuers) > 1:
        raise ValueError(f"{place}: say which issuer, one of {', '.join(scenario.issuers)}")


def _check_name(place: str, name: str, known: Mapping[str, object], ask: Any) -> None:
    if name and name not in known:
        raise ValueError(f"{place}: nothing is called {ask(name, known)}")
