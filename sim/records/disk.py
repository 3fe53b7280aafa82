"""Files that are there whole or not at all: written beside, synced, renamed. Not what is in them."""

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from sim.units import InputError

_REASONS = {
    errno.ENOSPC: "no space left on the disk",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "no permission to write",
    errno.EPERM: "no permission to write",
    errno.ENOTDIR: "a file stands where a directory is needed",
    errno.EEXIST: "a file stands where a directory is needed",
    errno.EISDIR: "a directory stands where a file is needed",
}


class DiskError(InputError):
    """The disk refused; what was there before still is."""


@contextmanager
def refusals(path: Path) -> Iterator[None]:
    """Turn an OSError of writing `path` into a DiskError that says what is left."""
    try:
        yield
    except OSError as error:
        reason = _REASONS.get(error.errno or 0) or (error.strerror or str(error)).lower()
        left = ", the earlier result is untouched" if path.exists() else ""
        raise DiskError(f"{path}: {reason}; nothing was written{left}") from error


class Pending:
    """A file that is being written beside `path`, to take its place in one step."""

    __slots__ = ("_made", "beside", "path", "sink")

    def __init__(self, path: Path) -> None:
        # two runs into one folder must not write into one file: the process is part of the name
        self.path, self.beside = path, path.with_name(f".{path.name}.{os.getpid()}.new")
        with refusals(path):
            self._made = make_folder(path.parent)
            try:
                self.sink: IO[bytes] = self.beside.open("wb")
            except OSError:
                remove_empty(self._made)
                raise

    def finish(self) -> None:
        """Bring every byte to the disk; the file still stands beside. Nothing more happens the second time."""
        if self.sink.closed:
            return
        self.sink.flush()
        os.fsync(self.sink.fileno())
        self.sink.close()

    def discard(self) -> None:
        """Give the file up; what stood at `path` stays, a folder that was made for the file does not if it is empty."""
        with suppress(OSError):
            self.sink.close()
        with suppress(OSError):
            self.beside.unlink(missing_ok=True)
        remove_empty(self._made)


def make_folder(folder: Path) -> list[Path]:
    """Make a folder with those above it; return what was made, innermost first."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        remove_empty(missing)
        raise
    return missing


def remove_empty(folders: Sequence[Path]) -> None:
    """Remove folders, innermost first, in which nothing was left."""
    for folder in folders:
        with suppress(OSError):  # something is in it, or another program was faster
            folder.rmdir()


def publish(files: Sequence[Pending], without: Sequence[Path] = ()) -> None:
    """Put finished files in their places in the order given, and remove the files `without`; all of it or nothing.

    The last of `files` is the first to be moved out of the way and the last to arrive: a kill in between leaves a
    folder without it, never an old one beside new data.
    """
    moved: list[tuple[Path, Path]] = []
    arrived: list[Path] = []
    try:
        for place in (*(file.path for file in reversed(files)), *without):
            if place.exists():
                aside = place.with_name(f".{place.name}.{os.getpid()}.old")
                place.replace(aside)
                moved.append((place, aside))
        for file in files:
            file.beside.replace(file.path)
            arrived.append(file.path)
    except BaseException:
        _put_back(moved, arrived)
        raise
    for _, aside in moved:
        with suppress(OSError):
            aside.unlink()
    _sync_folder(files[-1].path.parent)


def write_whole(path: Path, content: bytes) -> None:
    """Replace one file by `content`.

    Raises
    ------
    DiskError
        The disk refused; the earlier file is as it was.
    """
    file = Pending(path)
    try:
        with refusals(path):
            file.sink.write(content)
            file.finish()
            file.beside.replace(path)
            _sync_folder(path.parent)
    finally:
        file.discard()


def _put_back(moved: Sequence[tuple[Path, Path]], arrived: Sequence[Path]) -> None:
    for place in arrived:
        with suppress(OSError):
            place.unlink()
    # backwards, so that the file that vouches for the others comes back last
    for place, aside in reversed(moved):
        with suppress(OSError):
            aside.replace(place)


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):  # not every file system can; the files themselves are synced
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
