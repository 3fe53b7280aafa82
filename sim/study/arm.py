"""An arm: one way to set things up, told apart from the others by what it overrides in the base scenario."""

from dataclasses import dataclass, field
from typing import Any

ONLY_ARM = "base"
"""The arm of a study that declares none: the base scenario as it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """Overrides of the base scenario under one name."""

    set: dict[str, Any] = field(default_factory=dict)
    """Dotted path in the scenario to the value written there; empty leaves the base as it is."""
