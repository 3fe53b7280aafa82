"""Fleet: the pods of one service: how many of which version there should be, and the steps that lead there.

Source: Kubernetes, pkg/controller/deployment/rolling.go and util/deployment_util.go (ResolveFenceposts).
"""

from collections import Counter
from collections.abc import Callable, Generator, Mapping
from typing import Any

from simpy import Event

from models.backend.pace import Pace
from models.lifecycle.config import BASE, ManagedService
from models.lifecycle.pod import Phase, Pod
from models.lifecycle.rollout import Rollouts
from models.programs_of import replace_program


class Fleet:
    """All pods of a service."""

    def __init__(self, world: Any, name: str) -> None:
        backends = world.backends[name]
        self.world, self.name = world, name
        self.config: ManagedService = backends.config
        self.endpoints = backends.endpoints
        self.pods = [Pod(self, index, number) for number, index in enumerate(backends.indices)]
        self.main, self.size = BASE, self.config.ready_at_start
        """The version that is scaled, and how many pods it should have where it need not make room."""
        self.targets: dict[str, int] = {self.main: self.size}
        """How many pods of each version there should be."""
        self.shares: dict[str, float] = {}
        """What each version gets of all that is handed out; empty: each pod as much as any other."""
        self.surge, self.unavailable = 0, 0
        """How many more than that may run, and how many of them may be not ready, while versions change."""
        self.change: Event = world.engine.event()
        """Happens when a pod becomes ready, or no longer is."""
        self.rollouts = Rollouts(self)
        self._is_kept = False
        self._weights = [one.weight for one in self.endpoints.each]
        self.draw_propagation = world.streams.ints(f"{name}.propagation", self.config.propagation)

    def begin(self) -> None:
        """Let the pods that run at the start be probed, and the others stay away."""
        probed = self.config.readiness is not None or self.config.liveness is not None
        for pod in self.pods[self.config.ready_at_start :]:
            pod.stay_away()
        for pod in self.pods[: self.config.ready_at_start] if probed else ():
            pod.host.is_steady = pod.host.is_steady and self.config.liveness is None
            pod.watch(first_after=pod.draw_luck())

    def take_over(self) -> None:
        """Something will start and end pods: no backend is steady, and what is wanted is sought after every change."""
        for pod in self.pods:
            pod.host.is_steady = False
        if not self._is_kept:
            self._is_kept = True
            self.world.engine.process(self._keep())

    def _keep(self) -> Generator[Event, Any, None]:
        while True:
            yield self.change
            self.step()

    def pod_at(self, index: int) -> Pod:
        """The pod of a backend."""
        return self.pods[index - self.pods[0].index]

    def has_changed(self) -> None:
        """Wake whoever waits for a change."""
        change, self.change = self.change, self.world.engine.event()
        change.succeed()

    def install(self, pod: Pod) -> None:
        """Let the program of a pod be that of its version, as it is at the start of a life."""
        server, before = pod.host.server, pod.host.server.config.program
        server.configure(self.config.as_version(pod.version))
        if server.config.program is not before:
            replace_program(self.world, self.name, server)
        version = self.config.versions.get(pod.version)
        if version is not None and version.service_time is not None:
            server.pace = server.pace or Pace()
            server.pace.draw = self.world.streams.ints(f"{self.name}.{pod.version}.service_time", version.service_time)
        elif server.pace is not None:
            server.pace.draw = None

    def draw_startup(self, version: str) -> int:
        """How long a program of this version takes to start."""
        draw: Callable[[], int] = self.world.streams.ints(
            f"{self.name}.{version}.startup", self.config.as_version(version).startup
        )
        return draw()

    @property
    def desired(self) -> int:
        """How many pods there should be."""
        return sum(self.targets.values())

    @property
    def alive(self) -> list[Pod]:
        """Pods that run or start; those that end do not count."""
        return [pod for pod in self.pods if pod.phase in (Phase.STARTING, Phase.RUNNING)]

    @property
    def is_as_wanted(self) -> bool:
        """Whether all that should be there are ready, and no others."""
        alive = self.alive
        return Counter(pod.version for pod in alive) == Counter(self.targets) and all(pod.is_ready for pod in alive)

    def scale(self, n: int) -> None:
        """Want n pods of the main version; those that roll out stay as they are."""
        self.size = n
        room = len(self.pods) - sum(count for version, count in self.targets.items() if version != self.main)
        self.targets[self.main] = min(n, room)
        self.step()

    def share(self, shares: Mapping[str, float]) -> None:
        """Hand out by version from now on; empty ends that."""
        if shares or self.shares:
            self.shares = dict(shares)
            self.weigh()

    def weigh(self) -> None:
        """Give each announced pod its part of its version's share."""
        told = [pod for pod, one in zip(self.pods, self.endpoints.each, strict=True) if one.is_ready]
        there = Counter(pod.version for pod in told)
        for pod in told if self.shares else self.pods:
            share = self.shares.get(pod.version, 0.0) * len(told) / there[pod.version] if self.shares else 1.0
            self.endpoints.weigh(pod.index, self._weights[pod.number] * share)

    def want(self, targets: Mapping[str, int], *, surge: int = 0, unavailable: int = 0) -> None:
        """Want so many pods of each version from now on, and take the first steps."""
        self.targets = {version: n for version, n in targets.items() if n}
        self.surge, self.unavailable = surge, unavailable
        self.step()

    def step(self) -> None:
        """Start and end as many pods as may be now."""
        self._start_missing()
        self._end_surplus()
        self._start_missing()

    def _start_missing(self) -> None:
        alive = self.alive
        room = self.desired + self.surge - len(alive)
        there = Counter(pod.version for pod in alive)
        free = [pod for pod in self.pods if pod.phase is Phase.ABSENT]
        for version, wanted in self.targets.items():
            for _ in range(min(wanted - there[version], room, len(free))):
                room -= 1
                free.pop(0).start(version)

    def _end_surplus(self) -> None:
        """First those that are not ready: they serve nobody. Of equal ones the last."""
        surplus = self._surplus()
        ready = sum(pod.is_ready for pod in self.alive)
        spare = any(pod.phase is Phase.ABSENT for pod in self.pods) or any(
            pod.phase is Phase.ENDING for pod in self.pods
        )
        starting = any(pod.phase is Phase.STARTING for pod in self.pods)
        # with no backend to surge into, one has to make room: else nothing would ever move
        unavailable = self.unavailable if spare or starting else max(self.unavailable, 1)
        for pod in sorted(surplus, key=lambda pod: (pod.is_ready, -pod.number)):
            if not pod.is_ready:
                pod.end()
            elif ready - 1 >= self.desired - unavailable:
                ready -= 1
                pod.end()

    def _surplus(self) -> list[Pod]:
        """Pods of versions that nobody wants, and those beyond the number wanted of theirs."""
        left = dict(self.targets)
        surplus = []
        for pod in sorted(self.alive, key=lambda pod: (not pod.is_ready, pod.number)):
            if left.get(pod.version, 0):
                left[pod.version] -= 1
            else:
                surplus.append(pod)
        return surplus
