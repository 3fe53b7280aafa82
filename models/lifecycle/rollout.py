"""Rollout: versions take one another's place: rolling deploys, grey releases by weight, and the way back.

Sources: Kubernetes, deployment/util/deployment_util.go, ResolveFenceposts; deployment/rolling.go.
"""

from collections.abc import Generator
from math import ceil, floor
from typing import Any

Script = Generator[Any, Any, None]


def fenceposts(n: int, max_surge: float, max_unavailable: float) -> tuple[int, int]:
    """Pods beyond n, and pods of n that may be missing: rounded up and down; never none of both.

    Examples
    --------
    >>> fenceposts(10, 0.25, 0.25), fenceposts(3, 0.25, 0.25), fenceposts(3, 0.0, 0.25)
    ((3, 2), (1, 0), (0, 1))
    """
    surge, unavailable = ceil(round(n * max_surge, 9)), floor(round(n * max_unavailable, 9))
    return surge, unavailable or (0 if surge else 1)


class Rollouts:
    """What was rolled out in one fleet; a new rollout ends the one that runs."""

    def __init__(self, fleet: Any) -> None:
        self._fleet = fleet
        self._newest = self._before = fleet.main
        self._round = 0

    def deploy(self, version: str, max_surge: float, max_unavailable: float) -> Script:
        """A rolling update to `version`."""
        self._remember(version)
        return self._roll("deploy", version, (max_surge, max_unavailable))

    def rollback(self, max_surge: float, max_unavailable: float) -> Script:
        """A rolling update to the version before; all pods weigh the same again."""
        self._newest = self._before
        return self._roll("rollback", self._before, (max_surge, max_unavailable))

    def _roll(self, kind: str, version: str, most: tuple[float, float]) -> Script:
        fleet, mine = self._fleet, self._begin()
        what = f"{kind} to {version} of {fleet.name}"
        fleet.world.note(what)
        surge, unavailable = fenceposts(fleet.size, *most)
        fleet.main = version
        fleet.share({})
        fleet.want({version: fleet.size}, surge=surge, unavailable=unavailable)
        yield from self._until_done(mine)
        if self._round == mine:
            fleet.world.note(f"{what} ends")

    def release(self, version: str, n: int, steps: list[tuple[int, float]]) -> Script:
        """A grey release of `version` on n pods, whose weight follows the steps (ns after the start, weight)."""
        fleet, mine, engine = self._fleet, self._begin(), self._fleet.world.engine
        began, old = engine.now, fleet.main
        self._remember(version)
        fleet.world.note(f"release of {version} of {fleet.name}")
        fleet.share({version: 0.0, old: 1.0})
        left = min(fleet.size, len(fleet.pods) - n)
        fleet.want({old: left, version: n}, unavailable=max(fleet.size - left, 0))
        for after, weight in steps:
            yield engine.timeout(began + after - engine.now)
            if self._round != mine:
                return
            fleet.world.note(f"{version} of {fleet.name} gets {weight:.3g}")
            fleet.share({version: weight, old: 1 - weight})

    def _remember(self, version: str) -> None:
        if version != self._newest:
            self._before, self._newest = self._newest, version

    def _begin(self) -> int:
        self._round += 1
        return self._round

    def _until_done(self, mine: int) -> Script:
        fleet = self._fleet
        while self._round == mine and not fleet.is_as_wanted:
            yield fleet.change
