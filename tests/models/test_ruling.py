"""Protocol rules at work in a world."""

import polars as pl
import pytest

from sim import wiring
from sim.wiring import Run

TEXT = """
duration: 4s
clients:
  gw:
    protocol_rules: [{{name: busy, match: "{match}", action: "{action}"}}]
    {client}
services:
  orders: {{service_time: 20ms, workers: 1, queue: 2}}
workloads:
  w: {{client: gw, service: orders, arrivals: {{poisson: {{rate: 100/s}}}}}}
"""


def ran(action: str, match: str = "grpc-status == UNAVAILABLE", client: str = "instances: 1") -> Run:
    return wiring.run(wiring.load(TEXT.format(match=match, action=action, client=client)))


def counted(done: Run) -> dict[str, float]:
    """Of the rule, without its name."""
    return {key.removeprefix("rule:gw.busy."): n for key, n in done.counters.items() if key.startswith("rule:gw.busy.")}


def test_an_annotation_leaves_the_run_as_it_is_but_for_its_notes() -> None:
    done, plain = ran("annotate: note=full"), ran("annotate: note=full", match="false")

    notes = done.tables["events"].filter(pl.col("event") == "full")
    assert notes.height == counted(done)["matched"] == counted(done)["note:full"] == done.summary["status:503"]
    assert done.manifest["fingerprint"]["requests"] == plain.manifest["fingerprint"]["requests"]


def test_a_rule_may_retry_where_the_client_does_not() -> None:
    done = ran("retry: retries=2, after=50ms")

    calls = done.tables["calls"]
    assert calls["tries"].max() == 3
    assert calls.filter(pl.col("tries") == 3)["waited"].to_list()[0] == pytest.approx(0.1)
    assert done.summary["n_calls_ok"] > ran("annotate").summary["n_calls_ok"]


def test_a_rule_may_forbid_the_retries_of_the_client() -> None:
    retry = "retry: {retries: 2}"

    assert ran("retry: retries=0", client=retry).tables["calls"]["tries"].max() == 1
    assert ran("annotate", client=retry).tables["calls"]["tries"].max() == 3


def test_a_success_that_matches_is_tried_again_too() -> None:
    calls = ran("retry: retries=1, after=1ms", match="status == 200 && attempt == 1").tables["calls"]

    assert calls.filter(pl.col("status") == 200)["tries"].unique().to_list() == [2]


def test_a_refusal_has_a_text_of_its_own_and_never_comes_to_the_service() -> None:
    done = ran("shed: for=200ms")

    refused = done.summary["call_err:shed by rule busy"]
    assert refused == counted(done)["refused:shed"] > 0
    assert done.tables["requests"].filter(pl.col("err") == "shed by rule busy")["t_wrote"].is_null().all()


def test_a_breaker_notes_its_states() -> None:
    done = ran("break: consecutive=1, timeout=100ms")

    events = done.tables["events"]["event"].to_list()
    assert events[:3] == [
        "breaker open by rule busy", "breaker open by rule busy ends", "breaker half open by rule busy",
    ]  # fmt: skip
    assert counted(done)["opened"] == events.count("breaker open by rule busy")


def test_each_instance_has_a_state_of_its_own() -> None:
    done = ran("break: consecutive=1, timeout=10s", client="instances: 2")

    assert counted(done)["opened"] == 2
    assert done.tables["events"]["client"].unique().sort().to_list() == ["gw.0", "gw.1"]


def test_a_throttle_that_lets_tries_wait_delays_their_calls() -> None:
    done = ran("throttle: bucket=1, refill=40/s, max_wait=50ms")

    waits = [wait for wait in done.tables["calls"]["waited"].to_list() if wait > 0]
    assert counted(done)["delayed"] == len(waits) > 0
    assert max(waits) <= 0.05
