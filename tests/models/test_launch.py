"""Recorded traffic end to end: access logs and replays as workloads."""

from pathlib import Path

import polars as pl
import pytest

from sim import wiring
from sim.cli.main import main
from sim.units import InputError

ROOT = Path(__file__).parents[2]
LOGS = ROOT / "tests" / "models" / "workload" / "data"
TRAFFIC = ROOT / "experiments" / "real-traffic"


def a_scenario(arrivals: str, **workload: str) -> str:
    """A scenario of one workload, as text."""
    more = "".join(f", {key}: {value}" for key, value in workload.items())
    return (
        "duration: 60s\nclients: {gw: {}}\nservices: {a: {}}\n"
        f"workloads: {{w: {{client: gw, service: a, arrivals: {arrivals}{more}}}}}\n"
    )


def requests_of(arrivals: str, seed: int = 1, **workload: str) -> pl.DataFrame:
    """The requests of a run, in order of arrival."""
    return wiring.run(wiring.load(a_scenario(arrivals, **workload)), seed).requests.sort("t_arrival", "id")


@pytest.mark.parametrize("name", ["nginx_timed.log", "envoy.log"])
def test_a_log_with_response_times_is_a_workload(name: str) -> None:
    requests = requests_of(f"{{access_log: {LOGS / name}}}")

    assert len(requests) > 100
    assert requests["srv_s"].n_unique() > 5


def test_a_json_log_is_a_workload_once_its_keys_are_stated() -> None:
    keys = "time_key: msec, duration_key: took_ms, duration_unit: ms"

    requests = requests_of(f"{{access_log: {{file: {LOGS / 'rows.json.log'}, {keys}}}}}")

    assert len(requests) == 120
    assert 0.024 in requests["srv_s"].to_list()


def test_a_combined_log_needs_a_service_time() -> None:
    with pytest.raises(InputError, match=r"combined\.log: workloads\.w: format combined has no response times"):
        requests_of(f"{{access_log: {LOGS / 'combined.log'}}}")


def test_a_combined_log_with_a_service_time_is_a_workload() -> None:
    requests = requests_of(f"{{access_log: {LOGS / 'combined.log'}}}", service_time="7ms")

    assert len(requests) == 120
    assert set(requests["srv_s"]) == {0.007}


def test_a_stated_service_time_goes_before_the_log_s() -> None:
    requests = requests_of(f"{{access_log: {LOGS / 'envoy.log'}}}", service_time="7ms")

    assert set(requests["srv_s"]) == {0.007}


def test_lines_of_one_stamp_are_spread_by_the_seed() -> None:
    first, second, again = (
        requests_of(f"{{access_log: {LOGS / 'combined.log'}}}", seed, service_time="7ms")["t_arrival"].to_list()
        for seed in (1, 2, 1)
    )

    assert first == again != second


def test_a_malformed_line_is_a_warning_of_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["run", str(TRAFFIC / "access-log.yaml"), "--out", str(tmp_path / "out")])

    assert code == 0
    assert "access.log:151: left out: no [time stamp]" in capsys.readouterr().err


def test_more_than_one_percent_of_malformed_lines_stop_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (TRAFFIC / "access.log").read_text().splitlines()
    (tmp_path / "cut.log").write_text("\n".join([*lines, *["nothing"] * 5]))
    (tmp_path / "scenario.yaml").write_text(a_scenario("{access_log: cut.log}"))

    code = main(["run", str(tmp_path), "--out", str(tmp_path / "out")])

    assert code == 2
    assert (
        "6 of 481 lines (1.25 %) are not nginx_timed, the limit is 1 %: line 151: no [time stamp]"
        in capsys.readouterr().err
    )
    assert not (tmp_path / "out").exists()


def test_recorded_arrivals_beyond_the_duration_are_counted_in_a_warning(tmp_path: Path) -> None:
    (tmp_path / "late.csv").write_text("t,service\n0.1,0.01\n0.5,0.01\n60,0.01\n61,0.01\n")

    done = wiring.run(wiring.load(a_scenario(f"{{replay: {tmp_path / 'late.csv'}}}")))

    assert done.summary["n_requests"] == 2
    said = "2 of 4 arrivals lie beyond the duration of 1m and are left out; lengthen it to have them all"
    assert done.warnings == (f"{tmp_path / 'late.csv'}: {said}",)


def test_the_late_lines_of_a_log_are_counted_before_its_malformed_ones_are_named() -> None:
    done = wiring.run(wiring.load(TRAFFIC / "access-log.yaml", ["duration=10s"]))

    assert "arrivals lie beyond the duration of 10s" in done.warnings[0]
    assert "access.log:151: left out" in done.warnings[1]


REPLAYED = [
    ("e01-mi2", {"n_requests": (9103, 9103), "n_ok": (9103, 9103), "dials_ok": (2560, 2840)}),
    ("e02-tw0", {"n_requests": (1282, 1282), "n_ok": (437, 454), "err:cannot assign requested address": (828, 845)}),
    ("e08-mc10-90rps", {"n_requests": (5435, 5435), "n_ok": (5435, 5435), "dials_ok": (10, 10)}),
    ("e14-mi2", {"n_requests": (6630, 6770), "dials_ok": (1800, 1990)}),
]
"""What three recorded repetitions of each gave, 1 % wider where a random number takes part, 5 % for dials."""


@pytest.mark.parametrize(("name", "expected"), REPLAYED)
def test_a_replay_does_what_the_recorded_client_did(name: str, expected: dict[str, tuple[int, int]]) -> None:
    summary = wiring.run(wiring.load(TRAFFIC / f"{name}.yaml")).summary

    outside = {key: summary[key] for key, (low, high) in expected.items() if not low <= summary[key] <= high}
    assert not outside, f"{name}: not as recorded: {outside}, expected {expected}"


def test_a_recording_is_found_beside_its_scenario(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    scenario = wiring.load(TRAFFIC / "e08-mc10-90rps.yaml", ["duration=1s"])

    assert wiring.run(scenario).summary["n_requests"] == 103
