"""`sim explain` and `sim export` on a real run: what is said, what is written, what is refused."""

import json
from pathlib import Path

import pytest

from sim import wiring
from sim.cli.main import main

SLOTS = """
name: slots
duration: 3s
clients: {gateway: {transport: {max_conns_per_host: 2}, timeout: 1s}}
services: {orders: {service_time: {exponential: {mean: 10ms}}}}
workloads: {checkout: {client: gateway, service: orders, arrivals: {poisson: {rate: 250/s}}}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("run")
    wiring.run(wiring.load(SLOTS), out=made)
    return made


def test_it_says_what_was_waited_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", str(folder)]) == 0

    said = capsys.readouterr()
    assert "waits for a connection" in said.out.splitlines()[1]
    assert "waited for a slot of MaxConnsPerHost" in said.out
    assert "Client.Timeout" in said.out or "deadline exceeded" in said.out
    assert said.err.strip().endswith("where-the-time-went.png")
    assert (folder / "where-the-time-went.png").stat().st_size > 10_000


def test_as_json_it_is_one_document_whose_phases_sum_up(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", str(folder), "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["sentences"][0].startswith("slots: ")
    for share in told["shares"]:
        assert sum(share["phases"].values()) == pytest.approx(share["seconds"])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--format", "openmetric"], "did you mean openmetrics?"),
        (["--format", "openmetrics", "--epoch", "soon"], "is no date"),
        (["--format", "openmetrics", "--step", "0s"], "has to be more than nothing"),
        (["--format", "pprof", "--at", "99s"], "the run ended at"),
        (["--format", "openmetrics", "--out", "/dev/null/x"], "name another with --out"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_line(
    folder: Path, options: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(folder), *options]) == 2
    said = capsys.readouterr().err.strip()
    assert says in said
    assert len(said.splitlines()) == 1


def test_a_folder_without_a_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(tmp_path), "--format", "pprof"]) == 2
    assert "holds no run" in capsys.readouterr().err
    assert main(["explain", str(tmp_path)]) == 2


def test_formats_are_written_beside_the_run_or_where_told(folder: Path, tmp_path: Path) -> None:
    assert main(["export", str(folder), "--format", "openmetrics"]) == 0
    assert (folder / "metrics.om").read_text(encoding="utf-8").endswith("# EOF\n")
    assert main(["export", str(folder), "--format", "pprof", "--debug", "2"]) == 0
    assert "created by" in (folder / "goroutine.debug2.txt").read_text(encoding="utf-8")
    assert main(["export", str(folder), "--format", "pprof", "--out", str(tmp_path / "p")]) == 0
    assert (tmp_path / "p").read_bytes()[:2] == b"\x1f\x8b"
