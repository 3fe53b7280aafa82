"""Exposition: the time series that a scraper would have read from the gateways and kernels of a run, declared.

Not how they are written. Names follow Prometheus' conventions and OpenTelemetry's buckets. They may be spelled as the
article does that the project starts from, one of whose names breaks the conventions, or as OpenTelemetry does
(`semantic_names`), which has no names for kernels and for what Go does in between: those stay ours.
"""

from collections.abc import Iterator

from models.samples import NEWEST
from models.scenario import Scenario
from models.semantic_names import DONE, DURATION_BUCKETS, semantic_pool, semantic_requests
from models.tracing import spoken_by
from models.transport.goroutines import client_states
from sim.records.exposition import Counter, Exposed, Gauge, Histogram, Labels, Spelling
from sim.records.metric import Between, Difference, Is, Known, Not, Selection

WAIT_BUCKETS = (0.0001, 0.001, *DURATION_BUCKETS)
"""Finer at the lower end: most requests wait for nothing."""

GOT = Selection("requests", (Known("t_gotconn"),))
REJECTED = DONE.having(Not(Known("t_gotconn")), Not(Is("err", "")))
CONNECTED = Selection("connections", (Known("t_connected"), Between("lport", 1)))
NOT_CONNECTED = Selection("connections", (Not(Known("t_connected")), Known("read_err"), Not(Is("read_err", ""))))

STATES = ("estab", "syn_sent", "syn_recv", "fin_wait1", "fin_wait2", "close_wait", "last_ack", "closing", "time_wait")
_TAKEN = tuple(state for state in STATES if state != "syn_recv")


def exposed(scenario: Scenario, spelling: Spelling = "ours") -> tuple[Exposed, ...]:
    """All metrics of a run of the scenario."""
    standard = spelling == "semconv"
    return (
        *(semantic_pool() if standard else _connections(article_names=spelling == "article")),
        *_pool(),
        *_kernel(scenario),
        Gauge(name="http_client_active_requests", help="Requests under way.", series={(): {"inflight": 1}}),
        *(semantic_requests(scenario) if standard else _requests()),
        *_everywhere(scenario),
        Gauge(
            name="goroutines",
            help="Goroutines of the clients by what they do.",
            series={_labels(state=state): {f"goroutines_{state}": 1} for state in client_states(_version(scenario))},
        ),
    )


def _connections(*, article_names: bool) -> Iterator[Exposed]:
    states: dict[Labels, dict[str, int]] = {
        _labels(state="idle"): {"pool_idle": 1},
        _labels(state="in_use"): {"open_conns": 1, "pool_idle": -1},
        _labels(state="dialing"): {"dialing": 1},
    }
    text = "Connections of the Transports by state."
    yield Gauge(name="pool_connections_total" if article_names else "pool_connections", help=text, series=states)


def _pool() -> Iterator[Exposed]:
    yield Histogram(
        name="pool_wait_duration_seconds", unit="seconds", help="From GetConn to GotConn.",
        rows=GOT, at="t_gotconn", value=Difference("t_gotconn", "t_getconn"), bounds=WAIT_BUCKETS,
    )  # fmt: skip
    yield Counter(
        name="pool_rejected", help="Requests that ended without a connection.", rows=REJECTED, at="t_done",
        by={"reason": "err"},
    )  # fmt: skip
    yield Counter(
        name="pool_dials", help="Dials by result.", rows=CONNECTED, at="t_connected", labels=_labels(result="connected")
    )
    yield Counter(
        name="pool_dials", help="Dials by result.", rows=NOT_CONNECTED, at="t_dial", labels=_labels(result="failed"),
        by={"reason": "read_err"},
    )  # fmt: skip


def _kernel(scenario: Scenario) -> Iterator[Exposed]:
    yield Gauge(
        name="tcp_sockets",
        help="Sockets by state: of the clients' kernels, and of the servers'.",
        series={
            _labels(side=side, state=state): {f"{side[0]}_{state}": 1}
            for side in ("client", "server")
            for state in STATES
        },
    )
    sizes = {_size(client.kernel.ip_local_port_range) for client in scenario.clients.values()}
    constants = {_labels(state="range"): float(sizes.pop())} if len(sizes) == 1 else {}
    yield Gauge(
        name="local_ports",
        help="Local ports of all clients together, taken and of those in TIME_WAIT; and the range of one of them.",
        series={
            _labels(state="taken"): {f"c_{state}": 1 for state in _TAKEN},
            _labels(state="time_wait"): {"c_time_wait": 1},
        },
        constants=constants,
    )


def _requests() -> Iterator[Exposed]:
    yield Counter(
        name="http_client_requests", help="Requests that ended, by status or error.", rows=DONE, at="t_done",
        by={"workload": "workload", "code": "status", "error": "err"},
    )  # fmt: skip
    yield Histogram(
        name="http_client_request_duration_seconds", unit="seconds", help="From the arrival of a request to its end.",
        rows=DONE, at="t_done", value=Difference("t_done", "t_arrival"), bounds=DURATION_BUCKETS,
        by={"workload": "workload"},
    )  # fmt: skip


def _everywhere(scenario: Scenario) -> Iterator[Exposed]:
    """Whatever the spelling."""
    yield Counter(
        name="http_client_resends", help="Attempts of requests after their first.", at="t_done", weight="attempts",
        rows=DONE.having(Between("attempts", 2)), less=1, by={"workload": "workload"},
    )  # fmt: skip
    yield Counter(
        name="backend_requests", help="Requests that ended, by the backend behind their connection.",
        rows=DONE.having(Between("backend", 0)), at="t_done", by={"backend": "backend"},
    )  # fmt: skip
    for name, workload in scenario.workloads.items():  # of several protocols, all: the records do not tell which
        protocol = " ".join(sorted({*spoken_by(scenario, workload)}))
        yield Histogram(
            name="transport_stream_duration_seconds", unit="seconds",
            help="From the connection of a request, or stream, to its end.",
            rows=DONE.having(Is("workload", name), Known("t_gotconn")), at="t_done",
            value=Difference("t_done", "t_gotconn"), bounds=DURATION_BUCKETS,
            labels=_labels(workload=name, protocol=protocol), by={"status_code": "status"},
        )  # fmt: skip


def _version(scenario: Scenario) -> str:
    return min((client.go_version for client in scenario.clients.values()), default=NEWEST)


def _size(ends: tuple[int, int]) -> int:
    low, high = ends
    return high - low + 1


def _labels(**values: str) -> Labels:
    return tuple(values.items())
