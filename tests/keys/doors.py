"""Cases of what stands before the workers of a backend: limits of its connections, guards, the order of its queue."""

from tests.keys.case import Case, change

FEW_TOKENS = ("S.connection_limit={tokens: 3, refill_interval: 30ms}", "T.max_conns_per_host=1")
SLOW = (
    "S.workers=2",
    "S.queue=50",
    "W.arrivals={constant: {rate: 200/s}}",
    "S.service_time={exponential: {mean: 20ms}}",
)


def _queueing(key: str, given: str, value: str) -> Case:
    return change(f"S.queue_discipline.{key}={value}", *SLOW, f"S.queue_discipline={given}")


DOORS: dict[str, Case] = {
    "services.*.connection_limit.tokens": change("S.connection_limit.tokens=6", *FEW_TOKENS),
    "services.*.connection_limit.refill_interval": change("S.connection_limit.refill_interval=90ms", *FEW_TOKENS),
    "services.*.connection_limit.on_empty": change("S.connection_limit.on_empty=refuse", *FEW_TOKENS),
    "services.*.queue_discipline.fifo": change("S.queue_discipline=fifo", *SLOW, "S.queue_discipline=lifo"),
    "services.*.queue_discipline.lifo": change("S.queue_discipline=lifo", *SLOW, "S.queue_discipline=fifo"),
    **{
        f"services.*.queue_discipline.{key}": _queueing(key, f"{{{kind}: {{target: 10ms, interval: 50ms}}}}", value)
        for kind in ("codel", "folly_codel", "fail_at_scale")
        for key, value in ((f"{kind}.target", "30ms"), (f"{kind}.interval", "80ms"))
    },
    "services.*.queue_discipline.fail_at_scale.adaptive_lifo": _queueing(
        "fail_at_scale.adaptive_lifo", "fail_at_scale", "false"
    ),
}  # fmt: skip

BEFORE_BACKENDS: dict[str, str] = {
    "hystrix": "timeout: 0s, snapshot_interval: 100ms, rolling_window: 500ms, request_volume_threshold: 5",
    "resilience4j": "minimum_number_of_calls: 5, sliding_window_size: 5",
    "sentinel": "strategy: error_count, threshold: 3, retry_timeout: 1s",
    "gobreaker": "ready_to_trip: {total_failures: {at_least: 3}}",
    "envoy": "max_requests: 1",
    "token_bucket": "rate: 20/s, burst: 2",
    "guava_bursty": "rate: 50/s",
    "guava_warming_up": "rate: 50/s, warmup: 1s",
    "envoy_local": "max_tokens: 2, fill_interval: 100ms, filter_enabled: 1, filter_enforced: 1",
    "gcra": "rate: 20/s",
    "nginx": "rate: 20/s",
    "nginx_zones": "zones: [{rate: 20/s}]",
    "fixed_window": "limit: 20",
    "sliding_log": "limit: 20",
    "two_windows": "limit: 20",
    "sentinel_flow": "count: 20",
    "sentinel_system": "highest_cpu_usage: 0.4",
    "concurrency": "limit: 1",
    "aimd": "initial_limit: 1, min_limit: 1",
    "vegas": "initial_limit: 1, max_limit: 1",
    "gradient": "initial_limit: 1, max_limit: 4",
    "gradient2": "initial_limit: 1, min_limit: 1, max_limit: 1",
    "windowed": "limit: {aimd: {initial_limit: 1, min_limit: 1}}",
    "envoy_gradient": "concurrency_update_interval: 100ms, min_rtt_interval: 1s, min_concurrency: 1",
    "kratos_bbr": "window: 1s, buckets: 10, cpu_threshold: 0.02",
    "sre_throttle": "k: 1",
    "aws_adaptive": "",
}
"""Every kind with settings under which it refuses or delays in the world of `before_a_backend`."""


FAILING = ("services.a.panics=0.3", "services.a.workers=4", "services.a.queue=20", "services.a.service_time=50ms")
THROTTLED = (
    "services.b={guards: [{token_bucket: {rate: 10/s, burst: 1}}]}", "clients.inner={}",
    "services.a.relay={client: inner, service: b}",
)  # fmt: skip
"""A chain whose last service refuses by 429: nothing else tells a backend that there are too many calls."""


def before_a_backend(kind: str) -> tuple[str, ...]:
    """A world whose only backend fails often, is busy, and has one guard of this kind."""
    guard = f"services.a.guards=[{{{kind}: {{{BEFORE_BACKENDS[kind]}}}}}]"
    return (guard, *(THROTTLED if kind == "aws_adaptive" else FAILING))
