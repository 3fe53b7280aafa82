"""Cases of the keys of breakers, as clients have them before their calls."""

from tests.keys.case import Case, change
from tests.keys.story import of_kind

HYSTRIX = "request_volume_threshold: 5, sleep_window: 500ms, rolling_window: 2s, snapshot_interval: 200ms"
THREADS = "isolation: {thread: {core_size: 4, max_queue_size: 4}}"
RESILIENCE4J = "sliding_window_size: 10, minimum_number_of_calls: 10, wait_duration_in_open_state: 300ms"
PROBING = f"{RESILIENCE4J}, permitted_number_of_calls_in_half_open_state: 4"
SLOW = f"{PROBING}, slow_call_duration_threshold: 100ms, slow_call_rate_threshold: 60"
HANGING = f"{PROBING}, max_wait_duration_in_half_open_state: 200ms"
JAVA = "strategy: error_ratio, threshold: 0.3, retry_timeout: 1s, stat_interval: 1s"
GO = "flavour: go, strategy: error_ratio, threshold: 0.3, retry_timeout: 400ms, stat_interval: 1s"
GO_SLOW = (
    "flavour: go, strategy: slow_ratio, threshold: 0.5, max_allowed_rt: 100ms, retry_timeout: 400ms, stat_interval: 1s"
)
GOBREAKER = "timeout: 300ms"
ROLLING = f"{GOBREAKER}, interval: 2s, bucket_period: 500ms, ready_to_trip: {{total_failures: {{at_least: 12}}}}"
RATIO = f"{GOBREAKER}, interval: 1s, ready_to_trip: {{failure_ratio: {{at_least: 0.3, requests: 5}}}}"
ENVOY = "max_connections: 6, max_pending_requests: 4"
RETRYING = ("G.retry={retries: 3}", "S.panics=0.5", "A={constant: {rate: 200/s}}")
BUDGET = "G.guards.0.envoy.retry_budget"


def _before_a_limit(kind: str, given: str) -> str:
    return f"G.guards=[{{{kind}: {{{given}}}}}, {{token_bucket: {{rate: 5/s, burst: 1}}}}]"


BREAKERS: dict[str, Case] = {
    **of_kind("hystrix", HYSTRIX, {
        "request_volume_threshold": "200", "error_threshold_percentage": "90", "sleep_window": "1s",
        "rolling_window": "1s", "snapshot_interval": "100ms", "force_open": "true", "force_closed": "true",
    }),
    **of_kind("hystrix", f"{HYSTRIX}, {THREADS}", {
        "isolation.thread.core_size": "5", "isolation.thread.max_queue_size": "2",
        "isolation.thread.queue_size_rejection_threshold": "3", "isolation.none": "{}",
    }),
    **of_kind("hystrix", f"{HYSTRIX}, isolation: {{semaphore: {{max_concurrent_requests: 4}}}}", {
        "isolation.semaphore.max_concurrent_requests": "5",
    }),
    "clients.*.guards.[].hystrix.timeout": change(
        "G.guards.0.hystrix.timeout=100ms", "S.service_time={exponential: {mean: 100ms}}", "G.guards=[hystrix]"
    ),
    **of_kind("resilience4j", PROBING, {
        "failure_rate_threshold": "30", "sliding_window_type": "time_based", "sliding_window_size": "20",
        "minimum_number_of_calls": "2", "permitted_number_of_calls_in_half_open_state": "2",
        "wait_duration_in_open_state": "600ms", "wait_multiplier": "2", "mode": "metrics_only",
        "max_wait_duration_in_half_open_state": "100ms",
        "automatic_transition_from_open_to_half_open_enabled": "true",
    }),
    **of_kind("resilience4j", SLOW, {"slow_call_rate_threshold": "90", "slow_call_duration_threshold": "400ms"}),
    **of_kind("resilience4j", f"{PROBING}, wait_multiplier: 2", {"max_wait_duration_in_open_state": "400ms"}),
    **of_kind("resilience4j", HANGING, {"transition_to_state_after_wait_duration": "closed"}),
    **of_kind("sentinel", JAVA, {
        "flavour": "go", "threshold": "0.6", "retry_timeout": "2s", "min_request_amount": "20", "stat_interval": "2s",
        "strategy": "error_count",
    }),
    **of_kind("sentinel", GO, {"bucket_count": "2", "probe_num": "3"}),
    **of_kind("sentinel", GO_SLOW, {"max_allowed_rt": "300ms"}),
    **of_kind("gobreaker", GOBREAKER, {"max_requests": "3", "interval": "200ms", "timeout": "600ms"}),
    **of_kind("gobreaker", GOBREAKER + ", ready_to_trip: {consecutive_failures: {more_than: 5}}", {
        "ready_to_trip.consecutive_failures.more_than": "2",
    }),
    **of_kind("gobreaker", ROLLING, {
        "bucket_period": "2s", "ready_to_trip.total_failures.at_least": "4", "excludes_cancelled": "true",
    }),
    **{
        f"clients.*.guards.[].{kind}.{key}": change(f"G.guards.0.{kind}.{key}=true", _before_a_limit(kind, given))
        for kind, given, key in (
            ("hystrix", HYSTRIX, "ignores_refused"), ("resilience4j", RESILIENCE4J, "ignores_refused"),
            ("gobreaker", GOBREAKER, "excludes_refused"),
        )
    },
    **of_kind("gobreaker", RATIO, {
        "ready_to_trip.failure_ratio.at_least": "0.6", "ready_to_trip.failure_ratio.requests": "20",
    }),
    **of_kind("envoy", ENVOY, {"max_connections": "8", "max_pending_requests": "2", "max_requests": "5"}),
    "clients.*.guards.[].envoy.max_retries": change("G.guards.0.envoy.max_retries=1", *RETRYING, "G.guards=[envoy]"),
    "clients.*.guards.[].envoy.retry_budget.budget_percent": change(
        f"{BUDGET}.budget_percent=90", *RETRYING, "G.guards=[{envoy: {retry_budget: {min_retry_concurrency: 0}}}]"
    ),
    "clients.*.guards.[].envoy.retry_budget.min_retry_concurrency": change(
        f"{BUDGET}.min_retry_concurrency=1", *RETRYING, "G.guards=[{envoy: {retry_budget: {}}}]"
    ),
}  # fmt: skip
