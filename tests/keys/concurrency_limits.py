"""Cases of the keys of limits of calls under way, as clients have them before their calls."""

from tests.keys.case import Case
from tests.keys.story import of_kind

AIMD = "initial_limit: 6, min_limit: 4, max_limit: 12, timeout: 400ms"
VEGAS = "initial_limit: 6, max_limit: 20, smoothing: 0.8, probe_multiplier: 3"
GRADIENT = "initial_limit: 6, min_limit: 5, max_limit: 12, smoothing: 0.4, probe_interval: 10"
GRADIENT2 = "initial_limit: 6, min_limit: 5, max_limit: 12, long_window: 20"
ENVOY = (
    "concurrency_update_interval: 200ms, min_rtt_interval: 3s, request_count: 10, min_concurrency: 4,"
    " max_concurrency_limit: 15"
)

LEARNERS: dict[str, tuple[str, dict[str, str]]] = {
    "aimd": (AIMD, {
        "initial_limit": "8", "min_limit": "5", "max_limit": "9", "backoff_ratio": "0.5", "timeout": "40ms",
    }),
    "vegas": (VEGAS, {"initial_limit": "9", "max_limit": "9", "smoothing": "0.3", "probe_multiplier": "null"}),
    "gradient": (GRADIENT, {
        "initial_limit": "9", "min_limit": "8", "max_limit": "9", "smoothing": "0.9", "probe_interval": "null",
    }),
    "gradient2": (GRADIENT2, {
        "initial_limit": "9", "min_limit": "7", "max_limit": "9", "smoothing": "0.9", "rtt_tolerance": "1",
        "long_window": "200",
    }),
}  # fmt: skip

CONCURRENCY_LIMITS: dict[str, Case] = {
    **of_kind("concurrency", "limit: 5", {"limit": "6"}),
    **{key: case for kind, (given, keys) in LEARNERS.items() for key, case in of_kind(kind, given, keys).items()},
    **{
        key: case
        for kind, (given, keys) in LEARNERS.items()
        for key, case in of_kind(
            "windowed", f"window: 500ms, limit: {{{kind}: {{{given}}}}}",
            {f"limit.{kind}.{key}": value for key, value in keys.items()},
        ).items()
    },
    **of_kind("windowed", f"window: 200ms, limit: {{aimd: {{{AIMD}}}}}", {
        "window": "500ms", "window_size": "25", "min_rtt": "30ms",
    }),
    **of_kind("envoy_gradient", ENVOY, {
        "concurrency_update_interval": "100ms", "min_rtt_interval": "5s", "sample_aggregate_percentile": "90",
        "max_concurrency_limit": "8", "min_concurrency": "6", "request_count": "20", "jitter": "0.6", "buffer": "0.9",
    }),
    **of_kind("kratos_bbr", "window: 1s, buckets: 10, cpu_threshold: 0.3", {
        "window": "3s", "buckets": "5", "cpu_threshold": "0.5",
    }),
}  # fmt: skip
