"""Results of trials on disk, by what was computed: an index in SQLite, samples in Parquet files beside it."""

import errno
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from sim.records.disk import make_folder, remove_empty
from sim.study.trial import Course, Outcome, Trial, canonical
from sim.units import InputError

LAYOUT = 1
"""Of the index; SQLite's user_version. Another number is another program's file."""

BUSY_SECONDS = 60.0
"""How long a writer waits for the others; one of them holds the lock for milliseconds."""

_TABLE = """
CREATE TABLE IF NOT EXISTS trials (
    key TEXT PRIMARY KEY, version TEXT NOT NULL, seed INTEGER NOT NULL, replication INTEGER NOT NULL,
    error TEXT NOT NULL, seconds REAL NOT NULL, scenario TEXT NOT NULL, summary TEXT NOT NULL
)
"""
# apart from the trials, so that an index of before has it as well
_WARNINGS = "CREATE TABLE IF NOT EXISTS warnings (key TEXT, line TEXT, PRIMARY KEY (key, line))"
# likewise; JSON of a `Course`
_COURSES = "CREATE TABLE IF NOT EXISTS courses (key TEXT PRIMARY KEY, course TEXT NOT NULL)"
# a good result stays as it is, whoever comes later; a failure gives way
_PUT = """
INSERT INTO trials VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET
    error = excluded.error, seconds = excluded.seconds, summary = excluded.summary WHERE trials.error != ''
"""


def refuse_unusable(folder: Path) -> None:
    """Raise what a Store in `folder` would, and make nothing."""
    there = next((place for place in (folder, *folder.parents) if place.exists()), folder)
    code = errno.EACCES
    if not there.is_dir():
        code = errno.EEXIST if there == folder else errno.ENOTDIR
    elif os.access(there, os.W_OK | os.X_OK):
        return
    raise _no_folder(folder, OSError(code, os.strerror(code)))


def _no_folder(folder: Path, error: OSError) -> InputError:
    return InputError(f"{folder}: {(error.strerror or 'cannot be made').lower()}; take another folder")


class Store:
    """A folder of results that several sweeps may fill at the same time.

    Each result is one transaction in write-ahead mode: a killed process loses the trial that it was in, nothing else.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._index = self.folder / "results.sqlite"
        self._samples = self.folder / "samples"
        try:
            made = make_folder(self.folder)
        except OSError as error:
            raise _no_folder(self.folder, error) from None
        try:
            self._lay_out()
        except InputError:
            if made:  # nobody else's index is in it
                self._remove_index()
            remove_empty(made)
            raise

    def _lay_out(self) -> None:
        with self._connected() as db:
            found = db.execute("PRAGMA user_version").fetchone()[0]
            if found not in {0, LAYOUT}:
                raise InputError(f"{self._index}: has layout {found}, not {LAYOUT}; take another folder")
            db.execute("PRAGMA journal_mode = WAL")
            db.execute(_TABLE)
            db.execute(_WARNINGS)
            db.execute(_COURSES)
            db.execute(f"PRAGMA user_version = {LAYOUT}")

    def get(self, key: str) -> Outcome | None:
        """The result under this key, a failed one included; None where there is none."""
        return self.outcomes([key]).get(key)

    def outcomes(self, keys: Iterable[str]) -> dict[str, Outcome]:
        """The results that are there, by key."""
        with self._connected() as db:
            found = (
                db.execute("SELECT key, error, seconds, summary FROM trials WHERE key = ?", (key,)) for key in keys
            )
            rows = (cursor.fetchone() for cursor in found)
            return {key: _outcome(db, key, error=error, seconds=seconds, summary=summary)
                    for key, error, seconds, summary in filter(None, rows)}  # fmt: skip

    def put(self, trial: Trial, outcome: Outcome) -> None:
        """Keep the outcome; a good result that is there already stays."""
        if outcome.samples is not None:
            self._write_samples(trial.key, outcome.samples)
        row = (
            trial.key, trial.version, trial.seed, trial.replication, outcome.error, outcome.seconds,
            canonical(trial.scenario), json.dumps(dict(outcome.summary)),
        )  # fmt: skip
        with self._connected() as db:
            db.execute(_PUT, row)
            db.executemany("INSERT OR IGNORE INTO warnings VALUES (?, ?)", [(trial.key, w) for w in outcome.warnings])
            if outcome.course is not None:
                db.execute("INSERT OR IGNORE INTO courses VALUES (?, ?)", (trial.key, _written(outcome.course)))

    def missing(self, keys: Iterable[str], with_samples: bool = False) -> list[str]:
        """The keys without a good result, each once, in their order; failed trials are tried again."""
        with self._connected() as db:
            done = {key for (key,) in db.execute("SELECT key FROM trials WHERE error = ''")}
        return [
            key for key in dict.fromkeys(keys)
            if key not in done or (with_samples and not self._samples_file(key).exists())
        ]  # fmt: skip

    def samples(self, key: str) -> pl.DataFrame | None:
        """The trial's levels over time; None where they were not kept."""
        file = self._samples_file(key)
        return pl.read_parquet(file) if file.exists() else None

    def frame(self) -> pl.DataFrame:
        """Everything kept, one row per trial; scenario and summary are JSON."""
        columns = ("key", "version", "seed", "replication", "seconds", "error", "scenario", "summary")
        with self._connected() as db:
            rows = db.execute(f"SELECT {', '.join(columns)} FROM trials ORDER BY key").fetchall()
        return pl.DataFrame(rows, schema=list(columns), orient="row", infer_schema_length=None)

    def prune(self, keep: Iterable[str]) -> int:
        """Delete all results but these; returns how many went."""
        kept = set(keep)
        with self._connected() as db:
            gone = [key for (key,) in db.execute("SELECT key FROM trials") if key not in kept]
            for table in ("trials", "warnings", "courses"):
                db.executemany(f"DELETE FROM {table} WHERE key = ?", [(key,) for key in gone])
        for key in gone:
            self._samples_file(key).unlink(missing_ok=True)
        return len(gone)

    def _samples_file(self, key: str) -> Path:
        return self._samples / f"{key}.parquet"

    def _write_samples(self, key: str, samples: pl.DataFrame) -> None:
        self._samples.mkdir(exist_ok=True)
        beside = self._samples / f"{key}.{os.getpid()}.part"
        try:
            with beside.open("wb") as file:
                samples.write_parquet(file)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._samples_file(key))
        finally:
            beside.unlink(missing_ok=True)

    def _remove_index(self) -> None:
        """Remove an index that the disk did not let begin, with SQLite's files beside it."""
        for suffix in ("", "-wal", "-shm", "-journal"):
            self._index.with_name(self._index.name + suffix).unlink(missing_ok=True)

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """One transaction on a connection of its own, which therefore never crosses a fork or a thread."""
        db = None
        try:
            db = sqlite3.connect(self._index, timeout=BUSY_SECONDS)
            with db:
                yield db
        except sqlite3.Error as error:
            raise InputError(f"{self._index}: {error}; take another folder, or free this one") from None
        finally:
            if db is not None:
                db.close()


def _outcome(db: sqlite3.Connection, key: str, *, error: str, seconds: float, summary: str) -> Outcome:
    return Outcome(
        summary=json.loads(summary), error=error, seconds=seconds, course=_course(db, key), warnings=_warnings(db, key)
    )


def _written(course: Course) -> str:
    told = {"step": course.step, "warmup": course.warmup, "values": course.values}
    return json.dumps(told, separators=(",", ":"))


def _course(db: sqlite3.Connection, key: str) -> Course | None:
    row = db.execute("SELECT course FROM courses WHERE key = ?", (key,)).fetchone()
    if row is None:
        return None
    told = json.loads(row[0])
    return Course(step=told["step"], values=tuple(told["values"]), warmup=told["warmup"])


def _warnings(db: sqlite3.Connection, key: str) -> tuple[str, ...]:
    return tuple(line for (line,) in db.execute("SELECT line FROM warnings WHERE key = ? ORDER BY rowid", (key,)))
