"""Wrong input, a full disk and Ctrl-C, through the command line: what is said, what is left on the disk."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sim.cli.main import main
from tests.wrong_scenarios import ARRIVALS, GOOD, WRONG

ROOT = Path(__file__).parents[1]

FILES = {
    "disorder.csv": "t,service\n0.2,0.01\n0.1,0.01\n",
    "negative.csv": "t,service\n0.1,-0.01\n",
    "nan.csv": "t,service\n0.1,nan\n",
    "never.csv": "t,service\n0.1,0.01\nnan,0.01\n",
    "inf.csv": "t,service\n0.1,inf\n",
    "empty.csv": "t,service,worker\n0.2,0.01,\n0.1,0.01,\n",
    "gap.csv": "t,service,worker\n0.1,0.01,1\n0.2,0.01,\n",
    "closed.csv": "think,service,worker\n0.1,0.01,\n",
    "far.csv": "t,service,host\n0.1,0.01,3\n",
    "noise.log": "nothing\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the command runs, with recordings of all kinds."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("good", "bad", "said"), WRONG, ids=[bad.strip() for _, bad, _ in WRONG])
def test_wrong_input_gives_one_line_and_writes_nothing(
    good: str, bad: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "scenario.yaml").write_text(GOOD.replace(good, bad, 1))
    before = sorted(folder.iterdir())

    code = main(["run", "scenario.yaml"])

    error = capsys.readouterr().err
    assert code == 2, error
    assert error.startswith(said)
    assert error.count("\n") == 1, f"one line, not {error!r}"
    assert sorted(folder.iterdir()) == before, "nothing is written for an input that is wrong"


def test_a_loop_that_spins_at_one_instant_is_refused_with_its_place(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spinning = GOOD.replace("overhead: 0s, service_time: 0s", "").replace("gw: {", "gw: {kernel: {nofile: 1}, ")
    (folder / "scenario.yaml").write_text(spinning.replace(ARRIVALS, "{closed_loop: {workers: 2}}"))

    assert main(["run", "scenario.yaml"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("scenario.yaml:12:5: workloads.w.arrivals: at 0s a closed loop without think time"), error
    assert "give it a think time" in error
    assert error.count("\n") == 1
    assert main(["run", "scenario.yaml", "--set", "workloads.w.arrivals.closed_loop.workers=3"]) == 2
    assert "scenario.yaml:12:5: workloads.w.arrivals: at 0s" in capsys.readouterr().err
    assert main(["run", "scenario.yaml", "--set", "workloads.w.arrivals={closed_loop: {workers: 3}}"]) == 2
    assert capsys.readouterr().err.startswith("--set workloads.w.arrivals={closed_loop: {workers: 3}}: at 0s")
    assert not (folder / "out").exists(), "the run had made the folder; it goes with what was in it"


def test_a_disk_that_is_full_from_the_start_leaves_no_result(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "scenario.yaml").write_text(GOOD)
    monkeypatch.setattr(os, "fsync", _full)

    code = main(["run", "scenario.yaml"])

    error = capsys.readouterr().err
    assert code == 2
    assert error.startswith("out/small/")
    assert "no space left on the disk; nothing was written" in error
    assert error.count("\n") == 1
    assert not (folder / "out").exists(), "nothing was written, not even a folder"


def test_a_disk_that_fills_up_leaves_the_earlier_result_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "scenario.yaml").write_text(GOOD)
    assert main(["run", "scenario.yaml"]) == 0
    before = {path.name: path.read_bytes() for path in (folder / "out" / "small").iterdir()}
    monkeypatch.setattr(os, "fsync", _full)

    code = main(["run", "scenario.yaml", "--seed", "2"])

    assert code == 2
    assert "the earlier result is untouched" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in (folder / "out" / "small").iterdir()} == before


def test_a_disk_that_is_full_by_the_report_is_one_line_and_keeps_the_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "scenario.yaml").write_text(GOOD)
    monkeypatch.setattr("sim.report.page.render", lambda page: monkeypatch.setattr(os, "fsync", _full) or "<p>")

    code = main(["run", "scenario.yaml"])

    error = capsys.readouterr().err
    assert code == 2, error
    assert error == "out/small/report.html: no space left on the disk; nothing was written\n"
    assert (folder / "out" / "small" / "manifest.json").exists()
    assert not [path.name for path in (folder / "out" / "small").iterdir() if "report" in path.name]


def test_a_disk_that_takes_no_index_leaves_no_folder_of_a_sweep(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "scenario.yaml").write_text(GOOD)
    (folder / "study.yaml").write_text("name: s\nbase: scenario.yaml\nreplications: 1\n")
    monkeypatch.setattr("sim.store.index.TABLES", "no SQL: what a disk that refuses comes to")
    before = sorted(folder.iterdir())

    code = main(["sweep", "study.yaml", "--workers", "1"])

    assert code == 2
    assert capsys.readouterr().err.startswith("out/s/results.sqlite: ")
    assert sorted(folder.iterdir()) == before


def _full(_: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


INTERRUPTED = """
import os, signal, sys
from models.world import World
from sim.cli.main import main

run = World.run

def run_and_interrupt(world, *, progress=None, step=0):
    run(world, progress=lambda now: now > 20 * 10**9 and os.kill(os.getpid(), signal.SIGINT), step=10**9)

World.run = run_and_interrupt
sys.exit(main(["run", "scenario.yaml", "--set", "duration=1h"]))
"""
"""A run of an hour that gets a real SIGINT after 20 simulated seconds, wherever the program is then."""


def test_ctrl_c_keeps_what_was_done_and_says_so(folder: Path) -> None:
    (folder / "scenario.yaml").write_text(GOOD)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    out = folder / "out" / "small"
    assert done.returncode == 130, done.stderr
    assert "interrupted; what was done is kept in out/small, marked partial" in done.stderr
    assert json.loads((out / "manifest.json").read_text())["partial"] is True
    requests = pl.read_parquet(out / "requests.parquet")
    assert 300 < len(requests) < 600, "20 s of 20 requests a second, and the rest of a step"
    assert not [path.name for path in out.iterdir() if path.name.startswith(".")]
