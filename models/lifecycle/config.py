"""What a user says about the life of a service's backends, and of its versions."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated

from annotated_types import Ge, Gt, Le

from models.backend.config import ServiceConfig
from models.programs.config import ProgramConfig
from sim.engine.distributions import LARGEST_DRAW, Constant, Delay
from sim.units import SECOND, Duration, Size

BASE = "base"
"""The version that a service states itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeConfig:
    """How the node asks a backend whether it is well (core/v1, Probe). It asks from beside it, not over the network.

    Simplified: a probe is answered by a program that listens and runs, however many requests wait in it.
    """

    period: Annotated[Duration, Gt(0)] = 10 * SECOND
    """Time between two probes. Kubernetes: 10 s."""
    timeout: Annotated[Duration, Gt(0)] = 1 * SECOND
    """How long an answer may take. Kubernetes: 1 s."""
    failures: Annotated[int, Ge(1)] = 3
    """Failures in a row that count. Kubernetes: 3."""
    initial_delay: Duration = 0
    """Time from the start of the program to the first probe. Kubernetes: 0 s."""

    def __post_init__(self) -> None:
        if self.timeout > self.period:
            raise ValueError("timeout: lies above the period, so that a probe would meet the next; lower it")


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminationConfig:
    """How a backend ends in order."""

    pre_stop: Duration = 0
    """How long the program goes on before it is told to end (a preStop hook that sleeps); part of the grace."""
    grace: Annotated[Duration, Gt(0)] = 30 * SECOND
    """When what is left is killed, counted from the decision. Kubernetes: terminationGracePeriodSeconds, 30 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionConfig:
    """What another version of a service does differently; what is left out stays as the service says."""

    service_time: Delay | None = None
    """Service time of its requests, whatever their workload says; drawn when they begin."""
    overhead: Annotated[Duration, Le(LARGEST_DRAW)] | None = None
    """CPU time that it adds to every request."""
    workers: Annotated[int, Ge(0)] | None = None
    """Requests that one backend serves at a time; 0 means without limit."""
    queue: Annotated[int, Ge(0)] | None = None
    """Requests that wait for a worker before it answers 503; 0 means without limit."""
    response_size: Size | None = None
    """Bytes of a response body."""
    panics: Annotated[float, Ge(0), Le(1)] | None = None
    """Share of the requests whose handler panics."""
    program: ProgramConfig | None = None
    """What its program is."""
    startup: Delay | None = None
    """Time from its start until it listens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedService(ServiceConfig):
    """A service whose backends are started, probed, replaced and ended."""

    ready: Annotated[int, Ge(0)] = 0
    """Backends that run at the start; the others wait for a deploy or for more load. 0 means all."""
    zones: tuple[str, ...] = ()
    """Zones that the backends are in, in turn: backend i is in zone i modulo their number."""
    startup: Delay = Constant(value=0)
    """Time from the start of a program until it listens; those that run at the start have it behind them."""
    readiness: ProbeConfig | None = None
    """How it is found out whether a backend is announced; absent means that all that listen are, and those that fail
    stay; {} means Kubernetes' defaults."""
    liveness: ProbeConfig | None = None
    """How it is found out whether a backend has to be restarted; absent means never, {} means Kubernetes' defaults."""
    termination: TerminationConfig = TerminationConfig()
    """How a backend ends in order."""
    propagation: Delay = Constant(value=0)
    """Time until clients and balancers learn that a backend is announced or taken out (Kubernetes: 0.1 to some s)."""
    versions: Mapping[str, VersionConfig] = field(default_factory=dict)
    """Other versions by name, for deploys and releases; the service itself states the version called base."""

    def __post_init__(self) -> None:
        ServiceConfig.__post_init__(self)
        if self.ready > self.backends:
            raise ValueError(f"ready: {self.ready} is more than the {self.backends} backends; write that or less")
        if BASE in self.versions:
            raise ValueError(f"versions: {BASE} is what the service itself states; give the version another name")

    @property
    def ready_at_start(self) -> int:
        """Backends that run at the start."""
        return self.ready or self.backends

    @property
    def programs(self) -> tuple[ProgramConfig, ...]:
        """The programs of all versions that have one."""
        all_of_them = (self.program, *(version.program for version in self.versions.values()))
        return tuple(program for program in all_of_them if program is not None)

    def as_version(self, name: str) -> "ManagedService":
        """The service as its version of this name runs it."""
        if name == BASE:
            return self
        version = self.versions[name]
        differs = {
            key: value for key in VersionConfig.__dataclass_fields__ if (value := getattr(version, key)) is not None
        }
        return replace(self, **differs)
