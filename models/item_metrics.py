"""Item metrics: what a run with batches is measured by, declared over its items and batches.

An item is what a customer asked for; its batch is a request, which `metrics` counts. Latency is from the arrival of an
item to its answer, delay from the arrival until its batch goes. An item is ok if it ended with status 200.
"""

from models.metrics import DURATION, QUANTILES, WARMUP
from sim.records.metric import (
    All,
    Between,
    Condition,
    Count,
    CountEach,
    Declarations,
    Difference,
    Is,
    Known,
    Mean,
    Not,
    PerSecond,
    Quantile,
    Ratio,
    Selection,
    Total,
)
from sim.records.window import Percentile, Rate, Windowed

OK: Condition = All((Is("err", ""), Is("status", 200)))
LATENCY = Difference("t_done", "t_arrival")
DELAY = Difference("t_flushed", "t_arrival")

ITEMS = Selection("items")
OK_ITEMS = ITEMS.having(OK)
WARM_ITEMS = ITEMS.having(Between("t_arrival", WARMUP))
WARM_OK = WARM_ITEMS.having(OK)
WARM_FLUSHED = WARM_ITEMS.having(Known("t_flushed"))
BATCHES = Selection("batches", (Between("t_flushed", WARMUP, DURATION),))
BY_SIZE: Condition = Not(All((Not(Is("cause", "items")), Not(Is("cause", "bytes")))))

ITEM_METRICS: Declarations = {
    "n_items": Count(ITEMS),
    "n_items_ok": Count(OK_ITEMS),
    "item_err:{}": CountEach(ITEMS.having(Not(Is("err", ""))), "err"),
    "item_error_ratio": Ratio(Count(WARM_ITEMS.having(Not(OK))), Count(WARM_ITEMS)),
    "items_ok_per_s": PerSecond(Count(OK_ITEMS.having(Between("t_done", WARMUP, DURATION))), WARMUP, DURATION),
    **{f"item_lat_{name}": Quantile(WARM_OK, LATENCY, p) for name, p in QUANTILES.items()},
    "item_lat_mean": Mean(WARM_OK, LATENCY),
    "item_delay_mean": Mean(WARM_FLUSHED, DELAY),
    "item_delay_p99": Quantile(WARM_FLUSHED, DELAY, 0.99),
    "item_block_mean": Mean(WARM_FLUSHED, Difference("t_joined", "t_arrival")),
    "item_hops_mean": Mean(WARM_OK, "hops"),
    "n_batches": Count(BATCHES),
    "batches_per_s": PerSecond(Count(BATCHES), WARMUP, DURATION),
    "batch_size_mean": Mean(BATCHES, "items"),
    "batch_by_size_ratio": Ratio(Count(BATCHES.having(BY_SIZE)), Count(BATCHES)),
    "batch_forwarded_ratio": Ratio(Count(BATCHES.having(Between("forwarded", 1))), Count(BATCHES)),
    "batch_bytes_before": Total(BATCHES, "bytes_before"),
    "batch_bytes_after": Total(BATCHES, "bytes_after"),
    "batch_compression": Ratio(Total(BATCHES, "bytes_before"), Total(BATCHES, "bytes_after")),
    "batch_packets_before": Total(BATCHES, "packets_before"),
    "batch_packets_after": Total(BATCHES, "packets_after"),
    "batch_packets_ratio": Ratio(Total(BATCHES, "packets_after"), Total(BATCHES, "packets_before")),
}

ITEM_WINDOWS: dict[str, Windowed] = {
    "items_per_s": Rate(ITEMS, "t_arrival"),
    "items_ok_per_s": Rate(OK_ITEMS, "t_done"),
    "item_lat_p99": Percentile(ITEMS, LATENCY, 0.99, "t_done"),
}
"""Over time."""
