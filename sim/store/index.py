"""The index of a store: one SQLite file in write-ahead mode, a transaction at a time. Not what its rows mean."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.units import InputError

LAYOUT = 2
"""SQLite's user_version. Another number is another program's file."""

BUSY_SECONDS = 60.0
"""How long a writer waits for the others; one of them holds the lock for milliseconds."""

TABLES = """
CREATE TABLE IF NOT EXISTS scenarios (id TEXT PRIMARY KEY, tree TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS trials (
    key TEXT PRIMARY KEY, version TEXT NOT NULL, seed INTEGER NOT NULL, replication INTEGER NOT NULL,
    error TEXT NOT NULL, seconds REAL NOT NULL, ended REAL NOT NULL, scenario TEXT NOT NULL, summary TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS trials_by_version ON trials (version);
CREATE TABLE IF NOT EXISTS warnings (key TEXT, line TEXT, PRIMARY KEY (key, line));
CREATE TABLE IF NOT EXISTS courses (key TEXT PRIMARY KEY, course TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS studies (name TEXT PRIMARY KEY, settled INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS planned (
    study TEXT, arm TEXT, point TEXT, replication INTEGER, key TEXT NOT NULL,
    PRIMARY KEY (study, arm, point, replication)
);
CREATE TABLE IF NOT EXISTS sweeps (token TEXT PRIMARY KEY, version TEXT NOT NULL, pid INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS reserved (key TEXT PRIMARY KEY, token TEXT NOT NULL)
"""
"""A scenario is kept once for all its replications; the last four tables are of studies and of sweeps at work."""


class Index:
    """The SQLite file of a store.

    Readers never wait; a writer waits for another. A killed process loses the transaction that it was in, and a machine
    that loses its power perhaps the last few: the file stays whole.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._held: tuple[int, sqlite3.Connection] | None = None

    def lay_out(self) -> None:
        """Make the tables where the file is new; one that has them is not written to.

        Raises
        ------
        InputError
            Where it is another program's file, or the disk refuses.
        """
        with self._connected() as db:
            found = db.execute("PRAGMA user_version").fetchone()[0]
            if found == LAYOUT:
                return
            if found:
                raise InputError(f"{self.file}: has layout {found}, not {LAYOUT}; take another folder")
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("BEGIN IMMEDIATE")
            for statement in TABLES.split(";"):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {LAYOUT}")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One view of all tables."""
        with self._connected() as db:
            db.execute("BEGIN")
            yield db

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: nobody else writes between what it reads and what it writes."""
        with self._connected() as db:
            db.execute("BEGIN IMMEDIATE")
            yield db

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep one connection open: the last that closes folds the log into the file, which takes two syncs."""
        if self._held is not None:
            yield
            return
        with self._refusals():
            self._held = os.getpid(), self._connect()
        try:
            yield
        finally:
            _, db = self._held
            self._held = None
            db.close()

    def size(self) -> int:
        """Bytes on disk, the log included."""
        return sum(file.stat().st_size for file in self.files() if file.is_file())

    def remove(self) -> None:
        """Remove an index that the disk did not let begin, with SQLite's files beside it."""
        for file in self.files():
            file.unlink(missing_ok=True)

    def files(self) -> list[Path]:
        """The file and those that SQLite puts beside it."""
        return [self.file.with_name(self.file.name + suffix) for suffix in ("", "-wal", "-shm", "-journal")]

    def compact(self) -> None:
        """Give room that deleted rows took back to the disk."""
        with self._refusals():
            db = self._connect()
            try:
                db.execute("VACUUM")
            finally:
                db.close()

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """A connection of this use alone, which therefore never crosses a fork or a thread, and its transaction."""
        with self._refusals():
            db = self._connect()
            try:
                with db:
                    yield db
            finally:
                db.close()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.file, timeout=BUSY_SECONDS, isolation_level=None)
        db.execute("PRAGMA synchronous = NORMAL")
        return db

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise InputError(f"{self.file}: {error}; take another folder, or free this one") from None
