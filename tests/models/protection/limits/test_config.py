"""What may be written as a limit, what is refused and in which words, and what callers of each kind see."""

from dataclasses import dataclass
from typing import Any, get_args

import pytest

from models.protection.limits.aimd import AimdConfig
from models.protection.limits.aws_adaptive import AwsAdaptiveConfig
from models.protection.limits.bbr import KratosBbrConfig
from models.protection.limits.codel import CodelConfig
from models.protection.limits.config import AnyDiscipline, AnyLimit, make_discipline, make_limit
from models.protection.limits.connection_bucket import ConnectionBucketConfig
from models.protection.limits.envoy_bucket import EnvoyLocalConfig
from models.protection.limits.envoy_gradient import EnvoyGradientConfig
from models.protection.limits.fixed_window import FixedWindowConfig
from models.protection.limits.folly_codel import FollyCodelConfig
from models.protection.limits.gcra import GcraConfig
from models.protection.limits.gradient import Gradient2Config
from models.protection.limits.nginx_bucket import NginxConfig, NginxZonesConfig
from models.protection.limits.sentinel_config import SentinelFlowConfig, SentinelSystemConfig
from models.protection.limits.token_bucket import TokenBucketConfig
from models.protection.limits.vegas import VegasConfig
from models.protection.limits.windowed import WindowedConfig
from sim.scenario.load import Loader
from sim.units import MS, SECOND, InputError, OneOf
from tests.models.protection.limits.scripts import luck


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a limit and a discipline may be written."""

    limit: AnyLimit = TokenBucketConfig(rate=1.0, burst=1)
    """A limit."""
    queue: AnyDiscipline = CodelConfig()
    """A discipline."""


def read(text: str) -> Place:
    found: Place = Loader(Place).load(text, "own.yaml")
    return found


def kinds(of: Any) -> list[str]:
    return [kind for mark in get_args(of) if isinstance(mark, OneOf) for kind in mark.kinds]


WRITTEN = {
    "token_bucket": "{rate: 500/s, burst: 100}",
    "guava_bursty": "{rate: 5/s, max_wait: 0}",
    "guava_warming_up": "{rate: 5/s, warmup: 3s}",
    "envoy_local": "{max_tokens: 10, fill_interval: 1s}",
    "gcra": "{rate: 3/m, burst: 5}",
    "nginx": "{rate: 10/s, burst: 20, nodelay: true}",
    "nginx_zones": "{zones: [{rate: 10/s}, {rate: 300/m, burst: 5}]}",
    "fixed_window": "{limit: 100}",
    "sliding_log": "{limit: 100, window: 1m}",
    "two_windows": "{limit: 100}",
    "sentinel_flow": "{count: 20, behaviour: warm_up}",
    "envoy_gradient": "{concurrency_update_interval: 100ms, min_rtt_interval: 60s}",
    "windowed": "{limit: vegas}",
}


@pytest.mark.parametrize("kind", kinds(AnyLimit))
def test_every_kind_of_limit_can_be_written_and_lets_a_first_call_pass(kind: str) -> None:
    limit = make_limit(read(f"limit: {{{kind}: {WRITTEN.get(kind, '{}')}}}").limit, luck())

    assert limit.ask(SECOND) is not None
    assert limit.refusal_text
    assert limit.refusal_status == 0 or 400 <= limit.refusal_status < 600


@pytest.mark.parametrize("kind", kinds(AnyDiscipline))
def test_every_discipline_can_be_written_by_its_name_alone(kind: str) -> None:
    discipline = make_discipline(read(f"queue: {kind}").queue)

    assert (discipline.refusal_text, discipline.refusal_status) == ("Service Unavailable", 503)


def test_a_kind_with_defaults_needs_no_mapping() -> None:
    assert read("limit: vegas").limit == VegasConfig()


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        ("{token_bucket: {rate: 1/s, burst: 1}}", 429, "Too Many Requests"),
        ("{token_bucket: {rate: 1/s, burst: 1, max_wait: 1s}}", 0, "rate: Wait(n=1) would exceed context deadline"),
        ("{gcra: {rate: 1/s}}", 429, "limit exceeded"),
        ("{nginx: {rate: 1/s}}", 503, "Service Temporarily Unavailable"),
        ("{envoy_local: {max_tokens: 1, fill_interval: 1s}}", 429, "local_rate_limited"),
        ("{sentinel_flow: {count: 1}}", 0, "FlowException"),
        ("sentinel_system", 0, "SystemBlockException"),
        ("vegas", 429, "Concurrency limit exceeded"),
        ("kratos_bbr", 429, "service unavailable due to rate limit exceeded"),
        ("sre_throttle", 0, "rejected by the client's throttle"),
    ],
)
def test_callers_see_what_the_original_says(text: str, status: int, said: str) -> None:
    limit = make_limit(read(f"limit: {text}").limit, luck())

    assert (limit.refusal_status, limit.refusal_text) == (status, said)


def test_nginx_answers_with_the_status_of_the_zone_that_refuses() -> None:
    zones = NginxZonesConfig(zones=(NginxConfig(rate=100.0), NginxConfig(rate=1.0, status=429)))
    limit = make_limit(zones, luck())
    limit.ask(0)

    assert [limit.ask(5 * MS), limit.refusal_status] == [None, 503]
    assert [limit.ask(500 * MS), limit.refusal_status] == [None, 429]


@pytest.mark.parametrize(
    ("cls", "fields", "said"),
    [
        (TokenBucketConfig, {"rate": -1.0, "burst": 1}, "rate: -1/s is too small; write 0/s or more"),
        (GcraConfig, {"rate": 5e9}, "rate: 5000000000/s is too large; write 1000000000/s or less"),
        (TokenBucketConfig, {"rate": 1.0, "burst": -1}, "burst: -1 is too small; write 0 or more"),
        (TokenBucketConfig, {"rate": 0.0, "burst": 1, "max_wait": None},
         "max_wait: null waits for ever where rate is 0; write a duration or another rate"),
        (FixedWindowConfig, {"limit": 1, "window": 0}, "window: 0s is too small; write more than 0s"),
        (GcraConfig, {"rate": 0.0}, "rate: 0/s is too small; write more than 0/s"),
        (EnvoyLocalConfig, {"max_tokens": 1, "fill_interval": 49 * MS},
         "fill_interval: 49ms is too small; write 50ms or more"),
        (EnvoyLocalConfig, {"max_tokens": 1, "fill_interval": SECOND, "filter_enabled": 100.0},
         "filter_enabled: 100 is too large; write 1 or less"),
        (NginxConfig, {"rate": 1.0, "burst": 5, "delay": 2, "nodelay": True},
         "delay: has no meaning with nodelay; leave one of them out"),
        (NginxZonesConfig, {"zones": ()}, "zones: is empty; write at least one"),
        (SentinelFlowConfig, {"count": -1.0}, "count: -1 is too small; write 0 or more"),
        (SentinelFlowConfig, {"count": 1.0, "grade": "thread", "behaviour": "queue"},
         "behaviour: queue looks at rates; write grade: qps or behaviour: reject"),
        (SentinelFlowConfig, {"count": 1.0, "behaviour": "queue", "prioritized": True},
         "prioritized: needs grade: qps and behaviour: reject; leave it out or write these"),
        (SentinelFlowConfig, {"count": 9.0, "behaviour": "warm_up", "warm_up_period": 1500 * MS},
         "warm_up_period: is no whole number of seconds; write one such as 10s"),
        (SentinelFlowConfig, {"count": 0.1, "behaviour": "warm_up"},
         "count: leaves nothing to warm up with; write a larger one or a longer warm_up_period"),
        (SentinelSystemConfig, {"highest_cpu_usage": 80.0},
         "highest_cpu_usage: 80 is too large; write 1 or less"),
        (SentinelSystemConfig, {"cpu_by_bbr": True},
         "cpu_by_bbr: Java does not know it; leave it out or write implementation: go"),
        (AimdConfig, {"min_limit": 300}, "min_limit: 300 is above max_limit; write 200 or less"),
        (AimdConfig, {"backoff_ratio": 1.0}, "backoff_ratio: 1 is too large; write less than 1"),
        (AwsAdaptiveConfig, {"beta": 0.0}, "beta: 0 is too small; write more than 0"),
        (WindowedConfig, {"limit": AimdConfig(), "window": 50 * MS}, "window: 50ms is too small; write 100ms or more"),
        (KratosBbrConfig, {"buckets": 5},
         "buckets: are longer than 1s, or shorter than 1ns; write another number or window"),
        (EnvoyGradientConfig,
         {"concurrency_update_interval": 1, "min_rtt_interval": 1, "min_concurrency": 9, "max_concurrency_limit": 8},
         "min_concurrency: 9 is above max_concurrency_limit; write 8 or less"),
        (Gradient2Config, {"max_limit": 19}, "min_limit: 20 is above max_limit; write 19 or less"),
        (FollyCodelConfig, {"interval": 5 * MS},
         "target: is not below interval; write a smaller one, about a twentieth of interval"),
        (CodelConfig, {"target": 100 * MS},
         "target: is not below interval; write a smaller one, about a twentieth of interval"),
        (ConnectionBucketConfig, {"on_empty": "delay", "refill_interval": None},
         "on_empty: delay waits for ever without a refill_interval; write one, such as 10ms"),
    ],
)  # fmt: skip
def test_numbers_outside_their_ranges_are_refused_wherever_they_come_from(
    cls: Any, fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError) as caught:
        cls(**fields)

    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("limit: {fixed_window: {limit: 5, window: 0}}", "window: 0 should be greater than 0s"),
        ("limit: {envoy_local: {max_tokens: 5, fill_interval: 20ms}}", "fill_interval: 20ms should be greater"),
        ("limit: {sentinel_flow: {count: 5, grade: thread, behaviour: queue}}", "queue looks at rates"),
        ("limit: {tokenbucket: {rate: 1/s}}", "tokenbucket"),
        ("limit: {token_bucket: {rate: 5}}", "rate: 5 has no unit"),
    ],
)
def test_a_scenario_gets_an_error_with_its_place(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text)

    assert said in str(caught.value)
    assert str(caught.value).startswith("own.yaml:1:")
