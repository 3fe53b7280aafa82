"""`sim sweep`, `sim claims`, `sim report` and `sim list` on studies of a model of two lines."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sim.cli import study_file
from sim.cli.claims import COLUMNS
from sim.cli.main import main
from sim.study.trial import Model

STUDY = """
name: delays
question: When does the delay pass 150 ms?
base: {load: {rate: 100/s}, servers: 1}
arms: {one: {}, two: {set: {servers: 2}}}
axes: {grid: {load.rate: [100/s, 200/s, 800/s]}}
replications: 3
keep: samples
slo: [{metric: delay, op: "<", value: 1s}]
claims:
  - {id: D1, statement: one server is enough at 100/s, metric: delay, arm: one, at: {rate: 100/s}, op: "<", value: 150ms, expect: SUPPORTED}
  - {id: D2, statement: one server is enough at 800/s, metric: delay, arm: one, at: {rate: 800/s}, op: "<", value: 150ms, expect: REFUTED}
pictures:
  - {chart: line, metric: delay}
  - {chart: bars, metric: delay, at: {rate: 800/s}, title: A second server halves the delay}
  - {chart: timeline, metric: level, at: {rate: 200/s}}
"""  # noqa: E501


def a_delay(tree: dict[str, Any], seed: int, replication: int, keep_samples: bool) -> Mapping[str, Any]:
    """Delay = load / servers, a little more with each replication."""
    load = float(str(tree["load"]["rate"]).removesuffix("/s"))
    samples = pl.DataFrame({"t": [0.0, 0.1], "level": [0, round(load)]}) if keep_samples else None
    delay = load / 1000 / tree["servers"] * (1 + replication / 1000)
    return {"summary": {"delay": delay, "seed": seed}, "samples": samples, "seconds": 0.5}


def interrupted(tree: dict[str, Any], seed: int, replication: int, keep_samples: bool) -> Mapping[str, Any]:
    if replication == 1:
        raise KeyboardInterrupt
    return a_delay(tree, seed, replication, keep_samples)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(study_file, "model_of", lambda _=None: Model(run=a_delay, version="7"))
    home = tmp_path / "experiments" / "delays"
    home.mkdir(parents=True)
    (home / "study.yaml").write_text(STUDY)
    return tmp_path


def swept(*more: str) -> int:
    return main(["sweep", "experiments/delays", "--workers", "1", *more])


def test_a_sweep_answers_first_and_exits_0_when_all_is_as_expected(folder: Path, capsys: Any) -> None:
    code = swept()

    printed = capsys.readouterr().out.splitlines()
    assert code == 0
    assert printed[0] == "delays: 2 of 2 claims came out as expected, 6 of 6 objectives met"
    assert any(line.startswith("D2") and "REFUTED" in line for line in printed)


def test_a_claim_that_states_no_verdict_is_decided_or_not_and_never_expected(folder: Path, capsys: Any) -> None:
    study = Path("experiments/delays/study.yaml")
    study.write_text(study.read_text().replace(", expect: REFUTED", "").replace("value: 150ms}", "value: 800.8ms}"))

    swept()

    answer = capsys.readouterr().out.splitlines()[0]
    assert "1 of 1 claims came out as expected, 0 of 1 other claims decided" in answer


def test_a_second_sweep_says_that_nothing_was_run(folder: Path, capsys: Any) -> None:
    swept()
    first = capsys.readouterr().err
    swept()
    again = capsys.readouterr().err
    swept("--set", "replications=4")
    more = capsys.readouterr().err

    assert "run;" not in first
    assert again.splitlines()[0] == "nothing was run; 18 were in out/delays"
    assert more.splitlines()[0] == "6 trials were run; 18 were in out/delays"


def test_a_verdict_that_is_not_the_expected_one_exits_1(folder: Path, capsys: Any) -> None:
    study = folder / "experiments/delays/study.yaml"
    study.write_text(STUDY.replace("expect: SUPPORTED", "expect: REFUTED"))

    code = swept()

    assert code == 1
    assert "expected REFUTED" in capsys.readouterr().out


def test_a_missed_objective_exits_1_and_is_shown(folder: Path, capsys: Any) -> None:
    (folder / "experiments/delays/study.yaml").write_text(STUDY.replace("value: 1s", "value: 500ms"))

    code = swept()

    assert code == 1
    assert "MISSED   delay < 500ms   one, rate 800/s" in capsys.readouterr().out


def test_pictures_and_report_are_written(folder: Path, capsys: Any) -> None:
    swept("--out", "there")

    page = (folder / "there" / "report.html").read_text()
    pictures = sorted(path.name for path in (folder / "there" / "pictures").iterdir())
    assert pictures == ["1-delay.png", "2-delay.png", "3-level.png"]
    assert "delay goes from 0.1 to 0.801 as rate goes from 100 to 800 (one)" in page
    assert "A second server halves the delay" in page
    assert "Mean of 3 replications with its 95 % confidence interval" in page
    assert capsys.readouterr().err.splitlines()[-1] == "there/report.html"


def test_the_report_can_be_written_again_from_the_folder_alone(folder: Path, capsys: Any) -> None:
    swept("--out", "there")
    page = folder / "there" / "report.html"
    before = page.read_text()
    page.unlink()

    code = main(["report", "there"])

    assert code == 0
    assert page.read_text() == before


def test_a_narrow_terminal_gets_paragraphs(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setenv("COLUMNS", "40")

    swept()

    printed = capsys.readouterr().out
    assert "D2  REFUTED  0.801 s" in printed
    assert "\n    one server is enough at 800/s\n" in printed
    assert "\none, rate (/s) 100\n    delay 0.1 (" in printed


def test_pictures_that_are_no_longer_asked_for_go(folder: Path) -> None:
    swept("--out", "there")
    study = folder / "experiments/delays/study.yaml"
    study.write_text(STUDY.replace("  - {chart: line, metric: delay}\n", ""))

    swept("--out", "there")

    assert sorted(file.name for file in (folder / "there/pictures").iterdir()) == ["1-delay.png", "2-level.png"]


def test_json_is_one_document(folder: Path, capsys: Any) -> None:
    swept("--json")

    found = json.loads(capsys.readouterr().out)
    assert [claim["verdict"] for claim in found["claims"]] == ["SUPPORTED", "REFUTED"]
    assert len(found["table"]) == 12, "two arms, three points, two metrics"
    assert (found["failed"], found["warnings"]) == ([], [])


def test_a_dry_run_writes_nothing(folder: Path, capsys: Any) -> None:
    code = swept("--dry-run")

    assert code == 0
    head, estimate, *_ = capsys.readouterr().out.splitlines()
    assert head == "delays: 18 trials planned, 18 still to run; nothing was kept"
    assert estimate.endswith("from timing 4 trials, which are not kept")
    assert not (folder / "out").exists()


def test_a_second_sweep_has_nothing_left_to_run(folder: Path, capsys: Any) -> None:
    swept()
    capsys.readouterr()

    swept("--dry-run")

    assert "18 trials planned, 0 still to run" in capsys.readouterr().out


def test_an_override_reaches_the_study_and_the_seed_every_trial(folder: Path, capsys: Any) -> None:
    swept("--set", "replications=2", "--seed", "5", "--json")

    seeds = [row for row in json.loads(capsys.readouterr().out)["table"] if row["metric"] == "seed"]
    assert {(row["mean"], row["n"]) for row in seeds} == {(5.0, 2)}


def test_ctrl_c_keeps_the_trials_that_are_done(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(study_file, "model_of", lambda _=None: Model(run=interrupted, version="7"))

    code = swept()

    assert code == 130
    assert capsys.readouterr().err.splitlines()[-1] == (
        "interrupted; the trials that were done are kept in out/delays; the same line goes on from there"
    )
    assert (folder / "out/delays/results.sqlite").is_file()


def failing(tree: dict[str, Any], seed: int, replication: int, keep_samples: bool) -> Mapping[str, Any]:
    if tree["servers"] == 2:
        raise OSError("no recording there")
    return a_delay(tree, seed, replication, keep_samples)


def test_failed_trials_are_run_again_on_demand_and_the_way_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(study_file, "model_of", lambda _=None: Model(run=failing, version="7"))
    first = swept()
    said = capsys.readouterr().err
    monkeypatch.setattr(study_file, "model_of", lambda _=None: Model(run=a_delay, version="7"))

    second = swept()
    third = swept("--retry-failed")

    assert (first, second, third) == (3, 3, 0)
    assert "failed: two, rate 100/s, replication 0: OSError: no recording there\n" in said
    assert "9 failed trials are not run again by themselves; sim sweep experiments/delays --retry-failed does" in said


def test_results_of_another_model_are_refused_and_stay_as_they_are(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    swept()
    before = {file: file.read_bytes() for file in (folder / "out").rglob("*") if file.is_file()}
    monkeypatch.setattr(study_file, "model_of", lambda _=None: Model(run=a_delay, version="8"))
    capsys.readouterr()

    codes = [swept(), swept("--dry-run")]

    line = (
        "out/delays: holds results of model version 7, this is 8; take another folder with --out,"
        " or drop them with `sim study prune out/delays --other-versions`"
    )
    assert codes == [2, 2]
    assert capsys.readouterr().err.splitlines() == [line, line]
    assert {file: file.read_bytes() for file in (folder / "out").rglob("*") if file.is_file()} == before


def test_claims_are_typed_rows(folder: Path, capsys: Any) -> None:
    code = main(["claims", "--json", "--workers", "1"])

    rows = json.loads(capsys.readouterr().out)
    assert code == 0
    assert [tuple(row) for row in rows] == [COLUMNS] * 2
    assert [(row["id"], row["verdict"], row["study"], row["unit"]) for row in rows] == [
        ("D1", "SUPPORTED", "delays", "s"),
        ("D2", "REFUTED", "delays", "s"),
    ]


def test_one_claim_can_be_asked_for(folder: Path, capsys: Any) -> None:
    main(["claims", "D2", "--json", "--workers", "1"])

    assert [row["id"] for row in json.loads(capsys.readouterr().out)] == ["D2"]


def test_an_unknown_claim_gets_the_nearest_one(folder: Path, capsys: Any) -> None:
    code = main(["claims", "D3"])

    assert code == 2
    assert capsys.readouterr().err.startswith("D3: no such claim; did you mean D")


def test_the_list_names_studies_and_claims(folder: Path, capsys: Any) -> None:
    code = main(["list", "--json"])

    assert code == 0
    assert json.loads(capsys.readouterr().out) == [
        {
            "folder": "experiments/delays",
            "name": "delays",
            "question": "When does the delay pass 150 ms?",
            "claims": ["D1", "D2"],
        }
    ]


def test_a_folder_that_nobody_wrote_has_no_report(folder: Path, capsys: Any) -> None:
    code = main(["report", "experiments"])

    assert code == 2
    assert capsys.readouterr().err.startswith("experiments: has no manifest.json")
