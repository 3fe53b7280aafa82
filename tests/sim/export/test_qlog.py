"""qlog: the packets that were recorded, under the names that a real implementation writes."""

import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sim import wiring
from sim.export.cut import Cut
from sim.export.qlog import write_qlog
from sim.records.folder import StoredRun
from sim.units import InputError
from tests.sim.export.runs import PHONES, PLAIN, a_run

EPOCH_MS = 1_704_067_200_000.0


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    return a_run(PHONES, tmp_path_factory.mktemp("run"))


def log_of(run: StoredRun, cut: Cut = Cut()) -> dict[str, Any]:  # noqa: B008  it is frozen
    out = io.StringIO()
    n = write_qlog(run, wiring.traced(run.manifest["scenario"]).packets, cut, epoch_ms=EPOCH_MS, out=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    assert n == sum(len(trace["events"]) for trace in found["traces"])
    return found


def real_log() -> dict[str, Any]:
    """What aioquic writes of the begin of a handshake that nobody answers: packets, and what it knows of the path."""
    why = "needs aioquic: pip install 'transport-sim[quic]'"
    configuration = pytest.importorskip("aioquic.quic.configuration", reason=why)
    connection = pytest.importorskip("aioquic.quic.connection", reason=why)
    logger = pytest.importorskip("aioquic.quic.logger", reason=why)
    log = logger.QuicLogger()
    client = connection.QuicConnection(configuration=configuration.QuicConfiguration(is_client=True, quic_logger=log))
    client.connect(("192.0.2.1", 4433), now=0.0)
    client.datagrams_to_send(now=0.0)
    found: dict[str, Any] = log.to_dict()
    return found


def test_each_packet_of_the_table_is_an_event_of_its_end(run: StoredRun) -> None:
    packets = run.table("packets")
    counted: Counter[tuple[str, str]] = Counter()
    for trace in log_of(run)["traces"]:
        for event in trace["events"]:
            counted[trace["vantage_point"]["type"], event["name"].partition(":")[2]] += 1

    rows = Counter(zip(packets["side"].to_list(), packets["event"].to_list(), strict=True))
    assert {key: n for key, n in counted.items() if key[1] != "metrics_updated"} == dict(rows)
    assert counted["client", "metrics_updated"] > 10


def test_losses_say_where_and_why(run: StoredRun) -> None:
    lost = [
        event["data"] for trace in log_of(run)["traces"] for event in trace["events"]
        if event["name"] == "recovery:packet_lost"
    ]  # fmt: skip

    assert len(lost) == run.summary["quic.packets_lost"] > 0
    assert {one["trigger"] for one in lost} <= {"reordering_threshold", "time_threshold"}
    assert all(one["header"]["packet_number"] >= 0 for one in lost)


def test_rejected_0rtt_shows_at_both_ends(run: StoredRun) -> None:
    events = [(trace["vantage_point"]["type"], event) for trace in log_of(run)["traces"] for event in trace["events"]]

    gone = [event for side, event in events if event["name"] == "security:key_retired" and side == "client"]
    assert len(gone) == run.summary["quic.early_rejected"] > 0
    assert gone[0]["data"]["key_type"] == "client_0rtt_secret"
    dropped = [event for side, event in events if event["name"] == "transport:packet_dropped" and side == "server"]
    assert dropped
    assert {event["data"]["trigger"] for event in dropped} == {"key_unavailable"}
    assert any(event["data"]["header"]["packet_type"] == "0RTT" for event in dropped)


def test_its_frame_is_that_of_a_real_log(run: StoredRun) -> None:
    ours, real = log_of(run), real_log()

    assert ours.keys() >= real.keys()
    assert (ours["qlog_version"], ours["qlog_format"]) == (real["qlog_version"], real["qlog_format"])
    mine, theirs = ours["traces"][0], real["traces"][0]
    assert mine.keys() >= theirs.keys()
    assert mine["common_fields"].keys() >= theirs["common_fields"].keys()
    assert mine["vantage_point"].keys() == theirs["vantage_point"].keys()
    sent = {event["name"]: event["data"] for event in theirs["events"]}
    own = {event["name"]: event["data"] for event in mine["events"]}
    assert own["transport:packet_sent"]["header"].keys() <= sent["transport:packet_sent"]["header"].keys()
    assert own["transport:packet_sent"]["raw"].keys() == sent["transport:packet_sent"]["raw"].keys()
    assert sent["transport:packet_sent"]["header"]["packet_type"] == "initial"


def test_times_are_those_of_the_epoch_and_ascend(run: StoredRun) -> None:
    for trace in log_of(run)["traces"]:
        times = [event["time"] for event in trace["events"]]
        assert times == sorted(times)
        assert EPOCH_MS <= times[0] < EPOCH_MS + 10_000


def test_a_run_without_packets_names_the_setting_that_records_them(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"recorded no packets; run it again with --set clients\.NAME\.http3\.qlog=true"
    ):
        log_of(a_run(PLAIN, tmp_path / "run"))


def test_nothing_else_changes_when_packets_are_recorded() -> None:
    silent = wiring.run(wiring.load(PHONES.replace("qlog: true, ", "")))
    told = wiring.run(wiring.load(PHONES))

    assert told.summary == silent.summary
    assert told.requests.equals(silent.requests)
    assert "packets" not in silent.tables
