"""Oversights: what a scenario asks for to no effect is said once, and the run goes on."""

from pathlib import Path

import pytest

from sim import wiring
from sim.cli.main import main

GOOD = """\
name: small
duration: 10s
clients: {gw: {}}
services: {a: {}}
workloads:
  w: {client: gw, service: a, arrivals: {poisson: {rate: 20/s}}}
timeline: [{at: 5s, pause: {for: 1s}}]
"""
RATE = "{poisson: {rate: 20/s}}"

SILENT = [
    "{poisson: {rate: 0/s}}",
    "{constant: {rate: 0/s}}",
    "{bursts: {on_rate: 0/s, off_rate: 0/s, on: 1s, off: 1s}}",
    "{curve: {points: [{at: 0s, rate: 0/s}]}}",
]


def warnings_of(text: str, *overrides: str) -> tuple[str, ...]:
    """What a run of the scenario has to say."""
    return wiring.run(wiring.load(text, overrides)).warnings


def test_a_scenario_in_which_everything_happens_has_no_warning() -> None:
    assert warnings_of(GOOD, "warmup=9s") == ()


def test_a_rule_that_never_acts_is_said() -> None:
    rules = "[{name: a, match: status >= 500, action: annotate}, {name: b, match: http-status>=500, action: shed}]"

    (said,) = warnings_of(GOOD, f"clients.gw.transport.protocol_rules={rules}")

    assert said.startswith("clients.gw.transport.protocol_rules.1.match: rule 0 (a) has the same condition and wins")


def test_a_warm_up_that_takes_the_whole_duration_is_said() -> None:
    said = "warmup: 10s takes all of the duration of 10s, so there is no latency, ratio or rate; write a shorter warmup"

    assert warnings_of(GOOD, "warmup=10s") == (said,)


def test_a_fault_after_the_end_of_the_tail_is_said() -> None:
    said = "timeline.0: pause at 12s does not happen, the run ends at 12s; lengthen duration"

    assert warnings_of(GOOD.replace("at: 5s", "at: 12s"), "tail=2s") == (said,)


def test_a_close_idle_after_the_end_of_the_tail_is_said() -> None:
    said = "timeline.0: close_idle at 13s does not happen, the run ends at 12s; lengthen duration"

    assert warnings_of(GOOD, "timeline=[{at: 13s, close_idle: {}}]") == (said,)


def test_a_fault_within_the_tail_happens() -> None:
    done = wiring.run(wiring.load(GOOD.replace("at: 5s", "at: 11s"), ["tail=2s"]))

    assert done.warnings == ()
    assert done.events.height > 0


@pytest.mark.parametrize("arrivals", SILENT)
def test_a_workload_that_sends_nothing_is_said(arrivals: str) -> None:
    said = "workloads.w.arrivals: a rate of 0/s sends no request; write one such as 100/s"

    assert warnings_of(GOOD.replace(RATE, arrivals)) == (said,)


def test_a_controller_that_never_looks_is_said() -> None:
    text = "the controller looks first after 11s, when all have arrived; write one below the duration of 10s"
    said = warnings_of(GOOD, "clients.gw.tuning.period=11s")

    assert said == (f"clients.gw.tuning.period: {text}",)


def test_warnings_are_lines_on_standard_error_and_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenario.yaml").write_text(GOOD)

    code = main(["run", "scenario.yaml", "--set", "warmup=20s"])

    assert code == 0
    assert capsys.readouterr().err.splitlines()[0].startswith("warning: warmup: 20s takes all of the duration of 10s")
