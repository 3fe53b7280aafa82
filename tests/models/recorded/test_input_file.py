"""input.json as the recorder writes it, against one of the recorded ones."""

from typing import Any

from models.recorded.experiment import Experiment
from models.recorded.input_file import go_spelling, input_of
from sim.scenario import Loader

E04 = """\
Experiment: E04
Variant: dnsrr-mi2-blackhole-rtt20
Duration: 80s
Transport: {MaxIdleConnsPerHost: 2}
Server: {Backends: [{}, {}]}
Events: [{T: 20s, Action: drop, IP: 10.77.0.12, Dur: 20s}]
Topology: {Link: tun, OneWayDelay: 10ms, DNSMode: rotating-dns}
Sysctl: {net.ipv4.ip_local_port_range: 30000 30199}
Arrivals: {poisson: 60/s}
Service: 50ms
Seed: 2881701
"""


def backend(ip: str) -> dict[str, Any]:
    return {
        "IP": ip, "Port": 8080, "Proto": "http", "Workers": 0, "Backlog": 4096, "Mode": "normal", "IdleTimeout": 0,
        "KeepAlivesDisabled": False, "MaxConcurrentStreams": 0, "HandlerHonoursCancel": False, "BodyBytes": 128,
    }  # fmt: skip


AS_RECORDED = {
    "Duration": 80, "Tail": 2, "Scheme": "http", "Method": "GET",
    "Transport": {
        "MaxIdleConns": 100, "MaxIdleConnsPerHost": 2, "MaxConnsPerHost": 0, "IdleConnTimeout": 90,
        "TLSHandshakeTimeout": 10, "ResponseHeaderTimeout": 0, "ExpectContinueTimeout": 1, "DisableKeepAlives": False,
        "ForceAttemptHTTP2": False, "DisableCompression": False, "HTTP2": {"StrictMaxConcurrentRequests": False},
    },
    "Dialer": {"Timeout": 30, "KeepAlive": 30},
    "Client": {"Timeout": 0},
    "TLS": {"MinVersion": "", "MaxVersion": "", "ClientSessionCache": 0},
    "Load": {"Mode": "open", "Workers": 0},
    "Server": {"Backends": [backend("10.77.0.11"), backend("10.77.0.12")]},
    "Events": [{"T": 20, "Action": "drop", "Backend": -1, "IP": "10.77.0.12", "Dur": 20, "Mode": ""}],
    "Topology": {
        "Link": "tun", "OneWayDelay": 0.01, "ClientIP": "10.77.0.1", "DNSMode": "rotating-dns", "DNSName": "svc.test",
        "DNSAddrs": ["10.77.0.11", "10.77.0.12"],
    },
    "Sysctl": {
        "net.ipv4.tcp_tw_reuse": "0", "net.ipv4.tcp_max_tw_buckets": "131072",
        "net.ipv4.tcp_max_syn_backlog": "2048", "net.ipv4.ip_local_port_range": "30000 30199",
    },
    "ServerSysctl": {
        "net.ipv4.tcp_max_tw_buckets": "131072", "net.ipv4.tcp_max_syn_backlog": "2048", "net.ipv4.tcp_tw_reuse": "0",
    },
    "Experiment": "E04", "Variant": "dnsrr-mi2-blackhole-rtt20", "Seed": 2881701, "Hosts": ["svc.test:8080"],
    "ArrivalsFile": "../arrivals.csv.gz", "NArrivals": 4645,
}  # fmt: skip
"""reality/E04-dnsrr-mi2-blackhole-rtt20, with two of its three backends; what only a run knows is left out."""


def test_an_experiment_is_written_as_the_recorded_ones_are() -> None:
    experiment: Experiment = Loader(Experiment).load(E04, "own.yaml")

    written = input_of(experiment, n_arrivals=4645, workers=0)

    assert written == AS_RECORDED


def test_workers_make_a_closed_load() -> None:
    experiment: Experiment = Loader(Experiment).load(E04, "own.yaml")

    written = input_of(experiment, n_arrivals=10, workers=50)

    assert written["Load"] == {"Mode": "closed", "Workers": 50}


def test_names_are_spelt_as_go_spells_them() -> None:
    names = ("force_attempt_http2", "client_ip", "dns_addrs", "tls_handshake_timeout", "one_way_delay")

    assert [go_spelling(name) for name in names] == [
        "ForceAttemptHTTP2",
        "ClientIP",
        "DNSAddrs",
        "TLSHandshakeTimeout",
        "OneWayDelay",
    ]
