"""Metaspace: metadata of classes, and when it asks for a full collection.

Source: HotSpot, metaspace.cpp, MetaspaceGC::compute_new_size.
Simplified: no class is ever unloaded.
"""

from models.programs.jvm_config import MetaspaceConfig

MIN_FREE = 0.40
"""Share that is free above the mark after a collection (MinMetaspaceFreeRatio)."""


class Metaspace:
    """How much there is, and the high-water mark that brings the next collection."""

    __slots__ = ("_max", "_used", "mark")

    def __init__(self, config: MetaspaceConfig) -> None:
        self._max = config.max or 1 << 62
        self._used = config.loaded
        self.mark = min(config.size, self._max)
        if self._used > self.mark:  # collections before the run have moved it
            self.raise_mark()

    def fits(self, size_bytes: int) -> bool:
        """Whether so much more needs no collection."""
        return self._used + size_bytes <= self.mark

    def take(self, size_bytes: int) -> None:
        """Load."""
        self._used += size_bytes

    def raise_mark(self) -> None:
        """A collection has found nothing to unload: the mark goes up, as far as it may."""
        self.mark = min(max(self.mark, round(self._used / (1 - MIN_FREE))), self._max)
