"""What a user says about a Go program's heap."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from models.programs.jvm_config import LeakConfig
from sim.units import MS, US, Duration, Size


@dataclass(frozen=True, slots=True, kw_only=True)
class GoConfig:
    """A Go heap and its concurrent collector."""

    gogc: Annotated[int, Gt(0), Le(100_000)] | Literal["off"] = 100
    """GOGC: percent by which the heap may grow until the end of the next cycle; off collects for gomemlimit alone."""
    gomemlimit: Size = 0
    """GOMEMLIMIT: total memory that the collector tries to stay below; 0 means without limit."""
    live: Size = 20_000_000
    """What the program holds from its start on."""
    roots: Size = 1_000_000
    """Stacks and globals, which are scanned as well and count towards the limit."""
    allocation: Size = 200_000
    """Bytes that a request allocates, when its work begins."""
    allocation_spread: Literal["constant", "exponential"] = "constant"
    """Whether all requests allocate the same, or each draws its size, with `allocation` as the mean."""
    held: Annotated[float, Ge(0), Le(1)] = 0.1
    """Share of its allocation that a request needs until its end; the rest is garbage at once."""
    gomaxprocs: Annotated[int, Ge(0), Le(1024)] = 0
    """GOMAXPROCS: threads that run Go code at once; 0 means as Go does since 1.25: the cores, or the quota rounded up
    if that is less, but 2 at least."""
    mark_per_gb: Annotated[Duration, Gt(0)] = 1000 * MS
    """CPU time that marking takes per GB (1000 MB) that lives (rule of thumb; calibrate)."""
    stop: Duration = 50 * US
    """Each of the two stops of a cycle, at the beginning and at the end of marking (typically 10 to 100 us)."""
    leak: LeakConfig = LeakConfig()
    """What is kept for ever."""

    def __post_init__(self) -> None:
        if self.gogc == "off" and not self.gomemlimit:
            raise ValueError("gogc: off without gomemlimit never collects; write gomemlimit, or a number")
