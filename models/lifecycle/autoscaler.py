"""Autoscaler: how many replicas a horizontal autoscaler wants, and the script that asks it.

Sources: Kubernetes, pkg/controller/podautoscaler/replica_calculator.go and horizontal.go.
"""

from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from models.lifecycle.fleet import Fleet
from models.lifecycle.pod import Phase, Pod
from models.lifecycle.signal import Signal

LOOKS = 30
"""How often a window looks at what is in a pod; a measurement is their mean."""
UP_PODS, UP_FACTOR = 4, 2
"""The most at once on the way up, per interval: 4 pods or twice as many, whichever is more (the default behaviour)."""

Script = Generator[Any, Any, None]


def desired_replicas(  # parameters: what calcPlainMetricReplicas looks at
    current: int, ready: Sequence[float], *, target: float, n_unready: int, n_missing: int, tolerance: float = 0.1
) -> int:
    """Replicas that bring the mean of `ready` to the target.

    Pods that are not ready count as idle on the way up; pods without measurement count as idle on the way up and as on
    target on the way down. Where that turns the direction, nothing is done.

    Examples
    --------
    >>> desired_replicas(4, [0.9, 0.9, 0.9, 0.9], target=0.6, n_unready=0, n_missing=0)
    6
    >>> desired_replicas(4, [0.63, 0.63, 0.63, 0.63], target=0.6, n_unready=0, n_missing=0)
    4
    """
    if not ready:
        return current
    ratio = sum(ready) / len(ready) / target
    corrects_up = n_unready > 0 and ratio > 1
    if not corrects_up and not n_missing:
        return current if abs(1 - ratio) <= tolerance else ceil(round(ratio * len(ready), 9))
    filled = [*ready, *[target if ratio < 1 else 0.0] * n_missing, *[0.0] * (n_unready if corrects_up else 0)]
    again = sum(filled) / len(filled) / target
    if abs(1 - again) <= tolerance or (ratio < 1 < again) or (again < 1 < ratio):
        return current
    wanted = ceil(round(again * len(filled), 9))
    return current if (again < 1 and wanted > current) or (again > 1 and wanted < current) else wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What it goes by; instants and spans in ns."""

    metric: str
    """What counts: `workers`, `requests` or `cpu`."""
    target: float
    least: int
    most: int
    interval: int
    window: int
    lag: int
    tolerance: float
    stabilisation: int


class Autoscaler:
    """Of one fleet: its measurements, and what it has recommended."""

    def __init__(self, fleet: Fleet, rules: Rules) -> None:
        self._fleet, self._rules = fleet, rules
        self._loads: deque[tuple[int, dict[Pod, float]]] = deque()
        self._used: dict[Pod, tuple[float, int]] = {}
        self._recommended: deque[tuple[int, int]] = deque()
        world = fleet.world
        self._signal = Signal(world.engine, world.trace.levels, [*world.backends].index(fleet.name))

    def work(self, until: int) -> Script:
        """Measure and decide, to the instant `until`."""
        engine, decides_at = self._fleet.world.engine, self._fleet.world.engine.now + self._rules.interval
        self._signal.tell(self._fleet.size)
        while engine.now < until:
            self._measure(engine.now)
            if engine.now >= decides_at:
                self._decide(engine.now)
                decides_at += self._rules.interval
            look = max(self._rules.window // LOOKS, 1)
            yield engine.timeout(min(look, decides_at - engine.now, until - engine.now))
        self._signal.tell(0, 0)

    def _measure(self, now: int) -> None:
        running = [pod for pod in self._fleet.pods if pod.phase is Phase.RUNNING]
        self._loads.append((now, {pod: self._load(pod) for pod in running}))
        while self._loads[0][0] < now - self._rules.lag - self._rules.window:
            self._loads.popleft()

    def _load(self, pod: Pod) -> float:
        server = pod.host.server
        match self._rules.metric:
            case "requests":
                return float(server.busy + server.waiting)
            case "cpu":
                return self._cpu_load(pod)
        return float(server.busy / max(server.config.workers, 1))

    def _cpu_load(self, pod: Pod) -> float:
        """The share of its CPUs that it has used since it was last looked at; of its quota, where it has one."""
        program, now = pod.host.server.program, self._fleet.world.engine.now
        if program is None:
            return 0.0
        used, config = program.cpu.usage_ns(), pod.host.server.config.program.cpu
        before, since = self._used.get(pod, (used, now))
        self._used[pod] = used, now
        return float(max(used - before, 0) / max(now - since, 1) / (config.quota or config.cores))

    def _decide(self, now: int) -> None:
        fleet, rules = self._fleet, self._rules
        current, main = fleet.size, fleet.main
        pods = [pod for pod in fleet.alive if pod.version == main]
        means = self._means(now - rules.lag)
        ready = [means[pod] for pod in pods if pod.is_ready and pod in means]
        n_unready = sum(not pod.is_ready for pod in pods)
        wanted = desired_replicas(
            current, ready, target=rules.target, n_unready=n_unready, tolerance=rules.tolerance,
            n_missing=sum(pod.is_ready and pod not in means for pod in pods),
        )  # fmt: skip
        wanted = self._stabilised(now, current, wanted)
        wanted = max(min(wanted, rules.most, max(current + UP_PODS, current * UP_FACTOR)), rules.least)
        if wanted != current:
            fleet.world.note(f"autoscale {fleet.name} from {current} to {wanted}")
            fleet.scale(wanted)
        self._signal.tell(wanted, sum(ready) / len(ready) if ready else None)

    def _means(self, until: int) -> dict[Pod, float]:
        """The mean of each pod over the window; of a pod that has none, nothing."""
        found: dict[Pod, list[float]] = {}
        for at, loads in self._loads:
            if until - self._rules.window < at <= until:
                for pod, load in loads.items():
                    found.setdefault(pod, []).append(load)
        return {pod: sum(loads) / len(loads) for pod, loads in found.items()}

    def _stabilised(self, now: int, current: int, wanted: int) -> int:
        """On the way down, the largest recommendation of the span."""
        self._recommended.append((now, wanted))
        while self._recommended[0][0] < now - self._rules.stabilisation:
            self._recommended.popleft()
        return min(current, max(n for _, n in self._recommended)) if wanted < current else wanted
