"""Idle guards: what is listed and can refuse nothing is said once, and the run goes on."""

import pytest

from models.idle_guards import idle_guards
from sim import wiring

GOOD = """\
duration: 1s
clients: {gw: {}}
services: {a: {workers: 2}}
workloads:
  w: {client: gw, service: a, arrivals: {poisson: {rate: 20/s}}}
"""
LOCAL = "max_tokens: 5, fill_interval: 1s"

NO_WORKERS = "nobody waits where workers is 0, so it does nothing; write their number"
NO_MACHINE = "a client has no processors or load to look at; put it before a service"
NO_SHARE = "is 0, as in Envoy, so nothing is limited; write 1"
FAR_APART = "of an instance, so it never opens; write a smaller number"
UNHEEDED = "which no client heeds; write retry: {pushback: obey} of one"
RATIO = "gobreaker: {interval: 1s, ready_to_trip: {failure_ratio: {at_least: 1, requests: 50}}}"

SAID = [
    (f"clients.gw.guards=[{{envoy_local: {{{LOCAL}}}}}]", "clients.gw.guards.0.envoy_local.filter_enabled", NO_SHARE),
    (
        f"services.a.guards=[vegas, {{envoy_local: {{{LOCAL}, filter_enabled: 1}}}}]",
        "services.a.guards.1.envoy_local.filter_enforced", NO_SHARE,
    ),
    (
        "clients.gw.guards=[{gobreaker: {timeout: 1s}}, vegas, {gobreaker: {timeout: 1s}}]", "clients.gw.guards.2",
        "gobreaker with the settings of guards.0, so each call asks it twice; leave one out",
    ),
    ("clients.gw.guards=[kratos_bbr]", "clients.gw.guards.0.kratos_bbr", NO_MACHINE),
    (
        "clients.gw.guards=[{sentinel_system: {highest_cpu_usage: 0.8}}]", "clients.gw.guards.0.sentinel_system",
        NO_MACHINE,
    ),
    (
        "services.a={guards: [kratos_bbr]}", "services.a.guards.0.kratos_bbr",
        "looks at workers, and workers is 0, so it refuses nothing; write their number",
    ),
    (
        "services.a.guards=[aws_adaptive]", "services.a.guards.0.aws_adaptive",
        "learns from 429 alone, which nothing gives it; put it before a client's calls",
    ),
    (
        "services.a.guards=[vegas, {sentinel: {strategy: error_ratio, threshold: 1, retry_timeout: 1s}}]",
        "services.a.guards.1.sentinel.threshold",
        "Java opens above it, and no share is above 1; write less than 1",
    ),
    ("services.a={queue_discipline: codel}", "services.a.queue_discipline", NO_WORKERS),
    ("services.a={expiry: {after: 1s}}", "services.a.expiry", NO_WORKERS),
    (
        "clients.gw.guards=[{hystrix: {rolling_window: 1s, request_volume_threshold: 50}}]",
        "clients.gw.guards.0.hystrix.request_volume_threshold", f"50 calls do not come within 1s at 20/s {FAR_APART}",
    ),
    (
        "clients.gw.guards=[{resilience4j: {sliding_window_type: time_based, sliding_window_size: 2}}]",
        "clients.gw.guards.0.resilience4j.minimum_number_of_calls",
        f"100 calls do not come within 2s at 20/s {FAR_APART}",
    ),
    (
        "clients.gw={instances: 100, guards: [{sentinel: {strategy: error_ratio, threshold: 0.5, retry_timeout: 1s}}]}",
        "clients.gw.guards.0.sentinel.min_request_amount", f"5 calls do not come within 1s at 0.2/s {FAR_APART}",
    ),
    (
        f"clients.gw.guards=[{{{RATIO}}}]", "clients.gw.guards.0.gobreaker.ready_to_trip.failure_ratio.requests",
        f"50 calls do not come within 1s at 20/s {FAR_APART}",
    ),
    ("services.a={pushback: {wait: 2s}}", "services.a.pushback", f"asks for a wait of 2s, {UNHEEDED}"),
    ("services.a={pushback: {wait: never}}", "services.a.pushback", f"asks not to be asked again, {UNHEEDED}"),
]  # fmt: skip

GO_RATIO = "flavour: go, stat_interval: 1s, strategy: error_ratio"
HYSTRIX = "clients.gw.guards=[{hystrix: {rolling_window: 1s, request_volume_threshold: 50}}]"

SILENT = {
    "enough calls": ["clients.gw.guards=[{hystrix: {rolling_window: 1s, request_volume_threshold: 40}}]"],
    "retries are calls, too": [HYSTRIX, "clients.gw.retry.retries=2"],
    "two workloads": [HYSTRIX, "workloads.v={client: gw, service: a, arrivals: {poisson: {rate: 20/s}}}"],
    "a closed loop": [HYSTRIX, "workloads.w.arrivals={closed_loop: {workers: 1, think: 1s}}"],
    "a window of calls": ["clients.gw.guards=[{resilience4j: {}}]"],
    "other settings": ["clients.gw.guards=[{gobreaker: {timeout: 1s}}, gobreaker]"],
    "a limit that limits": [f"clients.gw.guards=[{{envoy_local: {{{LOCAL}, filter_enabled: 1, filter_enforced: 1}}}}]"],
    "a machine": ["services.a.guards=[kratos_bbr, {sentinel_system: {highest_system_load: 3}}]"],
    "calls beside the machine": ["clients.gw.guards=[{sentinel_system: {qps: 5/s, highest_cpu_usage: 0.8}}]"],
    "a share of slow calls": [
        "services.a.guards=[{sentinel: {strategy: slow_ratio, max_allowed_rt: 1s, threshold: 1, retry_timeout: 1s}}]"
    ],
    "Go at its threshold": [
        f"services.a.guards=[{{sentinel: {{{GO_RATIO}, threshold: 1, retry_timeout: 1s}}}}]",
    ],
    "a wait that somebody heeds": ["services.a.pushback={wait: 2s}", "clients.gw.retry=aws_new"],
    "a wait without an end that gRPC heeds": ["services.a.pushback={wait: never}", "clients.gw.retry=grpc"],
    "a queue": ["services.a.queue_discipline=codel", "services.a.expiry={after: 1s}"],
}  # fmt: skip


@pytest.mark.parametrize(("line", "place", "said"), SAID, ids=[place for _, place, _ in SAID])
def test_what_can_refuse_nothing_is_said(line: str, place: str, said: str) -> None:
    assert list(idle_guards(wiring.load(GOOD, [line]))) == [f"{place}: {said}"]


@pytest.mark.parametrize("lines", SILENT.values(), ids=SILENT)
def test_what_may_refuse_something_is_not_said(lines: list[str]) -> None:
    assert list(idle_guards(wiring.load(GOOD, lines))) == []


def test_a_client_that_knows_no_never_does_not_heed_it() -> None:
    scenario = wiring.load(GOOD, ["services.a.pushback={wait: never}", "clients.gw.retry=aws_new"])

    assert [line.partition(":")[0] for line in idle_guards(scenario)] == ["services.a.pushback"]


def test_a_run_says_it_with_its_other_warnings() -> None:
    done = wiring.run(wiring.load(GOOD, [SAID[0][0], "warmup=1s"]))

    assert [line.partition(":")[0] for line in done.warnings] == [
        "warmup", "clients.gw.guards.0.envoy_local.filter_enabled",
    ]  # fmt: skip
