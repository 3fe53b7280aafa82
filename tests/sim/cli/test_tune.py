"""`sim tune` on a model of one line, and `sim sweep` of a sample for indices."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sim.cli import study_file
from sim.cli.main import main
from sim.scenario.source import read
from sim.study.trial import Model

pytest.importorskip("optuna")

STUDY = """
name: pool
question: How large should the pool be?
base: {gateway: {size: 40, mode: plain}}
slo: [{metric: delay, op: "<", value: 100ms}]
tune:
  over: {gateway.size: [1, 60], gateway.mode: [plain, it's odd]}
  minimise: size
  trials: 16
  replications: 1
  compare: 3
  finalists: 3
"""
MATTER = """
name: matter
base: {gateway: {size: 40, mode: plain}}
axes: {KIND: {ranges: {gateway.size: [1, 60], gateway.mode: [plain, odd]}, metrics: [delay, size]}}
replications: 2
"""


def a_pool(tree: dict[str, Any], seed: int, replication: int, keep_samples: bool) -> Mapping[str, Any]:
    size = tree["gateway"]["size"]
    return {"summary": {"delay": 1.25 / (size + 1) + replication / 1e6, "size": size}, "seconds": 0.0}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(study_file, "model_of", lambda _=None: Model(run=a_pool, version="7"))
    (tmp_path / "study.yaml").write_text(STUDY)
    return tmp_path


def tuned(*more: str) -> int:
    return main(["tune", "study.yaml", "--workers", "1", *more])


def test_the_answer_comes_with_lines_to_paste_and_a_report(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = tuned()

    said = capsys.readouterr()
    assert code == 0
    assert said.out.startswith("pool: setting ")
    assert "--set gateway.size=" in said.out
    assert said.err.splitlines()[-1] == "out/pool/report.html"
    page = (folder / "out/pool/report.html").read_text("utf-8")
    assert "is the cheapest that keeps the objectives" in page
    assert {path.name for path in (folder / "out/pool/pictures").iterdir()} == {
        "tune-1-finalists.png", "tune-2-search.png",
    }  # fmt: skip


def test_json_is_one_document_and_the_same_in_the_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tuned("--json")

    told = json.loads(capsys.readouterr().out)
    assert told == json.loads((folder / "out/pool/tune.json").read_text("utf-8"))
    assert told["best"]["is_met"]
    assert told["best"]["cost"]["value"] == told["best"]["settings"]["gateway.size"]
    assert len(told["tried"]) == 16
    assert told["gain"]["value"] == told["best"]["settings"]["gateway.size"] - 40


def test_no_setting_within_the_objectives_ends_with_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tuned("--set", "slo=[{metric: delay, op: <, value: 1ms}]") == 1
    assert "no setting keeps the objectives, of 16 tried" in capsys.readouterr().out


def test_a_dry_run_writes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tuned("--dry-run") == 0
    assert capsys.readouterr().out == "pool: 16 settings, 28 trials at most; nothing was run\n"
    assert not (folder / "out").exists()


def test_an_interruption_says_how_to_go_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(*_: Any) -> Mapping[str, Any]:
        raise KeyboardInterrupt

    monkeypatch.setattr(study_file, "model_of", lambda _=None: Model(run=stopped, version="7"))

    assert tuned() == 130
    assert "the same line goes on from there" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("tune.over={gateway.size: [9, 1]}", "9 is not below 1; write the lower bound first"),
        ("tune.over={}", "tune.over={}: is empty"),
        ("tune.minimise=sise", "no trial has sise; did you mean size?"),
        ("tune.arm=two", "no arm is called two"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    folder: Path, change: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tuned("--set", change) == 2

    err = capsys.readouterr().err
    assert said in err
    assert len(err.splitlines()) == 1


def test_the_report_of_a_search_is_written_by_the_search(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tuned()

    assert main(["report", "out/pool"]) == 2
    assert "sim tune writes its report again" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["morris", "saltelli", "tornado"])
def test_a_sweep_of_a_sample_prints_and_keeps_its_indices(
    folder: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("SALib")
    more = ", points: 16, second_order: true" if kind == "saltelli" else ""
    text = MATTER.replace("KIND", kind).replace("metrics: [delay, size]", f"metrics: [delay, size]{more}")
    (folder / "matter.yaml").write_text(text)

    code = main(["sweep", "matter.yaml", "--workers", "1"])

    said = capsys.readouterr().out
    told = json.loads((folder / "out/matter/study.json").read_text("utf-8"))["indices"]
    assert code == 0
    assert {"morris": "mu_star", "saltelli": "ST", "tornado": "change"}[kind] in said
    assert {row["metric"] for row in told} == {"delay", "size"}
    assert len(list((folder / "out/matter/pictures").glob("sensitivity-*.png"))) == 2
    assert main(["report", "out/matter"]) == 0, "the folder has all that the report needs"


def test_the_lines_to_paste_are_read_back_as_the_settings() -> None:
    import shlex

    from sim.report.tune_page import set_lines

    lines = set_lines({"gateway.size": 4, "gateway.mode": "it's odd", "gateway.on": True})

    words = shlex.split("\n".join(lines).replace("\\\n", " "))
    assert words[::2] == ["--set"] * 3
    assert [read(word.partition("=")[2], "word", object).tree for word in words[1::2]] == [4, "it's odd", True]
