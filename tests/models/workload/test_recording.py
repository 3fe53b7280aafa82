"""Recorded files: gzip by content, and errors of one line."""

import gzip
from pathlib import Path

import pytest

from models.workload.recording import read_lines
from sim.units import InputError


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_a_gzipped_file_is_known_by_its_content(tmp_path: Path, ends: bytes) -> None:
    path = tmp_path / "arrivals.csv"
    path.write_bytes(gzip.compress(b"id,t" + ends + b"0,1" + ends, mtime=0))

    assert read_lines(path) == ["id,t", "0,1"]


def test_two_gzip_members_are_one_file(tmp_path: Path) -> None:
    path = tmp_path / "rotated.gz"
    path.write_bytes(gzip.compress(b"a\n", mtime=0) + gzip.compress(b"b\n", mtime=0))

    assert read_lines(path) == ["a", "b"]


def test_a_byte_of_a_letter_does_not_end_a_line(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("Å one\ntwo\n", encoding="utf-8")  # the Å is C3 85, and 85 alone would be a line's end

    assert len(read_lines(path)) == 2


def test_a_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xef\xbb\xbft,service\n")

    assert read_lines(path) == ["t,service"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (gzip.compress(b"", mtime=0), "the file is empty"),
        (gzip.compress(bytes(range(256)) * 40, mtime=0)[:-20], "damaged or truncated gzip file"),
        (gzip.compress(b"t,service\n" * 40, mtime=0)[:12] + b"garbage" * 9, "damaged or truncated gzip file"),
        (b"\x1f\x8bnot gzip", "damaged or truncated gzip file"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(content)

    with pytest.raises(InputError) as caught:
        read_lines(path)

    assert str(caught.value).startswith(f"{path}: {said}")
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(InputError, match=r"nowhere/a\.csv: no such file"):
        read_lines("nowhere/a.csv")


def test_a_folder_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_lines(tmp_path)
