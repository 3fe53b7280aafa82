"""A run as OpenMetrics: what is written, what promtool stores of it, what is refused."""

import io
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from sim import wiring
from sim.export.openmetrics import Scraping, write_openmetrics
from sim.export.series import grid_of
from sim.records.exposition import Spelling
from sim.records.folder import StoredRun, read_run
from sim.units import InputError

GATEWAY = """
name: exported
duration: 5s
network: {rtt: 1ms}
clients: {gateway: {transport: {max_idle_conns_per_host: 2}, timeout: 100ms}}
services: {orders: {workers: 4, service_time: {exponential: {mean: 8ms}}}}
workloads: {checkout: {client: gateway, service: orders, arrivals: {poisson: {rate: 300/s}}}}
timeline: [{at: 2s, pause: {backend: 0, for: 500ms}}]
"""
SCRAPING = Scraping(epoch=datetime(2024, 1, 1, tzinfo=UTC), step=1.0)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    folder = tmp_path_factory.mktemp("run")
    wiring.run(wiring.load(GATEWAY), out=folder)
    return read_run(folder)


def written(run: StoredRun, *, spelling: Spelling = "ours", scraping: Scraping = SCRAPING) -> tuple[str, int]:
    out = io.StringIO()
    exposed = wiring.exposed(run.manifest["scenario"], spelling)
    n = write_openmetrics(run, exposed, scraping, out=out)
    return out.getvalue(), n


def last(text: str, sample: str) -> float:
    found = re.findall(rf"^{re.escape(sample)} (\S+) \S+$", text, re.MULTILINE)
    return float(found[-1])


def test_the_last_scrape_says_what_the_summary_says(run: StoredRun) -> None:
    text, n = written(run)
    summary = run.summary

    assert text.endswith("# EOF\n")
    assert n == sum(not line.startswith("#") for line in text.splitlines())
    assert last(text, 'http_client_requests_total{workload="checkout",code="200"}') == summary["n_ok"]
    assert last(text, 'pool_dials_total{result="connected"}') == summary["dials_ok"]
    errors = re.findall(r'^http_client_requests_total\{[^}]*error="[^"]+"\} (\S+) 1704067207$', text, re.MULTILINE)
    assert sum(map(float, errors)) == summary["n_err"] > 0


def test_buckets_ascend_and_their_last_is_the_count(run: StoredRun) -> None:
    text, _ = written(run)
    name = "http_client_request_duration_seconds"
    stamp = "1704067207"
    buckets = [
        float(value)
        for value in re.findall(rf'^{name}_bucket{{workload="checkout",le="[^"]+"}} (\S+) {stamp}$', text, re.MULTILINE)
    ]

    assert len(buckets) == 15
    assert buckets == sorted(buckets)
    assert buckets[-1] == last(text, f'{name}_count{{workload="checkout"}}') == run.summary["n_requests"]
    done = run.table("requests", ["t_arrival", "t_done"])
    total = float((done["t_done"] - done["t_arrival"]).sum())
    assert last(text, f'{name}_sum{{workload="checkout"}}') == pytest.approx(total)


def test_gauges_are_the_samples(run: StoredRun) -> None:
    text, _ = written(run)
    at_2 = run.table("samples").filter((run.table("samples")["t"] - 2).abs() < 1e-6)

    assert f'pool_connections{{state="idle"}} {at_2["pool_idle"][0]} 1704067202\n' in text
    assert f'tcp_sockets{{side="client",state="time_wait"}} {at_2["c_time_wait"][0]} 1704067202\n' in text
    assert 'local_ports{state="range"} 28232 1704067202\n' in text


def test_the_article_s_spelling_is_there_on_demand(run: StoredRun) -> None:
    assert "\n# TYPE pool_connections_total gauge" in "\n" + written(run, spelling="article")[0]
    assert "pool_connections_total" not in written(run)[0]


@pytest.mark.parametrize("spelling", ["ours", "semconv"])
def test_a_strict_parser_reads_every_family_of_one_scrape(run: StoredRun, spelling: Spelling) -> None:
    """It reads no histogram with more than one time, so it gets the last."""
    text, _ = written(run, spelling=spelling)
    one = "".join(f"{line}\n" for line in text.splitlines() if line.startswith("#") or line.endswith(" 1704067207"))

    families = {family.name: family for family in text_string_to_metric_families(one)}
    pool = {"ours": "pool_connections", "semconv": "http_client_open_connections"}[spelling]
    assert {pool, "pool_wait_duration_seconds", "goroutines"} <= set(families)
    assert families["http_client_request_duration_seconds"].type == "histogram"
    assert families["backend_requests"].type == "counter"


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Debian's prometheus) is not installed")
def test_promtool_stores_every_sample_and_gives_the_values_back(run: StoredRun, tmp_path: Path) -> None:
    text, n = written(run)
    (tmp_path / "run.om").write_text(text, encoding="utf-8")
    blocks = tmp_path / "db"

    made = subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", tmp_path / "run.om", blocks],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    (blocks / "wal").mkdir()
    dumped = subprocess.run(["promtool", "tsdb", "dump", blocks], capture_output=True, text=True, check=True).stdout

    assert f" {n} " in made.stdout, "promtool drops what does not ascend, and says nothing"
    assert len(dumped.splitlines()) == n
    ok = '{__name__="http_client_requests_total", code="200", workload="checkout"}'
    assert f"{ok} {run.summary['n_ok']} 1704067207000" in dumped


def test_the_run_s_end_is_scraped_too() -> None:
    assert grid_of(2.5, 1.0).tolist() == [0, 1, 2, 2.5]
    assert grid_of(3.0, 1.0).tolist() == [0, 1, 2, 3]


def test_what_readers_would_drop_silently_is_refused(run: StoredRun) -> None:
    with pytest.raises(InputError, match="lies before 1970"):
        Scraping(epoch=datetime(1960, 1, 1, tzinfo=UTC), step=1.0)
    with pytest.raises(InputError, match="write a longer one"):
        written(run, scraping=Scraping(epoch=SCRAPING.epoch, step=1e-6))
