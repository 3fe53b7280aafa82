"""Quantities: what of a recorded case is compared, by its experiment, in the words of reality/METRICS.md.

What they mean is declared in models/metrics.py. An experiment that is not listed has those of every case.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from models import metrics
from models.recorded.lab import LabEvent, LabInput
from sim.records.metric import Declarations

OF_EVERY_CASE = (
    "n_ok", "n_err", "err:{}", "dials_ok", "dials_per_request", "reused_ratio", "conns_never_used",
    "requests_with_dial_but_other_conn", "c_TW_mean_last_third", "s_TW_mean_last_third", "estab_mean_last_third",
    "idle_mean_last_third", "c_TW_max", "s_TW_max", "goroutines_max", "lat_p50", "lat_p99", "lat_max", "lat_mean",
)  # fmt: skip

_CHURN = ("dial_rate_per_s_30_to_end", "goroutines_mean", "throughput_ok_per_s")
_PORTS = (
    "connect_max", "connect_p50", "connect_p99", "distinct_ports", "err_latency_p50", "first_err_t",
    "ok_per_s_60_130", "port_reuse_gap_min", "port_reuse_gap_p50",
)  # fmt: skip
_STALL = ("cph_wait_max", "gor_end", "inflight_end", "inflight_max", "last_ok_t")
BY_EXPERIMENT: Mapping[str, tuple[str, ...]] = {
    "E01": _CHURN,
    "E02": _PORTS,
    "E03": _PORTS,
    "E04": ("estab_b{}_end",),
    "E05": ("idle_last_nonzero_t", "c_TW_first_t", "c_TW_last_t", "s_TW_first_t", "s_TW_last_t"),
    "E06": _STALL,
    "E07": _STALL,
    "E08": ("conn_wait_max", "conn_wait_mean", "conn_wait_p99", "cph_wait_max", "fifo_inversions"),
    "E09": ("estab_b{}_mean", "idle_max", "idle_mean_10_end"),
    "E10": ("connect_max", "dials_before_10", "estab_max", "inflight_max", "s_syn_recv_max", "syn_sent_max"),
    "E11": ("conn_read_err:{}", "extra_gotconn", "lat_p50_fresh", "lat_p50_retried", "lat_p50_reused", "retried_ok",
            "retried_requests"),
    "E12": ("conns_closed_before_end", "inflight_mean", "open_conns_max", "open_conns_mean_10_end"),
    "E13": ("c_estab_max", "connect_max", "connect_p50", "dial_errors", "s_estab_max", "s_syn_recv_max",
            "syn_sent_max", "timeout_latency_p50"),
    "E14": _CHURN,
    "E15": ("c_FIN_WAIT2_max", "c_FIN_WAIT2_mean", "err_latency_p50", "err_latency_p99", "s_CLOSE_WAIT_mean",
            "s_LAST_ACK_mean"),
    "E16": ("first_conn_tls", "setup_p50", "setup_rtt_p50", "tcp_p50", "tls_p50", "total_rtt_p50"),
}  # fmt: skip
"""Names of models/metrics.py without a window of their own."""

_BOTH_TW = ("client.TcpExt.TW", "server.TcpExt.TW")
_BOTH_RSTS = ("client.Tcp.OutRsts", "server.Tcp.OutRsts")
_LISTEN = ("server.TcpExt.ListenDrops", "server.TcpExt.ListenOverflows", "client.TcpExt.TCPSynRetrans")
COUNTERS: Mapping[str, tuple[str, ...]] = {
    "E02": (*_BOTH_TW, *_BOTH_RSTS, "client.TcpExt.TWRecycled", "server.TcpExt.TWRecycled"),
    "E03": (*_BOTH_TW, *_BOTH_RSTS, "client.TcpExt.TWRecycled", "server.TcpExt.TWRecycled"),
    "E04": ("connect_attempts",),
    "E10": (*_BOTH_RSTS, *_LISTEN, "client.Tcp.RetransSegs"),
    "E11": _BOTH_RSTS,
    "E13": _LISTEN,
    "E15": (*_BOTH_TW, *_BOTH_RSTS, "client.Tcp.EstabResets", "server.Tcp.EstabResets",
            "client.TcpExt.TCPAbortOnClose", "client.TcpExt.TCPAbortOnData", "server.TcpExt.TCPAbortOnData"),
    "E16": (*_BOTH_TW, *_BOTH_RSTS),
}  # fmt: skip
"""Kernel counters by their own names, and counts of connects, whose absence is a zero."""


class Sort(Enum):
    """How a quantity is compared beside its class."""

    FIGURE = "figure"
    COUNT = "count"
    INSTANT = "instant"


INSTANTS = frozenset({
    "first_err_t", "last_ok_t", "idle_last_nonzero_t", "first_ok_after_outage", "drained_t", "last_slow_done_t",
    "first_ok_on_revived_backend_t", "c_TW_first_t", "c_TW_last_t", "s_TW_first_t", "s_TW_last_t",
})  # fmt: skip
_COUNTS = (
    "n_", "dials_", "conns_", "err:", "err_", "c_TW", "s_TW", "goroutines_max", "requests_with", "distinct", "inflight",
    "cph", "gor", "srv_gor", "idle_t", "idle_max", "open_conns_max", "client.", "server.", "connects_", "connect_att",
    "connect_err:", "dial_errors", "retried", "extra_", "nreq_", "estab_max", "c_estab_max", "s_estab_max",
    "s_syn_recv_max", "syn_sent_max", "conn_read_err:", "ok_before", "fifo_", "c_FIN_WAIT2_max",
)  # fmt: skip
_NO_COUNTS = ("err_latency", "dials_per_request", "goroutines_mean", "c_TW_mean", "s_TW_mean")


def sort_of(name: str) -> Sort:
    """Whether a quantity counts things, is an instant, or neither."""
    if name in INSTANTS:
        return Sort.INSTANT
    if name.startswith(_COUNTS) and not name.startswith(_NO_COUNTS):
        return Sort.COUNT
    return Sort.FIGURE


@dataclass(frozen=True, slots=True)
class Noisy:
    """Quantities that do not come out equal twice, whatever three repetitions say (reality/README.md)."""

    names: tuple[str, ...]
    applies: Callable[[LabInput], bool]


NOT_REPRODUCIBLE = (
    # the FIN of which side is first after Connection: close, and all that follows from it
    Noisy(
        ("c_TW", "s_TW", "client.TcpExt.TW", "server.TcpExt.TW", "client.Tcp.OutRsts", "server.Tcp.OutRsts",
         "c_FIN_WAIT2", "n_ok", "n_err", "err", "ok_", "first_", "distinct_ports", "port_reuse", "dials",
         "conn_read_err"),
        lambda lab: lab.transport.disable_keep_alives or any(each.keep_alives_disabled for each in lab.server.backends),
    ),
    Noisy(
        ("share_b", "estab_b"),
        lambda lab: lab.topology.dns_mode == "rotating-dns" and lab.transport.max_idle_conns_per_host > 10,
    ),
    Noisy(
        ("dials_ok", "dials_per_request", "conns_never_used", "requests_with_dial"),
        lambda lab: any(each.proto == "h2" for each in lab.server.backends),
    ),
    Noisy(
        ("retried", "err:EOF", "err:connection reset by peer", "n_err", "n_ok"),
        lambda lab: any(event.action == "die" for event in lab.events),
    ),
)  # fmt: skip


def is_reproducible(lab: LabInput, name: str) -> bool:
    """Whether repetitions of the same input agree on a quantity."""
    return not any(name.startswith(noisy.names) and noisy.applies(lab) for noisy in NOT_REPRODUCIBLE)


def quantities_of(lab: LabInput) -> Declarations:
    """What is compared of a case, by name."""
    known = metrics.RUN_METRICS | metrics.RECORDED_METRICS
    names = OF_EVERY_CASE + BY_EXPERIMENT.get(lab.experiment, ())
    chosen = {name: known[name] for name in names}
    for name in COUNTERS.get(lab.experiment, ()):
        chosen |= metrics.counter_metrics(name)
    for more in _WINDOWS.get(lab.experiment, _none)(lab):
        chosen |= more
    return chosen


def _none(_: LabInput) -> Iterator[Declarations]:
    yield from ()


def _churn(_: LabInput) -> Iterator[Declarations]:
    yield _at(("c_TW",), 30, 60)


def _at(levels: tuple[str, ...], *instants: float) -> Declarations:
    """The levels at the instants."""
    chosen: Declarations = {}
    for t in instants:
        found = metrics.instant_metrics(t)
        chosen |= {f"{level}_t{t:g}": found[f"{level}_t{t:g}"] for level in levels}
    return chosen


def _exhaustion(lab: LabInput) -> Iterator[Declarations]:
    """Where requests may fail for want of a port; with tw_reuse none does."""
    known = metrics.RECORDED_METRICS
    yield {name: known[name] for name in ("ok_before_first_err", "first_ok_after_outage")}
    for start in range(0, int(lab.duration) + 1, 20):
        if start < lab.duration:
            name = f"err_{start}_{start + 20}"
            yield {name: metrics.interval_metrics(start, start + 20)[name]}


def _fault(lab: LabInput) -> tuple[float, float] | None:
    """From when to when the first fault lasts."""
    starts = [event for event in lab.events if event.action != "revive" and event.mode != "normal"]
    if not starts:
        return None
    first: LabEvent = starts[0]
    ends = [
        event.t for event in lab.events if event.t > first.t and (event.action == "revive" or event.mode == "normal")
    ]
    return first.t, first.t + first.dur if first.dur else min(ends, default=lab.duration)


def _skew(lab: LabInput) -> Iterator[Declarations]:
    fault = _fault(lab)
    edges = [0.0, *(fault or ()), lab.duration]
    for start, end in pairwise(edges):
        name = f"share_b{{}}_{start:g}_{end:g}"
        yield {name: metrics.interval_metrics(start, end)[name]}
    if fault is not None:
        found = metrics.window_metrics(*fault)
        yield {name: found[name] for name in ("lat_p99_during", "lat_max_during")}
        yield {"retried": metrics.RECORDED_METRICS["retried"]}
        backend = next(event.backend for event in lab.events if event.t == fault[0])
        hit = [i for i, each in enumerate(lab.server.backends) if each.ip == lab.events[0].ip]
        yield metrics.revival_metrics(hit[0] if hit else backend, fault[1])
    yield metrics.connect_error_metrics()


def _idle(_: LabInput) -> Iterator[Declarations]:
    yield _at(("idle", "gor"), 1, 4, 6, 8, 30, 60)
    yield _at(("srv_gor",), 1, 4, 8, 30)


def _stall(lab: LabInput) -> Iterator[Declarations]:
    fault = _fault(lab) or _silent(lab)
    yield metrics.window_metrics(*fault)
    yield _at(("cphw", "gor"), 15, 20, 30, 39, 50)


def _silent(lab: LabInput) -> tuple[float, float]:
    """E07's fault is in the arrivals: requests of 10 to 20 s that are never answered."""
    return min(10.0, lab.duration), min(20.0, lab.duration)


def _queue(lab: LabInput) -> Iterator[Declarations]:
    yield {"throughput_5_30": metrics.interval_metrics(5, 30)["throughput_5_30"]}
    if lab.duration <= 30:  # those that are loaded beyond what they can do are short
        yield {"drained_t": metrics.RUN_METRICS["drained_t"]}
        yield {"queue_slope_per_s_5_30": metrics.interval_metrics(5, 30)["queue_slope_per_s_5_30"]}


def _pause(_: LabInput) -> Iterator[Declarations]:
    yield _at(("c_TW",), 9.5, 11.9, 13, 14, 16, 20, 50)
    yield _at(("inflight",), 12, 13, 14, 15)
    for start, end in ((10, 12), (12, 16), (16, 50)):
        yield {f"dials_{start}_{end}": metrics.interval_metrics(start, end)[f"dials_{start}_{end}"]}
    yield {"lat_max_8_20": metrics.interval_metrics(8, 20)["lat_max_8_20"]}
    yield metrics.slow_metrics(20, 0.5)
    found = metrics.connect_metrics(10, 12.5)
    yield {name: found[name] for name in ("connect_max", "connects_~1s", "connects_~2s", "connects_~3s")}


def _streams(_: LabInput) -> Iterator[Declarations]:
    for rank in range(1, 9):
        yield metrics.busiest_metrics(rank)


def _backlog(_: LabInput) -> Iterator[Declarations]:
    for seconds in (0, 1, 2, 3, 4, 5, 7, 11, 19, 20):
        yield metrics.connect_step_metrics(seconds)


_WINDOWS: Mapping[str, Callable[[LabInput], Iterator[Declarations]]] = {
    "E01": _churn, "E02": _exhaustion, "E03": _exhaustion, "E04": _skew, "E05": _idle, "E06": _stall, "E07": _stall,
    "E08": _queue, "E10": _pause, "E12": _streams, "E13": _backlog, "E14": _churn,
}  # fmt: skip
"""Quantities whose windows belong to an experiment."""
