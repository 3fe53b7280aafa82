"""Spool: a Store that writes a run's tables to its folder while the run goes on. Not the folder, not the frames."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from sim.records.folder import ParquetStream, RunFolder
from sim.records.frame import frame_of
from sim.records.rows import Field
from sim.records.trace import Vocabulary


class Spool:
    """Makes a row group of every full chunk, so that no more than one chunk of a table is ever in the process.

    Parameters
    ----------
    folder
        Where the tables are written. Opening, filling and ending it are its owner's business: what becomes of a run
        that was interrupted or that the disk refused is decided there.

    Notes
    -----
    A chunk is recorded in the middle of a run, where a DiskError ends the run: waiting for the end would lose more.
    """

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._streams: dict[str, ParquetStream] = {}
        self._fields: Mapping[str, tuple[Field, ...]] = {}
        self._vocabulary = Vocabulary()

    def open(self, tables: Mapping[str, tuple[Field, ...]], vocabulary: Vocabulary) -> None:
        """Remember the columns."""
        self._fields, self._vocabulary = tables, vocabulary

    def begin(self) -> None:
        """Begin a file for each table, before the run: one without rows is there too, with its columns."""
        for name, fields in self._fields.items():
            self._streams[name] = self._folder.stream(name, schema_of(fields))

    def take(self, table: str, chunk: NDArray[Any]) -> None:
        """Append `chunk` to the file of `table`."""
        # a label's text is in the vocabulary by the time that its row is handed over
        self._streams[table].append(frame_of([chunk], self._fields[table], self._vocabulary.texts()))

    def table(self, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """A table read back from its file, all columns or some; no chunk of it may follow."""
        return self._folder.table(table, columns)


def schema_of(fields: tuple[Field, ...]) -> pa.Schema:
    """The columns of a table in a file."""
    return frame_of([], fields, [""]).to_arrow().schema
