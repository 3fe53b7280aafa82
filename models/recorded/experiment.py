"""Experiment: what a user asks the recorder for. The words are those of a recording's input.json; durations have units.

It says what may be asked; `models/recorded/input_file.py` and `models/recorded/arrivals_file.py` write it down for the
recorder.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Le

from models.recorded.parts import (
    LONGEST,
    ClientPart,
    DialerPart,
    EventPart,
    NeverPart,
    ServerPart,
    TlsPart,
    TopologyPart,
    TransportPart,
)
from models.workload.arrivals import ConstantRate, Poisson
from models.workload.bursts import Bursts
from models.workload.closed_loop import ClosedLoop
from models.workload.curve import RateCurve
from models.workload.replay import ReplayFile
from sim.engine.distributions import Delay
from sim.units import SECOND, Duration, OneOf

CLIENT_IP = "10.77.0.1"
"""In namespaces without a way out, so that it collides with nobody's network."""
FIRST_BACKEND = 11
"""The backends are 10.77.0.11 and so on."""
PORTS = {"http": 8080, "https": 8443, "h2": 8443}

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SYSCTL = re.compile(r"net\.(?:core|ipv4)\.[a-z0-9_]+")
_BACKEND_IP = re.compile(r"10\.77\.0\.(?:1[1-9]|[2-9]\d|1\d\d|2[0-4]\d)")

Arriving = Annotated[
    Poisson | ConstantRate | Bursts | RateCurve | ClosedLoop | ReplayFile,
    OneOf(
        poisson=Poisson, constant=ConstantRate, bursts=Bursts, curve=RateCurve, closed_loop=ClosedLoop,
        replay=ReplayFile,
    ),
]  # fmt: skip
"""The ways in which requests may come that need no log of other traffic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """A case to be recorded."""

    experiment: str
    """The family, such as P01."""
    variant: str
    """What sets this one apart, such as mi2."""
    duration: Annotated[Duration, Ge(SECOND), Le(LONGEST)]
    """How long requests arrive."""
    tail: Annotated[Duration, Ge(SECOND), Le(LONGEST)] = 2 * SECOND
    """How long is sampled afterwards; what hangs 0.2 s before its end is cut off."""
    scheme: Literal["http", "https"] = "http"
    """Of the URLs."""
    method: Literal["GET", "HEAD", "POST", "PUT", "DELETE"] = "GET"
    """POST and PUT send 16 bytes."""
    transport: TransportPart = TransportPart()
    """http.Transport."""
    dialer: DialerPart = DialerPart()
    """net.Dialer."""
    client: ClientPart = ClientPart()
    """http.Client."""
    tls: TlsPart = TlsPart()
    """tls.Config."""
    server: ServerPart = ServerPart()
    """The servers."""
    topology: TopologyPart = TopologyPart()
    """The network."""
    events: tuple[EventPart, ...] = ()
    """What goes wrong when."""
    sysctl: Mapping[str, str | int] = field(default_factory=dict)
    """Of the client's namespace, by their full names."""
    server_sysctl: Mapping[str, str | int] = field(default_factory=dict)
    """Of the servers' namespace."""
    hosts: tuple[str, ...] = ()
    """Whom arrivals ask, as they stand in URLs; empty means the name, or all backends where there is none."""
    arrivals: Arriving
    """When requests come."""
    service: Delay | None = None
    """How long a worker is busy with a request; only a replay brings its own."""
    host_choice: Literal["in-turn", "random"] = "in-turn"
    """Which of the hosts a request asks; in turn gives each worker of a closed loop its own."""
    never_answered: NeverPart | None = None
    """Requests that hang, in an open loop; a replay brings its own."""
    seed: Annotated[int, Ge(0)] = 1
    """Of all that is drawn: the same seed gives the same arrivals."""

    def __post_init__(self) -> None:
        for name in ("experiment", "variant"):
            if not _NAME.fullmatch(getattr(self, name)):
                raise ValueError(f"{name}: {getattr(self, name)!r} is no name; write letters, digits, dots and dashes")
        self._check_arrivals()
        self._check_backends()
        self._check_events()
        for part in ("sysctl", "server_sysctl"):
            for name in getattr(self, part):
                if not _SYSCTL.fullmatch(name):
                    raise ValueError(f"{part}: {name} is not one of net.ipv4 or net.core; leave it out")

    @property
    def name(self) -> str:
        """P01-mi2."""
        return f"{self.experiment}-{self.variant}"

    def backends(self) -> Iterator[tuple[str, int, str]]:
        """Address, port and protocol of each backend."""
        for i, backend in enumerate(self.server.backends):
            proto = backend.proto or self.scheme
            yield backend.ip or f"10.77.0.{FIRST_BACKEND + i}", backend.port or PORTS[proto], proto

    def ips(self) -> list[str]:
        """Every address of the servers, once."""
        return list(dict.fromkeys(ip for ip, _, _ in self.backends()))

    def dns_addrs(self) -> tuple[str, ...]:
        """The addresses of the name."""
        return self.topology.dns_addrs or tuple(self.ips())

    def asked(self) -> tuple[str, ...]:
        """The hosts of the arrivals."""
        if self.hosts:
            return self.hosts
        if self.topology.dns_mode != "none":
            ports = dict.fromkeys(port for _, port, _ in self.backends())
            return tuple(f"{self.topology.dns_name}:{port}" for port in ports)
        return tuple(f"{ip}:{port}" for ip, port, _ in self.backends())

    def _check_arrivals(self) -> None:
        replays, closed = isinstance(self.arrivals, ReplayFile), isinstance(self.arrivals, ClosedLoop)
        if replays and (self.service is not None or self.host_choice == "random"):
            raise ValueError("arrivals: a replay brings service times and hosts of its own; leave out ours")
        if not replays and self.service is None:
            raise ValueError("service: is required; write one such as {exponential: {mean: 50ms}}")
        if self.never_answered is not None and (replays or closed):
            raise ValueError("never_answered: goes with arrivals at instants of their own; leave it out")

    def _check_backends(self) -> None:
        taken = [(ip, port) for ip, port, _ in self.backends()]
        for i, (ip, port) in enumerate(taken):
            if not _BACKEND_IP.fullmatch(ip):
                raise ValueError(f"server.backends.{i}.ip: {ip} lies outside 10.77.0.11 to 10.77.0.249; leave it out")
            if (ip, port) in taken[:i]:
                raise ValueError(f"server.backends.{i}.port: {ip}:{port} is taken by an earlier one; choose another")
        for i, (_, _, proto) in enumerate(self.backends()):
            if (proto == "http") != (self.scheme == "http"):
                raise ValueError(f"server.backends.{i}.proto: {proto} does not go with the scheme {self.scheme}")
        for ip in self.topology.dns_addrs:
            if ip not in self.ips():
                raise ValueError(f"topology.dns_addrs: {ip} is no backend's address; they are {', '.join(self.ips())}")
        if self.topology.one_way_delay and self.topology.link != "tun":
            raise ValueError("topology.one_way_delay: veth adds no delay; write link: tun")

    def _check_events(self) -> None:
        known = self.ips()
        for i, event in enumerate(self.events):
            at = f"events.{i}"
            if event.backend >= len(self.server.backends):
                raise ValueError(f"{at}.backend: there is no backend {event.backend}; count from 0")
            if event.action == "drop" and event.ip not in known:
                raise ValueError(f"{at}.ip: {event.ip or 'nothing'} is no backend's; they are {', '.join(known)}")
            if event.action == "drop" and self.topology.link != "tun":
                raise ValueError(f"{at}.action: only the forwarder drops packets; write link: tun in Topology")
            if event.t >= self.duration + self.tail:
                raise ValueError(f"{at}.t: lies behind the end of the recording; move it, or raise Duration or Tail")
