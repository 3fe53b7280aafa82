"""A small tree of dataclasses with every kind of field that a scenario may have."""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from annotated_types import Ge, Interval, Le

from sim.units import MS, SECOND, Duration, OneOf, Rate, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    value: Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Lognormal:
    mean: Duration
    """The mean. Not the median."""
    p99: Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed:
    parts: tuple["Delay", ...]


Delay = Annotated[
    Constant | Lognormal | Mixed, OneOf(constant=Constant, lognormal=Lognormal, mixed=Mixed, scalar="constant")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Poisson:
    rate: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    workers: Annotated[int, Ge(1)]
    think: Delay = field(default_factory=lambda: Constant(value=0))


Arrivals = Annotated[Poisson | Closed, OneOf(poisson=Poisson, closed=Closed)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Dns:
    order: Literal["fixed", "rotate", "shuffle"] = "fixed"


Resolve = Annotated[Hosts | Dns, OneOf(hosts=Hosts, dns=Dns)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """The client's transport."""

    preset: Literal["default_transport", "zero_transport"] = "default_transport"
    max_idle_conns: Annotated[int, Ge(0)] = 100
    """Idle connections over all hosts; 0 means no limit. A second sentence."""
    max_idle_conns_per_host: int = 0
    tls_handshake_timeout: Duration = 10 * SECOND
    idle_conn_timeout: Annotated[Duration, Ge(1 * MS), Le(600 * SECOND)] = 90 * SECOND
    """How long a connection may stay idle, e.g. 90 s. DefaultTransport's."""

    @classmethod
    def __fill__(cls, tree: dict[str, Any]) -> dict[str, Any]:
        if tree.get("preset") == "zero_transport":
            return {"max_idle_conns": 0, "tls_handshake_timeout": 0} | tree
        if tree.get("preset") == "none":
            raise ValueError("preset: none is gone; write zero_transport")
        return tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    ip_local_port_range: tuple[int, int] = (32768, 60999)
    tcp_tw_reuse: Annotated[int, Interval(ge=0, le=2)] = 2
    somaxconn: Annotated[int, Ge(1)] = 4096
    tcp_rmem: Size = 128 * 1024

    def __post_init__(self) -> None:
        low, high = self.ip_local_port_range
        if low > high:
            raise ValueError(f"ip_local_port_range: {low} lies above {high}; write the lower bound first")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    transport: Transport = Transport()
    kernel: Kernel = Kernel()
    timeout: Duration = 0
    keep_alive: bool = True
    jitter: Delay | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    service_time: Delay
    resolve: Resolve = Hosts()
    workers: Annotated[int, Ge(1)] = 4
    weight: Annotated[float, Ge(0)] = 1.0
    steps: tuple[Delay, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    backend: int = 0
    for_: Duration
    """How long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    at: Duration
    pause: Pause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    name: str
    """What it is called."""
    duration: Duration = 10 * SECOND
    """How long it runs. At least a second."""
    clients: dict[str, Client] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    workloads: dict[str, Arrivals] = field(default_factory=dict)
    timeline: tuple[Event, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)


TEXT = """\
name: order-gateway
duration: 120s
clients:
  gateway:
    transport: {preset: zero_transport, MaxIdleConnsPerHost: 2}
    kernel: {ip_local_port_range: [32768, 60999], net.ipv4.tcp_tw_reuse: 1, net.core.somaxconn: 128}
    timeout: 1m30s
  api.example.com: {jitter: 5ms}
services:
  orders:
    service_time: {lognormal: {mean: 20ms, p99: 120ms}}
    resolve: {dns: rotate}
    steps: [1ms, {mixed: {parts: [2ms, 0]}}]
  stock: {service_time: 3ms, resolve: hosts}
workloads:
  checkout: {poisson: 1200/s}
  crawl: {closed: {workers: 3}}
timeline:
  - {at: 30s, pause: {backend: 1, for: 2s}}
"""
