"""Phases: the way of a request from its customer to its end, cut where httptrace and the server mark it, as data."""

from sim.records.phase import Part, Phase

BEGIN = "t_arrival"
PHASES = (
    Phase(name="before the Transport", until="t_getconn"),
    Phase(
        name="waits for a connection",
        until="t_gotconn",
        unless="reused",  # its own dial went on beside it, and somebody else's connection came first
        parts=(
            Part(name="looks up the name", later="t_dns_done", earlier="t_dns_start"),
            Part(name="connects", later="t_conn_done", earlier="t_conn_start"),
            Part(name="shakes hands (TLS)", later="t_tls_done", earlier="t_tls_start"),
        ),
    ),
    Phase(name="writes the request", until="t_wrote"),
    Phase(
        name="on the way, and in overheads and pauses",
        until="t_first",
        parts=(Part(name="waits for a worker", length="srv_q"), Part(name="is served", length="srv_s")),
    ),
    Phase(name="reads the answer", until="t_done"),
)
"""What a request waits for in retries of the Transport, lost connections included, is in the wait for its connection:
the instants are those of its last attempt."""
