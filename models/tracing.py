"""Tracing: the requests, connections, faults and levels of a run as a tracing tool would show them, declared.

Not how they are written. Attributes are OpenTelemetry's (semantic conventions v1.44, HTTP client spans); the steps of a
request are the spans of opentelemetry-go-contrib's otelhttptrace, the timings those of HAR 1.2.
"""

from collections.abc import Iterator, Mapping

from models.scenario import Scenario, WorkloadConfig
from sim.records.span import Carrier, Incidents, Kind, Packets, Step, Timings, Traced, Visit, Way

_PORTS = {"http": 80, "https": 443}
_VERSIONS = {"http/1.1": ("1.1", "HTTP/1.1"), "h2": ("2", "HTTP/2"), "h3": ("3", "HTTP/3")}
"""ALPN name to network.protocol.version and to what an archive writes."""
UNKNOWN_BYTES = -1
"""HAR 1.2: a size that is not known."""

STEPS = (
    Step(name="waits for a connection", span="http.getconn", begin="t_getconn", end="t_gotconn"),
    Step(
        name="looks up the name", span="http.dns", inside="http.getconn", begin="t_dns_start", end="t_dns_done"),
    Step(
        name="connects", span="http.connect", inside="http.getconn", begin="t_conn_start", end="t_conn_done"),
    Step(
        name="shakes hands (TLS)", span="http.tls", inside="http.getconn", begin="t_tls_start", end="t_tls_done"),
    Step(name="writes the request", span="http.send", begin="t_gotconn", end="t_wrote"),
    Step(name="waits for the answer", begin="t_wrote", end="t_first"),
    Step(name="reads the answer", span="http.receive", begin="t_first", end="t_done"),
)  # fmt: skip

TIMINGS = Timings(
    wait="blocked",
    got="t_gotconn",
    opening={
        "dns": (("t_dns_start",), ("t_dns_done",)),
        # with TLS in it, and of QUIC, whose handshake is both, the same
        "connect": (("t_conn_start", "t_tls_start"), ("t_tls_done", "t_conn_done")),
        "ssl": (("t_tls_start",), ("t_tls_done",)),
    },
    within=("ssl",),
    pieces={"send": "t_wrote", "wait": "t_first", "receive": "t_done"},
)


PACKETS = Packets(
    table="packets", at="t", of="client", carrier="conn_id", side="side", event="event", type="type", number="number",
    size="size", trigger="trigger",
    levels={"cwnd": "window", "bytes_in_flight": "under_way", "smoothed_rtt": "rtt"},
    times=frozenset({"smoothed_rtt"}),
    names={
        "packet_sent": "transport:packet_sent",
        "packet_received": "transport:packet_received",
        "packet_dropped": "transport:packet_dropped",
        "packet_lost": "recovery:packet_lost",
        "key_retired": "security:key_retired",
    },
    protocol=("QUIC", "HTTP3"),
    asked_by="clients.NAME.http3.qlog=true",
)  # fmt: skip
"""Names of qlog 0.3, which are those that aioquic writes."""


def traced(scenario: Scenario) -> Traced:
    """What a tracing tool is told of a run of the scenario."""
    kinds = {name: _kind(scenario, workload) for name, workload in scenario.workloads.items()}
    services = scenario.services.items()
    return Traced(
        ways=(_way("requests", "request", kinds), _way("relayed", "relayed request", kinds | dict(_inner(scenario)))),
        carrier=Carrier(
            table="connections", noun="connection", id="conn_id", of="client", begin="t_dial", ready="t_connected",
            ends=("t_close", "t_read_err"), to="remote", error="read_err", opening="dials",
        ),
        packets=PACKETS,
        incidents=Incidents(
            table="events", at="t", what="event", place="backend", of="client", over=" ends"
        ),
        levels=_levels(),
        places=tuple(f"{name}.{i}" for name, service in services for i in range(service.backends)),
        failed_from=400,  # semantic conventions, HTTP client spans: 4xx and 5xx are errors of a client span
        status_attribute="http.response.status_code",
        error_attribute="error.type",
        tries_attribute="http.request.resend_count",
        port_attribute="network.local.port",
    )  # fmt: skip


def _way(table: str, noun: str, kinds: Mapping[str, Kind]) -> Way:
    return Way(
        kinds=kinds, table=table, noun=noun, id="id", begin="t_arrival", end="t_done", of="client", kind="workload",
        carrier="conn_id", error="err", unfinished="lab-end", status="status", tries="attempts", port="local_port",
        steps=STEPS, timings=TIMINGS,
        visit=Visit(
            begin="t_wrote", end="t_first", place="backend", waited="srv_q", served="srv_s",
            names=("waits for a worker", "is served"),
        ),
    )  # fmt: skip


def _levels() -> dict[str, dict[str, dict[str, int]]]:
    taken = ("estab", "syn_sent", "fin_wait1", "fin_wait2", "close_wait", "last_ack", "closing")
    return {
        "requests under way": {"requests": {"inflight": 1}},
        "connections": {
            "idle": {"pool_idle": 1}, "in use": {"open_conns": 1, "pool_idle": -1}, "dialing": {"dialing": 1},
        },
        "local ports": {"taken": {f"c_{state}": 1 for state in taken}, "TIME_WAIT": {"c_time_wait": 1}},
        "TIME_WAIT of servers": {"sockets": {"s_time_wait": 1}},
        "waiting for a slot": {"requests": {"conns_per_host_wait": 1}},
        "goroutines": {"clients": {"goroutines": 1}},
    }  # fmt: skip


def _kind(scenario: Scenario, workload: WorkloadConfig) -> Kind:
    size = UNKNOWN_BYTES if workload.request_body is None else int(workload.request_body.size)
    spoken = {*spoken_by(scenario, workload)}
    return _told(scenario, workload.targets()[0], workload.method, spoken=spoken, body=size)


def _inner(scenario: Scenario) -> Iterator[tuple[str, Kind]]:
    """Requests of services that ask others, and of nodes that pass items on: they have the name of who asks."""
    for name, service in scenario.services.items():
        if service.relay is not None:
            asked, client = service.relay.service, service.relay.client
            spoken = {*_spoken(scenario, client, asked)}
            yield name, _told(scenario, asked, "GET", spoken=spoken, body=UNKNOWN_BYTES)
        if service.shards is not None:
            spoken = {*_spoken(scenario, service.shards.client, name)}
            yield name, _told(scenario, name, "POST", spoken=spoken, body=UNKNOWN_BYTES)


def _told(scenario: Scenario, service: str, method: str, *, spoken: set[str], body: int) -> Kind:
    config = scenario.services[service]
    url, port = f"{config.scheme}://{service}/", _PORTS[config.scheme]
    attributes: dict[str, str | int] = {
        "http.request.method": method, "server.address": service, "server.port": port, "url.full": url,
    }  # fmt: skip
    version = "HTTP"
    if len(spoken) == 1:
        number, version = _VERSIONS[min(spoken)]
        attributes["network.protocol.version"] = number
    told = {"httpVersion": version, "cookies": [], "headers": [], "headersSize": UNKNOWN_BYTES}
    response = {
        **told, "content": {"size": int(config.response_size), "mimeType": "application/octet-stream"},
        "redirectURL": "", "bodySize": int(config.response_size),
    }  # fmt: skip
    request = {"method": method, "url": url, **told, "queryString": [], "bodySize": body}
    return Kind(name=method, attributes=attributes, service=service, request=request, response=response)


def spoken_by(scenario: Scenario, workload: WorkloadConfig) -> Iterator[str]:
    """What the requests of a workload may go by, as ALPN names; more than one where the records do not tell which."""
    for target in workload.targets():
        yield from _spoken(scenario, workload.client, target)


def _spoken(scenario: Scenario, asking: str, asked: str) -> Iterator[str]:
    client, service = scenario.clients[asking], scenario.services[asked]
    over_tcp = "h2" if service.http2 is not None and client.attempts_http2 else "http/1.1"
    if service.http3 is None or client.http3 is None:
        yield over_tcp
        return
    yield "h3"
    if client.http3.fallback != "never" or client.http3.discovery == "alt_svc":
        yield over_tcp


def attributes_of(scenario: Scenario, workload: WorkloadConfig) -> Mapping[str, str | int]:
    """What all requests of a workload have in common, by OpenTelemetry's names."""
    return _kind(scenario, workload).attributes
