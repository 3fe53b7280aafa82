"""A run's folder is whole or as it was before."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.records.folder import DiskError, ParquetStream, RunFolder, read_run, write_json
from sim.units import InputError

SCHEMA = pa.schema({"id": pa.int64(), "err": pa.string(), "t_done": pa.float64()})


def rows(*ids: int) -> pl.DataFrame:
    return pl.DataFrame({"id": ids, "err": ["EOF"] * len(ids), "t_done": [None] * len(ids)})


def write_a_run(path: Path, *ids: int) -> None:
    with RunFolder(path) as folder:
        folder.stream("requests", SCHEMA).append(rows(*ids))
        folder.stream("samples", SCHEMA).append(rows(*ids))
        folder.summary, folder.manifest = {"n_requests": len(ids)}, {"seed": len(ids)}


def write_and_be_interrupted(path: Path, before: Callable[[RunFolder], object]) -> None:
    with RunFolder(path) as folder:
        folder.stream("requests", SCHEMA).append(rows(2))
        folder.manifest = {"partial": True}
        before(folder)
        raise KeyboardInterrupt


def what_is_in(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(path.iterdir())}


@contextmanager
def a_disk_that_fails_at_call(n: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Count the calls that touch the disk; the n-th and all later ones fail, as a full disk does."""
    calls = [0]

    def failing(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            calls[0] += 1
            if calls[0] == n:
                raise OSError(28, "No space left on device")
            return real(*args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing(os.fsync))
        patch.setattr(Path, "replace", failing(Path.replace))
        patch.setattr(Path, "open", failing(Path.open))
        patch.setattr(Path, "mkdir", failing(Path.mkdir))
        patch.setattr(pq.ParquetWriter, "write_table", failing(pq.ParquetWriter.write_table))
        yield calls


def test_chunks_become_row_groups_in_the_order_of_writing(tmp_path: Path) -> None:
    stream = ParquetStream(tmp_path / "requests.parquet", SCHEMA)
    stream.append(rows(1, 2))
    stream.append(rows(3))

    stream.close()

    assert pl.read_parquet(tmp_path / "requests.parquet")["id"].to_list() == [1, 2, 3]
    assert pq.ParquetFile(tmp_path / "requests.parquet").num_row_groups == 2
    assert pq.ParquetFile(tmp_path / "requests.parquet").metadata.row_group(0).column(0).compression == "ZSTD"


def test_an_open_stream_leaves_the_earlier_file_alone(tmp_path: Path) -> None:
    first = ParquetStream(tmp_path / "t.parquet", SCHEMA)
    first.append(rows(1))
    first.close()

    second = ParquetStream(tmp_path / "t.parquet", SCHEMA)
    second.append(rows(2))
    second.discard()

    assert pl.read_parquet(tmp_path / "t.parquet")["id"].to_list() == [1]
    assert [file.name for file in tmp_path.iterdir()] == ["t.parquet"]


def test_a_table_without_rows_keeps_its_columns(tmp_path: Path) -> None:
    with RunFolder(tmp_path) as folder:
        folder.stream("requests", SCHEMA)

    assert read_run(tmp_path).table("requests").columns == ["id", "err", "t_done"]


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    write_a_run(tmp_path / "out", 1, 2, 3)

    run = read_run(tmp_path / "out")

    assert (run.manifest, run.summary, run.names) == ({"seed": 3}, {"n_requests": 3}, ["requests", "samples"])
    assert run.table("requests")["t_done"].to_list() == [None] * 3
    assert run.scan("samples").select(pl.len()).collect().item() == 3


def test_a_frame_is_written_at_once_with_its_own_columns(tmp_path: Path) -> None:
    with RunFolder(tmp_path) as folder:
        folder.write("levels", pl.DataFrame({"t": [0.1], "what": ["idle"]}))

    assert read_run(tmp_path).table("levels").rows() == [(0.1, "idle")]


def test_tables_of_an_earlier_run_that_this_one_lacks_are_removed(tmp_path: Path) -> None:
    write_a_run(tmp_path, 1)

    with RunFolder(tmp_path) as folder:
        folder.stream("requests", SCHEMA).append(rows(7))

    assert sorted(what_is_in(tmp_path)) == ["manifest.json", "requests.parquet", "summary.json"]


def test_an_exception_inside_the_with_leaves_the_earlier_run(tmp_path: Path) -> None:
    write_a_run(tmp_path, 1)
    before = what_is_in(tmp_path)

    with pytest.raises(KeyboardInterrupt):
        write_and_be_interrupted(tmp_path, lambda folder: None)

    assert what_is_in(tmp_path) == before


def test_committing_before_the_exception_keeps_what_is_done(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_and_be_interrupted(tmp_path, RunFolder.commit)

    assert read_run(tmp_path).manifest == {"partial": True}


@pytest.mark.parametrize("n", range(1, 31))
def test_whichever_call_fails_the_folder_is_the_old_run_or_the_new_one(
    n: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_a_run(tmp_path / "new", 1, 2)
    new = what_is_in(tmp_path / "new")
    write_a_run(tmp_path / "out", 1)
    old = what_is_in(tmp_path / "out")

    with a_disk_that_fails_at_call(n, monkeypatch):
        try:
            write_a_run(tmp_path / "out", 1, 2)
            failed = False
        except DiskError as error:
            failed = "nothing was written, the earlier result is untouched" in str(error)

    assert what_is_in(tmp_path / "out") == (old if failed else new), f"call {n} of the disk failed"


def test_every_call_of_the_disk_has_been_made_to_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_a_run(tmp_path, 1)

    with a_disk_that_fails_at_call(0, monkeypatch) as calls:
        write_a_run(tmp_path, 1, 2)

    assert 20 <= calls[0] <= 30, f"the test above tries the calls 1 to 30, a run makes {calls[0]}"


def test_a_full_disk_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_json("out/summary.json", {"n_ok": 1})

    with a_disk_that_fails_at_call(2, monkeypatch), pytest.raises(DiskError) as refused:
        write_json("out/summary.json", {"n_ok": 2})

    left = "nothing was written, the earlier result is untouched"
    assert str(refused.value) == f"out/summary.json: no space left on the disk; {left}"
    assert what_is_in(tmp_path / "out") == {"summary.json": b'{\n  "n_ok": 1\n}\n'}


def test_without_an_earlier_result_none_is_spoken_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with a_disk_that_fails_at_call(2, monkeypatch), pytest.raises(DiskError, match=r"; nothing was written$"):
        write_json(tmp_path / "summary.json", {})

    assert list(tmp_path.iterdir()) == []


def test_a_file_where_the_folder_should_be_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")

    with pytest.raises(InputError, match="a file stands where a directory is needed"):
        write_a_run(tmp_path / "out", 1)


def test_a_summary_that_is_no_json_leaves_the_earlier_run(tmp_path: Path) -> None:
    write_a_run(tmp_path, 1)
    before = what_is_in(tmp_path)

    with pytest.raises(ValueError, match="not JSON compliant"), RunFolder(tmp_path) as folder:
        folder.summary = {"lat_p99": float("nan")}

    assert what_is_in(tmp_path) == before


def test_a_directory_without_a_manifest_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no run, manifest.json is missing; make one with sim run"):
        read_run(tmp_path)


def test_a_missing_directory_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        read_run(tmp_path / "out")


@pytest.mark.parametrize("text", ["{", "[1]"])
def test_a_broken_manifest_is_an_input_error(text: str, tmp_path: Path) -> None:
    write_a_run(tmp_path, 1)
    (tmp_path / "manifest.json").write_text(text)

    with pytest.raises(InputError, match=r"manifest.json: .*run it again"):
        read_run(tmp_path)


def test_a_missing_summary_is_an_input_error(tmp_path: Path) -> None:
    write_a_run(tmp_path, 1)
    (tmp_path / "summary.json").unlink()

    with pytest.raises(InputError, match=r"summary.json: no such file or directory; run it again"):
        read_run(tmp_path)


def test_a_table_that_was_not_recorded_is_an_input_error(tmp_path: Path) -> None:
    write_a_run(tmp_path, 1)

    with pytest.raises(InputError, match=r"no such table; it has requests, samples"):
        read_run(tmp_path).table("connections")


def test_a_torn_table_is_an_input_error(tmp_path: Path) -> None:
    write_a_run(tmp_path, 1)
    (tmp_path / "requests.parquet").write_bytes(b"PAR1")

    with pytest.raises(InputError, match="not a readable Parquet file"):
        read_run(tmp_path).table("requests")
