"""`sim validate --kernel`: the answer, the rows, the exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest

from sim.cli.main import main

FILE = Path(__file__).parents[3] / "experiments" / "reality" / "kernel" / "linux-6.18.json"


def a_file(folder: Path, name: str, **changed: Any) -> Path:
    """One measurement of those that come along, with other results."""
    (one,) = (each for each in json.loads(FILE.read_text("utf-8"))["measurements"] if each["id"] == name)
    file = folder / "own.json"
    file.write_text(json.dumps({"measurements": [{**one, **changed}]}), encoding="utf-8")
    return file


def test_the_first_line_says_how_many_are_within_tolerance(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["validate", "--kernel", "--case", "alloc-n", "--workers", "1"])

    assert code == 0
    assert capsys.readouterr().out.startswith("16 of 16 quantities (100.0%) are within tolerance, in 4 measurements")


def test_json_is_rows_as_of_a_recorded_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["validate", "--kernel", str(a_file(tmp_path, "alloc-bind-timewait")), "--json", "--workers", "1"])

    rows = json.loads(capsys.readouterr().out)
    assert code == 0
    assert rows[0] == {
        "case": "alloc-bind-timewait", "quantity": "time_wait", "class": "T", "measured": [10], "simulated": 10,
        "tolerance": 0.0, "ok": True,
    }  # fmt: skip
    assert (rows[-1]["quantity"], rows[-1]["ok"]) == ("explicit_bind_with_SO_REUSEADDR", None)
    assert "SO_REUSEADDR" in rows[-1]["reason"]


def test_what_is_out_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = a_file(tmp_path, "tw-reuse-delay-range", result={"0": "ok", "1": "ok"})

    code = main(["validate", "--kernel", str(file), "--workers", "1", "--out", str(tmp_path)])

    said = capsys.readouterr().out
    assert code == 1
    assert said.startswith("1 of 2 quantities (50.0%) are within tolerance, in 1 measurements; 0 are not compared.")
    assert "OUT" in said
    assert "Not looked into yet:" in (tmp_path / "kernel.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["nowhere.json"], "nowhere.json: no such file or directory"),
        (["."], ".: is a directory"),
        (["a.json", "b.json"], "validate: --kernel takes one file, not 2"),
        (["--vectors", "v.yaml"], "validate: either --kernel or --vectors FILE, not both"),
        (["--case", "alloc-99"], "no measurement is called alloc-99; did you mean alloc-"),
    ],
)
def test_a_wrong_question_ends_with_2(options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--kernel", *options]) == 2

    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_an_entry_that_lacks_a_key_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = a_file(tmp_path, "tw-life", result={"repetitions": [{"n": 200}]})

    code = main(["validate", "--kernel", str(file), "--workers", "1"])

    assert code == 2
    assert capsys.readouterr().err == f"{file}: tw-life.result.repetitions.0.min: is missing\n"
