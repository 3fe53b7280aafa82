"""`sim sweep` says of a study with a trigger where its system is stable, vulnerable or metastable."""

import json
from pathlib import Path
from typing import Any

import pytest

from sim.cli.main import main

STORM = """
name: storm
question: Which stop leaves a retry storm behind?
base:
  duration: 30s
  network: {rtt: 0s}
  clients:
    shop:
      timeout: 1s
      kernel: {connect_scan_cost: 0s, ip_local_port_range: [1024, 65535]}
      transport: {max_idle_conns: 0, max_idle_conns_per_host: 1000}
      retry: {retries: 2, on: [timeout], backoff: {base: 0s}}
  services: {stock: {resolve: literal, workers: 1, service_time: {exponential: {mean: 10ms}}}}
  workloads: {orders: {client: shop, service: stock, arrivals: {poisson: {rate: 20/s}}}}
  timeline: [{at: 5s, pause: {for: 1s}}]
axes: {grid: {workloads.orders.arrivals.poisson.rate: [20/s, 60/s], timeline.0.pause.for: [500ms, 4s]}}
replications: 2
stability: {metric: recovered, along: for}
"""


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "study.yaml"
    path.write_text(STORM)
    return path


@pytest.mark.slow
def test_a_load_below_the_threshold_is_stable_and_one_above_it_vulnerable(study: Path, capsys: Any) -> None:
    assert main(["sweep", str(study), "--workers", "1", "--json"]) == 0

    rows = json.loads(capsys.readouterr().out)["stability"]
    assert [(row["at"], row["verdict"], row["sticks_from"]) for row in rows] == [
        ({"rate": "20/s"}, "stable", None),
        ({"rate": "60/s"}, "vulnerable", "4s"),
    ]

    assert main(["sweep", str(study), "--workers", "1"]) == 0  # from the results that are there
    printed = capsys.readouterr().out
    assert "Stable, vulnerable or metastable, along for:" in printed
    assert any(
        line.split() == ["base", "60/s", "vulnerable", "4s", "0", "of", "2", "4s"] for line in printed.split("\n")
    )
    page = (study.parent / "out" / "storm" / "report.html").read_text()
    assert "Stable, vulnerable or metastable, along for" in page
    assert "vulnerable" in page


def test_a_wrong_axis_is_said_before_the_first_trial(study: Path, capsys: Any) -> None:
    study.write_text(STORM.replace("along: for", "along: length"))

    assert main(["sweep", str(study), "--workers", "1"]) == 2
    assert "stability.along: no axis is called length" in capsys.readouterr().err
