"""Results of trials on disk, by what was computed: an index in SQLite, samples in Parquet files beside it."""

import errno
import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import polars as pl

from sim.records.disk import make_folder, remove_empty
from sim.store.index import Index
from sim.store.reservations import Reservations, living, refuse_other_versions
from sim.store.standing import is_noted, keep_plans, note_plan, rows_of
from sim.study.trial import Course, Outcome, Trial, canonical
from sim.units import InputError

# a good result stays as it is, whoever comes later; a failure gives way
_PUT = """
INSERT INTO trials VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET
    error = excluded.error, seconds = excluded.seconds, ended = excluded.ended, summary = excluded.summary
    WHERE trials.error != ''
"""


FILE = "results.sqlite"
"""The index, in the store's folder."""


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
        self._index = Index(self.folder / FILE)
        self._samples = self.folder / "samples"
        try:
            made = make_folder(self.folder)
        except OSError as error:
            raise _no_folder(self.folder, error) from None
        try:
            self._index.lay_out()
        except InputError:
            if made:  # nobody else's index is in it
                self._index.remove()
            remove_empty(made)
            raise

    def refuse_other_versions(self, version: str) -> None:
        """Raise InputError where results of another model version are in it; what is there stays as it is."""
        with self._index.reading() as db:
            refuse_other_versions(db, self.folder, version)

    def get(self, key: str) -> Outcome | None:
        """The result under this key, a failed one included; None where there is none."""
        return self.outcomes([key]).get(key)

    def outcomes(self, keys: Iterable[str]) -> dict[str, Outcome]:
        """The results that are there, by key."""
        with self._index.reading() as db:
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
        scenario = canonical(trial.scenario)
        name = hashlib.sha256(scenario.encode()).hexdigest()
        row = (
            trial.key, trial.version, trial.seed, trial.replication, outcome.error, outcome.seconds, time.time(),
            name, json.dumps(dict(outcome.summary)),
        )  # fmt: skip
        with self._index.writing() as db:
            db.execute("INSERT OR IGNORE INTO scenarios VALUES (?, ?)", (name, scenario))
            db.execute(_PUT, row)
            db.execute("DELETE FROM reserved WHERE key = ?", (trial.key,))
            db.executemany("INSERT OR IGNORE INTO warnings VALUES (?, ?)", [(trial.key, w) for w in outcome.warnings])
            if outcome.course is not None:
                db.execute("INSERT OR IGNORE INTO courses VALUES (?, ?)", (trial.key, _written(outcome.course)))

    def missing(self, keys: Iterable[str], with_samples: bool = False, *, retry_before: float = 0.0) -> list[str]:
        """The keys without a result, each once, in their order.

        A trial that failed has a result, its error, unless it ended before `retry_before` (s since 1970).
        """
        with self._index.reading() as db:
            return self._lacking(db, list(dict.fromkeys(keys)), with_samples, retry_before)

    @contextmanager
    def sweeping(self, version: str) -> Iterator[Reservations]:
        """Be at work on this store; InputError where it has, or another sweep makes, another version's results."""
        with self._index.held(), Reservations(self.folder, self._index, version) as reservations:
            yield reservations

    def take(  # parameters: those of `missing`, for some keys and whose they become
        self, reservations: Reservations, keys: Sequence[str], most: int, with_samples: bool, retry_before: float
    ) -> tuple[list[str], list[str]]:
        """See `Reservations.take`; what lacks a result is what `missing` says."""
        return reservations.take(
            keys, most, lambda db, asked: self._lacking(db, asked, with_samples, retry_before)
        )  # fmt: skip

    def samples(self, key: str) -> pl.DataFrame | None:
        """The trial's levels over time; None where they were not kept."""
        file = self._samples_file(key)
        return pl.read_parquet(file) if file.exists() else None

    def frame(self) -> pl.DataFrame:
        """Everything kept, one row per trial; scenario and summary are JSON."""
        columns = ("key", "version", "seed", "replication", "seconds", "error", "scenario", "summary")
        with self._index.reading() as db:
            rows = db.execute(
                "SELECT key, version, seed, replication, seconds, error, tree, summary"
                " FROM trials JOIN scenarios ON scenarios.id = trials.scenario ORDER BY key"
            ).fetchall()
        return pl.DataFrame(rows, schema=list(columns), orient="row", infer_schema_length=None)

    def reading(self) -> AbstractContextManager[sqlite3.Connection]:
        """One view of the index, for those who ask it something of their own."""
        return self._index.reading()

    def note_plan(self, study: str, trials: Iterable[Trial], *, is_settled: bool) -> None:
        """Keep what a study is known to need; settled where no more can follow."""
        rows = rows_of(study, trials)
        with self._index.reading() as db:
            if is_noted(db, study, rows, is_settled=is_settled):
                return
        with self._index.writing() as db:
            note_plan(db, study, rows, is_settled=is_settled)

    def planned(self, study: str) -> list[str]:
        """The keys that a study was last known to need; none of a study that was never swept into this store."""
        with self._index.reading() as db:
            return [key for (key,) in db.execute("SELECT key FROM planned WHERE study = ? ORDER BY rowid", (study,))]

    def processes(self) -> list[int]:
        """Of the sweeps that are at work."""
        with self._index.reading() as db:
            return [pid for _, pid in living(db, self.folder).values()]

    def size(self) -> int:
        """Bytes on disk: the index and the samples."""
        return self._index.size() + sum(file.stat().st_size for file in self._samples.glob("*.parquet"))

    def prune(self, keep: Iterable[str] | None = None, *, failed: bool = False, other_than: str | None = None) -> int:
        """Delete all results but these, the failed, or those of other versions than this; returns how many went.

        Raises
        ------
        InputError
            While a sweep is at work.
        """
        kept = None if keep is None else set(keep)
        with self._index.writing() as db:
            for _, pid in living(db, self.folder).values():
                raise InputError(f"{self.folder}: a sweep is at work on it (process {pid}); end that one first")
            gone = [
                key for key, version, error in db.execute("SELECT key, version, error FROM trials").fetchall()
                if (kept is not None and key not in kept) or (failed and error)
                or (other_than is not None and version != other_than)
            ]  # fmt: skip
            forget_results(db, gone)
            if kept is not None:
                keep_plans(db, kept)
        for key in gone:
            self._samples_file(key).unlink(missing_ok=True)
        self._index.compact()
        return len(gone)

    def _lacking(
        self, db: sqlite3.Connection, keys: Sequence[str], with_samples: bool, retry_before: float
    ) -> list[str]:
        asked = "SELECT 1 FROM trials WHERE key = ? AND (error = '' OR ended >= ?)"
        return [
            key for key in keys
            if db.execute(asked, (key, retry_before)).fetchone() is None
            or (with_samples and not self._samples_file(key).exists() and not self._failed(db, key))
        ]  # fmt: skip

    @staticmethod
    def _failed(db: sqlite3.Connection, key: str) -> bool:
        return db.execute("SELECT 1 FROM trials WHERE key = ? AND error != ''", (key,)).fetchone() is not None

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


def forget_results(db: sqlite3.Connection, keys: Sequence[str]) -> None:
    """Delete these trials, and scenarios that no other has."""
    for table in ("trials", "warnings", "courses"):
        db.executemany(f"DELETE FROM {table} WHERE key = ?", [(key,) for key in keys])
    db.execute("DELETE FROM scenarios WHERE id NOT IN (SELECT scenario FROM trials)")


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
