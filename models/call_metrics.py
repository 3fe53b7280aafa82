"""Call metrics: what a run whose clients guard their calls is measured by, declared over the table of calls.

A call is what a customer asked for; its tries are requests, which `metrics` counts one by one. What services ask one
another is counted by the client that asks (relayed:NAME). Latency is from the
arrival to the customer's answer or error, with all tries and waits. A call is ok if it ended with status 200.
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
    First,
    Is,
    Last,
    Mean,
    Not,
    PerSecond,
    Quantile,
    Ratio,
    Selection,
    Total,
    WindowOf,
)
from sim.records.window import Percentile, Rate, Share, Windowed

OK: Condition = All((Is("err", ""), Is("status", 200)))
LATENCY = Difference("t_done", "t_arrival")

CALLS = Selection("calls")
OK_CALLS = CALLS.having(OK)
FAILED_CALLS = CALLS.having(Not(OK))
WARM_CALLS = CALLS.having(Between("t_arrival", WARMUP))
WARM_OK = WARM_CALLS.having(OK)

CALL_METRICS: Declarations = {
    "n_calls": Count(CALLS),
    "n_calls_ok": Count(OK_CALLS),
    "call_err:{}": CountEach(FAILED_CALLS.having(Not(Is("err", ""))), "err"),
    "call_status:{}": CountEach(FAILED_CALLS.having(Is("err", "")), "status"),
    "relayed:{}": CountEach(Selection("relayed"), "client"),
    "call_error_ratio": Ratio(Count(WARM_CALLS.having(Not(OK))), Count(WARM_CALLS)),
    "calls_ok_per_s": PerSecond(Count(OK_CALLS.having(Between("t_done", WARMUP, DURATION))), WARMUP, DURATION),
    **{f"call_lat_{name}": Quantile(WARM_OK, LATENCY, p) for name, p in QUANTILES.items()},
    "call_lat_mean": Mean(WARM_OK, LATENCY),
    "tries_per_call": Ratio(Total(WARM_CALLS, "tries"), Count(WARM_CALLS)),
    "refused_per_call": Ratio(Total(WARM_CALLS, "refused"), Count(WARM_CALLS)),
    "copies_per_call": Ratio(Total(WARM_CALLS, "copies"), Count(WARM_CALLS)),
    "call_wait_mean": Mean(WARM_CALLS, "waited"),
    "first_refused_t": First(CALLS.having(Between("refused", 1)), "t_arrival", "t_arrival", absent=-1),
    "last_call_ok_t": Last(OK_CALLS, "t_done", "t_done", absent=-1),
    "calls_ok_per_s_min": WindowOf("calls_ok_per_s", "least", WARMUP, DURATION),
    "calls_ok_per_s_last": WindowOf("calls_ok_per_s", "last", WARMUP, DURATION),
    "calls_failed_share_max": WindowOf("calls_failed_share", "most", WARMUP, DURATION),
}

CALL_WINDOWS: dict[str, Windowed] = {
    "calls_per_s": Rate(CALLS, "t_arrival"),
    "calls_ok_per_s": Rate(OK_CALLS, "t_done"),
    "calls_failed_share": Share(FAILED_CALLS, CALLS, "t_done"),
    "calls_refused_share": Share(CALLS.having(Between("refused", 1)), CALLS, "t_done"),
    "call_lat_p99": Percentile(CALLS, LATENCY, 0.99, "t_done"),
}
"""Over time, where the call ends."""
