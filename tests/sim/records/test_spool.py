"""A run's rows go to the disk chunk by chunk, and come back as they would from memory."""

from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from sim.records.folder import DiskError, RunFolder, read_run
from sim.records.frame import Frames, frame_of
from sim.records.rows import ABSENT, CHUNK_ROWS, Field, Kind
from sim.records.spool import Spool
from sim.records.trace import Memory, Nowhere, Store, Trace

JOBS = (
    Field("id", "q", Kind.COUNT),
    Field("t_end", "q", Kind.INSTANT),
    Field("lasted", "q", Kind.DURATION),
    Field("err", "h", Kind.LABEL),
    Field("late", "B", Kind.FLAG),
    Field("place", "i", Kind.COUNT),
)
NONE = (Field("t", "q", Kind.INSTANT), Field("what", "h", Kind.LABEL))
TABLES = {"jobs": JOBS, "none": NONE}


def a_trace(store: Store, n_rows: int) -> Trace:
    """A trace of `n_rows` jobs, every third of which failed."""
    trace = Trace(TABLES, ("busy",), until=10**9, store=store)
    if isinstance(store, Spool):
        store.begin()
    fill(trace, n_rows)
    trace.flush()
    return trace


def fill(trace: Trace, n_rows: int) -> None:
    append, words = trace.tables["jobs"].append, trace.vocabulary
    for i in range(n_rows):
        append(i, ABSENT if i % 5 == 0 else i * 100_000_000, i, words["" if i % 3 else f"gone {i % 7}"], i % 2, -1)
        trace.hand_over()


def write(path: Path, n_rows: int) -> Trace:
    with RunFolder(path) as folder:
        return a_trace(Spool(folder), n_rows)


def test_what_was_spooled_is_what_memory_would_hold(tmp_path: Path) -> None:
    memory = Memory()
    a_trace(memory, CHUNK_ROWS + 10)

    write(tmp_path, CHUNK_ROWS + 10)

    for table in TABLES:
        assert_frame_equal(read_run(tmp_path).table(table), memory.table(table), check_exact=True)


def test_each_chunk_is_a_row_group(tmp_path: Path) -> None:
    write(tmp_path, 2 * CHUNK_ROWS + 10)

    file = pq.ParquetFile(tmp_path / "jobs.parquet")

    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [CHUNK_ROWS, CHUNK_ROWS, 10]


def test_where_rows_go_does_not_change_the_fingerprint(tmp_path: Path) -> None:
    kept, forgotten, spooled = a_trace(Memory(), 50), a_trace(Nowhere(), 50), write(tmp_path, 50)

    assert kept.fingerprint.text() == forgotten.fingerprint.text() == spooled.fingerprint.text()


def test_a_word_that_is_new_in_a_later_chunk_is_read_back(tmp_path: Path) -> None:
    with RunFolder(tmp_path) as folder:
        trace = a_trace(Spool(folder), 1)
        trace.tables["jobs"].append(1, 2, 3, trace.vocabulary["a new word"], 0, 7)
        trace.flush()

    assert read_run(tmp_path).table("jobs")["err"].to_list() == ["gone 0", "a new word"]


def test_before_the_folder_is_left_some_columns_can_be_read_back(tmp_path: Path) -> None:
    with RunFolder(tmp_path) as folder:
        spool = Spool(folder)
        a_trace(spool, 3)

        frame = spool.table("jobs", ["err", "id"])

        assert not (tmp_path / "jobs.parquet").exists()
    assert frame.to_dict(as_series=False) == {"err": ["gone 0", "", ""], "id": [0, 1, 2]}
    assert read_run(tmp_path).table("jobs").height == 3, "reading does not keep the file from its place"


def test_nothing_is_written_before_the_run_begins(tmp_path: Path) -> None:
    spool = Spool(RunFolder(tmp_path / "out"))

    Trace(TABLES, (), until=1, store=spool)

    assert not (tmp_path / "out").exists()


def test_a_disk_that_is_full_in_the_middle_leaves_the_earlier_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, 3)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    real, calls = pq.ParquetWriter.write_table, []

    def full_at_the_second_chunk(*args: object) -> None:
        calls.append(args)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        real(*args)

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full_at_the_second_chunk)
    with pytest.raises(
        DiskError, match=r"jobs\.parquet: no space left on the disk; .* the earlier result is untouched"
    ):
        write(tmp_path, 2 * CHUNK_ROWS)

    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_instants_are_the_nearest_numbers_to_their_decimals() -> None:
    memory = Memory()
    a_trace(memory, 1000)

    read = memory.table("jobs")["t_end"].to_list()

    assert read[:5] == [None, 0.1, 0.2, 0.3, 0.4]
    assert all(t is None or t == i / 10 for i, t in enumerate(read)), "i * 1e-9 would be one bit off for some"


def test_memory_holds_a_table_once() -> None:
    memory = Memory()
    a_trace(memory, 3)

    some = memory.table("jobs", ["id"])
    packed = memory.rows("jobs")
    whole = memory.table("jobs")

    assert [len(chunk) for chunk in packed] == [3], "some columns leave the rows as they are"
    assert not memory.rows("jobs"), "a whole table takes the place of its rows"
    assert memory.table("jobs") is whole
    assert_frame_equal(memory.table("jobs", ["id"]), some)


def test_frames_are_read_once_and_when_asked_for() -> None:
    asked = []

    class Source:
        def table(self, table: str, columns: object = None) -> pl.DataFrame:
            asked.append((table, columns))
            return frame_of([], JOBS, [""])

    frames = Frames(("jobs",), Source(), {"samples": pl.DataFrame({"t": [0.0]})})

    assert (list(frames), len(frames), "jobs" in frames, "none" in frames) == (["jobs", "samples"], 2, True, False)
    frames.columns("jobs", ["id"])
    assert frames["jobs"] is frames["jobs"]
    assert frames.columns("jobs", ["id", "err"]).columns == ["id", "err"]
    assert asked == [("jobs", ["id"]), ("jobs", None)], "the last columns came from the whole table"
