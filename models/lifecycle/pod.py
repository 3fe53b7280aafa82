"""Pod: one backend as its orchestrator sees it. Not how many of them there should be.

Sources: Kubernetes, pod lifecycle and termination; kubelet, killPod; core/v1, PodCondition Ready.
"""

from collections.abc import Generator
from enum import Enum
from typing import Any

from models.backend.life import shutdown
from models.lifecycle.backoff import Backoff
from models.lifecycle.config import BASE
from models.lifecycle.probe import probe

Script = Generator[Any, Any, None]


class Phase(Enum):
    """How far a pod is."""

    ABSENT = "absent"
    STARTING = "starting"
    RUNNING = "running"
    ENDING = "ending"


class Pod:
    """Its program's life, whether it passes its probe, and what is announced of it."""

    def __init__(self, fleet: Any, index: int, number: int) -> None:
        self._fleet, self.index, self.number = fleet, index, number
        self.engine, self.host = fleet.world.engine, fleet.world.hosts[index]
        self.version = BASE
        self.phase = Phase.RUNNING
        self.life = 0
        """Which of its lives: what was begun in an earlier one is without effect."""
        self.passes = True
        """What its readiness probe says."""
        self.is_failing = False
        """Whether it fails its probe whatever its program does (a fault)."""
        self.is_cut_off = False
        """Whether its node is believed to be lost."""
        self.is_ready = True
        """Whether it is announced, or will be when the word has spread."""
        self.draw_luck = fleet.world.streams.uniforms(f"{fleet.name}.{number}.probe")
        self._backoff = Backoff()

    def is_alive(self, life: int) -> bool:
        """Whether it is still in that life, and not about to end."""
        return self.life == life and self.phase in (Phase.STARTING, Phase.RUNNING)

    @property
    def listens(self) -> bool:
        """Whether its program would accept connections if nobody hindered it."""
        return self.phase is Phase.RUNNING

    def stay_away(self) -> None:
        """It does not run at the start."""
        self.phase, self.passes = Phase.ABSENT, False
        if self.host.server.program is not None:
            self.host.server.die()
        self.host.is_dead, self.host.is_steady = True, False
        self.is_ready = False
        self._tell()

    def watch(self, *, first_after: float = 0.0) -> None:
        """Probe it from now on; the first probes come after a share of their periods."""
        config = self._fleet.config
        for told, judge in ((config.readiness, self._judge_ready), (config.liveness, self._judge_alive)):
            if told is not None:
                first = told.initial_delay + round(first_after * told.period)
                self.engine.process(probe(self, told, judge, first_after=first))

    def start(self, version: str) -> None:
        """A program of this version starts where none runs."""
        assert self.phase is Phase.ABSENT, "one program runs in a pod"
        self.version = version
        self._backoff = Backoff()
        self._start(0)

    def _start(self, wait: int) -> None:
        self.life += 1
        self.phase, self.passes = Phase.STARTING, False
        self.host.is_dead = True
        self.announce()
        self.engine.process(self._start_up(self.life, wait))

    def _start_up(self, life: int, wait: int) -> Script:
        if wait:
            yield self.engine.timeout(wait)
        if not self.is_alive(life):
            return
        self._fleet.install(self)
        self._note(f"starts {self.version}")
        self.watch()
        yield self.engine.timeout(self._fleet.draw_startup(self.version))
        if not self.is_alive(life):
            return
        self.phase = Phase.RUNNING
        self.host.server.start_again()
        self.passes = self._fleet.config.readiness is None
        self._note("listens")
        self.announce()

    def crash(self) -> None:
        """The program ends suddenly; it is started again, at once the first time."""
        if self.phase not in (Phase.STARTING, Phase.RUNNING):
            return
        self.host.is_dead = True
        self._kill()
        self._start(self._backoff.wait(self.engine.now))

    def _kill(self) -> None:
        server = self.host.server
        server.die()
        while server.is_paused:
            server.resume()

    def end(self) -> None:
        """Take it out and end it in order: both begin at the same time."""
        if self.phase is Phase.STARTING:
            self.life += 1
            self._is_gone()
        elif self.phase is Phase.RUNNING:
            self.life += 1
            self.phase = Phase.ENDING
            self._note("ends")
            self.announce()
            self.engine.process(self._terminate())

    def _terminate(self) -> Script:
        told, engine = self._fleet.config.termination, self.engine
        yield engine.timeout(min(told.pre_stop, told.grace))
        self.host.is_dead = True
        if told.pre_stop < told.grace:
            yield engine.process(shutdown(self.host.server)) | engine.timeout(told.grace - told.pre_stop)
        self._is_gone()

    def _is_gone(self) -> None:
        self.host.is_dead = True
        self._kill()
        self.phase = Phase.ABSENT
        self._note("is gone")
        self.announce()
        self._fleet.has_changed()

    def announce(self) -> None:
        """Let the endpoints know, when the word has spread, whether it is ready."""
        is_ready = self.phase is Phase.RUNNING and self.passes and not (self.is_failing or self.is_cut_off)
        if is_ready == self.is_ready:
            return
        self.is_ready = is_ready
        self._note("is ready" if is_ready else "is not ready")
        delay = self._fleet.draw_propagation()
        if delay:
            self.engine.call_in(delay, self._tell)
        else:
            self._tell()
        self._fleet.has_changed()

    def _tell(self, _: Any = None) -> None:
        """Simplified: who learns of a change learns what is true then, so a shorter one goes unseen."""
        self._fleet.endpoints.announce(self.index, is_ready=self.is_ready)
        if self._fleet.shares:
            self._fleet.weigh()

    def _judge_ready(self, is_well: bool) -> None:
        self.passes = is_well and self.listens
        self.announce()

    def _judge_alive(self, is_well: bool) -> None:
        if not is_well:
            self._note("is killed by its liveness probe")
            self.crash()

    def _note(self, event: str) -> None:
        self._fleet.world.note(event, backend=self.index)
