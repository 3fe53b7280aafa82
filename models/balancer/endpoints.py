"""Endpoints: the backends of one service as names and balancers see them: ready or not, with what weight, since when.

Not how one of them is chosen. The words are those of Kubernetes' EndpointSlice and of Envoy's hosts.
"""

from collections.abc import Callable, Sequence

from sim.engine.environment import Engine
from sim.units import HOUR

LONG_AGO = -24 * HOUR
"""Since when they are there that were there at the start."""


class Endpoint:
    """One backend."""

    __slots__ = ("active", "index", "is_ready", "since", "weight")

    def __init__(self, index: int, weight: float = 1.0, *, is_ready: bool = True) -> None:
        self.index = index
        """Its number among all backends of the world."""
        self.weight = weight
        self.is_ready = is_ready
        """Whether it is announced: it passes its readiness probe and is not being removed."""
        self.since = LONG_AGO
        """When it became ready, ns."""
        self.active = 0
        """What a balancer counts on it: requests, or connections of a layer-4 one."""


class Endpoints:
    """All backends of one service."""

    __slots__ = ("_engine", "_watchers", "each", "ready")

    def __init__(self, engine: Engine, each: Sequence[Endpoint]) -> None:
        self._engine = engine
        self.each = tuple(each)
        self.ready = tuple(one for one in self.each if one.is_ready)
        """Those that are announced now, in the order of their numbers."""
        self._watchers: list[Callable[[], object]] = []

    def watch(self, changed: Callable[[], object]) -> None:
        """Call `changed` after every change of who is ready and of weights."""
        self._watchers.append(changed)

    def announce(self, index: int, *, is_ready: bool) -> None:
        """The endpoint becomes ready, or is taken out."""
        one = self._of(index)
        if one.is_ready != is_ready:
            one.is_ready = is_ready
            one.since = self._engine._now if is_ready else one.since
            self._changed()

    def weigh(self, index: int, weight: float) -> None:
        """Its share of what is handed out is `weight` over the sum of all weights; 0 gets nothing."""
        self._of(index).weight = weight
        self._changed()

    def _of(self, index: int) -> Endpoint:
        return next(one for one in self.each if one.index == index)

    def _changed(self) -> None:
        self.ready = tuple(one for one in self.each if one.is_ready)
        for changed in self._watchers:
            changed()
