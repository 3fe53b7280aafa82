"""What a user says about Sentinel's flow rules and its system rule, in Sentinel's words.

Sources: Sentinel FlowRule.java, RuleConstant.java, SystemRule.java; sentinel-golang core/flow/rule.go.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from models.protection.ranges import Ranged
from sim.units import MS, SECOND, Duration, Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class SentinelFlowConfig(Ranged):
    """One flow rule."""

    count: Annotated[float, Ge(0)]
    """Most calls per second, or, by grade thread, most calls at a time."""
    grade: Literal["qps", "thread"] = "qps"
    """What is counted."""
    behaviour: Literal["reject", "warm_up", "queue", "warm_up_queue"] = "reject"
    """What becomes of too many (controlBehavior): refused; refused above a rate that rises after a pause; paced at even
    distances; paced at a rate that rises."""
    prioritized: bool = False
    """reject: a call may wait for the next bucket of 500 ms and take a place of it."""
    max_queueing_time: Annotated[Duration, Ge(0)] = 500 * MS
    """queue, warm_up_queue: who would wait longer is refused."""
    warm_up_period: Annotated[Duration, Gt(0)] = 10 * SECOND
    """warm_up, warm_up_queue: how long it takes to be warm; whole seconds."""
    cold_factor: Annotated[int, Ge(2)] = 3
    """warm_up, warm_up_queue: when cold, the rate is divided by it."""
    implementation: Literal["java", "go"] = "java"
    """queue: whose rounding of the distances."""

    def __post_init__(self) -> None:
        Ranged.__post_init__(self)
        if self.grade == "thread" and self.behaviour != "reject":
            raise ValueError(f"behaviour: {self.behaviour} looks at rates; write grade: qps or behaviour: reject")
        if self.prioritized and (self.grade, self.behaviour) != ("qps", "reject"):
            raise ValueError("prioritized: needs grade: qps and behaviour: reject; leave it out or write these")
        if self.behaviour.startswith("warm_up"):
            self._check_warm_up()

    def _check_warm_up(self) -> None:
        seconds, rest = divmod(self.warm_up_period, SECOND)
        if rest:
            raise ValueError("warm_up_period: is no whole number of seconds; write one such as 10s")
        if int(2 * seconds * self.count / (1 + self.cold_factor)) < 1:
            raise ValueError("count: leaves nothing to warm up with; write a larger one or a longer warm_up_period")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentinelSystemConfig(Ranged):
    """The system rule: limits of all that comes in; what is absent limits nothing."""

    qps: Annotated[Rate, Ge(0)] | None = None
    """Most calls per second."""
    max_thread: Annotated[int, Ge(0)] | None = None
    """Calls are refused while more than so many are under way."""
    avg_rt: Annotated[Duration, Ge(0)] | None = None
    """Calls are refused while the last second's mean response time is longer."""
    highest_system_load: Annotated[float, Ge(0)] | None = None
    """Above this load average calls are refused that are more than the best bucket and the least response time let
    expect (BBR)."""
    highest_cpu_usage: Annotated[float, Ge(0), Le(1)] | None = None
    """Above this share of busy processors calls are refused."""
    implementation: Literal["java", "go"] = "java"
    """java refuses above a limit, go at it and above."""
    cpu_by_bbr: bool = False
    """go: processors, too, refuse only what is more than BBR lets expect."""

    def __post_init__(self) -> None:
        Ranged.__post_init__(self)
        if self.cpu_by_bbr and self.implementation != "go":
            raise ValueError("cpu_by_bbr: Java does not know it; leave it out or write implementation: go")
