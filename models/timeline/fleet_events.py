"""What is done to the pods of a service: deploys, releases, rollbacks, scaling, by hand or by an autoscaler."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Len

from sim.units import SECOND, Duration

Share = Annotated[float, Ge(0), Le(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfService:
    """The service that it is done to."""

    service: str = ""
    """The service; may be left out where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolling(OfService):
    """How pods of one version take the place of another's (apps/v1, RollingUpdateDeployment)."""

    max_surge: Share = 0.25
    """How many more pods than wanted may run meanwhile, as a share of them, rounded up; as far as there are backends
    to run them on. Kubernetes: 25 %."""
    max_unavailable: Share = 0.25
    """How many of the wanted pods may be not ready meanwhile, as a share of them, rounded down; at least one where
    there is no backend to surge into. Kubernetes: 25 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deploy(Rolling):
    """A rolling update."""

    version: str
    """The version that replaces all others; `base` is what the service itself states."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollback(Rolling):
    """Back to the version before the last deploy or release, which ends with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseStep:
    """From an instant on, a weight."""

    after: Duration = 0
    """When, counted from the release."""
    weight: Share
    """Share of the requests, or of the connections, that balancers hand to the new version once it is ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(OfService):
    """A grey release: some backends run the new version and get a weight, which grows step by step."""

    version: str
    """The new version."""
    backends: Annotated[int, Ge(1)] = 1
    """How many run it: backends that wait where there are enough of them, else as many of the others are replaced."""
    steps: Annotated[tuple[ReleaseStep, ...], Len(1)]
    """Its weight over time. Balancers that know no weights treat all backends alike."""

    def __post_init__(self) -> None:
        instants = [step.after for step in self.steps]
        if instants != sorted(set(instants)):
            raise ValueError("steps: each must come after the one before it; sort them by after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale(OfService):
    """So many pods from now on."""

    to: Annotated[int, Ge(1)]
    """How many pods there should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Autoscale(OfService):
    """A horizontal autoscaler (autoscaling/v2; pkg/controller/podautoscaler)."""

    metric: Literal["workers", "requests", "cpu"] = "workers"
    """workers: the share of a pod's workers that are busy; requests: how many requests are in a pod, waiting or not;
    cpu: the share that a `program` uses of its quota, or of its cores where it has none."""
    target: Annotated[float, Gt(0)]
    """What the metric should be in the mean over the pods, such as 0.6 of the workers, or 20 requests."""
    min: Annotated[int, Ge(1)] = 1
    """Fewest pods."""
    max: Annotated[int, Ge(1)] | None = None
    """Most pods; absent means as many as there are backends."""
    interval: Annotated[Duration, Gt(0)] = 15 * SECOND
    """How often it decides. Kubernetes: 15 s."""
    window: Annotated[Duration, Gt(0)] = 15 * SECOND
    """The span that a measurement is the mean of; metrics-server measures every 15 s."""
    lag: Duration = 30 * SECOND
    """How old measurements are when they are used: scraping and passing on takes 15 to 60 s."""
    tolerance: Share = 0.1
    """By how much the ratio to the target may differ from 1 before anything is done. Kubernetes: 0.1."""
    stabilisation: Duration = 300 * SECOND
    """On the way down the largest recommendation of this span counts. Kubernetes: 300 s."""
    for_: Duration = 0
    """How long it works; 0 means to the end of the run."""

    def __post_init__(self) -> None:
        if self.max is not None and self.max < self.min:
            raise ValueError(f"max: {self.max} lies below min: {self.min}; raise it")
        if self.metric != "requests" and self.target > 1:
            what = f"{self.target:g} of the {self.metric}"
            raise ValueError(f"target: {what} is more than all; write a share such as 0.6")


FleetEvent = Deploy | Rollback | Release | Scale | Autoscale
"""All of them."""
