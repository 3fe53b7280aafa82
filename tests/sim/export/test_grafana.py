"""The dashboard: its queries are PromQL, they find what a run exposes, and it asks for every metric."""

import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from sim import wiring
from sim.export.grafana import dashboard, queries, rules
from sim.export.openmetrics import Scraping, write_openmetrics
from sim.records.exposition import Spelling
from sim.records.folder import StoredRun
from tests.sim.export.runs import PLAIN, a_run

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
WINDOW = (EPOCH, EPOCH + timedelta(seconds=60))
SPELLINGS: list[Spelling] = ["ours", "article", "semconv"]
needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool (Debian's prometheus) is not installed"
)
needs_prometheus = pytest.mark.skipif(
    shutil.which("promtool") is None or shutil.which("prometheus") is None,
    reason="Debian's prometheus is not installed",
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    return a_run(PLAIN, tmp_path_factory.mktemp("run"))


def made(run: StoredRun, spelling: Spelling = "ours") -> dict[str, Any]:
    exposed = wiring.exposed(run.manifest["scenario"], spelling)
    return dashboard(exposed, title="a run", window=WINDOW, step=1.0)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_metric_has_a_panel_and_no_two_lie_upon_one_another(run: StoredRun, spelling: Spelling) -> None:
    panels = made(run, spelling)["panels"]
    exposed = wiring.exposed(run.manifest["scenario"], spelling)

    assert {panel["title"] for panel in panels} == {one.name for one in exposed}
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}
    assert len(places) == len(panels) == len({panel["id"] for panel in panels})
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)


def test_it_opens_on_the_run_s_own_time(run: StoredRun) -> None:
    told = made(run)

    assert told["time"] == {"from": "2024-01-01T00:00:00.000Z", "to": "2024-01-01T00:01:00.000Z"}
    assert "id" not in told, "Grafana gives it one when it is imported"
    assert json.loads(json.dumps(told)) == told


@needs_promtool
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_promtool_takes_every_query(run: StoredRun, spelling: Spelling, tmp_path: Path) -> None:
    told = rules(made(run, spelling))
    with (tmp_path / "rules.yml").open("w", encoding="utf-8") as file:
        YAML().dump(told, file)

    checked = subprocess.run(
        ["promtool", "check", "rules", tmp_path / "rules.yml"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    assert f"{len(told['groups'][0]['rules'])} rules found" in checked.stdout


@needs_prometheus
def test_prometheus_answers_every_query_whose_metric_the_run_has(run: StoredRun, tmp_path: Path) -> None:
    with (tmp_path / "run.om").open("w", encoding="utf-8") as file:
        exposed = wiring.exposed(run.manifest["scenario"])
        write_openmetrics(run, exposed, Scraping(epoch=EPOCH, step=1.0), out=file)
    there = set(re.findall(r"^# TYPE (\S+)", (tmp_path / "run.om").read_text("utf-8"), re.MULTILINE))
    source, target = str(tmp_path / "run.om"), str(tmp_path / "db")
    blocks = ["promtool", "tsdb", "create-blocks-from", "openmetrics", source, target]
    subprocess.run(blocks, check=True, capture_output=True)

    with prometheus(tmp_path) as address:
        for name, expr in queries(made(run)):
            query = expr.replace("$__rate_interval", "1m")
            command = ["promtool", "query", "instant", "--time=1704067203", address, query]
            answered = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            assert bool(answered.strip()) == (name in there), f"{query} finds nothing"


@contextmanager
def prometheus(folder: Path) -> Iterator[str]:
    """A server on the blocks of a folder, until it is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    (folder / "empty.yml").write_text("")
    command = [
        "prometheus", f"--config.file={folder / 'empty.yml'}", f"--storage.tsdb.path={folder / 'db'}",
        "--storage.tsdb.retention.time=100y", f"--web.listen-address={address}",
    ]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        began = time.monotonic()
        for line in server.stderr:
            if "ready to receive web requests" in line:
                break
            assert time.monotonic() - began < 60, "Prometheus does not become ready"
        try:
            yield f"http://{address}"
        finally:
            server.kill()
