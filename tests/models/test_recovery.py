"""Whether a system is back: which trigger a scenario has, when it is judged, and the figures of made-up runs."""

from typing import Any

import polars as pl
import pytest

from models.recovery import RECOVERY
from models.trigger import TriggerConfig, trigger_numbers, trigger_of
from sim.analysis.metric import Run, evaluate
from sim.units import InputError
from sim.wiring import load_tree, run


def a_scenario(*timeline: dict[str, Any], **more: Any) -> Any:
    return load_tree({
        "duration": "100s", "clients": {"c": {"timeout": "2s"} | more.pop("client", {})}, "services": {"s": {}},
        "workloads": {"w": {"client": "c", "service": "s", "arrivals": {"constant": {"rate": "1/s"}}}},
        "timeline": list(timeline), **more,
    })  # fmt: skip


PAUSE, LOSS = {"at": "10s", "pause": {"for": "5s"}}, {"at": "20s", "loss": {"for": "10s", "share": 0.5}}


def test_a_trigger_is_from_the_first_event_to_the_end_of_the_last() -> None:
    assert trigger_numbers(a_scenario(PAUSE, LOSS)) == {
        "trigger_start": 10, "trigger_end": 30, "judged_from": pytest.approx(40 + 60 * 2 / 3),
    }  # fmt: skip


@pytest.mark.parametrize("timeline", [(), ({"at": "10s", "pause": {}},), (PAUSE, {"at": "50s", "scale": {"to": 1}})])
def test_what_does_not_end_is_no_trigger(timeline: tuple[dict[str, Any], ...]) -> None:
    assert trigger_of(a_scenario(*timeline)) is None
    assert trigger_numbers(a_scenario(*timeline)) == {}


def test_a_trigger_that_is_stated_counts() -> None:
    stated = {"start": "5s", "end": "6s"}

    assert trigger_numbers(a_scenario(PAUSE, trigger=stated))["trigger_end"] == 6


def test_the_longest_time_out_is_waited_for_five_times() -> None:
    long = {"retry": {"within": "10s", "per_try_timeout": "4s"}}

    assert trigger_numbers(a_scenario(PAUSE, client=long))["judged_from"] == pytest.approx(65 + 35 * 2 / 3)
    assert "judged_from" not in trigger_numbers(a_scenario(PAUSE, client=long, duration="60s"))


@pytest.mark.parametrize(
    "client", [{"retry": {"per_try_timeout": "10s"}}, {"transport": {"response_header_timeout": "10s"}}]
)
def test_every_time_out_of_a_client_is_one(client: dict[str, Any]) -> None:
    assert trigger_numbers(a_scenario(PAUSE, client=client))["judged_from"] == pytest.approx(65 + 35 * 2 / 3)


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^end: "):
        TriggerConfig(start=2, end=1)


def figures(ok_after: int) -> dict[str, float | int]:
    """Ten requests a second for 100 s; a trigger from 20 to 30 s, in which all fail; then so many of ten are ok."""
    arrivals = [i / 10 for i in range(1000)]
    is_ok = [t < 20 or (t >= 45 and i % 10 < ok_after) for i, t in enumerate(arrivals)]
    requests = pl.DataFrame({
        "t_arrival": arrivals, "t_done": arrivals, "status": [200 if ok else 0 for ok in is_ok],
        "err": ["" if ok else "EOF" for ok in is_ok],
    })  # fmt: skip
    share = [0.0 if t < 20 else 1.0 if t < 45 else 1 - ok_after / 10 for t in range(100)]
    windows = pl.DataFrame({"t": [float(t) for t in range(100)], "failed_share": share})
    numbers = {"duration": 100, "warmup": 0, "trigger_start": 20, "trigger_end": 30, "judged_from": 70}
    return evaluate(RECOVERY, Run({"requests": requests, "windows": windows}, numbers=numbers))


def test_a_system_that_answers_again_has_recovered() -> None:
    assert figures(10) == {
        "goodput_before": 10, "goodput_after": 10, "ok_share_before": 1, "ok_share_after": 1, "recovered": 1,
        "recovery_t": 14,
    }  # fmt: skip


def test_a_tenth_too_little_is_not_recovered() -> None:
    found = figures(9)

    assert (found["goodput_after"], found["ok_share_after"], found["recovered"]) == (9, 0.9, 0)
    assert found["recovery_t"] == 69


def test_a_run_without_a_trigger_says_nothing_of_recovery() -> None:
    done = run(a_scenario(duration="5s"))

    assert not set(done.summary) & set(RECOVERY)


def test_calls_are_counted_where_clients_guard_theirs() -> None:
    tries = {"retry": {"retries": 9, "backoff": {"base": "0s"}}}
    half = {"s": {"panics": 0.5}}
    plain = run(a_scenario(PAUSE, services=half, duration="60s"))
    guarded = run(a_scenario(PAUSE, services=half, client=tries, duration="60s"))

    assert guarded.summary["ok_share_before"] == 1 > plain.summary["ok_share_before"]


@pytest.mark.parametrize(("duration", "more"), [("20s", "8s"), ("25s", "3s"), ("27500ms", "500ms")])
def test_a_run_that_is_too_short_to_judge_says_so_and_no_more(duration: str, more: str) -> None:
    done = run(a_scenario(PAUSE, duration=duration))

    said = f"duration: {duration} is too short to judge whether the system is back after its trigger; make it"
    assert list(done.warnings) == [f"{said} {more} longer"]
    assert "goodput_before" in done.summary
    assert not {"recovered", "recovery_t", "goodput_after"} & set(done.summary)


def test_a_run_that_is_long_enough_is_judged() -> None:
    done = run(a_scenario(PAUSE, duration="28s"))

    assert list(done.warnings) == []
    assert {"recovered", "recovery_t", "goodput_after"} <= set(done.summary)


def test_a_trigger_after_the_end_is_refused() -> None:
    with pytest.raises(InputError, match=r"trigger\.end: 70s lies after the duration of 1m; write an earlier one"):
        a_scenario(trigger={"start": "5s", "end": "70s"}, duration="60s")
