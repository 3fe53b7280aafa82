"""What `sim sweep --dry-run` tells: the trials, the values that references come to, the time; in JSON, all of it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sim.cli import study_file
from sim.cli.main import main
from sim.study.trial import Model

STUDY = """
name: delays
base: {load: {rate: 100/s}, servers: 1}
arms: {one: {}, follows: {set: {servers: "${kept * 2}"}}}
axes: {grid: {load.rate: [100/s, 200/s], pool.kept: [1, 2]}}
replications: 3
"""


def a_delay(tree: dict[str, Any], seed: int, replication: int, keep_samples: bool) -> Mapping[str, Any]:
    return {"summary": {"delay": 1 / tree["servers"]}, "seconds": 2.0 if tree["servers"] == 1 else 4.0}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(study_file, "model_of", lambda _=None: Model(run=a_delay))
    (tmp_path / "study.yaml").write_text(STUDY)
    return tmp_path


def told(capsys: Any, *more: str) -> Any:
    capsys.readouterr()
    assert main(["sweep", "study.yaml", "--dry-run", "--json", "--workers", "2", *more]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_plan_has_a_row_per_arm_and_point_with_what_references_come_to(folder: Path, capsys: Any) -> None:
    plan = told(capsys)

    assert [plan["trials"], plan["missing"], len(plan["rows"])] == [24, 24, 8]
    assert plan["rows"][-1] == {
        "arm": "follows", "at": {"rate": "200/s", "kept": 2}, "set": {"servers": 4}, "replications": 3, "in_store": 0,
    }  # fmt: skip
    assert plan["estimate"]["from"] == "timing 4 trials, which are not kept"
    assert not (folder / "out").exists()


def test_the_estimate_is_the_median_of_what_is_kept(folder: Path, capsys: Any) -> None:
    main(["sweep", "study.yaml", "--workers", "1"])

    plan = told(capsys, "--set", "replications=5")

    assert [plan["missing"], {row["in_store"] for row in plan["rows"]}] == [16, {3}]
    assert plan["estimate"] == {
        "seconds": 16 * 3.0 / 2, "workers": 2, "from": "the median of 24 trials in the store",
        "seconds_per_trial": {"one": 2.0, "follows": 4.0},
    }  # fmt: skip


def test_precision_says_what_it_may_come_to_at_most(folder: Path, capsys: Any) -> None:
    main(["sweep", "study.yaml", "--dry-run", "--set", "replications={until: {delay: 5%, max: 16}}"])

    printed = capsys.readouterr().out
    assert "80 trials planned" in printed
    assert "with the most replications everywhere 128 trials" in printed


def test_a_narrow_terminal_gets_paragraphs(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setenv("COLUMNS", "40")

    main(["sweep", "study.yaml", "--dry-run"])

    assert max(map(len, capsys.readouterr().out.splitlines()[3:])) <= 40
