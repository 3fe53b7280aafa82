"""OTLP as protobuf's own reader takes it: the schema, the ids, and what belongs to what."""

import base64
import copy
import io
import json
from collections import defaultdict
from typing import Any

import pytest

from sim import wiring
from sim.export.cut import Cut
from sim.export.otlp import CLIENT, INTERNAL, SERVER, write_otlp
from sim.records.folder import StoredRun
from tests.sim.export.runs import MANY_STREAMS, PLAIN, a_run

WHY = "needs opentelemetry-proto, one of the dev requirements"
service = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2", reason=WHY)
json_format = pytest.importorskip("google.protobuf.json_format", reason=WHY)

EPOCH = 1_704_067_200_000_000_000
ID_BYTES = {"traceId": 16, "spanId": 8, "parentSpanId": 8}


@pytest.fixture(scope="module", params=[PLAIN, MANY_STREAMS], ids=["http1", "http2"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    return a_run(request.param, tmp_path_factory.mktemp("run"))


def lines_of(run: StoredRun) -> list[dict[str, Any]]:
    out = io.StringIO()
    n = write_otlp(run, wiring.traced(run.manifest["scenario"]), Cut(), epoch_ns=EPOCH, out=out)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert n == sum(1 for _ in spans_of(lines))
    return lines


def spans_of(lines: list[dict[str, Any]]) -> Any:
    for line in lines:
        for resource in line["resourceSpans"]:
            for scope in resource["scopeSpans"]:
                for span in scope["spans"]:
                    yield resource["resource"]["attributes"][0]["value"]["stringValue"], span


def told(span: dict[str, Any]) -> dict[str, str]:
    return {one["key"]: next(iter(one["value"].values())) for one in span.get("attributes", ())}


def test_protobuf_reads_every_line_once_its_ids_are_base64(run: StoredRun) -> None:
    """OTLP writes ids in hex, which protobuf's reader would take for base64 of other ids."""
    for line in lines_of(run):
        turned = copy.deepcopy(line)
        for _, span in spans_of([turned]):
            for name in ID_BYTES.keys() & span.keys():
                span[name] = base64.b64encode(bytes.fromhex(span[name])).decode()
        read = service.ExportTraceServiceRequest()
        json_format.ParseDict(turned, read)
        spans = [span for each in read.resource_spans for scope in each.scope_spans for span in scope.spans]
        assert len(spans) == sum(1 for _ in spans_of([line]))
        assert all(len(span.trace_id) == 16 and len(span.span_id) == 8 for span in spans)
        assert all(EPOCH <= span.start_time_unix_nano <= span.end_time_unix_nano for span in spans)


def test_ids_are_hex_of_the_right_length_and_no_two_spans_have_one(run: StoredRun) -> None:
    spans = [span for _, span in spans_of(lines_of(run))]

    for span in spans:
        for name in ID_BYTES.keys() & span.keys():
            raw = bytes.fromhex(span[name])
            assert len(raw) == ID_BYTES[name]
            assert any(raw)
    assert len({span["spanId"] for span in spans}) == len(spans)


def test_keys_are_in_camel_case_and_numbers_of_64_bits_are_text(run: StoredRun) -> None:
    """Protobuf's reader would take snake_case and numbers, too; OTLP forbids the one and asks for the other."""
    for _, span in spans_of(lines_of(run)):
        assert not [key for key in span if "_" in key]
        assert isinstance(span["startTimeUnixNano"], str)
        assert span["kind"] in {INTERNAL, SERVER, CLIENT}


def test_every_span_stands_in_its_trace_within_its_parent(run: StoredRun) -> None:
    traces: dict[str, dict[str, Any]] = defaultdict(dict)
    for _, span in spans_of(lines_of(run)):
        traces[span["traceId"]][span["spanId"]] = span

    for spans in traces.values():
        roots = [span for span in spans.values() if "parentSpanId" not in span]
        assert len(roots) == 1
        for span in spans.values():
            if "parentSpanId" in span:
                parent = spans[span["parentSpanId"]]
                assert int(parent["startTimeUnixNano"]) <= int(span["startTimeUnixNano"])
                is_dial = span["name"] in {"http.dns", "http.connect", "http.tls"}  # may outlast who asked for it
                assert is_dial or int(span["endTimeUnixNano"]) <= int(parent["endTimeUnixNano"])


def test_there_is_a_client_span_for_each_request_with_what_came_of_it(run: StoredRun) -> None:
    clients = [(name, span) for name, span in spans_of(lines_of(run)) if span["kind"] == CLIENT]
    rows = run.table("requests")
    ended = rows.filter(rows["t_done"].is_not_null() & (rows["err"] != "lab-end"))

    assert len(clients) == ended.height
    assert {name for name, _ in clients} == {"gateway"}
    failed = [span for _, span in clients if span["status"].get("code") == 2]
    assert len(failed) == run.summary["n_err"]
    assert all(told(span)["error.type"] for span in failed)
    one = told(clients[0][1])
    assert {"http.request.method", "server.address", "server.port", "url.full", "network.protocol.version"} <= set(one)
    assert one["http.response.status_code"] == "200"


def test_what_the_server_did_is_a_span_of_its_service(run: StoredRun) -> None:
    servers = [(name, span) for name, span in spans_of(lines_of(run)) if span["kind"] == SERVER]

    assert {name for name, _ in servers} == {"orders"}
    rows = run.table("requests").filter(run.table("requests")["t_first"].is_not_null())
    assert len(servers) == rows.height
    served = sum(int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"]) for _, span in servers) / 1e9
    assert served == pytest.approx(float((rows["srv_q"].fill_null(0) + rows["srv_s"]).sum()), rel=0.01)


def test_equal_runs_have_equal_ids(run: StoredRun) -> None:
    assert lines_of(run) == lines_of(run)
