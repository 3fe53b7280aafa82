"""Access logs as workloads: arrivals from stamps, and what is done with lines that cannot be read."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.workload.access_log import AccessLog, AccessLogFile, read_access_log
from sim.engine.streams import Streams
from sim.units import MS, SECOND, InputError

DATA = Path(__file__).parent / "data"
JSON_KEYS: dict[str, Any] = {"time_key": "msec", "duration_key": "took_ms", "duration_unit": "ms"}
START = 1_795_476_700 * SECOND  # 2026-11-23 23:31:40 UTC


def sample(name: str, **options: Any) -> AccessLog:
    return read_access_log(AccessLogFile(file=str(DATA / name), **options))


def a_log(folder: Path, lines: list[str], **options: Any) -> AccessLog:
    path = folder / "a.log"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_access_log(AccessLogFile(file=str(path), **options))


def rows(*pairs: tuple[float, float]) -> list[str]:
    return [f'{{"time": {stamp}, "request_time": {duration}}}' for stamp, duration in pairs]


@pytest.mark.parametrize(
    ("name", "options", "found", "resolution"),
    [
        ("combined.log", {}, "combined", SECOND),
        ("nginx_timed.log", {}, "nginx_timed", SECOND),
        ("envoy.log", {}, "envoy", MS),
        ("rows.json.log", JSON_KEYS, "json", MS),
    ],
)
def test_each_sample_is_recognised(name: str, options: dict[str, Any], found: str, resolution: int) -> None:
    log = sample(name, **options)

    assert (log.format, log.resolution) == (found, resolution)
    assert len(log.t) + len(log.malformed) == 120
    assert len(log.host) == len(log.t)
    assert not log.host.any()


def test_two_formats_of_the_same_requests_give_the_same_workload() -> None:
    by_start, by_end = sample("envoy.log"), sample("rows.json.log", **JSON_KEYS)

    assert by_start.service is not None
    assert by_end.service is not None
    assert by_start.first_at == by_end.first_at == START + 6 * MS
    assert np.abs(by_start.t - by_end.t).max() < MS, "one is stamped at the start and one at the end, both to the ms"
    assert sorted(by_start.service.tolist()) == sorted(by_end.service.tolist())


def test_stamps_of_whole_seconds_put_each_arrival_within_a_second_of_the_truth() -> None:
    exact, coarse = sample("envoy.log"), sample("nginx_timed.log")

    assert coarse.service is not None
    assert coarse.malformed == ((60, "no [time stamp] and quoted request where the format has them"),)
    true = np.sort(exact.t + exact.first_at)
    near = np.sort(coarse.t + coarse.first_at)
    assert np.abs(near - np.delete(true, 60)).max() < 1.1 * SECOND


def test_combined_leaves_the_service_time_to_the_workload() -> None:
    assert sample("combined.log").service is None


def test_an_arrival_is_the_stamp_minus_the_response_time(tmp_path: Path) -> None:
    log = a_log(tmp_path, rows((100.500, 0.250), (100.501, 0.001), (100.700, 0.650)))

    assert log.first_at == 100_050 * MS
    assert log.t.tolist() == [500_000, 200 * MS + 500_000, 450 * MS + 500_000]
    assert log.service is not None
    assert log.service.tolist() == [650 * MS, 250 * MS, MS]


def test_a_stamp_at_the_start_is_the_arrival(tmp_path: Path) -> None:
    log = a_log(tmp_path, rows((100.500, 0.250), (100.501, 9.0)), stamp="start")

    assert log.t.tolist() == [500_000, MS + 500_000]


def test_requests_of_one_stamp_are_spread_evenly_over_it(tmp_path: Path) -> None:
    log = a_log(tmp_path, rows((100, 0), (100, 0), (100, 0), (100, 0), (101, 0)))

    assert log.t.tolist() == [125 * MS, 375 * MS, 625 * MS, 875 * MS, 1500 * MS]


def test_a_drawn_spread_stays_within_its_stamps_and_keeps_the_order() -> None:
    log = sample("combined.log")

    drawn = log.spread(Streams(1)["w.spread"])

    assert np.array_equal(drawn.t // SECOND, log.t // SECOND)
    assert (np.diff(drawn.t) >= 0).all()
    assert not np.array_equal(drawn.t, log.t)


def test_a_drawn_spread_repeats_itself_and_no_other_replication() -> None:
    log = sample("nginx_timed.log")

    first, again, other = (log.spread(Streams(1, replication)["w.spread"]) for replication in (0, 0, 1))

    assert np.array_equal(first.t, again.t)
    assert not np.array_equal(first.t, other.t)
    assert first.service is not None
    assert log.service is not None
    assert sorted(first.service.tolist()) == sorted(log.service.tolist())


def test_a_drawn_spread_fills_a_second_evenly(tmp_path: Path) -> None:
    log = a_log(tmp_path, rows(*[(100, 0)] * 4000))

    t = log.spread(Streams(1)["w.spread"]).t

    deciles = np.bincount(t * 10 // SECOND, minlength=10)
    assert np.abs(deciles - 400).max() < 5 * 400**0.5


def test_lines_out_of_order_are_sorted_by_arrival(tmp_path: Path) -> None:
    log = a_log(tmp_path, rows((103, 0), (101, 0), (102, 0)))

    assert log.t.tolist() == [500 * MS, 1500 * MS, 2500 * MS]


def test_one_line_in_a_hundred_may_be_malformed(tmp_path: Path) -> None:
    lines = [*rows(*[(100, 0)] * 99), "", "half a li"]

    log = a_log(tmp_path, lines)

    assert log.malformed == ((101, "not a JSON object"),)
    assert len(log.t) == 99


def test_more_malformed_lines_than_that_are_refused_with_their_places(tmp_path: Path) -> None:
    lines = [*rows(*[(100, 0)] * 98), "x", '{"time": 5}']

    with pytest.raises(InputError) as caught:
        a_log(tmp_path, lines)

    path = tmp_path / "a.log"
    assert str(caught.value) == (
        f"{path}: 2 of 100 lines (2 %) are not json, the limit is 1 %: line 99: not a JSON object, "
        "line 100: no key request_time among time; state time_key and duration_key, or leave them out"
    )


def test_a_log_of_another_format_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"combined\.log: 120 of 120 lines \(100 %\) are not nginx_timed.*line 1: no request time"
    ):
        sample("combined.log", format="nginx_timed")
