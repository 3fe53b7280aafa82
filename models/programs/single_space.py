"""SingleSpace: a heap without generations: when it is full, all that lives is marked and moved. No HotSpot collector.

With `live` bytes of a heap H, a program that allocates A a second is stopped for cost x live every (H - live) / A
seconds: a share of its time that grows without bound as live comes near H.
"""

from models.programs.heap import Collection, Heap, Held, Shares


class SingleSpace(Heap):
    """One space; eden and the old generation are the same."""

    def _settle(self, live: int) -> None:
        self.old, self.eden, self._spilled = live, 0, 0

    @property
    def shares(self) -> Shares:
        """How full it is."""
        used = self.old / self._config.heap
        return Shares(used, used, used)

    def fits(self, size_bytes: int) -> bool:
        """Whether an allocation needs no collection."""
        return self.old + size_bytes <= self._config.heap

    def take(self, size_bytes: int, *, held_bytes: int = 0, kept_bytes: int = 0) -> Held | None:
        """Allocate what fits: some of it held until `release`, some kept for ever."""
        self.old += size_bytes
        self._kept_old += kept_bytes
        if not held_bytes:
            return None
        held = Held(held_bytes, self._number, is_old=True)
        self._held[held] = None
        return held

    def collect(self, *, full: bool) -> Collection:
        """Every collection is one of all that lives."""
        return self._collect_all()
