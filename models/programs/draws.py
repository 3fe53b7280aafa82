"""Draws: random inputs of a request at its server, by the request's number. Not its arrival, not its service time.

Which number a request gets follows from its own alone, wherever and in whatever order requests are served: two arms of
a study that balance differently see the same work.
"""

from sim.engine.distributions import Delay
from sim.engine.streams import BLOCK, Streams

KEPT = 64
"""Blocks that are kept: the requests of one moment have near numbers; a block that is gone can be drawn again."""


class Draws:
    """One purpose: `of(n, i)` is the i-th of the `each` draws of request n, ns."""

    __slots__ = ("_blocks", "_delay", "_each", "_name", "_streams")

    def __init__(self, streams: Streams, name: str, delay: Delay, each: int = 1) -> None:
        self._streams, self._name, self._delay, self._each = streams, name, delay, each
        self._blocks: dict[int, list[int]] = {}

    def of(self, number: int, i: int = 0) -> int:
        """The draw, the same each time."""
        block, place = divmod(number * self._each + i, BLOCK)
        if block not in self._blocks:
            self._draw(block)
        return self._blocks[block][place]

    def _draw(self, block: int) -> None:
        if len(self._blocks) == KEPT:
            del self._blocks[next(iter(self._blocks))]
        rng = self._streams.fresh(f"{self._name}.{block}")
        self._blocks[block] = self._delay.block(rng, BLOCK).tolist()
