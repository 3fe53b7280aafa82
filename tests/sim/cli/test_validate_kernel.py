"""`sim validate --kernel`: the answer, the rows, the exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest

from sim.cli.main import main

FILE = Path(__file__).parents[3] / "experiments" / "reality" / "kernel" / "linux-6.18.json"

TEXTS = next(one for one in json.loads(FILE.read_text("utf-8"))["measurements"] if one["id"] == "go-texts")["result"]


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
        (["--go-version", "1.27"], "validate: --kernel knows no Go version; leave out --go-version"),
        (["--seeds", "20"], "validate: --kernel has no recorded cases to replay; leave out --seeds"),
        (["--case", "alloc", "--out", "o"], "validate: --case writes no page of a kernel; leave out --out"),
        (["--json", "--out", "o"], "validate: --json writes no page of a kernel; leave out --out"),
        (["--case", "alloc-99"], "no measurement is called alloc-99; did you mean alloc-"),
    ],
)
def test_a_wrong_question_ends_with_2(options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--kernel", *options]) == 2

    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


RANGE = {"ip_local_port_range": "40000", "ip_local_reserved_ports": ""}
IDLE = [{"tcp_slow_start_after_idle": 1, "idle_s": 1.0, "first_second_after_idle_ms": []}]
STEADY = {"net": "lo", "tw_reuse": 1, "timestamps": 1, "delay_ms": 1000, "rate": 0, "range": 20, "dur": 5}
FILLED: dict[str, Any] = {"successes_histogram": {}}


@pytest.mark.parametrize(
    ("name", "changed", "said"),
    [
        ("tw-life", {"result": {"repetitions": [{"n": 200}]}}, "tw-life.result.repetitions.0.min: is missing"),
        ("eaddrnotavail-trace", {"result": []}, "eaddrnotavail-trace.result: should have at least one, not 0"),
        ("idle-restart", {"result": IDLE}, ".result.0.first_second_after_idle_ms: should have at least one, not 0"),
        ("alloc-n-2", {"setup": RANGE}, "ip_local_port_range: 40000 should be two ports, as 40000 40099"),
        ("tw-reuse-delay-range", {"result": {"abc": "ok"}}, ".result.abc: the key should be a whole number"),
        ("tw-reuse", {"result": [STEADY]}, "tw-reuse.result.0.rate: 0 should be at least 1"),
        ("alloc-n-2", {"result": FILLED}, "successes_histogram: should count at least one value"),
    ],
)
def test_a_wrong_entry_ends_with_2(
    name: str, changed: dict[str, Any], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = a_file(tmp_path, name, **changed)

    code = main(["validate", "--kernel", str(file), "--workers", "1"])

    err = capsys.readouterr().err
    assert code == 2
    assert err.startswith(f"{file}: ")
    assert err.endswith(f"{said}\n")
    assert err.count("\n") == 1


def test_a_file_in_the_place_of_the_folder_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = a_file(tmp_path, "go-texts")

    code = main(["validate", "--kernel", str(file), "--workers", "1", "--out", str(file)])

    err = capsys.readouterr().err
    assert code == 2
    assert err.startswith(f"{file}/kernel.md: ")
    assert err.count("\n") == 1


def test_another_kernel_has_its_own_name_and_reasons(tmp_path: Path) -> None:
    file = a_file(tmp_path, "go-texts", result={**TEXTS, "no_port": "no ports"})
    page = tmp_path / "out" / "kernel.md"
    ask = ["validate", "--kernel", str(file), "--workers", "1", "--out", str(page.parent)]

    assert main(ask) == 1
    assert "Linux 6.18" not in page.read_text("utf-8")
    assert "Not looked into yet:" in page.read_text("utf-8")

    known = 'differences: [{cases: [go-texts], quantities: [no_port], why: "Another libc."}]'
    (tmp_path / "differences.yaml").write_text(known, encoding="utf-8")
    assert main(ask) == 1
    assert "Another libc." in page.read_text("utf-8")
