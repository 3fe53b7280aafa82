"""Tables: what a run records of the world, as data. Not how it is kept (sim/records)."""

from models.kernel.host import state_series
from sim.records.rows import Field, Kind

_INSTANT, _DURATION, _COUNT, _FLAG, _LABEL = Kind.INSTANT, Kind.DURATION, Kind.COUNT, Kind.FLAG, Kind.LABEL
_NUMBER = Kind.NUMBER

REQUESTS = (
    Field("id", "q", _COUNT),
    Field("workload", "h", _LABEL),
    Field("client", "h", _LABEL),
    Field("t_arrival", "q", _INSTANT),
    Field("t_getconn", "q", _INSTANT),
    Field("t_gotconn", "q", _INSTANT),
    Field("reused", "B", _FLAG),
    Field("was_idle", "B", _FLAG),
    Field("idle_time", "q", _DURATION),
    Field("t_dns_start", "q", _INSTANT),
    Field("t_dns_done", "q", _INSTANT),
    Field("t_conn_start", "q", _INSTANT),
    Field("t_conn_done", "q", _INSTANT),
    Field("t_tls_start", "q", _INSTANT),
    Field("t_tls_done", "q", _INSTANT),
    Field("t_wrote", "q", _INSTANT),
    Field("t_first", "q", _INSTANT),
    Field("t_done", "q", _INSTANT),
    Field("status", "h", _COUNT),
    Field("err", "h", _LABEL),
    Field("backend", "i", _COUNT),
    Field("local_port", "i", _COUNT),
    Field("conn_id", "q", _COUNT),
    Field("attempts", "h", _COUNT),
    Field("srv_q", "q", _DURATION),
    Field("srv_s", "q", _DURATION),
)
"""One row per request, written when its caller is done (httptrace names)."""

CONNECTIONS = (
    Field("conn_id", "q", _COUNT),
    Field("client", "h", _LABEL),
    Field("t_dial", "q", _INSTANT),
    Field("t_connected", "q", _INSTANT),
    Field("lport", "i", _COUNT),
    Field("remote", "h", _LABEL),
    Field("nreq", "q", _COUNT),
    Field("t_close", "q", _INSTANT),
    Field("t_read_err", "q", _INSTANT),
    Field("read_err", "h", _LABEL),
    Field("t_last_read", "q", _INSTANT),
)
"""One row per dial of a Transport, written when its connection closes or the dial fails."""

EVENTS = (
    Field("t", "q", _INSTANT),
    Field("event", "h", _LABEL),
    Field("backend", "i", _COUNT),
    Field("client", "h", _LABEL),
)
"""One row per step of the timeline, and per collection and error of a program."""

CALLS = (
    Field("id", "q", _COUNT),
    Field("workload", "h", _LABEL),
    Field("client", "h", _LABEL),
    Field("t_arrival", "q", _INSTANT),
    Field("t_done", "q", _INSTANT),
    Field("status", "h", _COUNT),
    Field("err", "h", _LABEL),
    Field("last", "q", _COUNT),
    Field("tries", "h", _COUNT),
    Field("refused", "h", _COUNT),
    Field("copies", "h", _COUNT),
    Field("waited", "q", _DURATION),
)
"""One row per call of a client that guards its calls, written when its customer has an answer or an error."""

TUNING = (
    Field("t", "q", _INSTANT),
    Field("client", "h", _LABEL),
    Field("qps", "d", _NUMBER),
    Field("p99", "q", _DURATION),
    Field("p99_volatility", "d", _NUMBER),
    Field("packet_size", "d", _NUMBER),
    Field("burst_entropy", "d", _NUMBER),
    Field("lifetime_skewness", "d", _NUMBER),
    Field("concurrency", "q", _COUNT),
    Field("lull", "q", _DURATION),
    Field("write_buffer_size", "q", _COUNT),
    Field("max_concurrent_streams", "q", _COUNT),
    Field("max_idle_conns_per_host", "q", _COUNT),
    Field("max_conns_per_host", "q", _COUNT),
    Field("idle_conn_timeout", "q", _DURATION),
    Field("moved", "h", _COUNT),
)
"""One row per look of a controller: what it saw, and what is set after it."""

HANDSHAKES = (
    Field("t", "q", _INSTANT),
    Field("client", "h", _LABEL),
    Field("backend", "i", _COUNT),
    Field("resumed", "B", _FLAG),
    Field("err", "h", _LABEL),
)
"""One row per TLS handshake that has ended, where certificates matter."""

CERTIFICATES = (
    Field("t", "q", _INSTANT),
    Field("owner", "h", _LABEL),
    Field("not_after", "q", _INSTANT),
    Field("left", "q", _DURATION),
)
"""One row per certificate of an issuer that comes into use."""

RPCS = (
    Field("id", "q", _COUNT),
    Field("workload", "h", _LABEL),
    Field("client", "h", _LABEL),
    Field("t_arrival", "q", _INSTANT),
    Field("t_done", "q", _INSTANT),
    Field("code", "h", _LABEL),
    Field("waited", "q", _DURATION),
    Field("retried", "h", _COUNT),
)
"""One row per call of a gRPC client, with the id of its request."""

SESSIONS = (
    Field("fleet", "h", _LABEL),
    Field("device", "i", _COUNT),
    Field("backend", "i", _COUNT),
    Field("t_lost", "q", _INSTANT),
    Field("tries", "i", _COUNT),
    Field("t_dial", "q", _INSTANT),
    Field("t_connected", "q", _INSTANT),
    Field("t_up", "q", _INSTANT),
    Field("t_broke", "q", _INSTANT),
    Field("t_noticed", "q", _INSTANT),
    Field("t_closed", "q", _INSTANT),
    Field("t_server_noticed", "q", _INSTANT),
    Field("why", "h", _LABEL),
    Field("by", "h", _LABEL),
    Field("misjudged", "B", _FLAG),
    Field("sent", "q", _COUNT),
    Field("received", "q", _COUNT),
    Field("pings", "q", _COUNT),
    Field("pongs", "q", _COUNT),
)
"""One row per life of a connection of a device, written when neither end has it any more."""

PACKETS = (
    Field("t", "q", _INSTANT),
    Field("client", "h", _LABEL),
    Field("conn_id", "q", _COUNT),
    Field("side", "h", _LABEL),
    Field("event", "h", _LABEL),
    Field("type", "h", _LABEL),
    Field("number", "q", _COUNT),
    Field("size", "i", _COUNT),
    Field("trigger", "h", _LABEL),
    Field("window", "q", _COUNT),
    Field("under_way", "q", _COUNT),
    Field("rtt", "q", _DURATION),
)
"""One row per packet that an end of a QUIC connection has sent, read or given up, where a client asks for it."""

MESSAGES = (
    Field("fleet", "h", _LABEL),
    Field("device", "i", _COUNT),
    Field("leg", "h", _LABEL),
    Field("qos", "h", _COUNT),
    Field("t_published", "q", _INSTANT),
    Field("t_queued", "q", _INSTANT),
    Field("t_sent", "q", _INSTANT),
    Field("t_received", "q", _INSTANT),
    Field("t_acked", "q", _INSTANT),
    Field("sends", "i", _COUNT),
    Field("copies", "i", _COUNT),
    Field("deliveries", "i", _COUNT),
    Field("err", "h", _LABEL),
)
"""One row per message of MQTT and way, from a device to the broker or on to one device, written when both are done."""

BRIDGED = (
    Field("bridge", "h", _LABEL),
    Field("fleet", "h", _LABEL),
    Field("device", "i", _COUNT),
    Field("t_published", "q", _INSTANT),
    Field("t_received", "q", _INSTANT),
    Field("t_decoded", "q", _INSTANT),
    Field("t_flushed", "q", _INSTANT),
    Field("t_done", "q", _INSTANT),
    Field("request", "q", _COUNT),
    Field("tries", "h", _COUNT),
    Field("copy", "h", _COUNT),
    Field("overtaken", "B", _FLAG),
    Field("err", "h", _LABEL),
)
"""One row per message that a bridge has passed on, or dropped, or still has at the end."""

ITEMS = (
    Field("workload", "h", _LABEL),
    Field("client", "h", _LABEL),
    Field("t_arrival", "q", _INSTANT),
    Field("t_joined", "q", _INSTANT),
    Field("t_flushed", "q", _INSTANT),
    Field("t_done", "q", _INSTANT),
    Field("request", "q", _COUNT),
    Field("hops", "h", _COUNT),
    Field("status", "h", _COUNT),
    Field("err", "h", _LABEL),
)
"""One row per item of a workload with batches, written when it is answered, dropped or has failed."""

BATCHES = (
    Field("request", "q", _COUNT),
    Field("workload", "h", _LABEL),
    Field("client", "h", _LABEL),
    Field("t_opened", "q", _INSTANT),
    Field("t_flushed", "q", _INSTANT),
    Field("t_done", "q", _INSTANT),
    Field("cause", "h", _LABEL),
    Field("items", "i", _COUNT),
    Field("forwarded", "i", _COUNT),
    Field("bytes_before", "q", _COUNT),
    Field("bytes_after", "q", _COUNT),
    Field("packets_before", "q", _COUNT),
    Field("packets_after", "q", _COUNT),
)
"""One row per batch, written when its request has ended."""

SOCKETS = (
    Field("t", "q", _INSTANT),
    Field("server", "B", _FLAG),
    Field("client", "i", _COUNT),
    Field("address", "h", _COUNT),
    Field("lport", "q", _COUNT),
    Field("remote", "i", _COUNT),
    Field("old", "B", _COUNT),
    Field("new", "B", _COUNT),
    Field("until", "q", _INSTANT),
)
"""One row per change of state of a socket, written when it is certain, so not in order of time."""

UNHASHED = ("sockets",)
"""Tables that say again, in more detail, what others say: no part of the fingerprint, so that it is the same without
them."""

TABLES = {"requests": REQUESTS, "connections": CONNECTIONS, "events": EVENTS}
"""What every run records. Besides: `calls`, where a client guards its calls, and `relayed`, where services ask others:
the requests of their clients, which no customer sees, `tuning`, where a controller sets a client, `rpcs`, of gRPC's
calls, `sessions`, where there are fleets of devices, `messages`, where these speak MQTT, `bridged`, where there are
bridges, and `items` and `batches`, where a workload has batches; `packets`, where a client records those of QUIC,
`handshakes`, where a server asks for certificates or the time of one matters, `certificates`, where anybody renews
one, and `sockets`, where the scenario asks for it."""

LEVELS = (
    "inflight", "open_conns", "pool_idle", "pool_idle_wait", "conns_per_host", "conns_per_host_wait",
    "resolving", "connecting", "handshaking", "lookups", "srv_connections", "srv_handlers",
    *state_series("c"), *state_series("s"),
)  # fmt: skip
"""What is counted over time."""
BODY_LEVELS = ("reading_body", "unread", "draining")
"""Response bodies: being read by their callers, neither read nor closed, drained after an early close."""


DIAL_LEVELS = ("racers", "both_racing", "lookups_left", "connect_waiting")
"""Goroutines of dials that few scenarios have: racers of two families, those who left a lookup, CONNECTs."""


HTTP2_LEVELS = ("h2_conns", "h2_handles", "h2_streams", "h2_callers", "h2_reading_body", "srv_h2_conns")
"""HTTP/2: connections, their handles in the idle list, streams, callers that have one, those that read, and the
server's connections."""


def level_names(n_backends: int) -> tuple[str, ...]:
    """All levels of a world with so many backends."""
    return (*LEVELS, *(f"c_estab_b{i}" for i in range(n_backends)), *DIAL_LEVELS, *BODY_LEVELS, *HTTP2_LEVELS)
