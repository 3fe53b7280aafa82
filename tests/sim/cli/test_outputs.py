"""Where a result goes, and where it cannot: a study's folder, a full disk behind standard output, the wrong file."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sim.cli.main import main

SCENARIO = "name: gateway\nclients: {}\nservices: {}\nworkloads: {}\n"
STUDY = "name: more\nbase: gateway.yaml\narms: {two: {}}\n"


def a_file(folder: Path, text: str) -> str:
    path = folder / "given.yaml"
    path.write_text(text)
    return str(path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
@pytest.mark.parametrize("command", [["list"], ["schema"], ["list", "--json"]])
def test_a_full_disk_behind_standard_output_is_one_line(command: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "sim.cli.main", *command],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert done.stderr.splitlines() == [
        "standard output: no space left on device; the answer is cut off, the results are on the disk"
    ]
    assert done.returncode == 2


def test_a_run_does_not_replace_the_trials_of_a_study(tmp_path: Path, capsys: Any) -> None:
    from sim import wiring

    (tmp_path / "results.sqlite").write_bytes(b"")
    (tmp_path / "trials.parquet").write_bytes(b"kept")
    (tmp_path / "tried").mkdir()
    main(["new", "tried", "--out", str(tmp_path / "tried")])
    assert wiring.load(tmp_path / "tried").name == "tried"

    code = main(["run", str(tmp_path / "tried"), "--out", str(tmp_path)])

    assert code == 2
    assert "holds the results of a study; take another folder" in capsys.readouterr().err
    assert (tmp_path / "trials.parquet").read_bytes() == b"kept"


def test_a_study_given_to_run_names_the_command_that_takes_it(tmp_path: Path, capsys: Any) -> None:
    file = a_file(tmp_path, STUDY)

    assert main(["run", file]) == 2
    assert capsys.readouterr().err == f"{file}: is a study, not a scenario; run it with sim sweep {file}\n"


def test_a_scenario_given_to_sweep_names_the_command_that_takes_it(tmp_path: Path, capsys: Any) -> None:
    file = a_file(tmp_path, SCENARIO)

    assert main(["sweep", file]) == 2
    assert capsys.readouterr().err == f"{file}: is a scenario, not a study; run it with sim run {file}\n"
