"""`sim record` before anything is recorded: one line, exit code 2, nothing written."""

import json
from pathlib import Path
from typing import Any

import pytest

from sim.cli.main import main

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "experiments/reality/recorder/pool-churn.yaml"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sim.validation.laboratory.os.geteuid", lambda: 0)
    monkeypatch.setattr("sim.validation.laboratory.is_linux", lambda: True)


def said(capsys: Any, *line: str) -> str:
    code = main(["record", *line])

    assert code == 2
    assert not Path("out").exists()
    return str(capsys.readouterr().err)


def test_without_root_it_says_so(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr("sim.validation.laboratory.os.geteuid", lambda: 1000)

    assert said(capsys, str(EXAMPLE)) == (
        "record: needs root to make network namespaces; run it with sudo, or in a virtual machine\n"
    )


def test_elsewhere_than_on_linux_it_says_so(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr("sim.validation.laboratory.is_linux", lambda: False)

    assert said(capsys, str(EXAMPLE)) == (
        "record: needs network namespaces, which only Linux has; run it in a Linux machine\n"
    )


def test_without_ip_it_says_so(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setenv("PATH", "")

    assert said(capsys, str(EXAMPLE)) == "record: there is no command ip; install iproute2\n"


def test_without_go_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    (tmp_path / "ip").write_text("#!/bin/sh\n")
    (tmp_path / "ip").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sim.validation.toolchain.find_spec", lambda _: None)

    assert said(capsys, str(EXAMPLE)).startswith("record: there is no Go toolchain; install Go 1.26 or newer")


def test_a_wrong_experiment_is_refused_before_anything_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr("sim.validation.laboratory.os.geteuid", lambda: 1000)
    (tmp_path / "own.yaml").write_text(EXAMPLE.read_text().replace("100/s", "100"))

    assert said(capsys, "own.yaml") == "own.yaml:9:12: arrivals.poisson: 100 has no unit; write a rate such as 1200/s\n"


def test_arrivals_that_cannot_be_sent_are_refused_with_the_file(tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "own.yaml").write_text(EXAMPLE.read_text().replace("100/s", "9000/s"))

    assert said(capsys, "own.yaml").startswith("own.yaml: arrivals: ")


@pytest.mark.parametrize(("late", "words"), [(0.004, ""), (0.05, "sent up to 50 ms late (p99); record again")])
def test_a_recording_is_announced_and_a_busy_machine_warned_of(
    late: float, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def pretend(assignment: Any, program: Path, out: Path, **_: Any) -> list[Path]:
        (out / "rep1").mkdir(parents=True)
        (out / "rep1" / "summary.json").write_text(json.dumps({"arrival_lag": {"p99": late}}))
        return [out / "rep1"]

    monkeypatch.setattr("sim.validation.record.record", pretend)
    monkeypatch.setattr("sim.cli.record._program", lambda assignment: tmp_path)

    code = main(["record", str(EXAMPLE), "--out", "mine"])

    told = capsys.readouterr()
    assert code == 0
    assert told.out == "Recorded P01-mi2: 1 repetition in mine.\n\nnext: sim validate mine\n"
    assert words in told.err
    assert ("warning" in told.err) == bool(words)


def test_a_file_of_arrivals_lies_beside_the_experiment(tmp_path: Path) -> None:
    from sim.evidence import load_experiment

    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "a.csv").write_text("t,service\n0.5,0.01\n")
    (tmp_path / "below" / "own.yaml").write_text(
        "Experiment: P01\nVariant: a\nDuration: 1s\nArrivals: {replay: a.csv}\nTopology: {DNSMode: hosts-file}\n"
    )

    found = load_experiment(Path("below/own.yaml"))

    assert found.arrivals == "id,t,service,host,worker\n0,0.5,0.01,0,0\n"
    assert found.blueprint.hosts == "127.0.0.1 localhost\n10.77.0.11 svc.test\n"
