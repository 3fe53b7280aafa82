"""Cases of the keys of limits of rates, as clients have them before their calls."""

from tests.keys.case import Case
from tests.keys.story import of_kind

ZONES = "zones: [{rate: 40/s, burst: 5, delay: 2}, {rate: 30/s, burst: 20, nodelay: true}]"
LOCAL = "max_tokens: 20, tokens_per_fill: 10, fill_interval: 200ms, filter_enabled: 1, filter_enforced: 1"
PACED = "count: 50, behaviour: queue, implementation: go"
WARMING = "count: 40, behaviour: warm_up, warm_up_period: 4s"

RATE_LIMITS: dict[str, Case] = {
    **of_kind("token_bucket", "rate: 40/s, burst: 5, max_wait: 20ms", {"rate": "60/s", "burst": "9", "max_wait": "0"}),
    **of_kind("guava_bursty", "rate: 40/s, max_wait: 20ms", {"rate": "60/s", "max_burst": "100ms", "max_wait": "null"}),
    **of_kind("guava_warming_up", "rate: 40/s, warmup: 2s, max_wait: 50ms", {
        "rate": "60/s", "warmup": "1s", "max_wait": "null",
    }),
    **of_kind("envoy_local", LOCAL, {
        "max_tokens": "30", "tokens_per_fill": "6", "fill_interval": "100ms", "filter_enabled": "0.5",
        "filter_enforced": "0.5", "status": "503", "fill": "interval", "instances": "2",
    }),
    **of_kind("gcra", "rate: 40/s, burst: 5", {"rate": "60/s", "burst": "9"}),
    **of_kind("nginx", "rate: 40/s, burst: 5", {
        "rate": "60/s", "burst": "9", "delay": "2", "nodelay": "true", "status": "429",
    }),
    **of_kind("nginx_zones", ZONES, {
        "zones.[].rate": "20/s", "zones.[].burst": "2", "zones.[].delay": "0", "zones.[].status": "429",
    }),
    **of_kind("nginx_zones", ZONES.replace(", delay: 2", ""), {"zones.[].nodelay": "true"}),
    **{
        key: case
        for kind in ("fixed_window", "sliding_log", "two_windows")
        for key, case in of_kind(kind, "limit: 40", {"limit": "50", "window": "500ms"}).items()
    },
    **of_kind("sentinel_flow", "count: 50", {
        "count": "80", "grade": "thread", "behaviour": "queue", "prioritized": "true",
    }),
    **of_kind("sentinel_flow", PACED, {"max_queueing_time": "100ms"}),
    **of_kind("sentinel_flow", PACED.replace("50", "30"), {"implementation": "java"}),
    **of_kind("sentinel_flow", WARMING, {"warm_up_period": "2s", "cold_factor": "6"}),
    **of_kind("sentinel_system", "qps: 50/s", {"qps": "80/s"}),
    **of_kind("sentinel_system", "max_thread: 5", {"max_thread": "9", "implementation": "go"}),
    **of_kind("sentinel_system", "avg_rt: 50ms", {"avg_rt": "100ms"}),
    **of_kind("sentinel_system", "highest_system_load: 5", {"highest_system_load": "20"}),
    **of_kind("sentinel_system", "highest_cpu_usage: 0.5, implementation: go", {
        "highest_cpu_usage": "1", "cpu_by_bbr": "true",
    }),
    **of_kind("sre_throttle", "window: 10s", {"k": "1.2", "window": "3s"}),
    **of_kind("aws_adaptive", "", {"beta": "0.5", "smoothing": "0.5"}),
}  # fmt: skip
