"""`sim export` to tracing tools and Grafana: what is written where, what is refused."""

import json
from pathlib import Path

import pytest

from sim.cli.formats import FORMATS
from sim.cli.main import main
from tests.sim.export.runs import DEVICES, PHONES, PLAIN, a_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_run(PLAIN, tmp_path_factory.mktemp("run")).path


RECORDED = {"qlog", "tcpstates", "tcplife", "tracefs", "ss"}
"""What a run has to be told to record."""


@pytest.mark.parametrize("form", sorted(FORMATS.keys() - RECORDED))
def test_every_format_is_written_beside_the_run(folder: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(folder), "--format", form]) == 0

    said = capsys.readouterr()
    assert said.out.startswith(f"{form}: ")
    assert Path(said.err.strip()) == folder / FORMATS[form].file
    assert (folder / FORMATS[form].file).stat().st_size > 500


def test_standard_output_gets_the_same_bytes(folder: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    main(["export", str(folder), "--format", "otlp"])
    main(["export", str(folder), "--format", "otlp", "--out", "-"])

    assert capfdbinary.readouterr().out.partition(b"\n")[2] == (folder / FORMATS["otlp"].file).read_bytes()


def test_packets_are_exported_where_they_were_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = a_run(PHONES, tmp_path / "run")

    assert main(["export", str(run.path), "--format", "qlog", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["file"] == str(run.path / "packets.qlog")


def test_opentelemetry_s_names_are_there_on_demand(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "metrics.om"
    assert main(["export", str(folder), "--format", "openmetrics", "--semconv-names", "--out", str(path)]) == 0

    text = path.read_text("utf-8")
    assert 'http_client_open_connections{http_connection_state="idle"}' in text
    ended = (
        'http_client_request_duration_seconds_count{http_request_method="POST",server_address="orders",server_port="443",'
        'network_protocol_version="1.1",workload="checkout",http_response_status_code="200"} '
    )
    assert ended in text
    n_ok = json.loads((folder / "summary.json").read_text())["n_ok"]
    assert [line for line in text.splitlines() if line.startswith(f"{ended}{n_ok} ")]
    assert "pool_connections" not in text


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--format", "perfeto"], "did you mean perfetto?"),
        (["--format", "qlog"], "recorded no packets; run it again with --set clients.NAME.http3.qlog=true"),
        (["--format", "openmetrics", "--epoch", "2200-01-01"], "the run would end in the future"),
        (["--format", "otlp", "--epoch", "1960-01-01"], "lies outside of 1970 to 2262"),
        (["--format", "otlp", "--epoch", "2300-01-01"], "lies outside of 1970 to 2262"),
        (["--format", "pprof", "--epoch", "1960-01-01"], "lies outside of 1970 to 2262"),
        (["--format", "perfetto", "--from", "2s", "--to", "1s"], "--to 1s: has to lie behind --from 2s"),
        (["--format", "perfetto", "--from", "90s"], "no request begins between --from and --to"),
        (["--format", "har", "--from", "soon"], "--from soon"),
        (["--format", "grafana", "--article-names", "--semconv-names"], "says otherwise than --semconv-names"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_line(
    folder: Path, options: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(folder.iterdir())

    assert main(["export", str(folder), *options]) == 2
    said = capsys.readouterr().err.strip()
    assert says in said
    assert len(said.splitlines()) == 1
    assert sorted(folder.iterdir()) == before, "nothing half written stays"


def test_a_run_of_devices_alone_has_metrics_and_profiles_and_no_traces(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = a_run(DEVICES, tmp_path / "run").path

    for form in ("openmetrics", "pprof", "grafana"):
        assert main(["export", str(path), "--format", form]) == 0
    for form in ("perfetto", "otlp", "har"):
        capsys.readouterr()
        assert main(["export", str(path), "--format", form]) == 2
        assert "no request was made in this run; there is nothing to trace" in capsys.readouterr().err


@pytest.mark.parametrize("form", FORMATS)
def test_a_folder_without_a_run_is_refused(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(tmp_path), "--format", form]) == 2
    assert "holds no run" in capsys.readouterr().err
