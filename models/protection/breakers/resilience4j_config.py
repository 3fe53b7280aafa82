"""What a user says about a resilience4j circuit breaker, in its words (CircuitBreakerConfig.java)."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from models.protection.ranges import Ranged
from sim.units import MS, SECOND, Duration

MOST_CALLS, MOST_SECONDS = 1_000_000, 24 * 3600
"""Of a window, all of which are kept in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resilience4jConfig(Ranged):
    """A circuit breaker that judges by the outcomes in a sliding window, after each of them."""

    failure_rate_threshold: Annotated[float, Gt(0), Le(100)] = 50.0
    """Failures, in percent of the calls in the window, from which on it opens."""
    slow_call_rate_threshold: Annotated[float, Gt(0), Le(100)] = 100.0
    """The same for slow calls."""
    slow_call_duration_threshold: Annotated[Duration, Gt(0)] = 60 * SECOND
    """A call that took longer is slow, failed or not."""
    sliding_window_type: Literal["count_based", "time_based"] = "count_based"
    """What the size of the window counts: calls, or seconds."""
    sliding_window_size: Annotated[int, Ge(1), Le(MOST_CALLS)] = 100
    """The last so many calls; or the current second and so many less one before it."""
    minimum_number_of_calls: Annotated[int, Ge(1)] = 100
    """Calls in the window without which nothing is decided; with count_based not more than the window holds."""
    permitted_number_of_calls_in_half_open_state: Annotated[int, Ge(1), Le(MOST_CALLS)] = 10
    """Probes. With a smaller minimum_number_of_calls so many results decide already."""
    wait_duration_in_open_state: Annotated[Duration, Ge(MS)] = 60 * SECOND
    """How long after an opening nobody may pass."""
    wait_multiplier: Annotated[float, Ge(1)] = 1.0
    """What that is multiplied with at each re-opening from half-open (IntervalFunction.ofExponentialBackoff: 1.5);
    1: always the same."""
    max_wait_duration_in_open_state: Duration = 0
    """With a multiplier: the longest it becomes; 0: without end."""
    max_wait_duration_in_half_open_state: Duration = 0
    """After so long in half-open it leaves it undecided; 0: never, also where probes hang."""
    transition_to_state_after_wait_duration: Literal["open", "closed"] = "open"
    """Where it goes then."""
    automatic_transition_from_open_to_half_open_enabled: bool = False
    """Whether a timer ends the wait in the open state; otherwise the first call after it does."""
    ignores_refused: bool = False
    """Whether a refusal of a guard further in is ignored (ignoreExceptions: RequestNotPermitted and its like); without
    it is a failure like every exception (recordExceptions: all)."""
    mode: Literal["normal", "disabled", "metrics_only", "forced_open"] = "normal"
    """disabled: all pass, nothing is counted; metrics_only: all pass and are counted; forced_open: none passes."""

    def __post_init__(self) -> None:
        Ranged.__post_init__(self)
        if self.sliding_window_type == "time_based" and self.sliding_window_size > MOST_SECONDS:
            size = self.sliding_window_size
            raise ValueError(f"sliding_window_size: {size} seconds are too many; write {MOST_SECONDS} or less")
        if self.max_wait_duration_in_open_state and self.wait_multiplier == 1:
            raise ValueError("max_wait_duration_in_open_state: the wait does not grow; write a wait_multiplier above 1")
