"""G1Heap: a heap of regions, whose young generation grows and shrinks, and whose old one is collected piece by piece.

Sources: HotSpot, g1_globals.hpp (defaults), g1Policy.cpp, g1CollectionSetCandidates.cpp; JEP 307.
Simplified: the young generation has all the room that is left, and is not shrunk for MaxGCPauseMillis; garbage lies
evenly in the old regions; what a request allocates is many objects, so that none of them is humongous.
"""

from models.programs.heap import Collection, Heap, Shares, threshold_of
from models.programs.jvm_config import MIB, JvmConfig

LEAST_YOUNG, MOST_YOUNG = 0.05, 0.60
"""Of the heap (G1NewSizePercent, G1MaxNewSizePercent)."""
RESERVE = 0.10
"""Share of the heap that is kept free for copies (G1ReservePercent)."""
BEGINS_TO_MARK = 0.45
"""Share of the heap in old regions from which on it is marked (InitiatingHeapOccupancyPercent)."""
MIXED_COUNT = 8
"""In so many mixed collections the garbage that was found is collected (G1MixedGCCountTarget)."""
WASTE = 0.05
"""Garbage below this share of the heap is left (G1HeapWastePercent)."""
REGIONS = 2048
LARGEST_REGION = 32 * MIB


class G1Heap(Heap):
    """Eden, survivors and old regions out of one pot."""

    def __init__(self, config: JvmConfig) -> None:
        self._size = config.heap
        self._region = min(max(config.heap // REGIONS, MIB), LARGEST_REGION)
        self.is_marking = False
        self._unmixed = 0
        """Garbage that marking has found and nobody has collected yet."""
        self._mixed_left = 0
        super().__init__(config)

    def _settle(self, live: int) -> None:
        self.old = min(live, self._size)
        self.eden = self._spilled = 0
        self._unmixed = self._mixed_left = 0
        self._resize()

    def _resize(self) -> None:
        room = self._size * (1 - RESERVE) - self.old - self.survivors
        young = max(min(room, MOST_YOUNG * self._size), LEAST_YOUNG * self._size)
        self.eden_capacity = max(round(young) - self.survivors, self._region)
        self.old_capacity = self._size
        self._survivor_capacity = self.eden_capacity // self._config.survivor_ratio

    @property
    def shares(self) -> Shares:
        """How full it is; the old regions count against the whole heap."""
        used = self.eden + self.survivors + self.old
        return Shares(self.eden / self.eden_capacity, self.old / self._size, used / self._size)

    def fits(self, size_bytes: int) -> bool:
        """Whether an allocation needs no collection."""
        in_heap = self.eden + self.survivors + self.old + size_bytes <= self._size
        return in_heap and (self._goes_old(size_bytes) or self.eden + size_bytes <= self.eden_capacity)

    def _goes_old(self, size_bytes: int) -> bool:
        """Only what is more than eden."""
        return size_bytes > self.eden_capacity

    @property
    def wants_mark(self) -> bool:  # type: ignore[override]
        """Whether the old regions have grown so far that marking begins."""
        return not self.is_marking and not self._mixed_left and self.old > BEGINS_TO_MARK * self._size

    def begin_mark(self) -> None:
        """What is garbage now will be found."""
        self.is_marking = True
        self._unmixed = self.old - self._live_old

    def end_mark(self) -> None:
        """What was found is collected in the next collections, where it is worth it."""
        self.is_marking = False
        if self._unmixed > WASTE * self._size:
            self._mixed_left = MIXED_COUNT

    @property
    def _live_old(self) -> int:
        return self._kept_old + sum(held.size_bytes for held in self._held if held.is_old)

    def collect(self, *, full: bool) -> Collection:
        """Collect the young regions, with some old ones after a marking; all, where the copies find no room."""
        by_age = self._by_age()
        if full or self.old + sum(by_age) > self._size:
            self.is_marking = False
            return self._collect_all()
        self._evacuate(by_age, threshold_of(by_age, self._survivor_capacity))
        moved = sum(by_age) + (self._mix() if self._mixed_left else 0)
        self._resize()
        return Collection(is_full=False, moved_bytes=moved)

    def _mix(self) -> int:
        """Collect a part of the garbage that was found; what lives in its regions is copied."""
        part = self._unmixed // self._mixed_left
        garbage = max(self.old - self._live_old, 1)
        self._mixed_left -= 1
        self._unmixed -= part
        self.old -= min(part, garbage)
        return part * self._live_old // garbage
