"""A run's folder: manifest.json, summary.json and Parquet tables, replaced together. Not what the tables mean."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sim.records.disk import DiskError, Pending, publish, refusals, write_whole
from sim.units import InputError

__all__ = ["DiskError", "ParquetStream", "RunFolder", "StoredRun", "read_run", "write_json"]

MANIFEST, SUMMARY = "manifest.json", "summary.json"

Chunk: TypeAlias = "pl.DataFrame | pa.Table"


class ParquetStream:
    """A Parquet file that grows by row groups beside its place, and takes the place when it is closed.

    Parameters
    ----------
    path
        Where the file will be; an earlier one stays until then.
    schema
        Column names and types (Arrow); a chunk is cast to it, and refused where that loses something.
    """

    def __init__(self, path: Path | str, schema: pa.Schema) -> None:
        self.path, self.schema = Path(path), schema
        self.pending = Pending(self.path)
        # a dictionary of instants, nearly all different, costs four fifths of the time and a file half as large again
        texts = [column.name for column in schema if pa.types.is_large_string(column.type)]
        floats = [column.name for column in schema if pa.types.is_floating(column.type)]
        # nothing is written to the disk yet: the magic bytes stand in the buffer
        self._writer = pq.ParquetWriter(
            self.pending.sink, schema, compression="zstd", use_dictionary=texts, use_byte_stream_split=floats
        )

    def append(self, chunk: Chunk) -> None:
        """Write the rows of `chunk` as one row group; columns go by name, and those that the schema lacks stay out."""
        table = _arrow(chunk).select(self.schema.names).cast(self.schema)
        with refusals(self.path):
            self._writer.write_table(table)

    def finish(self) -> None:
        """Write the footer and bring the file to the disk, still beside its place."""
        with refusals(self.path):
            self._writer.close()
            self.pending.finish()

    def close(self) -> None:
        """Finish, and take the place; on failure the file is given up."""
        try:
            self.finish()
            with refusals(self.path):
                publish([self.pending])
        finally:
            self.discard()

    def discard(self) -> None:
        """Give the file up; what stood at its place stays. After `close` there is nothing to give up."""
        with suppress(OSError, ValueError, pa.ArrowException):
            self._writer.close()
        self.pending.discard()


class RunFolder:
    """The folder of one run while it is written; used in a ``with``, it is left whole or as it was.

    Everything is written beside and moved at the end, manifest.json last: a folder with a manifest is complete. Tables
    of an earlier run that this one does not write are removed in the same step. After an exception inside the ``with``
    nothing of this run stays; call `commit` before to keep what is done (and write ``partial`` into the manifest).

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "out"
    >>> with RunFolder(place) as folder:
    ...     folder.stream("requests", pa.schema({"id": pa.int64()})).append(pl.DataFrame({"id": [1, 2]}))
    ...     folder.summary = {"n_requests": 2}
    ...     folder.manifest = {"seed": 1}
    >>> read_run(place).table("requests")["id"].to_list()
    [1, 2]
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.manifest: Mapping[str, Any] = {}
        self.summary: Mapping[str, float | int] = {}
        self._streams: dict[str, ParquetStream] = {}
        self._done = False

    def stream(self, table: str, schema: pa.Schema) -> ParquetStream:
        """The stream of a table, opened when first asked for."""
        if table not in self._streams:
            self._streams[table] = ParquetStream(self.path / f"{table}.parquet", schema)
        return self._streams[table]

    def table(self, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """A table as written, all columns or some; nothing can be appended to it any more."""
        stream = self._streams[table]
        stream.finish()
        return pl.read_parquet(stream.pending.beside, columns=None if columns is None else [*columns])

    def write(self, table: str, rows: Chunk) -> None:
        """Write a whole table at once."""
        arrow = _arrow(rows)
        self.stream(table, arrow.schema).append(arrow)

    def commit(self) -> None:
        """Put everything in its place.

        Raises
        ------
        DiskError
            The disk refused; the folder is as it was before.
        """
        self._done = True
        files = [stream.pending for stream in self._streams.values()]
        try:
            for stream in self._streams.values():
                stream.finish()
            for name, content in ((SUMMARY, self.summary), (MANIFEST, self.manifest)):
                with refusals(self.path / name):
                    files.append(Pending(self.path / name))
                    files[-1].sink.write(_json(content))
                    files[-1].finish()
            with refusals(self.path / MANIFEST):
                publish(files, without=self._left_over())
        finally:
            for file in reversed(files):
                file.discard()
            self.discard()

    def discard(self) -> None:
        """Give up whatever has not been put in its place."""
        self._done = True
        for stream in reversed(self._streams.values()):  # the first made the folder, which goes when it is empty
            stream.discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if kind is None and not self._done:
            self.commit()
        elif not self._done:
            self.discard()

    def _left_over(self) -> list[Path]:
        return sorted(path for path in self.path.glob("[!.]*.parquet") if path.stem not in self._streams)


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run that was read back; its tables are read when asked for."""

    path: Path
    manifest: dict[str, Any]
    summary: dict[str, float | int]
    _tables: dict[str, pl.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    @property
    def names(self) -> list[str]:
        """The tables that there are."""
        return sorted(path.stem for path in self.path.glob("[!.]*.parquet"))

    def scan(self, table: str) -> pl.LazyFrame:
        """A table that is read as far as a query needs it."""
        return pl.scan_parquet(self._place(table))

    def table(self, table: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """A whole table, read once; or only some of its columns, which costs that much less."""
        if table in self._tables:
            return self._tables[table] if columns is None else self._tables[table].select(columns)
        place = self._place(table)
        try:
            frame = pl.read_parquet(place, columns=None if columns is None else [*columns])
        except (OSError, pl.exceptions.PolarsError) as error:
            raise InputError(f"{place}: is not a readable Parquet file; run it again") from error
        if columns is None:
            self._tables[table] = frame
        return frame

    def _place(self, table: str) -> Path:
        place = self.path / f"{table}.parquet"
        if not place.exists():
            there = ", ".join(self.names) or "none"
            raise InputError(f"{place}: this run recorded no such table; it has {there}")
        return place


def read_run(path: Path | str) -> StoredRun:
    """The run in a folder.

    Raises
    ------
    InputError
        The folder holds no complete run.
    """
    folder = Path(path)
    if not folder.exists():
        raise InputError(f"{folder}: no such folder; make a run with sim run SCENARIO --out {folder}")
    if not (folder / MANIFEST).exists():
        raise InputError(
            f"{folder}: holds no run, {MANIFEST} is missing; make one with sim run SCENARIO --out {folder}"
        )
    return StoredRun(folder, _read_json(folder / MANIFEST), _read_json(folder / SUMMARY))


def write_json(path: Path | str, content: Mapping[str, Any]) -> None:
    """Replace a JSON document, whole or not at all."""
    write_whole(Path(path), _json(content))


def _arrow(chunk: Chunk) -> pa.Table:
    # text as large_string, which every reader of Parquet knows
    return chunk.to_arrow(compat_level=pl.CompatLevel.oldest()) if isinstance(chunk, pl.DataFrame) else chunk


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: {(error.strerror or str(error)).lower()}; run it again") from error
    except ValueError as error:
        raise InputError(f"{path}: is not JSON ({error}); run it again") from error
    if not isinstance(content, dict):
        raise InputError(f"{path}: holds no JSON object; run it again")
    return content
