"""`sim theory`: its table, its rows, its exit codes."""

import json
from pathlib import Path

import pytest

from sim.cli.main import main

FOLDER = str(Path(__file__).resolve().parents[3] / "experiments" / "theory")
SHORT = ["theory", FOLDER, "--only", "slots", "--seeds", "2", "--workers", "1"]


def test_the_first_line_answers(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")

    code = main(SHORT)

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert lines[0] == "1 of 1 comparisons agree with theory: 1 to 2 of 2 intervals hold the truth"
    assert any("M/M/c in the client" in line and "2 of 2" in line for line in lines)


def test_json_is_a_list_of_rows(capsys: pytest.CaptureFixture[str]) -> None:
    main([*SHORT, "--json"])

    (row,) = json.loads(capsys.readouterr().out)
    assert row["id"] == "slots"
    assert row["low"] < row["simulated"] < row["high"]


def test_an_id_that_no_comparison_has_is_wrong_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["theory", FOLDER, "--only", "mm2"]) == 2
    assert "no comparison" in capsys.readouterr().err
