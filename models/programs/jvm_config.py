"""What a user says about a Java program's heap."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from sim.units import MS, SECOND, Duration, Size, format_size

GB = 10**9
MIB = 1 << 20
G1_BY_DEFAULT = 9
"""Since this version of Java G1 is the default on servers, Parallel before (JEP 248)."""
G1_FULL_IN_PARALLEL = 10
"""Since this version a full collection of G1 uses all its threads (JEP 307)."""
G1_HAS_OVERHEAD_LIMIT = 26
"""Since this version G1 gives up as well when it spends all time collecting (JDK-8370491)."""

Collector = Literal["parallel", "serial", "g1", "single_space"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakConfig:
    """What is kept for ever."""

    per_request: Size = 0
    """Bytes that each request leaves behind."""
    per_second: Size = 0
    """Bytes that the program keeps every second without anybody asking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadConfig:
    """What the program reads into its heap when it starts, and keeps: a cache without pages or bounds."""

    size: Size
    """Bytes in all."""
    time: Annotated[Duration, Gt(0)] = SECOND
    """CPU time of one thread that reading takes; collections on the way come on top."""
    before_listening: bool = False
    """Whether dials are refused until all is read; otherwise requests are served meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaspaceConfig:
    """Metadata of classes, outside the heap."""

    size: Annotated[Size, Gt(0)] = 21 * MIB
    """MetaspaceSize: where the first collection for its sake comes (HotSpot: about 21 MiB)."""
    max: Size = 0
    """MaxMetaspaceSize; 0 means without limit, as by default."""
    loaded: Size = 0
    """Bytes of the classes that are loaded by the start of the run."""
    per_request: Size = 0
    """Bytes that each request adds (proxies, scripts, class loaders that are not let go)."""

    def __post_init__(self) -> None:
        if self.max and self.loaded > self.max:
            way_out = f"do not fit into max {format_size(self.max)}; raise max, or load less"
            raise ValueError(f"loaded: classes of {format_size(self.loaded)} {way_out}")


@dataclass(frozen=True, slots=True, kw_only=True)
class JvmConfig:
    """A HotSpot heap of fixed size (Xms = Xmx), and who collects it."""

    heap: Annotated[Size, Ge(4 * MIB)] = 1024 * MIB
    """Size of the heap, Xmx."""
    live: Size = 0
    """What the program holds from its start on, in the old generation."""
    allocation: Size = 1_000_000
    """Bytes that a request allocates, when its work begins."""
    allocation_spread: Literal["constant", "exponential"] = "constant"
    """Whether all requests allocate the same, or each draws its size, with `allocation` as the mean."""
    held: Annotated[float, Ge(0), Le(1)] = 0.1
    """Share of its allocation that a request needs until its end; the rest is garbage at once. It is what survives
    young collections: the more requests are under way, the more there is to be copied."""
    held_waiting: Size = 0
    """Bytes of its allocation that a request has and holds already while it waits for a worker."""
    java: Annotated[int, Ge(8), Le(40)] = 21
    """Version of Java; decides the default collector (Parallel up to 8, G1 from 9 on) and what G1 can."""
    collector: Collector | None = None
    """Who collects; absent means the version's default on a server. single_space has no generations: when the heap is
    full, all that lives is marked and moved (a plain mark-compact, for other runtimes and for arithmetic by hand)."""
    new_ratio: Annotated[int, Ge(1), Le(100)] = 2
    """NewRatio: the old generation is so many times the young one (HotSpot: 2; G1 sizes its young one itself)."""
    survivor_ratio: Annotated[int, Ge(1), Le(100)] = 8
    """SurvivorRatio: eden is so many times one of the two survivor spaces (HotSpot: 8)."""
    tenuring: Annotated[int, Ge(0), Le(15)] = 15
    """MaxTenuringThreshold: collections after which what still lives is promoted (HotSpot: 15; 0 promotes at once)."""
    young_pause: Duration = 1 * MS
    """Fixed part of a young pause: threads to a safepoint, roots."""
    young_pause_per_gb: Duration = 200 * MS
    """What each GB (1000 MB) of survivors adds to a young pause: garbage costs nothing (rule of thumb: 10 to 100 ms
    with hundreds of MB)."""
    full_pause_per_gb: Duration | None = None
    """Pause of a full collection per GB (1000 MB) that lives; absent means 250 ms with parallel threads, 750 ms with
    one (rules of thumb: 0.1 to 0.4 s, 0.5 to 1 s; calibrate)."""
    mark_per_gb: Duration = 1000 * MS
    """G1: how long marking takes beside the program per GB (1000 MB) that lives, with a quarter of the processors (rule
    of thumb; calibrate)."""
    gc_time_limit: Annotated[float, Gt(0), Le(100)] = 98.0
    """GCTimeLimit: percent of time spent in collections above which the program may be given up (HotSpot: 98)."""
    gc_heap_free_limit: Annotated[float, Ge(0), Le(100)] = 2.0
    """GCHeapFreeLimit: percent free, in eden and in the old generation, below which that may happen (HotSpot: 2)."""
    leak: LeakConfig = LeakConfig()
    """What is kept for ever."""
    load_at_start: LoadConfig | None = None
    """What is read at the start."""
    metaspace: MetaspaceConfig = MetaspaceConfig()
    """Metadata of classes."""
    exit_on_oom: bool = False
    """Whether an OutOfMemoryError ends the program (-XX:+ExitOnOutOfMemoryError); otherwise it fails the request whose
    thread met it, with status 500."""
    restart_after: Duration = 0
    """How long after such an end the program is there again, its heap as at the start; 0 means never."""

    def __post_init__(self) -> None:
        largest = self.heap if self.collected_by == "single_space" else self.old_capacity + self.eden_capacity
        if self.live > largest:
            offender = f"a live set of {format_size(self.live)} does not fit into a heap of {format_size(self.heap)}"
            raise ValueError(f"live: {offender}, which holds {largest // 10**6}MB of it; raise heap, or lower live")
        if self.held_waiting > self.allocation:
            raise ValueError("held_waiting: is more than a request allocates in all; write less, or raise allocation")
        if self.restart_after and not self.exit_on_oom:
            raise ValueError("restart_after: is for a program that ends; write exit_on_oom: true beside it")

    @property
    def collected_by(self) -> Collector:
        """The collector that is in use."""
        return self.collector or ("g1" if self.java >= G1_BY_DEFAULT else "parallel")

    @property
    def young_capacity(self) -> int:
        """Bytes of eden and both survivor spaces."""
        return self.heap // (self.new_ratio + 1)

    @property
    def survivor_capacity(self) -> int:
        """Bytes of one survivor space."""
        return self.young_capacity // (self.survivor_ratio + 2)

    @property
    def eden_capacity(self) -> int:
        """Bytes of eden."""
        return self.young_capacity - 2 * self.survivor_capacity

    @property
    def old_capacity(self) -> int:
        """Bytes of the old generation."""
        return self.heap - self.young_capacity

    @property
    def full_cost_per_gb(self) -> int:
        """Pause of a full collection per GB that lives, ns."""
        if self.full_pause_per_gb is not None:
            return self.full_pause_per_gb
        one_thread = self.collected_by in ("serial", "single_space") or (
            self.collected_by == "g1" and self.java < G1_FULL_IN_PARALLEL
        )
        return (750 if one_thread else 250) * MS

    @property
    def has_overhead_limit(self) -> bool:
        """Whether the collector gives up when it does nothing but collect."""
        by = self.collected_by
        return by == "parallel" or (by == "g1" and self.java >= G1_HAS_OVERHEAD_LIMIT)
