"""Reservations: which sweep at work on a store runs which trial, so that nobody runs it a second time."""

import fcntl
import os
import sqlite3
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from sim.store.index import Index
from sim.units import InputError

Lacking = Callable[[sqlite3.Connection, Sequence[str]], list[str]]
"""Of some keys those without a result, in their order."""


class Reservations:
    """The trials that one sweep has set aside for itself; others leave them alone while it lives.

    That it lives is a lock on a file in the store's folder: the kernel lets go of it when the process ends, in whatever
    way, so a killed sweep needs no clock to be found out, and one that was stopped for a while loses nothing.

    Raises
    ------
    InputError
        On entering, where results or a living sweep are of another model version.
    """

    def __init__(self, folder: Path, index: Index, version: str) -> None:
        self._folder, self._index, self._version = folder, index, version
        self._token = uuid.uuid4().hex
        self._lock: int | None = None

    def __enter__(self) -> Self:
        # locked before it is known: whoever finds it in the table finds it alive
        self._lock = os.open(lock_file(self._folder, self._token), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            with self._index.writing() as db:
                forget_the_dead(db, self._folder)
                refuse_other_versions(db, self._folder, self._version)
                db.execute("INSERT INTO sweeps VALUES (?, ?, ?)", (self._token, self._version, os.getpid()))
        except BaseException:
            self._unlock()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            with self._index.writing() as db:
                forget(db, self._token)
        finally:
            self._unlock()

    def take(self, keys: Sequence[str], most: int, lacking: Lacking) -> tuple[list[str], list[str]]:
        """Set aside up to `most` of the keys, in their order; return these, and those passed over that are not free.

        A key is free where it lacks a result and no living sweep has it.
        """
        taken: list[str] = []
        passed: list[str] = []
        with self._index.writing() as db:
            forget_the_dead(db, self._folder)
            free = set(lacking(db, keys))
            for key in keys:
                if len(taken) == most:
                    break
                held = db.execute("SELECT 1 FROM reserved WHERE key = ?", (key,)).fetchone()
                (passed if held or key not in free else taken).append(key)
            db.executemany("INSERT INTO reserved VALUES (?, ?)", [(key, self._token) for key in taken])
        return taken, passed

    def _unlock(self) -> None:
        if self._lock is not None:
            lock_file(self._folder, self._token).unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None


def lock_file(folder: Path, token: str) -> Path:
    """The file whose lock says that a sweep lives."""
    return folder / f".sweep-{token}.lock"


def is_alive(folder: Path, token: str) -> bool:
    """Whether the process of this sweep still runs."""
    try:
        handle = os.open(lock_file(folder, token), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def living(db: sqlite3.Connection, folder: Path) -> dict[str, tuple[str, int]]:
    """The sweeps at work: token to model version and process."""
    rows = db.execute("SELECT token, version, pid FROM sweeps").fetchall()
    return {token: (version, pid) for token, version, pid in rows if is_alive(folder, token)}


def forget_the_dead(db: sqlite3.Connection, folder: Path) -> None:
    """Free what killed sweeps had set aside."""
    alive = living(db, folder)
    for (token,) in db.execute("SELECT token FROM sweeps").fetchall():
        if token not in alive:
            forget(db, token)
            with suppress(OSError):
                lock_file(folder, token).unlink(missing_ok=True)


def forget(db: sqlite3.Connection, token: str) -> None:
    """Free all that a sweep had set aside."""
    db.execute("DELETE FROM reserved WHERE token = ?", (token,))
    db.execute("DELETE FROM sweeps WHERE token = ?", (token,))


def refuse_other_versions(db: sqlite3.Connection, folder: Path, version: str) -> None:
    """Raise where results, or a sweep at work, are of another model version.

    Raises
    ------
    InputError
        Which version they have, which is ours, and the ways out.
    """
    others = {found for (found,) in db.execute("SELECT DISTINCT version FROM trials WHERE version != ?", (version,))}
    if others:
        theirs = f"version{'s' if len(others) > 1 else ''} {', '.join(sorted(others))}"
        raise InputError(
            f"{folder}: holds results of model {theirs}, this is {version}; take another folder with --out,"
            f" or drop them with `sim study prune {folder} --other-versions`"
        )
    for theirs, pid in living(db, folder).values():
        if theirs != version:
            raise InputError(
                f"{folder}: a sweep of model version {theirs} is at work on it (process {pid}), this is {version};"
                " take another folder with --out"
            )
