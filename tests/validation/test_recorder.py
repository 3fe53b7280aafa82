"""Recording for real, where there are root, namespaces and Go: what was written, read back and reckoned up.

Elsewhere every test is skipped with the reason; `make test-reality` shows it.
"""

import gzip
import io
import json
import os
import subprocess
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models.recorded.assignment import Blueprint
from sim.cli.main import main
from sim.evidence import load_experiment
from sim.units import InputError
from sim.validation.laboratory import join, namespaces, require, require_tun
from sim.validation.toolchain import cache_folder, find_go, source_folder

EXAMPLE = source_folder() / "pool-churn.yaml"
STORM = """\
Experiment: P02
Variant: storm
Duration: 5s
Tail: 3s
Scheme: https
Transport: {MaxIdleConnsPerHost: 2, TLSHandshakeTimeout: 400ms}
Client: {Timeout: 1500ms}
Server: {Backends: [{Workers: 20}, {Workers: 20}, {Workers: 20}]}
Topology: {Link: tun, OneWayDelay: 5ms, DNSMode: rotating-dns}
Events:
  - {T: 500ms, Action: die, Backend: 0}
  - {T: 1s, Action: revive, Backend: 0}
  - {T: 1s, Action: mode, Backend: 1, Mode: tls-stall}
  - {T: 2s, Action: mode, Backend: 1, Mode: normal}
  - {T: 2s, Action: pause, Dur: 300ms}
  - {T: 3s, Action: sigstop, Dur: 300ms}
  - {T: 4s, Action: drop, IP: 10.77.0.13, Dur: 500ms}
Arrivals: {poisson: 60/s}
Service: {exponential: {mean: 20ms}}
NeverAnswered: {Share: 0.2, Begins: 4500ms}
Seed: 3
"""
STREAMS = """\
Experiment: P03
Variant: streams
Duration: 2s
Tail: 1s
Scheme: https
Method: POST
Transport: {ForceAttemptHTTP2: true}
TLS: {MinVersion: "1.3", ClientSessionCache: 8}
Server: {Backends: [{Proto: h2, MaxConcurrentStreams: 10, HandlerHonoursCancel: true}]}
Topology: {DNSMode: hosts-file}
Arrivals: {closed_loop: {workers: 20, think: {exponential: {mean: 50ms}}}}
Service: 20ms
"""
REQUEST_COLUMNS = (
    "id,worker,host,t_sched,service,t_arrival,t_getconn,t_gotconn,reused,was_idle,idle_time,t_dns_start,t_dns_done,"
    "t_conn_start,t_conn_done,n_connect,conn_err,t_tls_start,t_tls_done,t_wrote,t_first,t_done,status,err,lport,remote,"
    "backend,srv_q,srv_s,n_getconn,n_gotconn,t_put,put_err,conn_id,proto"
)
SAMPLE_COLUMNS = (
    "t,goroutines,inflight,dialing,open_conns,pool_idle,pool_idle_wait,conns_per_host,conns_per_host_wait,"
    "c_estab,c_syn_sent,c_fin_wait1,c_fin_wait2,c_time_wait,c_close_wait,c_last_ack,c_closing,"
    "s_estab,s_syn_recv,s_fin_wait1,s_fin_wait2,s_time_wait,s_close_wait,s_last_ack,s_closing,c_estab_b0"
)
COLUMNS = {
    "requests": REQUEST_COLUMNS,
    "conns": "conn_id,t_dial,t_connected,lport,remote,nreq,t_close,t_read_err,read_err,t_last_read",
    "samples": SAMPLE_COLUMNS,
    "server_samples": "t,goroutines,b0_accepted,b0_open,b0_inflight,b0_queue,b0_served",
    "goroutines": "t,entry,n",
    "counters": "side,name,delta",
}
"""reality/README.md, layout; dials.csv.gz is there where DNS is used."""
SUMMARY_KEYS = {
    "n_requests", "n_ok", "errors", "first_error_t", "last_error_t", "latency", "conn_wait", "overhead_reused",
    "service_overrun", "arrival_lag", "reused_ratio", "was_idle_ratio", "dials_ok", "dial_calls", "dial_errors",
    "connect_attempts", "connect_errors", "dials_per_request", "dial_rate_last_half", "requests_per_conn",
    "conns_never_used", "requests_with_dial_but_other_conn", "connect_latency", "read_errs", "retried_requests",
    "n_gotconn_total", "per_backend_ok", "per_backend_dials", "samples_max", "samples_mean_last_third", "samples_end",
    "timeline_5s", "counters", "client_cpu_s", "client_baseline_goroutines", "server_cpu_s",
}  # fmt: skip
"""summary.json of the recorded cases."""
EMPTY = Blueprint(link="veth", client_ip="", server_ips=(), client_sysctl={}, server_sysctl={}, hosts="")


def why_not() -> str:
    """What is missing for a recording; empty where nothing is."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return "a recording wants the machine for itself; make test-reality runs alone"
    try:
        require()
        require_tun()
        find_go()
        with namespaces(EMPTY) as made:
            join(made)
    except InputError as missing:
        return str(missing)
    return ""


@pytest.fixture(scope="module", autouse=True)
def possible() -> None:
    if reason := why_not():
        pytest.skip(f"nothing was recorded: {reason}")


pytestmark = pytest.mark.slow


@dataclass
class Recording:
    """What a repetition holds."""

    folder: Path

    def table(self, name: str) -> Any:  # its columns have types only at run time
        content = gzip.decompress((self.folder / f"{name}.csv.gz").read_bytes())
        return pl.read_csv(io.BytesIO(content), infer_schema_length=None)

    def document(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text())

    @property
    def arrivals(self) -> Any:
        return pl.read_csv(io.BytesIO(gzip.decompress((self.folder.parent / "arrivals.csv.gz").read_bytes())))


def recorded(text: str, folder: Path) -> Recording:
    (folder / "own.yaml").write_text(text)
    code = main(["record", str(folder / "own.yaml"), "--out", str(folder / "case")])
    assert code == 0, "the line on standard error says why"
    return Recording(folder / "case" / "rep1")


@pytest.fixture(scope="module")
def churn(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return recorded(EXAMPLE.read_text(), tmp_path_factory.mktemp("churn"))


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return recorded(STORM, tmp_path_factory.mktemp("storm"))


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return recorded(STREAMS, tmp_path_factory.mktemp("streams"))


@pytest.mark.parametrize("name", COLUMNS)
def test_every_file_has_the_columns_of_the_recorded_cases(churn: Recording, name: str) -> None:
    assert ",".join(churn.table(name).columns) == COLUMNS[name]


def test_the_input_is_what_was_asked_for_and_what_only_the_run_knows(churn: Recording) -> None:
    written = churn.document("input.json")

    own = {key: written.pop(key) for key in ("Rep", "GoVersion", "Kernel", "T0UnixNano")}
    assert written == load_experiment(EXAMPLE).input
    assert own["Rep"] == 1
    assert own["GoVersion"].startswith("go1.")


def test_the_summary_has_the_keys_of_the_recorded_cases(churn: Recording) -> None:
    assert set(churn.document("summary.json")) == SUMMARY_KEYS


def test_every_arrival_is_a_request_at_its_time_with_its_service(churn: Recording) -> None:
    requests, arrivals = churn.table("requests"), churn.arrivals

    assert requests["id"].to_list() == arrivals["id"].to_list()
    assert requests["t_sched"].to_list() == pytest.approx(arrivals["t"].to_list(), abs=1e-5)
    assert requests["service"].to_list() == arrivals["service"].to_list()
    assert (requests["t_arrival"] >= requests["t_sched"]).all()


def test_all_requests_were_answered_and_each_step_follows_the_one_before(churn: Recording) -> None:
    requests = churn.table("requests")

    assert requests["status"].unique().to_list() == [200]
    steps = [requests[name] for name in ("t_arrival", "t_getconn", "t_gotconn", "t_wrote", "t_first", "t_done")]
    assert all((later - earlier).min() >= -1e-5 for earlier, later in pairwise(steps))
    assert (requests["srv_s"] - requests["service"]).min() > -2e-4, "the server serves at least as long as it was asked"
    assert requests["t_done"].max() < churn.document("input.json")["Duration"] + 1


def test_connections_requests_and_the_kernels_counters_add_up(churn: Recording) -> None:
    requests, conns, samples = churn.table("requests"), churn.table("conns"), churn.table("samples")
    counters = {f"{side}.{name}": delta for side, name, delta in churn.table("counters").iter_rows()}
    summary = churn.document("summary.json")

    assert conns["nreq"].sum() == requests["n_gotconn"].sum() == requests.height
    assert counters["client.Tcp.ActiveOpens"] == counters["server.Tcp.PassiveOpens"] == conns.height
    assert summary["dials_ok"] == summary["connect_attempts"] == requests["n_connect"].sum() == conns.height
    closed = conns["t_close"].is_not_null().sum()
    assert samples["open_conns"][-1] == samples["pool_idle"][-1] == conns.height - closed
    assert samples["c_time_wait"][-1] + samples["s_time_wait"][-1] == closed, "no TIME_WAIT ends within 20 s"


def test_the_pool_is_seen_within_its_caps_and_the_goroutines_are_those_of_its_connections(churn: Recording) -> None:
    samples, baseline = churn.table("samples"), churn.document("summary.json")["client_baseline_goroutines"]

    assert samples["pool_idle"].max() == 2
    assert samples["goroutines"][-1] == baseline + 1 + 2 * samples["open_conns"][-1], "readLoop and writeLoop for each"
    assert samples["c_estab"].to_list() == samples["c_estab_b0"].to_list()
    assert churn.table("server_samples")["b0_served"][-1] == churn.arrivals.height


def test_there_is_a_sample_every_100_ms(churn: Recording) -> None:
    assert churn.table("samples").height == churn.table("server_samples").height == 181
    assert churn.table("samples")["t"][-1] == pytest.approx(18.0, abs=0.09)


def test_three_requests_in_ten_dial_where_two_connections_may_stay_idle(churn: Recording) -> None:
    dials_per_request = churn.document("summary.json")["dials_per_request"]

    assert 0.2 < dials_per_request < 0.45, "0.296 over 90 s in reality/E01-mi2; a busy machine shifts it upwards"


def test_a_delay_and_every_fault_leave_their_marks(storm: Recording) -> None:
    summary, conns = storm.document("summary.json"), storm.table("conns")

    connected = conns.filter(pl.col("lport") > 0)
    assert (connected["t_connected"] - connected["t_dial"]).min() >= 0.010, "5 ms each way"
    assert summary["n_requests"] == storm.arrivals.height == summary["n_ok"] + sum(summary["errors"].values())
    assert summary["connect_errors"].get("connection refused", 0) > 0, "backend 0 was dead for half a second"
    assert summary["read_errs"].get("use of closed network connection", 0) > 0, "handshakes were given up"
    hang = storm.arrivals.filter(pl.col("service") == 9999)["id"]
    answered = storm.table("requests").filter(pl.col("id").is_in(hang.implode()) & (pl.col("status") == 200))
    assert hang.len() > 0
    assert answered.height == 0


def test_while_the_servers_are_paused_or_stopped_nothing_is_answered(storm: Recording) -> None:
    done = storm.table("requests").filter(pl.col("status") == 200)["t_first"]

    assert done.is_between(2.05, 2.28).sum() == 0, "paused from 2.0 to 2.3 s"
    assert done.is_between(3.05, 3.28).sum() == 0, "stopped from 3.0 to 3.3 s"
    assert done.is_between(2.3, 2.6).sum() > 0


def test_no_answer_comes_from_an_address_whose_packets_vanish(storm: Recording) -> None:
    requests = storm.table("requests").filter(pl.col("status") == 200)

    lost = requests.filter(pl.col("t_first").is_between(4.05, 4.48) & (pl.col("backend") == 2))
    assert lost.height == 0
    assert requests.filter(pl.col("t_first").is_between(4.05, 4.48) & (pl.col("backend") == 0)).height > 0


def test_every_connect_of_a_name_is_a_row_of_its_own_and_the_addresses_rotate(storm: Recording) -> None:
    dials = storm.table("dials")

    assert dials.columns == ["req_id", "addr", "t_start", "t_done", "err"]
    assert dials.height == storm.document("summary.json")["connect_attempts"]
    assert dials["addr"][:3].to_list() == [f"10.77.0.1{k}:8443" for k in (1, 2, 3)]
    assert storm.table("requests")["t_dns_done"].is_not_null().sum() > 10


def test_http_2_shares_connections_and_a_closed_loop_runs_its_rows(streams: Recording) -> None:
    requests = streams.table("requests")

    assert requests["proto"].unique().to_list() == ["HTTP/2.0"]
    assert requests["status"].unique().to_list() == [200]
    assert streams.table("conns")["nreq"].max() > 20
    assert streams.arrivals.columns == ["id", "think", "service", "host", "worker"]
    by_worker = requests.sort("id").group_by("worker", maintain_order=True).agg(pl.col("t_sched", "t_done"))
    assert by_worker.height == 20
    assert streams.table("samples")["goroutines"][5] >= 22, "all workers stay, always"


def test_nothing_is_left_behind(churn: Recording) -> None:
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout

    assert f"sim-record-{os.getpid()}-" not in listed
    assert sorted(path.name for path in churn.folder.parent.iterdir()) == ["arrivals.csv.gz", "rep1"]


@pytest.mark.parametrize("command", [("vet", "./..."), ("test", "./...")])
def test_the_go_files_are_vetted_and_pass_their_own_tests(command: tuple[str, ...], tmp_path: Path) -> None:
    own = {"GOTOOLCHAIN": "local", "GOPROXY": "off", "GOENV": "off", "CGO_ENABLED": "0", "GOPATH": str(tmp_path)}
    env = os.environ | own | {"GOCACHE": str(cache_folder() / "go-build")}

    done = subprocess.run(
        [str(find_go()), *command], cwd=source_folder(), env=env, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_go_files_are_formatted() -> None:
    gofmt = find_go().parent / "gofmt"

    done = subprocess.run([str(gofmt), "-l", str(source_folder())], capture_output=True, text=True, check=True)

    assert done.stdout == "", "gofmt -w the files that are named"
