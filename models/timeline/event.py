"""TimelineEvent: an entry of the timeline."""

from dataclasses import dataclass, fields
from typing import Any

from models.timeline.certificate_events import CERTIFICATE_KINDS, ClockSkew, Distrust, IssuerDown
from models.timeline.chaos import Chaos
from models.timeline.close_idle import CloseIdle
from models.timeline.fault import (
    AnyFault,
    BadCertificate,
    Crash,
    Fault,
    Flush,
    HeaderStall,
    Loss,
    NameFault,
    Pause,
    Slow,
    StreamLimit,
    Unreachable,
    ZoneLoss,
)
from models.timeline.fleet_events import Autoscale, Deploy, Release, Rollback, Scale
from models.timeline.path_change import PathChange
from sim.units import Duration


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
    """A hang: connections are accepted, and requests that arrive meanwhile are never answered."""
    dns_down: NameFault | None = None
    """DNS queries for the service's name that are sent meanwhile get no answer."""
    leave_dns: Fault | None = None
    """The backend's address is left out of DNS answers; connections to it go on."""
    unready: Fault | None = None
    """The backend fails its readiness probe: DNS, proxies and balancers leave it out; connections to it go on."""
    keep_alives_off: Fault | None = None
    """Server.SetKeepAlivesEnabled(false): idle connections close at once, answers say Connection: close."""
    shutdown: Fault | None = None
    """Server.Shutdown: dials are refused, idle connections close, busy ones after their answers; then it is back."""
    slow: Slow | None = None
    """A slow host: what it begins meanwhile takes `factor` times as long."""
    udp_block: Fault | None = None
    """A firewall drops UDP from and to the backend: QUIC gets no answer, TCP goes on."""
    loss: Loss | None = None
    """A bad path: a share of the packets from and to the backend is lost."""
    bad_certificate: BadCertificate | None = None
    """TLS handshakes fail: the backend's certificate has expired, or is that of another name."""
    crash: Crash | None = None
    """The program ends suddenly and is started again, which takes the service's `startup` and its probes."""
    stream_limit: StreamLimit | None = None
    """The server announces another limit of streams on its connections of HTTP/2; those above it finish."""
    flush: Flush | None = None
    """The program's cache is emptied."""
    drain: Fault | None = None
    """The backend ends in order, as its `termination` says, taken out at the same time; after `for` a new one starts
    there, 0 means never."""
    zone_loss: ZoneLoss | None = None
    """A zone is cut off: all packets from and to its backends vanish."""
    deploy: Deploy | None = None
    """A rolling update to a version."""
    release: Release | None = None
    """A grey release: a version gets a weight, which grows step by step."""
    rollback: Rollback | None = None
    """Back to the version before the last deploy or release."""
    scale: Scale | None = None
    """So many pods from now on."""
    autoscale: Autoscale | None = None
    """A horizontal autoscaler decides how many pods there are."""
    chaos: Chaos | None = None
    """A clock hits backends of a service again and again, with faults drawn at random."""
    issuer_down: IssuerDown | None = None
    """An issuer of certificates is away: nothing is renewed, and programs that start have no certificate."""
    distrust: Distrust | None = None
    """An issuer's own certificate is taken out of all trust stores: what it signed before is refused in handshakes."""
    clock_skew: ClockSkew | None = None
    """Clocks are wrong by so much: of those who judge certificates, and of the agents that renew them."""
    close_idle: CloseIdle | None = None
    """Transport.CloseIdleConnections: idle connections close, busy ones as they return before the next request."""
    path_change: PathChange | None = None
    """The client's address or port changes: its TCP connections are dead, and nobody says so."""

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
    def draws_fates(self) -> bool:
        """Whether it depends on a draw of each request what becomes of it."""
        return self.header_stall is not None or (self.chaos is not None and "header_stall" in self.chaos.kinds)

    @property
    def told(self) -> Any:
        """What the entry says of it: the configuration of its kind."""
        return getattr(self, self.kind)

    @property
    def fault(self) -> AnyFault:
        """To whom, and how long; of the kinds in FAULTS alone."""
        fault = self.told
        assert isinstance(fault, AnyFault), "a client does it, and no backend is hit"
        return fault


KINDS = tuple(field.name for field in fields(TimelineEvent) if field.name != "at")
FLEET_KINDS = ("deploy", "release", "rollback", "scale", "autoscale")
"""What is done to the pods of a service."""
OF_CLIENTS = ("close_idle", "path_change")
"""What clients do, or what happens to them."""
NOT_FAULTS = (*FLEET_KINDS, *CERTIFICATE_KINDS, "chaos", *OF_CLIENTS)
FAULTS = tuple(kind for kind in KINDS if kind not in NOT_FAULTS)
"""Kinds that hit a backend, or its name."""
OF_NAMES = ("dns_down", "leave_dns")
"""Faults that happen to what a name answers, not to a backend."""
OUTSIDE = (*OF_NAMES, "unready")
"""Faults that leave the backend itself as it is."""
