"""`sim validate --vectors`: the answer, the rows, the exit codes."""

import json
from pathlib import Path

import pytest

from sim.cli.main import main

ROOT = Path(__file__).parents[3]
VECTORS = ROOT / "tests" / "validation" / "data" / "go_conformance_vectors.yaml"

ONE = """\
families: {}
cases:
- id: X.1
  go_versions: [1.27.3]
  server: {h1: {kind: http}}
  script:
  - {t: 0ms, req: A, host: h1, service: 50ms}
  settle: 100ms
  expect: {dials: DIALS, requests: {A: {status: 200, t_do: 50}}}
  tolerance: {time_ms: 25}
"""


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """A file with a case that is as measured."""
    file = tmp_path / "one.yaml"
    file.write_text(ONE.replace("DIALS", "1"), encoding="utf-8")
    return file


def test_the_first_line_says_how_many_are_as_measured(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["validate", "--vectors", str(VECTORS), "--case", "V1"])

    assert code == 0
    assert capsys.readouterr().out.startswith("24 of 24 cases by version are as measured")


def test_what_differs_is_shown_with_both_values_and_ends_with_1(one: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one.write_text(ONE.replace("DIALS", "2"), encoding="utf-8")

    code = main(["validate", "--vectors", str(one)])

    out = capsys.readouterr().out
    assert code == 1
    assert out.startswith("0 of 1 cases by version are as measured, 2 of 3 quantities; 1 differ.")
    assert any(line.split() == ["X.1", "1.27.3", "dials", "2", "1"] for line in out.splitlines())


def test_json_is_one_list_of_rows(one: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["validate", "--vectors", str(one), "--json"])

    rows = json.loads(capsys.readouterr().out)
    assert code == 0
    assert [row["quantity"] for row in rows] == ["dials", "requests.A.status", "requests.A.t_do"]
    assert rows[2] == {
        "case": "X.1", "go_version": "1.27.3", "quantity": "requests.A.t_do", "measured": 50, "simulated": 50,
        "tolerance": 25, "ok": True,
    }  # fmt: skip


def test_what_cannot_be_simulated_is_rows_and_1(one: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lacked = ONE.replace("  script:", "  transport: {Protocols: {HTTP1: true}}\n  script:")
    one.write_text(lacked.replace("DIALS", "1"), encoding="utf-8")

    code = main(["validate", "--vectors", str(one), "--json"])

    rows = json.loads(capsys.readouterr().out)
    assert code == 1
    assert [(row["simulated"], row["ok"]) for row in rows] == [(None, False)] * 3


def test_a_wrong_file_is_one_line_with_its_place(one: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one.write_text(ONE.replace("service:", "servise:"), encoding="utf-8")

    code = main(["validate", "--vectors", str(one)])

    err = capsys.readouterr().err
    assert code == 2
    assert err.startswith(f"{one}:7:")
    assert "did you mean service?" in err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["no-such-folder"], "no-such-folder: no such folder; name the folder of a recorded case"),
        ([str(VECTORS)], "go_conformance_vectors.yaml: is a file; name the folder of a recorded case"),
        ([str(VECTORS.parent)], "data: no recorded case in it; a case has an input.json"),
        (["--vectors", "nowhere.yaml"], "nowhere.yaml: no such file"),
        (["--vectors", str(VECTORS), "--case", "V77"], "no case is called V77"),
        (["--vectors", str(VECTORS), "--case", "V1", "--go-version", "1.18"], "no version of Go is called 1.18"),
    ],
)
def test_a_wrong_question_ends_with_2(options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", *options]) == 2
    assert said in capsys.readouterr().err


def test_a_folder_that_is_missing_does_not_end_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    case = ROOT / "experiments/reality/cases/E05-ict2"

    code = main(["validate", "nowhere", str(case), "--seeds", "1", "--workers", "1", "--json"])

    said = capsys.readouterr()
    assert code == 2
    assert said.err == "nowhere: no such folder; name the folder of a recorded case\n"
    assert {row["case"] for row in json.loads(said.out)} == {"E05-ict2"}
