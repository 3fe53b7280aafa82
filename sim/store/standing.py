"""Standings: how far the studies of a store are, by arm and point. Plans are kept in the store as sweeps make them."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sim.study.trial import Trial, canonical

Planned = tuple[str, str, str, int, str]
"""Study, arm, point in canonical JSON, replication, key: a row of the table `planned`."""

_STANDING = """
SELECT study, arm, point, count(*), coalesce(sum(error = ''), 0), coalesce(sum(error != ''), 0),
    count(reserved.key), coalesce(sum(seconds) FILTER (WHERE error = ''), 0), coalesce(max(error), '')
FROM asked LEFT JOIN trials USING (key) LEFT JOIN reserved ON reserved.key = asked.key
GROUP BY study, arm, point ORDER BY min(asked.rowid)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far one arm at one point of a study is."""

    study: str
    arm: str
    at: Mapping[str, Any]
    planned: int
    """Trials that it is known to need."""
    done: int
    failed: int
    running: int
    """Set aside by a sweep at work, of which some wait for a hand."""
    seconds: float
    """Of all that are done together, as their runners count."""
    error: str
    """Of one of the failed; empty without any."""

    @property
    def left(self) -> int:
        """Trials without a result."""
        return self.planned - self.done - self.failed


def rows_of(study: str, trials: Iterable[Trial]) -> list[Planned]:
    """The plan of a study as rows."""
    return [(study, trial.arm, canonical(dict(trial.point)), trial.replication, trial.key) for trial in trials]


def note_plan(db: sqlite3.Connection, study: str, rows: list[Planned], *, is_settled: bool) -> None:
    """Keep what a study is known to need, in the place of what it was before."""
    db.execute("DELETE FROM planned WHERE study = ?", (study,))
    db.executemany("INSERT OR REPLACE INTO planned VALUES (?, ?, ?, ?, ?)", rows)
    db.execute("INSERT OR REPLACE INTO studies VALUES (?, ?)", (study, is_settled))


def is_noted(db: sqlite3.Connection, study: str, rows: list[Planned], *, is_settled: bool) -> bool:
    """Whether `note_plan` would change nothing."""
    asked = "SELECT study, arm, point, replication, key FROM planned WHERE study = ? ORDER BY rowid"
    settled = db.execute("SELECT settled FROM studies WHERE name = ?", (study,)).fetchone()
    return settled == (is_settled,) and db.execute(asked, (study,)).fetchall() == rows


def keep_plans(db: sqlite3.Connection, keys: Iterable[str]) -> None:
    """Forget what other studies need than those of these keys."""
    db.execute("CREATE TEMP TABLE kept (key TEXT PRIMARY KEY)")
    db.executemany("INSERT OR IGNORE INTO kept VALUES (?)", [(key,) for key in keys])
    db.execute("DELETE FROM planned WHERE key NOT IN (SELECT key FROM kept)")
    db.execute("DELETE FROM studies WHERE name NOT IN (SELECT study FROM planned)")


def standings(db: sqlite3.Connection, rows: Iterable[Planned] | None = None) -> list[Standing]:
    """How far each arm at each point is: of the plans that are kept, or of these rows."""
    db.execute("CREATE TEMP TABLE asked (study, arm, point, replication, key)")  # the connection's own, gone with it
    if rows is None:
        db.execute("INSERT INTO asked SELECT study, arm, point, replication, key FROM planned ORDER BY rowid")
    else:
        db.executemany("INSERT INTO asked VALUES (?, ?, ?, ?, ?)", rows)
    return [
        Standing(
            study=study, arm=arm, at=json.loads(point), planned=planned, done=done, failed=failed, running=running,
            seconds=seconds, error=error,
        )
        for study, arm, point, planned, done, failed, running, seconds, error in db.execute(_STANDING)
    ]  # fmt: skip


def work_left(found: Iterable[Standing]) -> float | None:
    """Seconds of work left on one core, by what trials of the same arm and point took; None without any done."""
    known = list(found)
    n = sum(one.done for one in known)
    if not n:
        return None
    usual = sum(one.seconds for one in known) / n
    return sum(one.left * (one.seconds / one.done if one.done else usual) for one in known)
