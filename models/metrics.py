"""What a run is measured by: every quantity of its summary, declared over its tables. Nothing is computed here.

Latency is t_done - t_arrival. A request is ok if it ended without an error and with status 200. A dial is a connection
that got a local port. Times are seconds from the start, -1 stands for an instant that never came.

Warm-up: a mean, a quantile, a ratio, a share or a rate is over the requests that arrived (the dials that started) at or
after `warmup`. Counts (n_*, err:*, dials_ok, connection counts, kernel counters), instants (first_err_t) and peaks
(*_max of a level, ports) are over the whole run: they have to add up with the tables and with what a limit sees. With
`warmup` 0 each is the quantity that reality/METRICS.md defines under its name; where it names none, the name is ours.

A quantity that nothing was observed for is left out of the summary: no ok request, no lat_p99.
"""

from sim.records.metric import (
    All,
    Between,
    Bound,
    Condition,
    Count,
    CountEach,
    Counter,
    CounterEach,
    Declarations,
    Difference,
    Distinct,
    First,
    Gap,
    Imbalance,
    Is,
    Known,
    Last,
    LevelAt,
    LevelMax,
    LevelMaxEach,
    LevelMean,
    LevelMeanEach,
    LevelTime,
    Maximum,
    Mean,
    Minimum,
    Minus,
    Not,
    Number,
    Overtaken,
    PerSecond,
    Quantile,
    Ratio,
    Selection,
    Series,
    ShareEach,
    Total,
    WarmUp,
    WindowOf,
)

DURATION = Number("duration")
WARMUP = Number("warmup")
BACKENDS = Number("backends")
LAST_THIRD = Number("duration", times=2 / 3)

OK: Condition = All((Is("err", ""), Is("status", 200)))
LATENCY = Difference("t_done", "t_arrival")
CONNECT = Difference("t_connected", "t_dial")
CONN_WAIT = Difference("t_gotconn", "t_getconn")
HANDSHAKE = Difference("t_tls_done", "t_tls_start")
PORT_REUSE_GAP = Gap(keys=("client", "lport", "remote"), end="t_close", start="t_connected")
WARM = Between("t_arrival", WARMUP)

REQUESTS = Selection("requests")
OK_REQUESTS = Selection("requests", (OK,))
FAILED = Selection("requests", (Not(OK),))
WARM_REQUESTS = Selection("requests", (WARM,))
WARM_OK = WARM_REQUESTS.having(OK)
WARM_FAILED = WARM_REQUESTS.having(Not(OK))
WARM_GOTCONN = WARM_REQUESTS.having(Known("t_gotconn"))
FORWARDED = REQUESTS.having(Between("t_gotconn", WARMUP, DURATION))
CONNECTIONS = Selection("connections")
# a failed dial may say when it failed, but no local port: recorded ones have 0 or none
DIALED: Condition = All((Known("t_connected"), Between("lport", 1)))
DIALS = Selection("connections", (DIALED,))
WARM_DIALS = DIALS.having(Between("t_dial", WARMUP))

QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p999": 0.999}

LEVELS = {
    "c_TW": "c_time_wait",
    "s_TW": "s_time_wait",
    "estab": "c_estab",
    "idle": "pool_idle",
    "gor": "goroutines",
    "srv_gor": "srv_goroutines",
    "cphw": "conns_per_host_wait",
    "inflight": "inflight",
}
"""What METRICS.md calls a level, and the column of the samples that it is."""

COUNTS: Declarations = {
    "n_requests": Count(REQUESTS),
    "n_ok": Count(OK_REQUESTS),
    "n_err": Count(FAILED),
    "err:{}": CountEach(FAILED.having(Not(Is("err", ""))), "err"),
    "status:{}": CountEach(FAILED.having(Is("err", "")), "status"),
    "retried_requests": Count(REQUESTS.having(Between("attempts", 2))),
    "requests_with_dial_but_other_conn": Count(REQUESTS.having(Known("t_conn_start"), Is("reused", equals=True))),
    "fifo_inversions": Overtaken(REQUESTS.having(Known("t_gotconn")), "t_arrival", "t_gotconn", by=0.0002),
    "dials_ok": Count(DIALS),
    "dial_errors": Count(CONNECTIONS.having(Not(DIALED), Known("read_err"), Not(Is("read_err", "")))),
    "conns_never_used": Count(DIALS.having(Is("nreq", 0))),
    "conns_closed_before_end": Count(DIALS.having(Between("t_close", None, DURATION))),
    "conn_read_err:{}": CountEach(DIALS.having(Not(Is("read_err", ""))), "read_err"),
    "distinct_ports": Distinct(DIALS, "lport"),
    "port_reuse_gap_min": Minimum(DIALS, PORT_REUSE_GAP),
    "port_reuse_gap_p50": Quantile(DIALS, PORT_REUSE_GAP, 0.5),
    "first_err_t": First(FAILED, "t_arrival", "t_arrival", absent=-1),
    "last_ok_t": Last(OK_REQUESTS, "t_done", "t_done", absent=-1),
}

LATENCIES: Declarations = {
    **{f"lat_{name}": Quantile(WARM_OK, LATENCY, p) for name, p in QUANTILES.items()},
    "lat_mean": Mean(WARM_OK, LATENCY),
    "lat_max": Maximum(WARM_OK, LATENCY),
    "err_latency_p50": Quantile(WARM_FAILED, LATENCY, 0.5),
    "err_latency_p99": Quantile(WARM_FAILED, LATENCY, 0.99),
    "timeout_latency_p50": Quantile(WARM_FAILED.having(Is("err", "i/o timeout")), LATENCY, 0.5),
    "forwarded_lat_p99": Quantile(FORWARDED, Difference("t_done", "t_gotconn"), 0.99),
    "conn_wait_mean": Mean(WARM_GOTCONN, CONN_WAIT),
    "conn_wait_p99": Quantile(WARM_GOTCONN, CONN_WAIT, 0.99),
    "conn_wait_max": Maximum(WARM_GOTCONN, CONN_WAIT),
    "connect_p50": Quantile(WARM_DIALS, CONNECT, 0.5),
    "connect_p99": Quantile(WARM_DIALS, CONNECT, 0.99),
    "connect_max": Maximum(WARM_DIALS, CONNECT),
    "setup_p50": Quantile(WARM_GOTCONN, CONN_WAIT, 0.5),
    "tcp_p50": Quantile(WARM_REQUESTS, Difference("t_conn_done", "t_conn_start"), 0.5),
    "tls_p50": Quantile(WARM_REQUESTS, HANDSHAKE, 0.5),
    "first_conn_tls": First(REQUESTS, "t_arrival", HANDSHAKE),
}

RESPONSE = Series(OK_REQUESTS, "t_arrival", LATENCY)
"""What a warm-up shows in."""

CERTAINTY: Declarations = {
    "lat_mean_low": Bound(WARM_OK, "t_arrival", LATENCY, "low"),
    "lat_mean_high": Bound(WARM_OK, "t_arrival", LATENCY, "high"),
    **{f"lat_{name}_low": Bound(WARM_OK, "t_arrival", LATENCY, "low", QUANTILES[name]) for name in ("p99", "p999")},
    **{f"lat_{name}_high": Bound(WARM_OK, "t_arrival", LATENCY, "high", QUANTILES[name]) for name in ("p99", "p999")},
    "warmup_mser": WarmUp(RESPONSE),
}
"""How sure one run alone is of its latencies, and where its warm-up ends."""

RATIOS: Declarations = {
    "error_ratio": Ratio(Count(WARM_FAILED), Count(WARM_REQUESTS)),
    "reused_ratio": Ratio(Count(WARM_GOTCONN.having(Is("reused", equals=True))), Count(WARM_GOTCONN)),
    "dials_per_request": Ratio(Count(WARM_DIALS), Count(WARM_REQUESTS)),
    "throughput": PerSecond(Count(OK_REQUESTS.having(Between("t_done", WARMUP, DURATION))), WARMUP, DURATION),
    "forwarded_per_s": PerSecond(Count(FORWARDED), WARMUP, DURATION),
    "forwarded_error_ratio": Ratio(Count(FORWARDED.having(Not(OK))), Count(FORWARDED)),
    "throughput_ok_per_s": PerSecond(Count(OK_REQUESTS.having(Between("t_done", 10, DURATION))), 10, DURATION),
    "share_b{}": ShareEach(WARM_OK.having(Between("backend", 0)), "backend", among=BACKENDS),
    **{f"dials_over_{s}s": Ratio(Count(WARM_DIALS.having(Between(CONNECT, s))), Count(WARM_DIALS)) for s in (1, 5)},
    **{
        f"requests_over_{s}s": Ratio(Count(WARM_REQUESTS.having(Between(LATENCY, s))), Count(WARM_REQUESTS))
        for s in (1, 5)
    },
    "load_cv": Imbalance(WARM_OK.having(Between("backend", 0)), "backend", "cv", among=BACKENDS),
    "load_max_over_mean": Imbalance(WARM_OK.having(Between("backend", 0)), "backend", "max_over_mean", among=BACKENDS),
}

STATES: Declarations = {
    **{f"{name}_mean_last_third": LevelMean(LEVELS[name], LAST_THIRD, DURATION) for name in ("c_TW", "s_TW")},
    **{f"{name}_mean_last_third": LevelMean(LEVELS[name], LAST_THIRD, DURATION) for name in ("estab", "idle")},
    "goroutines_mean": LevelMean("goroutines", LAST_THIRD, DURATION),
    "c_FIN_WAIT2_mean": LevelMean("c_fin_wait2", LAST_THIRD, DURATION),
    "s_CLOSE_WAIT_mean": LevelMean("s_close_wait", LAST_THIRD, DURATION),
    "s_LAST_ACK_mean": LevelMean("s_last_ack", LAST_THIRD, DURATION),
    "c_TW_max": LevelMax("c_time_wait"),
    "s_TW_max": LevelMax("s_time_wait"),
    "c_estab_max": LevelMax("c_estab"),
    "estab_max": LevelMax("c_estab"),
    "c_FIN_WAIT2_max": LevelMax("c_fin_wait2"),
    "s_estab_max": LevelMax("s_estab"),
    "s_syn_recv_max": LevelMax("s_syn_recv"),
    "syn_sent_max": LevelMax("c_syn_sent"),
    "goroutines_max": LevelMax("goroutines"),
    "inflight_max": LevelMax("inflight"),
    "open_conns_max": LevelMax("open_conns"),
    "idle_max": LevelMax("pool_idle"),
    "cph_wait_max": LevelMax("conns_per_host_wait"),
    "gor_end": LevelAt("goroutines"),
    "unread_bodies_max": LevelMax("goroutines_read_loop_body_unread"),
    "unread_bodies_end": LevelAt("goroutines_read_loop_body_unread"),
    "inflight_end": LevelAt("inflight"),
    "c_TW_first_t": LevelTime("c_time_wait", "first"),
    "c_TW_last_t": LevelTime("c_time_wait", "last"),
    "s_TW_first_t": LevelTime("s_time_wait", "first"),
    "s_TW_last_t": LevelTime("s_time_wait", "last"),
    "idle_last_nonzero_t": LevelTime("pool_idle", "last"),
    "drained_t": LevelTime("conns_per_host_wait", "last"),
    "estab_b{}_end": LevelMeanEach("c_estab_b", Number("duration", plus=-15), DURATION),
    "autoscale_pods_s{}_end": LevelMeanEach("autoscale_pods_s", Number("duration", plus=-15), DURATION),
    "autoscale_load_s{}_end": LevelMeanEach("autoscale_load_s", Number("duration", plus=-15), DURATION),
}

FOOTPRINTS: Declarations = {
    "memory_max:{}": LevelMaxEach("memory_"),
    "descriptors_max:{}": LevelMaxEach("descriptors_"),
}
"""Of machines whose connections have a footprint: bytes, and open descriptors."""

PROGRAMS: Declarations = {
    "busy_b{}_mean": LevelMeanEach("busy_b", WARMUP, DURATION),
    "queue_b{}_mean": LevelMeanEach("queue_b", WARMUP, DURATION),
    "stopped_b{}_mean": LevelMeanEach("stopped_b", WARMUP, DURATION),
}
"""Of backends that are programs: workers that have a request, requests that wait for one, share of time in a stop.

No share of throttled time: a quota's period is as long as the step between two samples, which see one phase of it
alone. The counter cpu.throttled_usec is exact.
"""

COUNTERS: Declarations = {"{}": CounterEach()}
"""Kernel counters by their own names, and whatever else a model counts."""

COUNTER_NAMES = (
    "client.Tcp.{}", "client.TcpExt.{}", "server.Tcp.{}", "server.TcpExt.{}", "client.dns.{}",
    "connect_attempts", "connect_err:{}", "ports_max:{}", "ports_range:{}",
    "YGC", "YGC_b{}", "YGCT", "YGCT_b{}", "FGC", "FGC_b{}", "FGCT", "FGCT_b{}", "GCT", "GCT_b{}", "oom:{}",
    "NumGC", "NumGC_b{}", "PauseTotal", "PauseTotal_b{}", "cpu_gc_{}", "cpu.{}", "call{}",
    "guard.{}", "refused_by:{}", "door.{}",
    "nat.{}", "quic.{}",
    "tune_changes", "tune_changes:{}", "tune_reversals", "tune_reversals:{}", "tune_reversals_per_min",
    "rule:{}",
    "relocations", "pings_sent", "mqtt.{}", "bridge.{}", "detect.{}",
    "cache_{}",
    "handshakes_full", "handshakes_resumed", "handshakes_failed", "handshake_err:{}", "handshake_share",
    "handshake_share_{}", "tls_cpu_{}", "request_cpu_{}", "tls_bytes_{}", "issuer:{}",
)  # fmt: skip
"""What these are called, as far as it is known before a run."""

OVER_TIME: Declarations = {
    "ok_per_s_min": WindowOf("ok_per_s", "least", WARMUP, DURATION),
    "ok_per_s_last": WindowOf("ok_per_s", "last", WARMUP, DURATION),
    "forwarded_per_s_min": WindowOf("forwarded_per_s", "least", WARMUP, DURATION),
    "failed_share_max": WindowOf("failed_share", "most", WARMUP, DURATION),
    "window_lat_p99_max": WindowOf("lat_p99", "most", WARMUP, DURATION),
}
"""How bad it was at its worst, and in the end (models/windows.py)."""

RUN_METRICS: Declarations = {
    **COUNTS,
    **LATENCIES,
    **CERTAINTY,
    **RATIOS,
    **STATES,
    **OVER_TIME,
    **FOOTPRINTS,
    **PROGRAMS,
    **COUNTERS,
}
"""The summary of every run."""

ALIASES = {
    **{name: f"lat_{name}" for name in QUANTILES},
    "p99.9": "lat_p999",
    "error_rate": "error_ratio",
    "errors": "n_err",
}
"""What users say, and the key of the summary that it is."""

_FIRST_ERROR = First(FAILED, "t_arrival", "t_arrival")
_NEXT_SECOND = Minus(_FIRST_ERROR, -1)

RECORDED_METRICS: Declarations = {
    "inflight_mean": LevelMean("inflight", 10, DURATION),
    "idle_mean_10_end": LevelMean("pool_idle", 10, DURATION),
    "open_conns_mean_10_end": LevelMean("open_conns", 10, DURATION),
    "estab_b{}_mean": LevelMeanEach("c_estab_b", 10, DURATION),
    "dial_rate_per_s_30_to_end": PerSecond(Count(DIALS.having(Between("t_dial", 30, DURATION))), 30, DURATION),
    "ok_per_s_60_130": PerSecond(Count(OK_REQUESTS.having(Between("t_arrival", 60))), 60, DURATION),
    "ok_before_first_err": Count(OK_REQUESTS.having(Between("t_arrival", None, _FIRST_ERROR))),
    "first_ok_after_outage": First(OK_REQUESTS.having(Between("t_arrival", _NEXT_SECOND)), "t_arrival", "t_arrival"),
    "setup_rtt_p50": Ratio(Quantile(WARM_GOTCONN, CONN_WAIT, 0.5), 0.020),
    "total_rtt_p50": Ratio(Quantile(WARM_OK, LATENCY, 0.5), 0.020),
    "lat_p50_fresh": Quantile(
        OK_REQUESTS.having(Is("reused", equals=False), Between("attempts", None, 2)), LATENCY, 0.5
    ),
    "lat_p50_reused": Quantile(OK_REQUESTS.having(Is("reused", equals=True)), LATENCY, 0.5),
    "lat_p50_retried": Quantile(OK_REQUESTS.having(Between("attempts", 2)), LATENCY, 0.5),
    "retried": Count(REQUESTS.having(Between("attempts", 2))),
    "retried_ok": Count(OK_REQUESTS.having(Between("attempts", 2))),
    "extra_gotconn": Minus(Total(REQUESTS.having(Between("attempts", 2)), "attempts"),
                           Count(REQUESTS.having(Between("attempts", 2)))),
    "dials_before_10": Count(DIALS.having(Between("t_dial", None, 10))),
}  # fmt: skip
"""Quantities of METRICS.md whose window belongs to the recordings and says nothing about other runs."""


def window_metrics(start: float, end: float) -> Declarations:
    """What a fault from `start` to `end` (seconds) does to the requests of that time, and from 5 s after it on."""
    during = REQUESTS.having(Between("t_arrival", start, end))
    after = REQUESTS.having(Between("t_arrival", end + 5))
    return {
        "lat_p50_during": Quantile(during.having(OK), LATENCY, 0.5),
        "lat_p99_during": Quantile(during.having(OK), LATENCY, 0.99),
        "lat_max_during": Maximum(during.having(OK), LATENCY),
        "ok_frac_during": Ratio(Count(during.having(OK)), Count(during)),
        "lat_p50_after": Quantile(after.having(OK), LATENCY, 0.5),
        "ok_frac_after": Ratio(Count(after.having(OK)), Count(after)),
    }


def interval_metrics(start: float, end: float) -> Declarations:
    """Quantities named after the interval that they are taken over, in seconds: err_0_20, share_b1_20_40."""
    arrived = Between("t_arrival", start, end)
    waiting_grew = Minus(LevelAt("conns_per_host_wait", end), LevelAt("conns_per_host_wait", start))
    suffix = f"{start:g}_{end:g}"
    return {
        f"err_{suffix}": Count(FAILED.having(arrived)),
        f"dials_{suffix}": Count(DIALS.having(Between("t_dial", start, end))),
        f"lat_max_{suffix}": Maximum(OK_REQUESTS.having(arrived), LATENCY),
        f"throughput_{suffix}": PerSecond(Count(OK_REQUESTS.having(Between("t_done", start, end))), start, end),
        f"queue_slope_per_s_{suffix}": PerSecond(waiting_grew, start, end),
        f"share_b{{}}_{suffix}": ShareEach(
            OK_REQUESTS.having(arrived, Between("backend", 0)), "backend", among=BACKENDS
        ),
    }


def instant_metrics(t: float) -> Declarations:
    """The levels at `t` seconds: c_TW_t30, gor_t4."""
    return {f"{name}_t{t:g}": LevelAt(column, t) for name, column in LEVELS.items()}


def revival_metrics(backend: int, at: float) -> Declarations:
    """When a backend that comes back at `at` seconds first serves again: t_done, -1 if never."""
    served = OK_REQUESTS.having(Between("t_arrival", at), Is("backend", backend))
    return {"first_ok_on_revived_backend_t": First(served, "t_done", "t_done", absent=-1)}


def connect_metrics(start: float, end: float) -> Declarations:
    """Connect latencies of the dials from `start` to `end` (seconds), and how many took about 0, 1, 2 or 3 s.

    A SYN that is dropped is sent again after 1, 2, 3 ... s, so connect latencies come in steps; a step K is counted
    from K - 0.05 s to K + 0.3 s (METRICS.md, E10).
    """
    dials = DIALS.having(Between("t_dial", start, end))
    return {
        "connect_p50": Quantile(dials, CONNECT, 0.5),
        "connect_p99": Quantile(dials, CONNECT, 0.99),
        "connect_max": Maximum(dials, CONNECT),
        **{f"connects_~{k}s": Count(dials.having(Between(CONNECT, k - 0.05, k + 0.3))) for k in range(4)},
    }


def connect_step_metrics(seconds: int) -> Declarations:
    """How many dials took that many whole seconds, rounded (METRICS.md, E13)."""
    return {f"connects_~{seconds}s": Count(DIALS.having(Between(CONNECT, seconds - 0.5, seconds + 0.5)))}


def connect_error_metrics() -> Declarations:
    """Connects that failed, by error: several addresses of one dial count each."""
    return {"connect_err:{}": CounterEach("connect_err:")}


def slow_metrics(before: float, longer: float) -> Declarations:
    """When the last request that arrived `before` that instant and took `longer` (seconds) was done."""
    slow = OK_REQUESTS.having(Between("t_arrival", None, before), Between(LATENCY, longer))
    return {"last_slow_done_t": Last(slow, "t_done", "t_done", absent=-1)}


def busiest_metrics(rank: int) -> Declarations:
    """Requests carried by the connection that carried the most (`rank` 1), the second most, ..."""
    return {f"nreq_conn#{rank}": Maximum(CONNECTIONS, "nreq", rank, absent=0)}


def counter_metrics(name: str) -> Declarations:
    """One counter, 0 where a model never counted it; the summary has only those that were counted."""
    return {name: Counter(name)}
