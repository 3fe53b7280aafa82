"""`sim sweep --along` on a model of two lines, and on the world."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sim.cli import study_file
from sim.cli.main import main
from sim.study.metric_names import MetricNames
from sim.study.trial import Model
from sim.study.vocabulary import Limit, Vocabulary

STUDY = """
name: walls
base: {load: {rate: 100/s}, servers: 1}
arms: {one: {}, two: {set: {servers: 2}}}
slo: [{metric: delay, op: "<", value: 300ms}]
"""


def a_wall(tree: dict[str, Any], seed: int, replication: int, keep_samples: bool) -> Mapping[str, Any]:
    load = float(str(tree["load"]["rate"]).removesuffix("/s"))
    return {"summary": {"delay": load / 1000, "lost": int(load > 400 * tree["servers"])}, "seconds": 0.1}


def its_limits(tree: dict[str, Any]) -> list[Limit]:
    told = f"400/s x {tree['servers']}"
    return [Limit(name="wall", path="load.rate", value=400.0 * tree["servers"], explanation=told, source="here")]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    words = Vocabulary(metrics=MetricNames(["delay", "lost"]), limits=its_limits)
    monkeypatch.setattr(study_file, "model_of", lambda _=None: Model(run=a_wall, version="7", words=words))
    (tmp_path / "study.yaml").write_text(STUDY)
    return tmp_path


def searched(*more: str) -> int:
    stretch = ["--along", "load.rate", "--between", "100/s", "1200/s", "--workers", "1"]
    return main(["sweep", "study.yaml", *stretch, *more])


def test_the_answer_comes_first_then_brackets_and_closed_forms(folder: Path, capsys: Any) -> None:
    code = searched("--find", "lost > 0")

    printed = capsys.readouterr().out
    assert code == 0
    assert printed.splitlines()[0] == (
        "one: lost > 0 begins between rate 400/s and 405/s; two: lost > 0 begins between rate 800/s and 805/s"
    )
    assert "wall by arithmetic: 400/s = 400/s x 1 (here)" in printed
    assert (folder / "out/walls/pictures/cliff-1.png").stat().st_size > 10_000


def test_the_objectives_are_the_capacity_of_a_study_that_is_asked_for_nothing_else(folder: Path, capsys: Any) -> None:
    searched("--json")

    record = json.loads(capsys.readouterr().out)
    assert (record["condition"], record["kind"]) == ("delay < 300ms", "capacity")
    assert [(line["good"], line["bad"]) for line in record["lines"]] == [(295, 300), (295, 300)]


def test_searches_stay_in_the_report_after_a_sweep_and_when_it_is_written_again(folder: Path) -> None:
    searched("--find", "lost > 0")
    searched("--capacity", "delay < 300ms")
    main(["sweep", "study.yaml", "--workers", "1"])
    swept = (folder / "out/walls/report.html").read_text()

    code = main(["report", "out/walls"])

    assert code == 0
    for page in (swept, (folder / "out/walls/report.html").read_text()):
        assert "Cliff: lost &gt; 0 along load.rate" in page
        assert "Cliff: delay &lt; 300ms along load.rate" in page
        assert "objectives met" in page


def test_the_same_question_is_kept_once(folder: Path) -> None:
    for _ in range(2):
        searched("--find", "lost > 0")

    assert len(json.loads((folder / "out/walls/find.json").read_text())) == 1


def test_a_report_of_searches_alone_has_their_answer(folder: Path, capsys: Any) -> None:
    searched("--find", "lost > 0")
    capsys.readouterr()

    main(["report", "out/walls"])

    assert "begins between rate 400/s and 405/s" in capsys.readouterr().out


def test_a_cliff_that_is_not_there_exits_1(folder: Path, capsys: Any) -> None:
    code = searched("--find", "lost > 0", "--between", "900/s", "1200/s")

    assert code == 1
    assert "one: lost > 0 holds already at rate 900/s; widen --between" in capsys.readouterr().out


def test_a_dry_run_says_how_many_searches_and_runs_nothing(folder: Path, capsys: Any) -> None:
    code = searched("--find", "lost > 0", "--dry-run")

    assert code == 0
    assert "walls: 2 searches, one for each arm and point, over 221 values, of which few" in capsys.readouterr().out
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--find", "lost > 0", "--scheduler", "tcp://127.0.0.1:1"], "workers 1: a cluster has its own; leave it out"),
        (["--find", "lots > 0"], "--find lots > 0: no run measures lots; did you mean lost?"),
        (["--find", "lost > 0", "--capacity", "lost == 0"], "--capacity: stands beside --find; keep one"),
        (["--find", "lost > 0", "--between", "9/s", "1/s"], "--between: 9/s is not below 1/s"),
        (["--find", "lost > 0", "--between", "9/s", "1s"], "--between: 9/s and 1s differ in unit"),
        (["--find", "lost > 0", "--confidence", "much"], "--confidence: much is not a share"),
        (["--find", "lost > 0", "--within", "1ms"], "--within: 1ms is not in the unit of 100/s"),
    ],
)
def test_a_wrong_question_is_one_line_and_no_store(folder: Path, capsys: Any, more: list[str], message: str) -> None:
    code = searched(*more)

    said = capsys.readouterr().err
    assert code == 2
    assert message in said
    assert said.count("\n") == 1
    assert not (folder / "out").exists()


def test_a_run_that_failed_ends_the_search_until_it_is_retried(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def fails(*_: Any) -> Mapping[str, Any]:
        raise OSError("no room")

    words = Vocabulary(metrics=MetricNames(["delay", "lost"]), limits=its_limits)
    with monkeypatch.context() as broken:
        broken.setattr(study_file, "model_of", lambda _=None: Model(run=fails, version="7", words=words))
        first = searched("--find", "lost > 0")
    again, retried = searched("--find", "lost > 0"), searched("--find", "lost > 0", "--retry-failed")

    assert [first, again, retried] == [2, 2, 0]
    assert capsys.readouterr().err.count("a trial failed: OSError: no room") == 2


def test_an_end_is_needed(folder: Path, capsys: Any) -> None:
    assert main(["sweep", "study.yaml", "--find", "lost > 0"]) == 2
    assert "--along: is missing" in capsys.readouterr().err


SCENARIO = """
name: small
duration: 1s
clients: {gateway: {transport: {max_idle_conns_per_host: -1}, kernel: {tcp_tw_reuse: 0, ip_local_port_range: [40000, 40255]}}}
services: {orders: {resolve: literal, service_time: 1ms}}
workloads: {checkout: {client: gateway, service: orders, arrivals: {constant: {rate: 100/s}}}}
"""  # noqa: E501


def test_the_ports_of_a_scenario_run_out_where_arithmetic_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """256 ports, none of which comes back within a second."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenario.yaml").write_text(SCENARIO)

    code = main([
        "sweep", "scenario.yaml", "--find", "error_rate > 0", "--along", "workloads.checkout.arrivals.constant.rate",
        "--between", "100/s", "600/s", "--within", "4/s", "--workers", "1", "--json",
    ])  # fmt: skip

    line = json.loads(capsys.readouterr().out)["lines"][0]
    assert code == 0
    assert line["good"] <= 256 <= line["bad"]
    assert line["bad"] - line["good"] == 4
    assert [limit["value"] for limit in line["limits"]] == [256.0]


def test_a_path_that_does_not_exist_is_said_with_the_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenario.yaml").write_text(SCENARIO)

    code = main(["sweep", "scenario.yaml", "--find", "p99 > 1s", "--along", "workloads.chekout.arrivals.constant.rate",
                 "--between", "1/s", "9/s"])  # fmt: skip

    assert code == 2
    assert capsys.readouterr().err == (
        "--along workloads.chekout.arrivals.constant.rate: workloads.chekout: unknown key; did you mean checkout?\n"
    )
    assert not (tmp_path / "out").exists()
