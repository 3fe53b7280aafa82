"""Heap: two generations of objects and what a collection moves. Not when one comes, not how long it takes.

Sources: HotSpot, psScavenge.cpp, psParallelCompact.cpp, ageTable.cpp, collectorPolicy.cpp; the JVM's GC tuning guide.
Simplified: objects of a request are one lump, allocated when its work begins.
"""

from typing import NamedTuple

from models.programs.jvm_config import JvmConfig


class Held:
    """What one request needs until its end."""

    __slots__ = ("born", "is_old", "size_bytes")

    def __init__(self, size_bytes: int, born: int, *, is_old: bool) -> None:
        self.size_bytes, self.born, self.is_old = size_bytes, born, is_old


class Collection(NamedTuple):
    """What a collection had to do."""

    is_full: bool
    moved_bytes: int
    """Survivors that were copied, or all that lives."""


class Shares(NamedTuple):
    """How full it is, each from 0 to 1."""

    eden: float
    old: float
    heap: float


class Heap:
    """Eden, two survivor spaces and an old generation of fixed sizes (Parallel, Serial)."""

    wants_mark = is_marking = False
    """Only G1 marks beside the program."""

    def __init__(self, config: JvmConfig) -> None:
        self._config = config
        self.eden_capacity, self.old_capacity = config.eden_capacity, config.old_capacity
        self._survivor_capacity = config.survivor_capacity
        self._kept_old = config.live
        """Bytes in the old generation that live for ever."""
        self._kept_young = [0] * (config.tenuring + 1)
        """Bytes that will live for ever and are still in the young generation, by collections survived."""
        self._held: dict[Held, None] = {}
        self._number = 0
        self.survivors = 0
        self._settle(config.live)

    def _settle(self, live: int) -> None:
        """All that lives is in the old generation, and what does not fit there in eden."""
        self.old = min(live, self.old_capacity)
        self._spilled = self.eden = live - self.old

    @property
    def shares(self) -> Shares:
        """How full it is."""
        used = self.eden + self.survivors + self.old
        return Shares(self.eden / self.eden_capacity, self.old / self.old_capacity, used / self._config.heap)

    def fits(self, size_bytes: int) -> bool:
        """Whether an allocation needs no collection."""
        if self._goes_old(size_bytes):
            return not self._spilled and self.old + size_bytes <= self.old_capacity
        return self.eden + size_bytes <= self.eden_capacity

    def _goes_old(self, size_bytes: int) -> bool:
        """What fills half of eden is allocated in the old generation (ParallelScavengeHeap::should_alloc_in_eden)."""
        return 2 * size_bytes >= self.eden_capacity

    def take(self, size_bytes: int, *, held_bytes: int = 0, kept_bytes: int = 0) -> Held | None:
        """Allocate what fits: some of it held until `release`, some kept for ever."""
        is_old = self._goes_old(size_bytes)
        if is_old:
            self.old += size_bytes
            self._kept_old += kept_bytes
        else:
            self.eden += size_bytes
            self._kept_young[0] += kept_bytes
        if not held_bytes:
            return None
        held = Held(held_bytes, self._number, is_old=is_old)
        self._held[held] = None
        return held

    def release(self, held: Held) -> None:
        """Its request is over: it is garbage, wherever it lies."""
        self._held.pop(held, None)

    @property
    def live(self) -> int:
        """Bytes that a full collection would leave."""
        return self._kept_old + sum(self._kept_young) + sum(held.size_bytes for held in self._held)

    def collect(self, *, full: bool) -> Collection:
        """Collect the young generation, or all where `full` or what would be promoted does not fit."""
        by_age = self._by_age()
        threshold = threshold_of(by_age, self._survivor_capacity)
        promoted = sum(by_age[threshold:])
        if full or self._spilled or self.old + promoted > self.old_capacity:
            return self._collect_all()
        self._evacuate(by_age, threshold)
        return Collection(is_full=False, moved_bytes=sum(by_age))

    def begin_mark(self) -> None:
        """Nothing to be done: only G1 marks."""

    def end_mark(self) -> None:
        """Nothing to be done: only G1 marks."""

    def _evacuate(self, by_age: list[int], threshold: int) -> None:
        """Copy what lives in the young generation: what has survived `threshold` collections into the old one."""
        self._number += 1
        self.eden, self.survivors = 0, sum(by_age[:threshold])
        self.old += sum(by_age[threshold:])
        kept = self._kept_young
        self._kept_old += sum(kept[threshold:])
        self._kept_young = [0, *kept[:threshold], *[0] * len(kept)][: len(kept)]
        for held in self._held:
            held.is_old = held.is_old or self._number - held.born > threshold

    def _by_age(self) -> list[int]:
        """What lives in the young generation, by collections survived."""
        by_age, oldest = list(self._kept_young), len(self._kept_young) - 1
        for held in self._held:
            if not held.is_old:
                by_age[min(self._number - held.born, oldest)] += held.size_bytes
        return by_age

    def _collect_all(self) -> Collection:
        self._number += 1
        live = self.live
        self._kept_old += sum(self._kept_young)
        self._kept_young = [0] * len(self._kept_young)
        for held in self._held:
            held.is_old = True
        self.survivors = 0
        self._settle(live)
        return Collection(is_full=True, moved_bytes=live)


def threshold_of(by_age: list[int], room: int) -> int:
    """From which age on survivors are promoted: all of `tenuring`, and the oldest that find no room."""
    total = 0
    for age, size_bytes in enumerate(by_age[:-1]):
        total += size_bytes
        if total > room:
            return age
    return len(by_age) - 1
