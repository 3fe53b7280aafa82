"""Case: one key of a scenario changed in a small scenario in which it matters, and what such scenarios share."""

from collections.abc import Callable
from typing import Any, NamedTuple

from models.scenario import Scenario

BASE: dict[str, Any] = {
    "duration": "2s",
    "tail": "1s",
    "clients": {"gw": {}},
    "services": {"a": {"service_time": "20ms", "resolve": "literal"}},
    "workloads": {"w": {"client": "gw", "service": "a", "arrivals": {"poisson": {"rate": "60/s"}}}},
}


class Case(NamedTuple):
    """The settings of a small scenario, and those that change one key of it."""

    given: tuple[str, ...]
    changed: tuple[str, ...]
    plays: Callable[[Scenario], object] | None = None
    """What is compared; None: all that a run of the scenario shows."""


def change(changed: str, *given: str) -> Case:
    """A case whose other value is `changed`; in both, G, K, S and W stand for the parts of the base scenario."""
    return Case(tuple(map(_path, given)), (_path(changed),))


PARTS = {"G.": "clients.gw.", "T.": "clients.gw.transport.", "K.": "clients.gw.kernel.", "W.": "workloads.w.",
         "S.": "services.a.", "H.": "services.a.kernel.", "A=": "workloads.w.arrivals="}  # fmt: skip


def _path(line: str) -> str:
    return PARTS[line[:2]] + line[2:] if line[:2] in PARTS else line


CHURN = "T.disable_keep_alives=true"
FEW_PORTS = (CHURN, "K.ip_local_port_range=[30000, 30019]", "duration=5s")
TLS = "S.scheme=https"
DNS = "S.resolve.by=dns"
DNS_LOSS = ("S.resolve.loss=0.9", DNS, CHURN, "G.resolv_conf.timeout=1s", "duration=6s", "G.dialer.timeout=0")
DNS_DOWN = "timeline=[{at: 500ms, dns_down: {service: a}}]"
CLOSE_IDLE = "timeline=[{at: 1s, close_idle: {client: gw}}]"
TWO_BACKENDS = "S.backends=2"
SECOND_SERVICE = "services.b={service_time: 50ms}"
TWO_NAMES = (CHURN, DNS, SECOND_SERVICE, "services.b.resolve.by=dns", "W.service=''", "W.services=[a, b]")
PROXY = ("services.p={overhead: 1ms}", "T.proxy={service: p}")
SECOND_CLIENT = "clients.other={overhead: 5ms}"
SHORT_PAUSE = "timeline=[{at: 0s, pause: {for: 1500ms}}]"
LONG_PAUSE = "timeline=[{at: 0s, pause: {for: 20s}}]"
LOST_AT_FIRST = "timeline=[{at: 0s, drop: {for: 3500ms}}]"
LOST = "timeline=[{at: 0s, drop: {}}]"
LOST_LATER = "timeline=[{at: 1s, drop: {}}]"
OLD_GO = "G.go_version='1.22'"
LOST_FOR_A_WHILE = ("timeline=[{at: 1s, drop: {for: 6s}}]", "tail=15s")
STRICT = "T.http2.strict_max_concurrent_requests=true"
BURST = ("network.rtt=40ms", "W.arrivals={poisson: {rate: 300/s}}", CHURN)
SERVER_CLOSES = ("S.disable_keep_alives=true", "G.close_race=0")
UPLOAD = ("W.method=POST", "W.request_body={size: 1kB}")
BLINK = "timeline=[{at: 1s, die: {for: 1ms}}]"
H2 = (TLS, "S.http2={max_concurrent_streams: 4}", "S.service_time=200ms", "network.rtt=10ms")
PINGS = (*H2, "T.http2.send_ping_timeout=200ms", "timeline=[{at: 1s, drop: {}}]", "tail=20s")
CROWD = "A={closed_loop: {workers: 130, think: 100ms}}"
"""Settings that several cases share."""
