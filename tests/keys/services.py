"""Cases of the keys under services."""

from tests.keys.balancer import BALANCER
from tests.keys.case import (
    BURST,
    CHURN,
    CROWD,
    DNS,
    DNS_LOSS,
    LONG_PAUSE,
    LOST_LATER,
    SERVER_CLOSES,
    SHORT_PAUSE,
    TLS,
    TWO_BACKENDS,
    Case,
    change,
)
from tests.keys.http2 import HTTP2
from tests.keys.programs import PROGRAMS

RELAYS = ("services.o={}", "clients.up={}", "S.relay={client: up, service: o}")
STREAMS = (TLS, "S.http2={}", "T.force_attempt_http2=true")


def _footprint(key: str, value: str, *given: str) -> Case:
    return change(f"S.footprint.{key}={value}", "S.footprint={}", *given)


SERVICES: dict[str, Case] = {
    "services.*.footprint.machine": _footprint("machine", "gw"),
    "services.*.footprint.program": _footprint("program", "nginx"),
    "services.*.footprint.connection": _footprint("connection", "1KiB"),
    "services.*.footprint.http2_connection": _footprint("http2_connection", "1KiB", *STREAMS),
    "services.*.footprint.http3_connection": _footprint(
        "http3_connection", "1KiB", TLS, "S.http3={}", "G.http3={}"
    ),
    "services.*.footprint.session": _footprint(
        "session", "1KiB", "sessions={f: {count: 20, service: a, websocket: {}, start: {over: 500ms}}}"
    ),
    "services.*.footprint.request": _footprint("request", "1KiB"),
    "services.*.footprint.upstream_connection": _footprint("upstream_connection", "1KiB", *RELAYS),
    "services.*.footprint.socket": _footprint("socket", "1KiB"),
    "services.*.keep_alive": change("S.keep_alive=1s", LOST_LATER, "tail=150s"),
    "services.*.scheme": change(TLS),
    **HTTP2,
    "services.*.resolve.by": change("S.resolve.by=round_robin", TWO_BACKENDS),
    "services.*.resolve.dns": change("S.resolve.dns=fixed", TWO_BACKENDS, DNS, CHURN),
    "services.*.resolve.ttl": change("S.resolve.ttl=1s", TWO_BACKENDS, DNS, CHURN),
    "services.*.resolve.ipv6.[]": change("S.resolve.ipv6=[1]", TWO_BACKENDS, DNS, CHURN),
    "services.*.resolve.loss": change("S.resolve.loss=0.5", *DNS_LOSS[1:]),
    "services.*.resolve.fails": change("S.resolve.fails=0.5", DNS, CHURN),
    **BALANCER,
    "services.*.max_connection_age": change("S.max_connection_age=500ms"),
    "services.*.max_connection_age_grace": change(
        "S.max_connection_age_grace=10ms", "S.max_connection_age=500ms", "S.service_time=200ms"
    ),
    "services.*.backends": change(TWO_BACKENDS),
    "services.*.workers": change("S.workers=1"),
    "services.*.queue": change("S.queue=1", "S.workers=1"),
    "services.*.overhead": change("S.overhead=2ms"),
    "services.*.response_size": change("S.response_size=100kB"),
    "services.*.backlog": change("S.backlog=0", SHORT_PAUSE, CHURN),
    "services.*.read_timeout": change("S.read_timeout=5ms"),
    "services.*.read_header_timeout": change("S.read_header_timeout=100ms", CROWD),
    "services.*.write_timeout": change("S.write_timeout=5ms"),
    "services.*.response_framing": change("S.response_framing=until_close"),
    "services.*.response_pause": change("S.response_pause=5ms"),
    "services.*.interim.[]": change("S.interim=[103, 103]", "S.interim=[103]", "S.interim_gap=5ms"),
    "services.*.interim_gap": change("S.interim_gap=5ms", "S.interim=[103]"),
    "services.*.reads_body": change("S.reads_body=false", "W.request_body={size: 300kB}", "W.method=POST"),
    "services.*.panics": change("S.panics=0.1"),
    "services.*.idle_timeout": change("S.idle_timeout=5ms"),
    "services.*.disable_keep_alives": change("S.disable_keep_alives=true"),
    "services.*.honours_cancel": change("S.honours_cancel=true", "S.workers=1", "G.timeout=30ms"),
    "services.*.tls.version": change("S.tls.version='1.2'", TLS),
    "services.*.tls.shared_tickets": change(
        "S.tls.shared_tickets=true", TLS, CHURN, TWO_BACKENDS, DNS, "G.tls.client_session_cache=8"
    ),
    "services.*.tls.cpus": change("S.tls.cpus=1", TLS, CHURN, "S.tls.key=rsa_4096"),
    "services.*.tls.key": change("S.tls.key=rsa_2048", TLS),
    "services.*.kernel.release": change("H.release='6.1'", "S.backlog=0", "H.tcp_syncookies=0", *BURST),
    "services.*.kernel.hz": change("H.hz=100", *SERVER_CLOSES, "duration=1s", "tail=63s"),
    "services.*.kernel.tcp_max_tw_buckets": change("H.tcp_max_tw_buckets=3", *SERVER_CLOSES),
    "services.*.kernel.tcp_retries2": change("H.tcp_retries2=1", LOST_LATER, "tail=5s", "S.service_time=100ms"),
    "services.*.kernel.tcp_orphan_retries": change(
        "H.tcp_orphan_retries=1", LOST_LATER, "tail=5s", "S.service_time=100ms", "S.idle_timeout=5ms"
    ),
    "services.*.kernel.tcp_slow_start_after_idle": change(
        "H.tcp_slow_start_after_idle=0", "S.response_size=100kB", "A={constant: {rate: 2/s}}", "network.rtt=20ms",
        "T.max_idle_conns_per_host=1",
    ),
    "services.*.kernel.somaxconn": change("H.somaxconn=0", SHORT_PAUSE, CHURN),
    "services.*.kernel.tcp_synack_retries": change("H.tcp_synack_retries=0", "S.backlog=1", LONG_PAUSE, *BURST),
    "services.*.kernel.tcp_max_syn_backlog": change("H.tcp_max_syn_backlog=4", "H.tcp_syncookies=0", *BURST),
    "services.*.kernel.tcp_syncookies": change("H.tcp_syncookies=0", "S.backlog=0", *BURST),
    "services.*.kernel.tcp_abort_on_overflow": change(
        "H.tcp_abort_on_overflow=1", "S.backlog=1", LONG_PAUSE, *BURST
    ),
    **PROGRAMS,
}  # fmt: skip
