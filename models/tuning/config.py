"""What a user says about the tuning of a client while it runs."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt

from models.protection.config import GuardedClient
from models.transport.buffers import is_buffered
from sim.units import MS, SECOND, Duration

Knob = Literal["write_buffer_size", "max_concurrent_streams", "max_idle_conns_per_host", "max_conns_per_host",
               "idle_conn_timeout"]  # fmt: skip
"""A setting that can be moved."""
KNOBS: tuple[Knob, ...] = (
    "write_buffer_size", "max_concurrent_streams", "max_idle_conns_per_host", "max_conns_per_host", "idle_conn_timeout",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningConfig:
    """A controller in each instance of the client: it looks at the traffic, and sets the Transport by it."""

    period: Annotated[Duration, Ge(MS)] = 5 * SECOND
    """How often it looks; the first time after one period."""
    window: Annotated[Duration, Ge(MS)] = 30 * SECOND
    """Over how much of the past."""
    slices: Annotated[int, Ge(2), Le(1000)] = 30
    """Parts of the window among which burst entropy and the volatility of P99 compare."""
    knobs: tuple[Knob, ...] = KNOBS
    """What it sets: the first two by the formula of the article, the others by rules of this model, since the article
    has none."""
    apply: Literal["in_place", "new_transport"] = "in_place"
    """How a change is made: in the Transport that is there, which Go does not support, or by a new one in its place,
    which begins with an empty pool."""
    burst: Literal["entropy", "complement"] = "entropy"
    """What the formula takes for the burst entropy H: the entropy of the arrivals, which is 1 when they are even; or
    its complement 1 - H, which is 0 then and near 1 in a single burst."""
    headroom: Annotated[float, Gt(0), Le(100)] = 1.25
    """Pool limits: idle connections kept for each request that is under way at a time, at the 99th percentile."""
    smoothing: Annotated[float, Gt(0), Le(1)] = 1.0
    """Weight of what the formula says now, against what was set before: 1 takes it as it is."""
    hysteresis: Annotated[float, Ge(0), Lt(1)] = 0.0
    """Changes below this share of what is set are not made."""

    def __post_init__(self) -> None:
        if not self.knobs:
            raise ValueError(f"knobs: nothing is set; name some of {', '.join(KNOBS)}, or leave tuning away")


@dataclass(frozen=True, slots=True, kw_only=True)
class TunedClient(GuardedClient):
    """A client whose Transport may be tuned while it runs."""

    tuning: TuningConfig | None = None
    """Its settings follow its traffic; absent means that they stay."""

    @property
    def shows_buffers(self) -> bool:
        """Whether the memory of its buffers is recorded."""
        return self.tuning is not None or is_buffered(self)
