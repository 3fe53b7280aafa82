"""What a user may write, what it means, and what he is told of what cannot work."""

from typing import Any

import pytest

from models.protection.breakers.config import make_breaker
from models.protection.breakers.envoy_config import EnvoyLimitsConfig, EnvoyRetryBudgetConfig
from models.protection.breakers.gobreaker_config import FailureRatio, GobreakerConfig, TotalFailures
from models.protection.breakers.hystrix import Hystrix
from models.protection.breakers.hystrix_config import HystrixConfig, ThreadPoolConfig
from models.protection.breakers.isolation import Semaphore, ThreadPool
from models.protection.breakers.resilience4j_config import Resilience4jConfig
from models.protection.breakers.sentinel_config import SentinelConfig
from sim.scenario import Loader
from sim.units import HOUR, MS, SECOND, US, InputError
from tests.models.protection.breakers.scripted import Protected, a_config

JAVA = {"strategy": "error_ratio", "threshold": 0.5, "retry_timeout": 10 * SECOND}
GO = JAVA | {"flavour": "go", "stat_interval": SECOND}


@pytest.mark.parametrize(
    ("tree", "config"),
    [
        ("hystrix", HystrixConfig()),
        ({"resilience4j": {"sliding_window_size": 10}}, Resilience4jConfig(sliding_window_size=10)),
        (
            {"sentinel": {"flavour": "go", "strategy": "error_ratio", "threshold": 0.5} | {
                "retry_timeout": "10s", "stat_interval": "1s"}},
            SentinelConfig(**GO),  # type: ignore[arg-type]
        ),
        ({"gobreaker": {}}, GobreakerConfig()),
        (
            {"gobreaker": {"ready_to_trip": {"total_failures": 5}}},
            GobreakerConfig(ready_to_trip=TotalFailures(at_least=5)),
        ),
        ({"envoy": {"max_requests": 100}}, EnvoyLimitsConfig(max_requests=100)),
    ],
)  # fmt: skip
def test_a_breaker_is_written_as_a_mapping_with_its_kind(tree: Any, config: Any) -> None:
    assert a_config(tree) == config


def test_two_kinds_at_once_are_told_the_known_ones() -> None:
    with pytest.raises(InputError, match="exactly one of: hystrix, resilience4j, sentinel, gobreaker, envoy"):
        a_config({"hystrix": {}, "gobreaker": {}})


def test_a_wrong_threshold_is_found_at_its_place() -> None:
    text = "breaker:\n  sentinel: {strategy: error_ratio, threshold: 2.0, retry_timeout: 10s}\n"

    with pytest.raises(InputError, match=r"case:2:\d+: breaker.sentinel.threshold: 2 is a share above 1"):
        Loader(Protected).load(text, "case")


@pytest.mark.parametrize(
    ("cls", "keys", "told"),
    [
        (
            HystrixConfig,
            {"error_threshold_percentage": 101},
            "error_threshold_percentage: 101 is too large; write",
        ),
        (HystrixConfig, {"request_volume_threshold": 0}, "request_volume_threshold: 0 is too small; write 1 or more"),
        (HystrixConfig, {"sleep_window": 0}, "sleep_window: 0s is too small; write more than 0s"),
        (HystrixConfig, {"rolling_window": 0}, "rolling_window: 0s is too small"),
        (HystrixConfig, {"snapshot_interval": 0}, "snapshot_interval: 0s is too small"),
        (HystrixConfig, {"rolling_window": 100 * MS}, "snapshot_interval: is longer than rolling_window"),
        (ThreadPoolConfig, {"core_size": 0}, "core_size: 0 is too small"),
        (
            Resilience4jConfig,
            {"failure_rate_threshold": 0.0},
            "failure_rate_threshold: 0 is too small",
        ),
        (Resilience4jConfig, {"failure_rate_threshold": 101.0}, "failure_rate_threshold: 101 is too large"),
        (Resilience4jConfig, {"slow_call_rate_threshold": 0.0}, "slow_call_rate_threshold: 0 is too small"),
        (Resilience4jConfig, {"slow_call_duration_threshold": 0}, "slow_call_duration_threshold: 0s is too small"),
        (Resilience4jConfig, {"sliding_window_size": 0}, "sliding_window_size: 0 is too small"),
        (Resilience4jConfig, {"minimum_number_of_calls": 0}, "minimum_number_of_calls: 0 is too small"),
        (Resilience4jConfig, {"permitted_number_of_calls_in_half_open_state": 0}, "permitted_number.*: 0 is too small"),
        (Resilience4jConfig, {"wait_duration_in_open_state": 0}, "wait_duration_in_open_state: 0s is too small"),
        (Resilience4jConfig, {"wait_multiplier": 0.5}, "wait_multiplier: 0.5 is too small"),
        (Resilience4jConfig, {"max_wait_duration_in_open_state": 1}, "max_wait.*: the wait does not grow"),
        (SentinelConfig, JAVA | {"threshold": 1.5}, "threshold: 1.5 is a share above 1"),
        (SentinelConfig, JAVA | {"strategy": "slow_ratio"}, "max_allowed_rt: goes with strategy: slow_ratio alone"),
        (SentinelConfig, JAVA | {"max_allowed_rt": 50 * MS}, "max_allowed_rt: goes with strategy: slow_ratio alone"),
        (SentinelConfig, JAVA | {"retry_timeout": 0}, "retry_timeout: 0s is too small"),
        (SentinelConfig, JAVA | {"retry_timeout": 500 * MS}, "retry_timeout: Java's timeWindow counts whole seconds"),
        (SentinelConfig, JAVA | {"stat_interval": 0}, "stat_interval: 0s is no time"),
        (SentinelConfig, JAVA | {"flavour": "go"}, "stat_interval: 0s is no time"),
        (SentinelConfig, JAVA | {"min_request_amount": 0}, "min_request_amount: 0 is too few; write 1 or more"),
        (SentinelConfig, GO | {"min_request_amount": -1}, "min_request_amount: -1 is too few; write 0 or more"),
        (SentinelConfig, JAVA | {"bucket_count": 2}, "bucket_count: Java has none"),
        (SentinelConfig, JAVA | {"probe_num": 2}, "probe_num: Java has none"),
        (GobreakerConfig, {"max_requests": -1}, "max_requests: -1 is too small"),
        (GobreakerConfig, {"bucket_period": SECOND}, "interval: 0s has no buckets"),
        (
            GobreakerConfig,
            {"interval": HOUR, "bucket_period": US},
            "bucket_period: the window has 3600000000 of them; write 360ms or more",
        ),
        (
            HystrixConfig,
            {"rolling_window": HOUR, "snapshot_interval": 1},
            "snapshot_interval: the window has 3600000000000 of them; write 360ms or more",
        ),
        (Resilience4jConfig, {"sliding_window_size": 10**11}, "sliding_window_size: 100000000000 is too large; write"),
        (
            Resilience4jConfig,
            {"sliding_window_type": "time_based", "sliding_window_size": 10**5},
            "sliding_window_size: 100000 seconds are too many; write 86400 or less",
        ),
        (SentinelConfig, GO | {"bucket_count": 10**7}, "bucket_count: 10000000 is too large; write 10000 or less"),
        (TotalFailures, {"at_least": 0}, "at_least: 0 is too small"),
        (FailureRatio, {"at_least": 1.5}, "at_least: 1.5 is too large; write 1 or less"),
        (EnvoyLimitsConfig, {"max_requests": -1}, "max_requests: -1 is too small; write 0 or more"),
        (EnvoyRetryBudgetConfig, {"budget_percent": 101.0}, "budget_percent: 101 is too large; write 100 or less"),
    ],
)
def test_what_cannot_work_is_refused_with_its_field_and_the_way_out(cls: Any, keys: Any, told: str) -> None:
    with pytest.raises(ValueError, match=f"^{told}"):
        cls(**keys)


def test_the_flavours_of_sentinel_have_defaults_of_their_own() -> None:
    java, go = SentinelConfig(**JAVA), SentinelConfig(**GO)  # type: ignore[arg-type]

    assert (java.interval, java.least_requests, java.buckets) == (SECOND, 5, 1)
    assert (go.interval, go.least_requests, go.buckets) == (SECOND, 0, 1)


@pytest.mark.parametrize(
    ("isolation", "kind"), [("thread", ThreadPool), ("semaphore", Semaphore), ("none", type(None))]
)
def test_a_hystrix_command_has_the_isolation_that_is_written(isolation: str, kind: type) -> None:
    command = make_breaker(a_config({"hystrix": {"isolation": isolation}}), "orders")

    assert isinstance(command, Hystrix)
    assert type(command.isolation) is kind
