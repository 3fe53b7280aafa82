"""The status of a store: its studies, sweeps at work, versions, size. It reads, and changes nothing."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.store.standing import Planned, Standing, standings, work_left
from sim.store.store import Store

RECENT_S = 600.0
"""Results of so many seconds say how fast sweeps at work are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What is known of a store at one moment."""

    folder: Path
    standings: Sequence[Standing]
    settled: frozenset[str]
    """Studies of which it is certain that they need no more than planned."""
    versions: Sequence[str]
    """Model versions of the results."""
    trials: int
    """Results, of whatever study."""
    size: int
    """Bytes on disk."""
    processes: Sequence[int]
    """Of the sweeps at work."""
    rate: float | None
    """Results per second while sweeps are at work."""

    @property
    def work_left(self) -> float | None:
        """See `standing.work_left`."""
        return work_left(self.standings)

    @property
    def seconds_left(self) -> float | None:
        """Until sweeps at work are through what is planned; None where none is, or too little is known."""
        left = sum(one.left for one in self.standings)
        return left / self.rate if self.rate else None


def status_of(store: Store, rows: Sequence[Planned] | None = None) -> Status:
    """The status of a store; of these rows instead of the plans that it keeps, where they are given."""
    with store.reading() as db:
        found = standings(db, rows)
        versions = [version for (version,) in db.execute("SELECT DISTINCT version FROM trials ORDER BY version")]
        settled = {name for (name,) in db.execute("SELECT name FROM studies WHERE settled")}
        (n,) = db.execute("SELECT count(*) FROM trials").fetchone()
        since = time.time() - RECENT_S
        recent, first, last = db.execute(
            "SELECT count(*), min(ended), max(ended) FROM trials WHERE ended > ?", (since,)
        ).fetchone()
    processes = sorted(store.processes())
    rate = (recent - 1) / (last - first) if processes and recent > 1 and last > first else None
    return Status(
        folder=store.folder, standings=found, settled=frozenset(settled), versions=versions, trials=n,
        size=store.size(), processes=processes, rate=rate,
    )  # fmt: skip
