"""HAR: the shape that its specification asks for, and what no schema sees: timings that add up."""

import copy
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from sim import wiring
from sim.export.cut import Cut
from sim.export.har import write_har
from sim.records.folder import StoredRun
from tests.sim.export.har_schema import HAR
from tests.sim.export.runs import MANY_STREAMS, PHONES, PLAIN, a_run

jsonschema = pytest.importorskip("jsonschema", reason="needs jsonschema, one of the dev requirements")
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module", params=[PLAIN, MANY_STREAMS, PHONES], ids=["http1", "http2", "http3"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    return a_run(request.param, tmp_path_factory.mktemp("run"))


def archive_of(run: StoredRun, cut: Cut = Cut()) -> dict[str, Any]:  # noqa: B008  it is frozen
    out = io.StringIO()
    n = write_har(run, wiring.traced(run.manifest["scenario"]), cut, epoch=EPOCH, out=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    assert n == len(found["log"]["entries"])
    return found


def test_it_has_the_shape_of_the_specification(run: StoredRun) -> None:
    jsonschema.validate(archive_of(run), HAR)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda entry: entry.pop("cache"),
        lambda entry: entry["timings"].pop("wait"),
        lambda entry: entry["response"].update(status="200"),
        lambda entry: entry.update(connection=7),
        lambda entry: entry.update(startedDateTime="2024-01-01 00:00:00Z"),
    ],
    ids=["no cache", "no wait", "status as text", "connection as number", "a blank for the T"],
)
def test_the_schema_refuses_what_readers_refuse(run: StoredRun, spoil: Any) -> None:
    made = archive_of(run, Cut(0.0, 1.0))
    spoiled = copy.deepcopy(made)
    spoil(spoiled["log"]["entries"][0])

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(spoiled, HAR)


def test_timings_sum_up_to_the_time_and_ssl_lies_within_connect(run: StoredRun) -> None:
    rows = {row["id"]: row for row in run.table("requests").iter_rows(named=True)}

    for entry in archive_of(run)["log"]["entries"]:
        timings = entry["timings"]
        assert all(length >= 0 or length == -1 for length in timings.values())
        assert sum(length for name, length in timings.items() if name != "ssl" and length > 0) == pytest.approx(
            entry["time"], abs=1e-5
        )
        row = rows[entry["_id"]]
        assert entry["time"] == pytest.approx((row["t_done"] - row["t_arrival"]) * 1e3, abs=1e-5)
        assert timings["ssl"] <= timings["connect"]
        if row["t_conn_start"] is None and row["t_tls_start"] is None:
            assert timings["dns"] == timings["connect"] == timings["ssl"] == -1


def test_a_dial_of_its_own_shows(run: StoredRun) -> None:
    timings = [entry["timings"] for entry in archive_of(run)["log"]["entries"]]

    assert any(one["connect"] > 0 and one["ssl"] > 0 for one in timings)


def test_a_request_that_failed_has_no_status_and_says_why(tmp_path_factory: pytest.TempPathFactory) -> None:
    run = a_run(PLAIN, tmp_path_factory.mktemp("run"))
    failed = [entry for entry in archive_of(run)["log"]["entries"] if "_error" in entry]

    assert len(failed) == run.summary["n_err"] > 0
    assert {entry["response"]["status"] for entry in failed} == {0}
