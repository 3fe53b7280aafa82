"""Tuning metrics: what a run with a controller, or with buffers that are looked at, is measured by, declared.

How often settings are changed are counters: `tune_changes`, and `tune_reversals` where one goes the other way than the
time before, in all and by setting. Of several instances the figures here are means.
"""

from models.metrics import DURATION, WARMUP
from sim.records.metric import Between, Count, Declarations, LevelMax, LevelMean, Maximum, Mean, Minimum, Selection
from sim.records.window import Held, Windowed

LOOKS = Selection("tuning")
WARM_LOOKS = LOOKS.having(Between("t", WARMUP))
SEEN = ("qps", "p99_volatility", "packet_size", "burst_entropy", "lifetime_skewness", "concurrency")
SET = (
    "write_buffer_size", "max_concurrent_streams", "max_idle_conns_per_host", "max_conns_per_host", "idle_conn_timeout",
)  # fmt: skip

TUNING_METRICS: Declarations = {
    "tune_looks": Count(LOOKS),
    **{f"seen_{name}_mean": Mean(WARM_LOOKS, name) for name in SEEN},
    **{f"set_{name}_mean": Mean(WARM_LOOKS, name) for name in SET},
    **{f"set_{name}_min": Minimum(WARM_LOOKS, name) for name in SET},
    **{f"set_{name}_max": Maximum(WARM_LOOKS, name) for name in SET},
    "buffer_kib_mean": LevelMean("buffer_kib", WARMUP, DURATION),
    "buffer_kib_max": LevelMax("buffer_kib"),
}

TUNING_WINDOWS: dict[str, Windowed] = {
    **{f"seen_{name}": Held(LOOKS, name, "t") for name in (*SEEN, "p99")},
    **{f"set_{name}": Held(LOOKS, name, "t") for name in SET},
}
"""Over time: what the last look saw, and what is set since."""
