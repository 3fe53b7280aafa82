"""A cell of a study: one arm at one point, which is what gets replicated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.study.trial import Tree, Trial, key_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One arm at one point: what is replicated."""

    arm: str
    point: Mapping[str, Any]
    """Axis by its short name to the value as written."""
    scenario: Tree = field(repr=False)
    """Resolved: base, arm and point put together."""
    seed: int
    version: str
    identity: Tree | None = field(default=None, repr=False)
    """What the key is made of, see `Model.identify`; None is the scenario."""
    worked_out: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Path to value of what its arm sets by a reference."""

    def trial(self, replication: int) -> Trial:
        """Its i-th replication; the same seed in all arms, so that they see the same random inputs."""
        known_by = self.scenario if self.identity is None else self.identity
        key = key_of(known_by, seed=self.seed, replication=replication, version=self.version)
        return Trial(
            arm=self.arm, point=self.point, replication=replication, seed=self.seed,
            scenario=self.scenario, version=self.version, key=key,
        )  # fmt: skip
