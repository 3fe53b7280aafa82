"""`sim slo` on a real run: the answer, the alerts, the picture, the exit code, what is refused."""

import json
from pathlib import Path

import pytest

from sim import wiring
from sim.cli.main import main

OUTAGE = """
name: outage
duration: 60s
clients: {gateway: {timeout: 100ms}}
services: {orders: {service_time: {exponential: {mean: 10ms}}}}
workloads: {checkout: {client: gateway, service: orders, arrivals: {poisson: {rate: 100/s}}}}
timeline: [{at: 20s, pause: {backend: 0, for: 10s}}]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("run")
    wiring.run(wiring.load(OUTAGE), out=made)
    return made


def test_a_missed_objective_says_when_the_page_would_have_come(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["slo", str(folder), "--objective", "availability 99.9%", "--period", "12h"]) == 1

    said = capsys.readouterr()
    assert said.out.startswith("availability 99.9%: MISSED: 83")
    assert "come in bursts" in said.out
    page = next(line for line in said.out.splitlines() if line.startswith("page"))
    assert "1 min and 5 s" in page
    # 14.4 x 0.1 % of a minute is 0.86 s of outage, and the first failures come 0.1 s after its begin
    assert "at 21 s until 3" in page
    assert said.err.strip().endswith("burn-rates.png")
    assert (folder / "burn-rates.png").stat().st_size > 10_000


def test_an_objective_that_is_kept_ends_with_0(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["slo", str(folder), "--objective", "availability 50%"]) == 0
    assert capsys.readouterr().out.startswith("availability 50%: MET: ")


def test_a_target_that_a_run_is_too_short_for_is_said_to_be(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["slo", str(folder), "--objective", "availability 99.995%"])

    said = capsys.readouterr().out
    assert "are too few to measure such a target. With 200,000" in said
    assert "59,914 without a bad one show that it is kept" in said


def test_as_json_there_is_one_document_of_all_objectives(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--objective", "availability 99%", "--objective", "latency 90% < 50ms"]
    assert main(["slo", str(folder), *asked, "--json"]) == 1

    told = json.loads(capsys.readouterr().out)
    assert [one["objective"] for one in told] == ["availability 99%", "latency 90% < 50ms"]
    assert told[0]["bad"] == json.loads((folder / "summary.json").read_text())["n_err"]
    assert [alert["factor"] for alert in told[0]["alerts"]] == pytest.approx([14.4, 6, 3, 1])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--objective", "uptime 99%"], "--objective uptime 99%: is no objective; write availability 99.9%"),
        (["--objective", "availability 99%", "--of", "call"], "--of call: no such table; did you mean calls?"),
        (["--objective", "availability 99%", "--of", "calls"], "this run recorded no such table"),
        (["--objective", "availability 99%", "--workload", "chekout"], "did you mean checkout?"),
        (["--objective", "availability 99%", "--period", "30"], "--period 30: 30 is not a duration"),
        (["--objective", "availability 99%", "--period", "0s"], "has to be more than nothing"),
        ([], "'--objective'"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_line(
    folder: Path, options: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["slo", str(folder), *options]) == 2
    said = capsys.readouterr().err.strip()
    assert says in said
    assert len(said.splitlines()) == 1


def test_a_folder_without_a_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["slo", str(tmp_path), "--objective", "availability 99%"]) == 2
    assert "holds no run" in capsys.readouterr().err
