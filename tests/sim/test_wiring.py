"""The wiring: a scenario in, a run out, in memory or on the disk, whole or in part."""

import gc
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from models.metrics import RUN_METRICS
from models.recovery import recovery_metrics
from models.skew import skew_metrics
from models.tables import TABLES
from models.trigger import trigger_numbers
from models.world import World
from sim import wiring
from sim.analysis.columns import columns_read
from sim.analysis.metric import Run, evaluate
from sim.records.folder import DiskError, read_run
from sim.scenario import resolve
from sim.units import SECOND, InputError

TEXT = """\
name: small
duration: 2s
warmup: 500ms
clients: {gateway: {}}
services: {orders: {backends: 2, service_time: {exponential: {mean: 5ms}}}}
workloads: {checkout: {client: gateway, service: orders, arrivals: {poisson: {rate: 200/s}}}}
timeline: [{at: 1s, pause: {backend: 0, for: 100ms}}]
"""
NAMES = ["requests", "connections", "events", "samples", "windows"]


def a_scenario(*overrides: str) -> wiring.Scenario:
    return wiring.load(TEXT, overrides)


def interrupted_at(seconds: float) -> Callable[[float, float], object]:
    def progress(now: float, _: float) -> None:
        if now >= seconds:
            raise KeyboardInterrupt

    return progress


def what_is_in(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(path.iterdir())}


def bytes_held(rate: str, out: Path | None) -> tuple[int, int]:
    """Bytes that a run leaves in the process (as far as Python and numpy asked for them), and its requests."""
    scenario = a_scenario("duration=5s", f"workloads.checkout.arrivals.poisson.rate={rate}")
    gc.collect()
    tracemalloc.start()
    try:
        done = wiring.run(scenario, out=out)
        gc.collect()
        return tracemalloc.get_traced_memory()[0], done.manifest["requests"]
    finally:
        tracemalloc.stop()


def test_a_text_a_file_and_a_folder_give_one_scenario(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(TEXT)

    assert wiring.load(TEXT) == wiring.load(file) == wiring.load(str(tmp_path))


def test_overrides_are_read_like_the_file() -> None:
    assert a_scenario("duration=7s").duration == 7 * SECOND

    with pytest.raises(InputError, match="has no unit"):
        a_scenario("duration=7")


def test_a_wrong_key_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(TEXT.replace("warmup", "warmpu"))

    with pytest.raises(InputError, match=r"scenario\.yaml:3:1: warmpu: unknown key; did you mean warmup"):
        wiring.load(file)


def test_a_resolved_scenario_is_read_back_as_it_was() -> None:
    scenario = a_scenario()

    assert wiring.load_tree(resolve(scenario)) == scenario


def test_a_file_that_a_scenario_names_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "arrivals.csv").write_text("t\n0.1\n0.2\n0.25\n")
    arrivals = "arrivals: {replay: {file: arrivals.csv}}"
    (tmp_path / "scenario.yaml").write_text(TEXT.replace("arrivals: {poisson: {rate: 200/s}}", arrivals))

    scenario: Any = wiring.load(tmp_path)

    assert scenario.workloads["checkout"].arrivals.file == str(tmp_path / "arrivals.csv")


def test_a_file_that_is_missing_is_named_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text(TEXT.replace("poisson: {rate: 200/s}", "replay: nowhere.csv"))

    with pytest.raises(InputError, match=r"scenario\.yaml:6:\d+: workloads\.checkout.*: nowhere\.csv: no such file in"):
        wiring.load(tmp_path)


def test_a_file_in_the_working_folder_is_not_taken_for_the_one_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = tmp_path / "far"
    far.mkdir()
    (tmp_path / "arrivals.csv").write_text("t,service\n0.1,0\n")
    (far / "scenario.yaml").write_text(TEXT.replace("poisson: {rate: 200/s}", "replay: arrivals.csv"))
    monkeypatch.chdir(tmp_path)

    with pytest.raises(InputError, match="no such file in far"):
        wiring.load("far")


def test_a_run_has_its_tables_its_summary_and_its_manifest() -> None:
    done = wiring.run(a_scenario(), seed=3)

    assert sorted(done.tables) == sorted(NAMES)
    assert done.folder is None
    assert done.summary["n_requests"] == done.requests.height == done.manifest["requests"] > 300
    assert done.summary["dials_ok"] == done.connections.height
    assert done.events["t"].to_list() == [1.0, 1.1]
    assert done.samples["t"][0] == 0.0
    assert (done.manifest["seed"], done.manifest["replication"], done.manifest["partial"]) == (3, 0, False)
    assert wiring.load_tree(done.manifest["scenario"]) == a_scenario()


@pytest.mark.parametrize("table", NAMES)
def test_a_table_from_the_disk_is_the_one_from_memory(table: str, tmp_path: Path) -> None:
    kept, streamed = wiring.run(a_scenario()), wiring.run(a_scenario(), out=tmp_path)

    assert_frame_equal(streamed.tables[table], kept.tables[table], check_exact=True)
    assert_frame_equal(pl.read_parquet(tmp_path / f"{table}.parquet"), kept.tables[table], check_exact=True)


def test_the_summary_is_the_same_wherever_the_rows_went(tmp_path: Path) -> None:
    kept, streamed = wiring.run(a_scenario()), wiring.run(a_scenario(), out=tmp_path / "out")

    assert streamed.summary == kept.summary == read_run(tmp_path / "out").summary
    assert streamed.counters == kept.counters


def test_the_columns_that_are_not_loaded_would_not_change_the_summary() -> None:
    done = wiring.run(a_scenario())
    numbers = {"duration": 2.0, "warmup": 0.5, "skew_window": 10.0, "backends": 2, **trigger_numbers(a_scenario())}
    declared = RUN_METRICS | recovery_metrics(a_scenario()) | skew_metrics({"orders": 2})

    whole = evaluate(declared, Run({name: done.tables[name] for name in NAMES}, done.counters, numbers))

    assert done.summary == whole
    assert len(columns_read(declared, "requests") & set(done.requests.columns)) < done.requests.width


def test_recording_does_not_change_the_run(tmp_path: Path) -> None:
    ways: list[dict[str, Any]] = [{}, {"record": False}, {"out": tmp_path / "a"}]

    fingerprints = [wiring.run(a_scenario(), **options).manifest["fingerprint"] for options in ways]

    assert fingerprints[0] == fingerprints[1] == fingerprints[2]
    assert wiring.run(a_scenario(), seed=2).manifest["fingerprint"] != fingerprints[0]
    assert wiring.run(a_scenario(), replication=1).manifest["fingerprint"] != fingerprints[0]


def test_a_run_without_rows_has_an_empty_summary() -> None:
    done = wiring.run(a_scenario(), record=False)

    assert (done.summary, dict(done.tables)) == ({}, {})
    assert done.manifest["requests"] > 300


@pytest.mark.parametrize("on_disk", [False, True])
def test_an_interrupted_run_keeps_what_was_done(on_disk: bool, tmp_path: Path) -> None:
    out = tmp_path / "out" if on_disk else None

    done = wiring.run(a_scenario(), out=out, progress=interrupted_at(1.0))

    assert done.manifest["partial"] is True
    assert 100 < done.requests.height == done.manifest["requests"] == done.summary["n_requests"]
    assert done.requests["t_arrival"].max() < 1.1  # type: ignore[operator]  # one step of progress past the interruption


def test_the_rates_of_an_interrupted_run_are_over_the_time_that_it_reached() -> None:
    whole = wiring.run(a_scenario(), progress=None)

    cut = wiring.run(a_scenario(), progress=interrupted_at(1.0))

    reached = cut.manifest["simulated_seconds"]
    assert 1.0 <= reached < 1.1, "one step of progress past the interruption"
    assert cut.summary["throughput"] == pytest.approx(whole.summary["throughput"], rel=0.25)
    assert cut.summary["partial_until"] == reached
    assert cut.samples["t"].max() <= reached
    assert "partial_until" not in whole.summary


def test_the_folder_of_an_interrupted_run_is_whole_and_marked_partial(tmp_path: Path) -> None:
    done = wiring.run(a_scenario(), out=tmp_path, progress=interrupted_at(1.0))

    stored = read_run(tmp_path)

    assert stored.manifest["partial"] is True
    assert stored.names == sorted(NAMES)
    assert stored.table("requests").height == done.manifest["requests"]
    assert sorted(file.name for file in tmp_path.iterdir() if file.name.startswith(".")) == []


def test_a_disk_that_fails_during_the_run_leaves_the_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiring.run(a_scenario(), out=tmp_path)
    before = what_is_in(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(
        DiskError, match="no space left on the disk; nothing was written, the earlier result is untouched"
    ):
        wiring.run(a_scenario(), seed=2, out=tmp_path)

    assert what_is_in(tmp_path) == before


def test_an_input_that_is_wrong_leaves_no_folder(tmp_path: Path) -> None:
    (tmp_path / "late.csv").write_text("t,service\n0.2,0\n0.1,0\n")
    file = tmp_path / "scenario.yaml"
    file.write_text(TEXT.replace("poisson: {rate: 200/s}", "replay: {file: late.csv}"))
    scenario = wiring.load(file)

    with pytest.raises(InputError, match=r"late\.csv:3: t=0.1 lies before"):
        wiring.run(scenario, out=tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_some_columns_are_read_without_the_others(tmp_path: Path) -> None:
    kept, streamed = wiring.run(a_scenario()), wiring.run(a_scenario(), out=tmp_path)

    assert_frame_equal(
        streamed.columns("requests", ["err", "t_done"]), kept.requests.select("err", "t_done"), check_exact=True
    )


def test_a_trial_is_a_run_that_any_process_can_make() -> None:
    done = wiring.run(a_scenario(), seed=4, replication=2)

    trial = wiring.run_trial(resolve(a_scenario()), 4, 2, keep_samples=True)

    assert trial["summary"] == done.summary
    assert trial["samples"].select(done.samples.columns).equals(done.samples)
    assert trial["samples"].columns == [*done.samples.columns, *done.windows.columns[1:]]
    course = trial["course"]
    assert (course.step, len(course.values), course.warmup) == (0.01, 200, 0.5)
    known = [value for value in course.values if value is not None]
    assert 0 < min(known) <= max(known) <= trial["summary"]["lat_max"] * 1.1
    assert wiring.run_trial(resolve(a_scenario()), 4, 2, keep_samples=False)["samples"] is None


def test_an_interrupted_trial_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(self: World, **_: object) -> None:
        self.engine.run(until=10**9)
        raise KeyboardInterrupt

    monkeypatch.setattr(World, "run", interrupt)

    with pytest.raises(KeyboardInterrupt):  # half a trial would be kept as a whole one
        wiring.run_trial(resolve(a_scenario()), 4, 2, keep_samples=False)


def test_a_row_of_a_request_takes_less_than_200_bytes() -> None:
    sizes = {"q": 8, "i": 4, "h": 2, "B": 1}

    assert sum(sizes[field.code] for field in TABLES["requests"]) < 200


@pytest.mark.slow
@pytest.mark.parametrize(("folder", "most"), [(None, 200), ("out", 20)])
def test_one_more_request_leaves_less_than_200_bytes_and_next_to_none_with_a_folder(
    folder: str | None, most: int, tmp_path: Path
) -> None:
    out = None if folder is None else tmp_path / folder

    few, many = bytes_held("400/s", out), bytes_held("1600/s", out)

    each = (many[0] - few[0]) / (many[1] - few[1])
    assert each < most, f"{each:.0f} bytes for each of {many[1] - few[1]} more requests"
