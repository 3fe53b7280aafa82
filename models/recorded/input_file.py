"""input_of: an experiment as input.json has it: Go's field names, float seconds, nothing left to defaults."""

from dataclasses import fields, is_dataclass
from typing import Any, get_type_hints

from models.recorded.experiment import CLIENT_IP, Experiment
from sim.units import SECOND, Duration

ARRIVALS_FILE = "../arrivals.csv.gz"
"""Seen from a repetition."""
CLIENT_SYSCTL = {
    "net.ipv4.tcp_tw_reuse": "0",
    "net.ipv4.tcp_max_tw_buckets": "131072",
    "net.ipv4.tcp_max_syn_backlog": "2048",
    "net.ipv4.ip_local_port_range": "32768 60999",
}
"""Of the client's namespace, whatever the machine's own are (reality/README.md, set-up)."""
SERVER_SYSCTL = {
    "net.ipv4.tcp_max_tw_buckets": "131072",
    "net.ipv4.tcp_max_syn_backlog": "2048",
    "net.ipv4.tcp_tw_reuse": "0",
}
_GO_WORDS = {"ip": "IP", "tls": "TLS", "http2": "HTTP2", "dns": "DNS"}


def go_spelling(name: str) -> str:
    """Our field's name in Go.

    Examples
    --------
    >>> go_spelling("tls_handshake_timeout")
    'TLSHandshakeTimeout'
    """
    return "".join(_GO_WORDS.get(word, word.capitalize()) for word in name.split("_"))


def input_of(experiment: Experiment, *, n_arrivals: int, workers: int) -> dict[str, Any]:
    """The configuration of a run; what only the run itself knows (Rep, T0UnixNano, versions) is left to the recorder.

    Parameters
    ----------
    experiment
        What was asked for.
    n_arrivals
        Rows of the arrivals.
    workers
        Callers of a closed loop; 0 for an open one.
    """
    topology = experiment.topology
    return {
        "Duration": experiment.duration / SECOND,
        "Tail": experiment.tail / SECOND,
        "Scheme": experiment.scheme,
        "Method": experiment.method,
        "Transport": _part(experiment.transport),
        "Dialer": _part(experiment.dialer),
        "Client": _part(experiment.client),
        "TLS": _part(experiment.tls),
        "Load": {"Mode": "closed" if workers else "open", "Workers": workers},
        "Server": {"Backends": _backends(experiment)},
        "Events": [_part(event) for event in experiment.events],
        "Topology": _part(topology) | {"ClientIP": CLIENT_IP, "DNSAddrs": _dns_addrs(experiment)},
        "Sysctl": _sysctls(CLIENT_SYSCTL, experiment.sysctl),
        "ServerSysctl": _sysctls(SERVER_SYSCTL, experiment.server_sysctl),
        "Experiment": experiment.experiment,
        "Variant": experiment.variant,
        "Seed": experiment.seed,
        "Hosts": list(experiment.asked()),
        "ArrivalsFile": ARRIVALS_FILE,
        "NArrivals": n_arrivals,
    }


def _part(config: Any) -> dict[str, Any]:
    """A dataclass field by field; durations as seconds."""
    hints = get_type_hints(type(config), include_extras=True)
    written: dict[str, Any] = {}
    for field in fields(config):
        value = getattr(config, field.name)
        if is_dataclass(value):
            value = _part(value)
        elif _is_duration(hints[field.name]):
            value = value / SECOND
        elif isinstance(value, tuple):
            value = list(value)
        written[go_spelling(field.name)] = value
    return written


def _is_duration(hint: Any) -> bool:
    marks = getattr(Duration, "__metadata__")  # noqa: B009  a type's marks are no attribute to mypy
    return any(mark in marks for mark in getattr(hint, "__metadata__", ()))


def _backends(experiment: Experiment) -> list[dict[str, Any]]:
    parts = zip(experiment.server.backends, experiment.backends(), strict=True)
    return [_part(backend) | {"IP": ip, "Port": port, "Proto": proto} for backend, (ip, port, proto) in parts]


def _dns_addrs(experiment: Experiment) -> list[str]:
    asked = experiment.topology.dns_mode != "none" or experiment.topology.dns_addrs
    return list(experiment.dns_addrs()) if asked else []


def _sysctls(defaults: dict[str, str], wanted: Any) -> dict[str, str]:
    return defaults | {name: str(value) for name, value in wanted.items()}
