"""Loss: which packets of a path are lost: each by itself, or in bursts. Not what a sender makes of it.

Source: Gilbert (1960) in the form of two numbers, the share that is lost and the mean length of a burst: a packet is
lost if and only if the path is in its bad state, which it enters with P = L / (b (1 - L)) and leaves with Q = 1 / b
per packet.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Lt


@dataclass(frozen=True, slots=True, kw_only=True)
class GilbertConfig:
    """Losses in bursts: the chance of the next packet depends on what became of the last."""

    loss: Annotated[float, Gt(0), Lt(1)]
    """Share of the packets that is lost in the long run, as 0.01."""
    burst: Annotated[float, Ge(1)] = 3.0
    """Mean number of packets that are lost in succession, counted in packets and not in time; of independent losses it
    is 1 / (1 - loss)."""

    def __post_init__(self) -> None:
        if self.enters > 1:
            least = self.loss / (1 - self.loss)
            raise ValueError(f"burst: {self.burst:g} is too short for so much loss; write at least {least:.3g}")

    @property
    def enters(self) -> float:
        """Probability that the packet after one that arrived is lost."""
        return self.loss / (self.burst * (1 - self.loss))

    @property
    def leaves(self) -> float:
        """Probability that the packet after a lost one arrives."""
        return 1 / self.burst


@dataclass(frozen=True, slots=True, kw_only=True)
class BurstLoss:
    """A loss process with a memory."""

    gilbert: GilbertConfig
    """Losses in bursts (Gilbert's model): both directions of a path share its state."""


class Gilbert:
    """The state of one path: asked once for each packet."""

    __slots__ = ("_draw", "_enters", "_leaves", "is_bad")

    def __init__(self, config: GilbertConfig, draw: Callable[[], float]) -> None:
        self._enters, self._leaves, self._draw = config.enters, config.leaves, draw
        self.is_bad = draw() < config.loss
        """The last packet was lost; a path begins as it is found at any time."""

    def loses(self) -> bool:
        """Whether the next packet is lost."""
        chance = self._draw()
        self.is_bad = chance >= self._leaves if self.is_bad else chance < self._enters
        return self.is_bad


def usual_loss(loss: float | BurstLoss) -> float:
    """The share that is lost in the long run."""
    return loss.gilbert.loss if isinstance(loss, BurstLoss) else loss
