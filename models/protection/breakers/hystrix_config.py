"""What a user says about a Hystrix command: its breaker and its execution isolation.

Sources: HystrixCommandProperties.java, HystrixThreadPoolProperties.java; of its time-out AbstractCommand.java,
HystrixObservableTimeoutOperator, whose clock starts before a thread is there.
"""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Le

from models.protection.ranges import Ranged, check_parts
from sim.units import MS, SECOND, Duration, OneOf


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadPoolConfig(Ranged):
    """Calls run on threads of their own (execution.isolation.strategy THREAD)."""

    core_size: Annotated[int, Ge(1)] = 10
    """Threads, and so calls at a time (coreSize: 10, of which maximumSize is the same)."""
    max_queue_size: Annotated[int, Ge(-1)] = -1
    """Calls that may wait for a thread (maxQueueSize: -1); -1 and 0: none, the eleventh call at a time is refused."""
    queue_size_rejection_threshold: Annotated[int, Ge(0)] = 5
    """Calls in that queue from which on more are refused (queueSizeRejectionThreshold: 5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SemaphoreConfig(Ranged):
    """Calls run on the thread of their caller (execution.isolation.strategy SEMAPHORE)."""

    max_concurrent_requests: Annotated[int, Ge(0)] = 10
    """Calls at a time (execution.isolation.semaphore.maxConcurrentRequests: 10)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlimited:
    """No isolation: as many calls at a time as come. Hystrix has no such thing."""


IsolationConfig = Annotated[
    ThreadPoolConfig | SemaphoreConfig | Unlimited,
    OneOf(thread=ThreadPoolConfig, semaphore=SemaphoreConfig, none=Unlimited),
]
"""What limits the calls of a command that are under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HystrixConfig(Ranged):
    """A Hystrix command, without its fallback, which is the caller's."""

    request_volume_threshold: Annotated[int, Ge(1)] = 20
    """Calls in the window without which nothing opens (circuitBreaker.requestVolumeThreshold: 20)."""
    error_threshold_percentage: Annotated[int, Ge(0), Le(100)] = 50
    """Failures among them, in whole percent, from which on it opens (circuitBreaker.errorThresholdPercentage: 50)."""
    sleep_window: Annotated[Duration, Gt(0)] = 5 * SECOND
    """How long after an opening nobody may pass (circuitBreaker.sleepWindowInMilliseconds: 5000)."""
    rolling_window: Annotated[Duration, Gt(0)] = 10 * SECOND
    """How far back calls are counted (metrics.rollingStats.timeInMilliseconds: 10000)."""
    snapshot_interval: Annotated[Duration, Gt(0)] = 500 * MS
    """Time between two decisions, and the width of a bucket (metrics.healthSnapshot.intervalInMilliseconds: 500)."""
    timeout: Duration = 1 * SECOND
    """After so long, with what it waits for a thread, a call is given up and counts as a time-out
    (execution.isolation.thread.timeoutInMilliseconds: 1000); 0 means never (execution.timeout.enabled: false). Before a
    backend it has to be 0: no handler here is given up."""
    force_open: bool = False
    """Whether everything is refused (circuitBreaker.forceOpen); it wins over force_closed."""
    force_closed: bool = False
    """Whether nothing is refused by the breaker, whatever it counts (circuitBreaker.forceClosed)."""
    ignores_refused: bool = False
    """Whether a refusal of a guard further in is wrapped in a HystrixBadRequestException, which is not counted and
    fails a probe; without it is a failure like every exception."""
    isolation: IsolationConfig = ThreadPoolConfig()
    """How many calls may be under way (execution.isolation.strategy: THREAD): thread, semaphore, or none."""

    def __post_init__(self) -> None:
        Ranged.__post_init__(self)
        check_parts("snapshot_interval", self.snapshot_interval, self.rolling_window)
        if self.rolling_window < self.snapshot_interval:
            raise ValueError("snapshot_interval: is longer than rolling_window; write one that fits into it, as 500ms")
