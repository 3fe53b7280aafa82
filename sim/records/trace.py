"""Trace: everything that a run records, and the only thing that a model writes to. Watching changes nothing."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

import polars as pl
from numpy.typing import NDArray

from sim.records.fingerprint import Fingerprint
from sim.records.frame import frame_of
from sim.records.levels import Levels
from sim.records.narrow import NarrowChunk
from sim.records.rows import Field, Rows

GRID_STEP = 100_000_000  # ns: the 100 ms of a recorded case's samples


class Store(Protocol):
    """Where full chunks of a table go: memory, a file, or nowhere."""

    def open(self, tables: Mapping[str, tuple[Field, ...]], vocabulary: "Vocabulary") -> None:
        """Hear, before the first chunk, what the columns are and where the texts of their labels will be."""

    def take(self, table: str, chunk: NDArray[Any]) -> None:
        """Keep the structured array `chunk` of `table`."""


class Nowhere:
    """Keeps nothing: a run that is only fingerprinted."""

    def open(self, tables: Mapping[str, tuple[Field, ...]], vocabulary: "Vocabulary") -> None:
        """Forget the columns as well."""

    def take(self, table: str, chunk: NDArray[Any]) -> None:
        """Forget `chunk`."""


class Memory:
    """Keeps the chunks in the process, narrower than they came, until a whole table is asked for."""

    def __init__(self) -> None:
        self._chunks: dict[str, list[NarrowChunk]] = {}
        self._fields: Mapping[str, tuple[Field, ...]] = {}
        self._vocabulary = Vocabulary()
        self._frames: dict[str, pl.DataFrame] = {}

    def open(self, tables: Mapping[str, tuple[Field, ...]], vocabulary: "Vocabulary") -> None:
        """Remember the columns."""
        self._fields, self._vocabulary = tables, vocabulary

    def take(self, table: str, chunk: NDArray[Any]) -> None:
        """Append `chunk` to those of `table`."""
        self._chunks.setdefault(table, []).append(NarrowChunk(chunk))

    def rows(self, table: str) -> list[NDArray[Any]]:
        """The chunks of `table` as they came; none once it has become a frame."""
        return [chunk.rows() for chunk in self._chunks.get(table, ())]

    def table(self, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """A table as a frame; a whole one takes the place of its chunks, so that its rows are held once."""
        if table in self._frames:
            return self._frames[table] if columns is None else self._frames[table].select(columns)
        fields = [field for field in self._fields[table] if columns is None or field.name in columns]
        frame = frame_of(self._chunks.get(table, []), fields, self._vocabulary.texts())
        if columns is None:
            self._frames[table] = frame
            self._chunks.pop(table, None)
        return frame


class Vocabulary:
    """Texts that recur, as small integers in order of first use; 0 is the empty text."""

    def __init__(self) -> None:
        self._index = {"": 0}

    def __getitem__(self, text: str) -> int:
        index = self._index
        return index[text] if text in index else index.setdefault(text, len(index))

    def texts(self) -> list[str]:
        """All texts, by index."""
        return list(self._index)


class Trace:
    """Tables of rows, levels over time, counters and the fingerprint of all of them."""

    def __init__(  # parameters: what is recorded, how long, to where
        self,
        tables: Mapping[str, tuple[Field, ...]],
        series: Sequence[str],
        *,
        until: int,
        store: Store,
        unhashed: Collection[str] = (),
    ) -> None:
        """`unhashed` are tables that say again what others say, and so are no part of the fingerprint."""
        self.store = store
        self.fingerprint = Fingerprint((*(name for name in tables if name not in unhashed), "states"))
        self.vocabulary = Vocabulary()
        store.open(tables, self.vocabulary)
        self.tables = {name: Rows(name, fields, self._sink(name, unhashed)) for name, fields in tables.items()}
        self.levels = Levels(series, GRID_STEP, until, lambda chunk: self.fingerprint.add("states", chunk))
        self.counters: dict[str, int] = {}

    def hand_over(self) -> None:
        """Hand over the chunks that are full."""
        for rows in self.tables.values():
            if rows.is_full:
                rows.flush()
        if self.levels.is_full:
            self.levels.reduce()

    def flush(self) -> None:
        """Hand over what is pending in every table."""
        for rows in self.tables.values():
            rows.flush()
        self.levels.reduce()

    def _sink(self, name: str, unhashed: Collection[str]) -> Any:
        def take(chunk: NDArray[Any]) -> None:
            if name not in unhashed:
                self.fingerprint.add(name, chunk)
            self.store.take(name, chunk)

        return take
