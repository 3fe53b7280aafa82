"""`sim sweep` and `sim run` on scenarios that name files, from another folder than theirs."""

from pathlib import Path
from typing import Any

import pytest

from sim.cli.main import main

SCENARIO = """\
name: recorded
duration: 1s
clients: {gateway: {}}
services: {orders: {}}
workloads: {checkout: {client: gateway, service: orders, arrivals: {replay: arrivals.csv}}}
"""
STUDY = "base: scenario.yaml\narms: {all: {}}\nreplications: 1\n"
PLANNED = "recorded: 1 trials planned, {} still to run; nothing was kept"


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a scenario, a study and recorded arrivals, which is not the working folder."""
    home = tmp_path / "experiments" / "recorded"
    home.mkdir(parents=True)
    (home / "scenario.yaml").write_text(SCENARIO)
    (home / "study.yaml").write_text(STUDY)
    (home / "arrivals.csv").write_text("t,service\n0.1,0.01\n0.2,0.01\n")
    monkeypatch.chdir(tmp_path)
    return home


def still_to_run(capsys: Any, study: str = "experiments/recorded") -> str:
    capsys.readouterr()
    assert main(["sweep", study, "--dry-run"]) == 0
    return str(capsys.readouterr().out).splitlines()[0]


def test_a_study_finds_its_files_and_runs_again_when_their_contents_change(recorded: Path, capsys: Any) -> None:
    assert main(["sweep", "experiments/recorded", "--workers", "1"]) == 0
    assert still_to_run(capsys) == PLANNED.format(0)

    (recorded / "arrivals.csv").write_text("t,service\n0.1,0.01\n0.3,0.01\n")

    assert still_to_run(capsys) == PLANNED.format(1)


def test_a_study_has_its_results_from_wherever_it_is_called(
    recorded: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    assert main(["sweep", "experiments/recorded", "--workers", "1"]) == 0
    out = str(Path("out").resolve())

    monkeypatch.chdir(recorded)
    capsys.readouterr()

    assert main(["sweep", ".", "--dry-run", "--out", f"{out}/recorded"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == PLANNED.format(0)


@pytest.mark.parametrize("command", ["run", "sweep"])
def test_a_missing_file_is_one_line_exit_2_and_nothing_written(recorded: Path, command: str, capsys: Any) -> None:
    (recorded / "arrivals.csv").unlink()

    code = main([command, "experiments/recorded"])

    said = capsys.readouterr().err.splitlines()
    assert (code, len(said)) == (2, 1)
    assert said[0].startswith("experiments/recorded/scenario.yaml:5:")
    assert "arrivals.csv: no such file in experiments/recorded; a path is relative" in said[0]
    assert not Path("out").exists()


def test_a_wrong_study_leaves_no_store(recorded: Path, capsys: Any) -> None:
    (recorded / "study.yaml").write_text(STUDY.replace("{}", "{set: {duraton: 1s}}"))

    code = main(["sweep", "experiments/recorded"])

    assert code == 2
    assert "did you mean duration?" in capsys.readouterr().err
    assert not Path("out").exists()


def test_a_recording_that_cannot_be_read_is_the_inputs_fault(recorded: Path, capsys: Any) -> None:
    (recorded / "arrivals.csv").write_text("t,service\n0.2,0.01\n0.1,0.01\n")

    code = main(["sweep", "experiments/recorded", "--workers", "1"])

    assert code == 2
    assert "experiments/recorded/arrivals.csv:3: t=0.1 lies before t=0.2" in capsys.readouterr().err


def test_a_study_does_not_mix_its_trials_with_the_tables_of_a_run(recorded: Path, capsys: Any) -> None:
    assert main(["run", "experiments/recorded", "--out", "mine"]) == 0
    before = sorted(Path("mine").iterdir())
    capsys.readouterr()

    code = main(["sweep", "experiments/recorded", "--out", "mine", "--workers", "1"])

    assert code == 2
    assert capsys.readouterr().err == (
        "mine: holds the results of a run; take another folder with --out, or remove this one\n"
    )
    assert sorted(Path("mine").iterdir()) == before


def test_a_warning_of_several_trials_is_said_once_with_their_number_and_kept(recorded: Path, capsys: Any) -> None:
    (recorded / "study.yaml").write_text(
        "base: scenario.yaml\narms: {all: {}, half: {set: {duration: 150ms}}}\nreplications: 2\n"
        "claims: [{id: A, statement: all come, metric: n_requests, arm: all, op: '>', value: 1}]\n"
    )
    said = "arrivals.csv: 1 of 2 arrivals lie beyond the duration of 150ms and are left out;"

    for command in (["sweep", "experiments/recorded"], ["claims"]):  # the second finds all trials done
        assert main([*command, "--workers", "1"]) == 0
        lines = [line for line in capsys.readouterr().err.splitlines() if said in line]
        assert len(lines) == 1, "once, however many replications"
        assert lines[0].startswith("warning: ")
        assert lines[0].endswith("(2 of 4 trials)")

    assert said in Path("out/recorded/report.html").read_text()


def test_a_report_that_is_written_again_still_warns(recorded: Path, capsys: Any) -> None:
    assert main(["run", "experiments/recorded", "--set", "duration=150ms"]) == 0
    report = Path("out/recorded/report.html")
    report.unlink()

    assert main(["report", "out/recorded"]) == 0

    assert "1 of 2 arrivals lie beyond the duration of 150ms" in report.read_text()


@pytest.mark.parametrize("out", ["a-run", "a-file", "a-file/below", "no-store"])
def test_a_dry_run_refuses_what_the_sweep_refuses(out: str, recorded: Path, capsys: Any) -> None:
    assert main(["run", "experiments/recorded", "--out", "a-run"]) == 0
    Path("a-file").write_text("")
    Path("no-store").mkdir()
    Path("no-store/results.sqlite").write_text("this is no database, but long enough to be looked at as one" * 9)
    before = sorted(Path().rglob("*"))
    capsys.readouterr()

    sweep = ["sweep", "experiments/recorded", "--out", out, "--workers", "1"]
    codes = [main([*sweep, "--dry-run"]), main(sweep)]

    dry, real = capsys.readouterr().err.splitlines()
    assert codes == [2, 2]
    assert dry == real
    assert sorted(Path().rglob("*")) == before
