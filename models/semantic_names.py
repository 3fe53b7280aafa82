"""Semantic names: what OpenTelemetry calls the metrics of an HTTP client, declared over a run's tables.

Source: semantic conventions v1.44, HTTP client metrics, in Prometheus' spelling (dots as underscores, units last).
`http.client.request.duration` is stable, the others are in development. A connection that is being dialed has no state.
"""

from collections.abc import Iterator

from models.scenario import Scenario
from models.tracing import attributes_of
from sim.records.exposition import Exposed, Gauge, Histogram, Labels
from sim.records.metric import Between, Difference, Is, Known, Not, Selection

DONE = Selection("requests", (Known("t_done"), Not(Is("err", "lab-end"))))
CLOSED = Selection("connections", (Known("t_connected"), Known("t_close"), Between("lport", 1)))
DURATION_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""Seconds: those of http.client.request.duration."""
CONNECTION_BUCKETS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds: those of http.client.connection.duration."""
_OF_METRICS = ("http.request.method", "server.address", "server.port", "network.protocol.version")
"""Attributes of a span that its metric has, too; the others would make a series of each request."""


def semantic_pool() -> Iterator[Exposed]:
    """Connections by state, and how long they were open."""
    yield Gauge(
        name="http_client_open_connections",
        help="Connections of the Transports by state.",
        series={
            (("http_connection_state", "idle"),): {"pool_idle": 1},
            (("http_connection_state", "active"),): {"open_conns": 1, "pool_idle": -1},
        },
    )
    yield Histogram(
        name="http_client_connection_duration_seconds", unit="seconds",
        help="From the connect of a connection to its close; those that are open are not in it.",
        rows=CLOSED, at="t_close", value=Difference("t_close", "t_connected"), bounds=CONNECTION_BUCKETS,
    )  # fmt: skip


def semantic_requests(scenario: Scenario) -> Iterator[Exposed]:
    """How long requests took, of those with an answer by its status, of those without by their error."""
    for name, workload in scenario.workloads.items():
        told = attributes_of(scenario, workload)
        labels: Labels = tuple((key.replace(".", "_"), str(told[key])) for key in _OF_METRICS if key in told)
        own = DONE.having(Is("workload", name))
        for rows, by in (
            (own.having(Between("status", 1)), {"http_response_status_code": "status", "error_type": "err"}),
            (own.having(Not(Between("status", 1))), {"error_type": "err"}),
        ):
            yield Histogram(
                name="http_client_request_duration_seconds", unit="seconds", rows=rows, at="t_done", by=by,
                help="From the arrival of a request to its end.", value=Difference("t_done", "t_arrival"),
                bounds=DURATION_BUCKETS, labels=(*labels, ("workload", name)),
            )  # fmt: skip
