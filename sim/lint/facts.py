"""Facts: what rules may know beside the text. It needs no library, so that whoever knows the world can make them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.lint.text import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What a scenario's own code has to say of it."""

    entity: str
    """`faults`, `oversights` or `limits`: the entity of the model that it becomes."""
    path: Path
    said: Mapping[str, Any]
    """The fields of the entity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known beside the text.

    Attributes
    ----------
    load : rate, latency_ms and so on, as options say them.
    world : constants of Go and Linux, from the models.
    port_wall : first and last port to the dials per second to one destination that they bear for ever.
    scenario : a scenario's tree to what its own code says of it: what is wrong, without effect, beyond a limit.
    """

    load: Mapping[str, float] = field(default_factory=dict)
    world: Mapping[str, Any] = field(default_factory=dict)
    port_wall: Callable[[int, int], float] | None = None
    scenario: Callable[[Any], Sequence["Remark"]] | None = None
