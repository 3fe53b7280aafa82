"""A run as Chrome's trace events: what the format asks for, and that nothing of the run is missing."""

import io
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from sim import wiring
from sim.export import perfetto
from sim.export.cut import Cut
from sim.export.perfetto import write_perfetto
from sim.records.folder import StoredRun
from sim.units import InputError
from tests.sim.export.runs import MANY_STREAMS, PHONES, PLAIN, a_run

Event = dict[str, Any]


@pytest.fixture(scope="module", params=[PLAIN, MANY_STREAMS, PHONES], ids=["http1", "http2", "http3"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    return a_run(request.param, tmp_path_factory.mktemp("run"))


def events_of(run: StoredRun, cut: Cut = Cut()) -> list[Event]:  # noqa: B008  it is frozen
    out = io.StringIO()
    n = write_perfetto(run, wiring.traced(run.manifest["scenario"]), cut, out=out)
    found: list[Event] = json.loads(out.getvalue(), parse_constant=pytest.fail)["traceEvents"]
    assert n == len(found)
    return found


def tracks(events: list[Event]) -> dict[tuple[int, int], list[Event]]:
    found = defaultdict(list)
    for event in events:
        if event["ph"] == "X":
            found[event["pid"], event["tid"]].append(event)
    return found


def test_slices_of_a_track_nest_and_parents_come_first(run: StoredRun) -> None:
    for slices in tracks(events_of(run)).values():
        open_: list[int] = []
        for one in sorted(slices, key=lambda one: one["ts"]):  # stable: of equal begins the file's order counts
            end = one["ts"] + one["dur"]
            while open_ and open_[-1] <= one["ts"]:
                open_.pop()
            assert not open_ or end <= open_[-1], f"{one} ends behind what it lies in"
            open_.append(end)


def test_every_request_has_a_slice_with_its_length(run: StoredRun) -> None:
    found = {one["args"]["id"]: one for one in events_of(run) if one["ph"] == "X" and "status" in one.get("args", {})}
    requests = run.table("requests").filter(run.table("requests")["t_done"].is_not_null())

    assert set(requests["id"].to_list()) <= set(found)
    for id_, begin, end in requests.select("id", "t_arrival", "t_done").iter_rows():
        assert found[id_]["dur"] == pytest.approx((end - begin) * 1e6, abs=1.01)


def test_an_arrow_begins_in_a_slice_goes_on_in_one_and_ends_later(run: StoredRun) -> None:
    events = events_of(run)
    slices, flows = tracks(events), defaultdict(list)
    for event in events:
        if event["ph"] in "stf":
            flows[event["id"]].append(event)
            own = slices[event["pid"], event["tid"]]
            assert any(one["ts"] <= event["ts"] <= one["ts"] + one["dur"] for one in own), event
    assert flows
    for steps in flows.values():
        assert [step["ph"] for step in steps] in (["s", "t", "f"], ["s", "f"])
        assert [step["ts"] for step in steps] == sorted(step["ts"] for step in steps)


def test_all_is_named_and_no_time_is_negative(run: StoredRun) -> None:
    events = events_of(run)
    processes = {event["pid"] for event in events if event["ph"] == "M" and event["name"] == "process_name"}

    assert {event["pid"] for event in events} == processes
    assert all(event["ts"] >= 0 and event.get("dur", 0) >= 0 for event in events if event["ph"] != "M")
    assert all(isinstance(event["ts"], int) for event in events if event["ph"] != "M")


def test_a_pause_is_a_slice_and_ports_are_a_counter(tmp_path: Path) -> None:
    events = events_of(a_run(PLAIN, tmp_path / "run"))

    (pause,) = [event for event in events if event.get("cat") == "incident"]
    assert (pause["name"], pause["ts"], pause["dur"]) == ("pause orders.0", 1_000_000, 500_000)
    counters = Counter(event["name"] for event in events if event["ph"] == "C")
    assert counters["local ports"] > 5
    assert counters["connections"] > 5


def test_streams_beside_one_another_get_tracks_beside_one_another(tmp_path: Path) -> None:
    events = events_of(a_run(MANY_STREAMS, tmp_path / "run"))

    names = {event["args"]["name"] for event in events if event["name"] == "thread_name"}
    assert "connections 1" in names
    assert "beside others 1" in names


def test_a_piece_of_a_run_is_cut_out(run: StoredRun) -> None:
    events = events_of(run, Cut(0.5, 1.0))

    arrived = run.table("requests")["t_arrival"].is_between(0.5, 1.0, closed="left").sum()
    assert sum("status" in event.get("args", {}) for event in events if event["ph"] == "X") == arrived


def test_more_than_a_viewer_bears_is_refused_with_the_cut_that_it_would(
    run: StoredRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(perfetto, "MOST_WAYS", 3)

    with pytest.raises(InputError, match=r"cut them with --from 0s --to \d\.\d+s"):
        events_of(run)
    with pytest.raises(InputError, match="no request begins between"):
        events_of(run, Cut(900, 901))
    with pytest.raises(InputError, match="has to lie behind"):
        Cut(2, 1)
