"""`sim study` on results of a model of two lines."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sim.cli import study_file, sweep
from sim.cli.main import main
from sim.store.store import Store
from sim.study.trial import Model
from sim.version import MODEL_VERSION

STUDY = """
name: delays
base: {load: {rate: 100/s}, servers: 1}
arms: {none: {set: {servers: 0}}, one: {}}
axes: {grid: {load.rate: [100/s, 200/s]}}
replications: 3
"""


def a_delay(tree: dict[str, Any], seed: int, replication: int, keep_samples: bool) -> Mapping[str, Any]:
    delay = float(str(tree["load"]["rate"]).removesuffix("/s")) / tree["servers"]
    return {"summary": {"delay": delay, "seed": 8, "lost": replication}, "samples": None, "seconds": 0.5}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    use(monkeypatch, MODEL_VERSION)
    (tmp_path / "study.yaml").write_text(STUDY)
    return tmp_path


def use(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(study_file, "model_of", lambda _=None: Model(run=a_delay, version=version))


def swept(file: str = "study.yaml") -> None:
    """As `sim sweep` does it, without the report."""
    sweep.run_study(study_file.load_study(Path(file), []), Path(file), Path("out/delays"), 1)


def told(capsys: Any, *words: str) -> Any:
    capsys.readouterr()
    assert main(["study", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_status_tells_arm_by_arm_and_point_by_point(folder: Path, capsys: Any) -> None:
    swept()

    found = told(capsys, "status", "out/delays")

    assert [(one["arm"], one["at"], one["done"], one["failed"], one["planned"]) for one in found["points"]] == [
        ("none", {"rate": "100/s"}, 0, 3, 3),
        ("none", {"rate": "200/s"}, 0, 3, 3),
        ("one", {"rate": "100/s"}, 3, 0, 3),
        ("one", {"rate": "200/s"}, 3, 0, 3),
    ]
    assert found["points"][0]["error"] == "ZeroDivisionError: float division by zero"
    assert (found["trials"], found["versions"], found["processes"]) == (12, [MODEL_VERSION], [])


def test_status_says_first_how_far_it_is(folder: Path, capsys: Any) -> None:
    swept()
    capsys.readouterr()

    code = main(["study", "status", "out/delays"])

    printed = capsys.readouterr().out.splitlines()
    assert code == 0
    assert printed[0] == "6 of 12 trials are done, 6 failed"
    assert printed[4] == "delays   none   rate 100/s   0 of 3        3         0"
    assert "failed: none, rate 100/s: 3 trials, such as ZeroDivisionError: float division by zero" in printed


def test_status_of_a_study_that_was_never_swept_makes_nothing(folder: Path, capsys: Any) -> None:
    assert main(["study", "status", "study.yaml"]) == 0

    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "0 of 12 trials are done"
    assert printed[-1] == "no results yet; they go to out/delays"
    assert not (folder / "out").exists()


def test_status_of_a_study_is_that_of_its_file_as_it_is_now(folder: Path, capsys: Any) -> None:
    swept()
    (folder / "study.yaml").write_text(STUDY.replace("replications: 3", "replications: 5"))

    found = told(capsys, "status", "study.yaml")

    assert [(one["done"], one["failed"], one["planned"]) for one in found["points"]] == [(0, 3, 5)] * 2 + [
        (3, 0, 5)
    ] * 2
    assert found["work_left_seconds"] == 4.0, "eight trials of half a second, four of an arm of which none was done"


def test_status_of_precision_says_that_more_may_follow_until_it_is_reached(folder: Path, capsys: Any) -> None:
    (folder / "study.yaml").write_text(STUDY.replace("replications: 3", "replications: {until: {delay: 5%}}"))
    main(["study", "status", "study.yaml"])
    before = capsys.readouterr().out.splitlines()[0]
    swept()

    assert before == "0 of 40 trials are done, more where precision asks for them"
    assert {one["settled"] for one in told(capsys, "status", "out/delays")["points"]} == {True}


def test_status_names_the_sweep_at_work(folder: Path, capsys: Any) -> None:
    swept()
    store = Store("out/delays")

    with store.sweeping(MODEL_VERSION) as one:
        store.take(one, store.planned("delays"), 1, False, 1e12)
        found = told(capsys, "status", "out/delays")

    assert len(found["processes"]) == 1
    assert [point["running"] for point in found["points"]] == [1, 0, 0, 0]


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_an_export_has_a_row_per_trial_with_arm_axes_and_metrics(folder: Path, form: str, capsys: Any) -> None:
    swept()
    capsys.readouterr()

    assert main(["study", "export", "out/delays", "--format", form]) == 0

    path = Path(f"out/delays/export.{form}")
    assert capsys.readouterr().out == f"12 trials with 12 columns in {path}\n"
    table = pl.read_parquet(path) if form == "parquet" else pl.read_csv(path)
    assert table.columns == [
        "study", "arm", "rate", "replication", "seed", "version", "seconds", "error", "key", "delay", "summary.seed",
        "lost",
    ]  # fmt: skip
    last = table.filter(arm="one", rate=200.0, replication=2).row(0, named=True)
    assert (last["delay"], last["seed"], last["summary.seed"], last["lost"]) == (200.0, 1, 8, 2)


def test_an_export_as_json_is_one_document(folder: Path, capsys: Any) -> None:
    swept()

    rows = told(capsys, "export", "out/delays")

    assert len(rows) == 12
    assert rows[0]["error"] == "ZeroDivisionError: float division by zero"


def test_an_export_goes_where_it_is_told(folder: Path) -> None:
    swept()

    assert main(["study", "export", "out/delays", "--format", "json", "--out", "there/all.json"]) == 0

    assert pl.read_json(io.BytesIO(Path("there/all.json").read_bytes())).height == 12


def test_pruning_takes_failures_and_they_run_again(folder: Path, capsys: Any) -> None:
    swept()

    found = told(capsys, "prune", "out/delays", "--failed")

    assert (found["deleted"], found["left"]) == (6, 6)
    assert main(["sweep", "study.yaml", "--dry-run"]) == 0
    assert capsys.readouterr().out.startswith("delays: 12 trials planned, 6 still to run; nothing was kept\n")


def test_pruning_takes_other_versions_which_makes_room_for_ours(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    use(monkeypatch, "2")
    swept()
    use(monkeypatch, MODEL_VERSION)
    assert main(["sweep", "study.yaml", "--workers", "1"]) == 2

    assert told(capsys, "prune", "out/delays", "--other-versions")["deleted"] == 12

    swept()
    assert told(capsys, "status", "out/delays")["versions"] == [MODEL_VERSION]


@pytest.mark.parametrize("keep", ["delays", "study.yaml"])
def test_pruning_keeps_what_a_study_needs(folder: Path, keep: str, capsys: Any) -> None:
    swept()
    (folder / "other.yaml").write_text(STUDY.replace("delays", "other").replace("200/s", "300/s"))
    swept("other.yaml")

    found = told(capsys, "prune", "out/delays", "--keep", keep)

    assert (found["deleted"], found["left"]) == (6, 12), "at 100/s they need the same"
    assert {one["study"] for one in told(capsys, "status", "out/delays")["points"]} >= {"delays"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["status", "nowhere"], "nowhere: no such file; `sim list` shows what there is"),
        (["export", "."], ".: holds no results of a study; `sim sweep STUDY --out .` makes some"),
        (
            ["prune", "out/delays"],
            "out/delays: name what to delete: --failed, --other-versions or all but --keep STUDY",
        ),
        (["prune", "out/delays", "--keep", "delay"], "--keep delay: neither a study of out/delays (delays) nor a file"),
        (["export", "out/delays", "--json", "--format", "csv"], "--format csv: --json is --format json; leave out one"),
        (["status", "out/delays", "--out", "there"], "out/delays: is a folder of results, --out there another; name"),
    ],
)
def test_what_is_asked_wrong_is_said_in_a_line(folder: Path, words: list[str], message: str, capsys: Any) -> None:
    swept()
    capsys.readouterr()

    code = main(["study", *words])

    assert code == 2
    assert capsys.readouterr().err.startswith(message)
