"""Every key of a scenario moves something: each is changed once, in a small scenario in which it matters."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from models.scenario import Scenario
from models.timeline import FAULTS
from sim import wiring
from sim.cli.main import main
from sim.scenario import json_schema, walk_keys

LOGS = Path(__file__).parent / "models" / "workload" / "data"

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

DISTRIBUTIONS = {
    "constant.value": ("{constant: {value: 3ms}}", "{constant: {value: 7ms}}"),
    "exponential.mean": ("{exponential: {mean: 3ms}}", "{exponential: {mean: 7ms}}"),
    "lognormal.mean": ("{lognormal: {mean: 3ms, p99: 9ms}}", "{lognormal: {mean: 4ms, p99: 9ms}}"),
    "lognormal.p99": ("{lognormal: {mean: 3ms, p99: 9ms}}", "{lognormal: {mean: 3ms, p99: 8ms}}"),
    "pareto.mean": ("{pareto: {mean: 3ms, p99: 9ms}}", "{pareto: {mean: 4ms, p99: 9ms}}"),
    "pareto.p99": ("{pareto: {mean: 3ms, p99: 9ms}}", "{pareto: {mean: 3ms, p99: 8ms}}"),
    "bimodal.low": (
        "{bimodal: {low: 3ms, high: 9ms, high_share: 0.2}}",
        "{bimodal: {low: 4ms, high: 9ms, high_share: 0.2}}",
    ),
    "bimodal.high": (
        "{bimodal: {low: 3ms, high: 9ms, high_share: 0.2}}",
        "{bimodal: {low: 3ms, high: 8ms, high_share: 0.2}}",
    ),
    "bimodal.high_share": (
        "{bimodal: {low: 3ms, high: 9ms, high_share: 0.2}}",
        "{bimodal: {low: 3ms, high: 9ms, high_share: 0.7}}",
    ),
    "uniform.low": ("{uniform: {low: 3ms, high: 9ms}}", "{uniform: {low: 5ms, high: 9ms}}"),
    "uniform.high": ("{uniform: {low: 3ms, high: 9ms}}", "{uniform: {low: 3ms, high: 8ms}}"),
    "empirical.values.[]": ("{empirical: {values: [3ms, 9ms]}}", "{empirical: {values: [3ms, 8ms]}}"),
}
PLACES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "network.rtt": ("network.rtt=", "", ()),
    "services.*.service_time": ("S.service_time=", "", ()),
    "services.*.overrun": ("S.overrun=", "", ()),
    "clients.*.dial_lag": ("G.dial_lag=", "", (CHURN,)),
    "clients.*.read_lag": ("G.read_lag=", "", ("S.idle_timeout=20ms",)),
    "services.*.resolve.lookup_time": ("S.resolve.lookup_time=", "", (DNS, CHURN)),
    "workloads.*.service_time": ("W.service_time=", "", ()),
    "workloads.*.cancel_after": ("W.cancel_after=", "", ()),
    "clients.*.transport.proxy.connect_time": ("T.proxy={service: p, connect_time: ", "}", (TLS, PROXY[0])),
    "workloads.*.arrivals.closed_loop.think": ("A={closed_loop: {workers: 3, think: ", "}}", ()),
}


def _distributions() -> Iterator[tuple[str, Case]]:
    for place, (before, after, given) in PLACES.items():
        for key, (one, other) in DISTRIBUTIONS.items():
            yield f"{place}.{key}", change(f"{before}{other}{after}", *given, f"{before}{one}{after}")


def _faults() -> Iterator[tuple[str, Case]]:
    for kind in (each for each in FAULTS if each != "dns_down"):
        settings = (CHURN, TLS, TWO_BACKENDS, DNS, SECOND_SERVICE, "W.service=''", "W.services=[a, b]")
        plain = f"timeline=[{{at: 500ms, {kind}: {{service: a, backend: 0, for: 300ms}}}}]"
        for key, old, new in (("service", "a", "b"), ("backend", "0", "1"), ("for", "300ms", "600ms")):
            other = plain.replace(f"{key}: {old}", f"{key}: {new}")
            yield (
                f"timeline.[].{kind}.{key}",
                change(other, *settings, "services.b.scheme=https", "services.b.resolve.by=dns", plain),
            )


CASES: dict[str, Case] = {
    "duration": change("duration=1s"),
    "warmup": change("warmup=1s"),
    "tail": change("tail=3s", "S.service_time=2s"),
    "cancel_before_end": change("cancel_before_end=500ms", "S.service_time=5s"),
    "timeline.[].pause.mid_accept": change(
        "timeline=[{at: 0s, pause: {for: 1500ms, mid_accept: true}}]", SHORT_PAUSE, "S.backlog=1"
    ),
    "network.loss": change("network.loss=0.05"),
    "network.loopback": change("network.loopback=true", *FEW_PORTS),
    "clients.*.transport.preset": change("T.preset=zero_transport", CROWD, "T.max_idle_conns_per_host=200"),
    "clients.*.transport.max_idle_conns": change("T.max_idle_conns=5", CROWD, "T.max_idle_conns_per_host=200"),
    "clients.*.transport.max_idle_conns_per_host": change("T.max_idle_conns_per_host=10", CROWD),
    "clients.*.transport.max_conns_per_host": change("T.max_conns_per_host=1"),
    "clients.*.transport.idle_conn_timeout": change("T.idle_conn_timeout=5ms"),
    "clients.*.transport.response_header_timeout": change("T.response_header_timeout=5ms"),
    "clients.*.transport.expect_continue_timeout": change(
        "T.expect_continue_timeout=5ms", *UPLOAD, "W.expect_continue=true", "network.rtt=40ms"
    ),
    "clients.*.transport.tls_handshake_timeout": change(
        "T.tls_handshake_timeout=300ms", TLS, "timeline=[{at: 0s, tls_stall: {}}]"
    ),
    "clients.*.transport.disable_keep_alives": change(CHURN),
    "clients.*.transport.force_attempt_http2": change("T.force_attempt_http2=false", *H2),
    "clients.*.transport.http2.strict_max_concurrent_requests": change(STRICT, *H2),
    "clients.*.transport.http2.send_ping_timeout": change("T.http2.send_ping_timeout=1s", *PINGS),
    "clients.*.transport.http2.ping_timeout": change("T.http2.ping_timeout=1s", *PINGS),
    "clients.*.transport.proxy.service": change("T.proxy.service=q", TLS, *PROXY, "services.q={backends: 2}"),
    "clients.*.transport.proxy.refuses": change("T.proxy.refuses=0.5", TLS, *PROXY),
    "clients.*.dialer.timeout": change("G.dialer.timeout=500ms", LOST),
    "clients.*.dialer.local_addr": change("G.dialer={local_addr: true}", *FEW_PORTS),
    "clients.*.dialer.source_addresses": change(
        "G.dialer={local_addr: true, source_addresses: 2}", *FEW_PORTS, "G.dialer={local_addr: true}"
    ),
    "clients.*.dialer.bind_address_no_port": change(
        "G.dialer={local_addr: true, bind_address_no_port: true}", *FEW_PORTS, "G.dialer={local_addr: true}"
    ),
    "clients.*.dialer.local_port_range": change("G.dialer.local_port_range=[30000, 30009]", *FEW_PORTS),
    "clients.*.dialer.keep_alive": change("G.dialer.keep_alive=1s", OLD_GO, LOST_LATER, "tail=15s"),
    "clients.*.kernel.tcp_keepalive_probes": change(
        "K.tcp_keepalive_probes=2", OLD_GO, "G.dialer.keep_alive=1s", LOST_LATER, "tail=5s"
    ),
    "services.*.keep_alive": change("S.keep_alive=1s", LOST_LATER, "tail=150s"),
    "clients.*.dialer.fallback_delay": change(
        "G.dialer.fallback_delay=50ms", TWO_BACKENDS, "S.resolve={ipv6: [0]}", LOST
    ),
    "clients.*.resolv_conf.nameservers": change("G.resolv_conf.nameservers=2", *DNS_LOSS),
    "clients.*.resolv_conf.timeout": change("G.resolv_conf.timeout=2s", *DNS_LOSS),
    "clients.*.resolv_conf.attempts": change("G.resolv_conf.attempts=1", *DNS_LOSS),
    "clients.*.resolv_conf.single_request": change("G.resolv_conf.single_request=true", DNS, CHURN),
    "clients.*.kernel.release": change("K.release='6.1'", LOST_AT_FIRST, "tail=5s"),
    "clients.*.kernel.hz": change("K.hz=100", LOST_AT_FIRST, "tail=5s"),
    "clients.*.kernel.nofile": change("K.nofile=2", "S.service_time=100ms"),
    "clients.*.kernel.connect_scan_cost": change("K.connect_scan_cost=1ms", *FEW_PORTS),
    "clients.*.kernel.cpus": change("K.cpus=2", *FEW_PORTS, "K.connect_scan_cost=1ms"),
    "clients.*.kernel.ip_local_port_range": change("K.ip_local_port_range=[30000, 30009]", *FEW_PORTS),
    "clients.*.kernel.ip_local_reserved_ports.[]": change("K.ip_local_reserved_ports=[30001]", *FEW_PORTS),
    "clients.*.kernel.pointer_neighbours": change("K.pointer_neighbours=3", *FEW_PORTS),
    "clients.*.kernel.tcp_tw_reuse": change("K.tcp_tw_reuse=1", *FEW_PORTS),
    "clients.*.kernel.tcp_tw_reuse_delay": change("K.tcp_tw_reuse_delay=2s", *FEW_PORTS, "K.tcp_tw_reuse=1"),
    "clients.*.kernel.tcp_max_tw_buckets": change("K.tcp_max_tw_buckets=3", *FEW_PORTS),
    "clients.*.kernel.tcp_timestamps": change("K.tcp_timestamps=0", *FEW_PORTS, "K.tcp_tw_reuse=1"),
    "clients.*.kernel.tcp_fin_timeout": change("K.tcp_fin_timeout=500ms", "G.timeout=10ms", "S.service_time=5s"),
    "clients.*.kernel.tcp_syn_retries": change(
        "K.tcp_syn_retries=1", "G.dialer.timeout=0", LOST, "K.tcp_syn_linear_timeouts=0", "tail=9s"
    ),
    "clients.*.kernel.tcp_syn_linear_timeouts": change("K.tcp_syn_linear_timeouts=0", LOST_AT_FIRST, "tail=5s"),
    "clients.*.kernel.tcp_retries2": change("K.tcp_retries2=1", LOST_LATER, "tail=5s"),
    "clients.*.kernel.tcp_orphan_retries": change(
        "K.tcp_orphan_retries=1", LOST_LATER, "G.timeout=100ms", "tail=5s"
    ),
    "clients.*.kernel.tcp_slow_start_after_idle": change(
        "K.tcp_slow_start_after_idle=0", "W.request_size=100kB", "A={constant: {rate: 2/s}}", "network.rtt=20ms",
        "T.max_idle_conns_per_host=1",
    ),
    **{
        f"{owner}.kernel.{key}": change(f"{part}{key}={value}", *LOST_FOR_A_WHILE, "S.service_time=100ms")
        for key, value in (
            ("tcp_rto_min_us", "50ms"), ("tcp_rto_max_ms", "1s"), ("tcp_sack", "0"), ("tcp_thin_linear_timeouts", "1"),
        )
        for owner, part in (("clients.*", "K."), ("services.*", "H."))
    },
    "clients.*.tls.client_session_cache": change("G.tls.client_session_cache=8", TLS, CHURN),
    "clients.*.timeout": change("G.timeout=10ms"),
    "clients.*.instances": change("G.instances=2"),
    "clients.*.overhead": change("G.overhead=1ms"),
    "clients.*.close_race": change("G.close_race=0.9", CHURN),
    "clients.*.go_version": change("G.go_version='1.22'", "network.rtt=30ms", "G.timeout=45ms"),
    "services.*.scheme": change(TLS),
    "services.*.http2.max_concurrent_streams": change("S.http2.max_concurrent_streams=8", *H2),
    "services.*.resolve.by": change("S.resolve.by=round_robin", TWO_BACKENDS),
    "services.*.resolve.dns": change("S.resolve.dns=fixed", TWO_BACKENDS, DNS, CHURN),
    "services.*.resolve.ipv6.[]": change("S.resolve.ipv6=[1]", TWO_BACKENDS, DNS, CHURN),
    "services.*.resolve.loss": change("S.resolve.loss=0.5", *DNS_LOSS[1:]),
    "services.*.resolve.fails": change("S.resolve.fails=0.5", DNS, CHURN),
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
    "workloads.*.client": change("W.client=other", SECOND_CLIENT),
    "workloads.*.service": change("W.service=b", SECOND_SERVICE),
    "workloads.*.services.[]": change("W.services=[b]", SECOND_SERVICE, "W.service=''", "W.services=[a]"),
    "workloads.*.method": change("W.method=POST", "timeline=[{at: 1s, die: {for: 1ms}}]"),
    "workloads.*.read": change("W.read=none"),
    "workloads.*.read_share": change("W.read_share=0.5", "W.read=none"),
    "workloads.*.read_bytes": change(
        "W.read_bytes=60kB", "W.read=close", "S.response_size=100kB", "network.rtt=20ms", "G.go_version='1.26'"
    ),
    "workloads.*.read_delay": change("W.read_delay=5ms"),
    "workloads.*.request_body.size": change("W.request_body={size: 100kB}", *UPLOAD),
    "workloads.*.request_body.pause": change("W.request_body={size: 1kB, pause: 5ms}", *UPLOAD),
    "workloads.*.request_body.can_rewind": change(
        "W.request_body={size: 1kB, can_rewind: false}", *UPLOAD, "W.idempotency_key=true", BLINK
    ),
    "workloads.*.close": change("W.close=true"),
    "workloads.*.idempotency_key": change("W.idempotency_key=true", *UPLOAD, BLINK),
    "workloads.*.expect_continue": change("W.expect_continue=true", *UPLOAD, "network.rtt=10ms"),
    "workloads.*.deadline": change("W.deadline=5ms"),
    "workloads.*.cancel_share": change("W.cancel_share=0.5", "W.cancel_after=5ms"),
    "workloads.*.request_size": change("W.request_size=100kB"),
    "workloads.*.arrivals.poisson.rate": change("A={poisson: {rate: 70/s}}"),
    "workloads.*.arrivals.constant.rate": change("A={constant: {rate: 70/s}}", "A={constant: {rate: 60/s}}"),
    "workloads.*.arrivals.curve.points.[].at": change(
        "A={curve: {points: [{at: 0s, rate: 9/s}, {at: 2s, rate: 90/s}]}}",
        "A={curve: {points: [{at: 0s, rate: 9/s}, {at: 1s, rate: 90/s}]}}",
    ),
    "workloads.*.arrivals.curve.points.[].rate": change(
        "A={curve: {points: [{at: 0s, rate: 9/s}]}}", "A={curve: {points: [{at: 0s, rate: 90/s}]}}"
    ),
    "workloads.*.arrivals.curve.shape": change(
        "A={curve: {shape: step, points: [{at: 0s, rate: 9/s}, {at: 1s, rate: 90/s}]}}",
        "A={curve: {points: [{at: 0s, rate: 9/s}, {at: 1s, rate: 90/s}]}}",
    ),
    "workloads.*.arrivals.closed_loop.workers": change(
        "A={closed_loop: {workers: 4, think: 5ms}}", "A={closed_loop: {workers: 3, think: 5ms}}"
    ),
    "workloads.*.arrivals.replay.file": change("A={replay: DIR/two.csv}", "A={replay: DIR/one.csv}"),
    "workloads.*.arrivals.access_log.file": change("A={access_log: LOGS/envoy.log}", "A={access_log: DIR/keys.log}"),
    "workloads.*.arrivals.access_log.format": change(
        "A={access_log: {file: DIR/timed.log, format: combined}}", "A={access_log: DIR/timed.log}", "W.service_time=9ms"
    ),
    "workloads.*.arrivals.access_log.stamp": change(
        "A={access_log: {file: DIR/keys.log, stamp: start}}", "A={access_log: {file: DIR/keys.log}}"
    ),
    "workloads.*.arrivals.access_log.time_key": change(
        "A={access_log: {file: DIR/keys.log, time_key: begun}}", "A={access_log: DIR/keys.log}"
    ),
    "workloads.*.arrivals.access_log.duration_key": change(
        "A={access_log: {file: DIR/keys.log, duration_key: upstream}}", "A={access_log: DIR/keys.log}"
    ),
    "workloads.*.arrivals.access_log.duration_unit": change(
        "A={access_log: {file: DIR/keys.log, duration_unit: ms}}", "A={access_log: DIR/keys.log}"
    ),
    "timeline.[].at": change("timeline=[{at: 1s, die: {}}]", "timeline=[{at: 500ms, die: {}}]"),
    "timeline.[].close_idle.client": change(CLOSE_IDLE.replace("gw", "other"), SECOND_CLIENT, CLOSE_IDLE),
    "timeline.[].unreachable.kind": change(
        "timeline=[{at: 1s, unreachable: {kind: net}}]", "timeline=[{at: 1s, unreachable: {}}]", CHURN
    ),
    "timeline.[].dns_down.service": change("timeline=[{at: 500ms, dns_down: {service: b}}]", *TWO_NAMES, DNS_DOWN),
    "timeline.[].dns_down.for": change(DNS_DOWN.replace("a}", "a, for: 300ms}"), *TWO_NAMES, DNS_DOWN),
    "timeline.[].header_stall.share": change(
        "timeline=[{at: 1s, header_stall: {share: 0.2}}]", "timeline=[{at: 1s, header_stall: {}}]"
    ),
    **{
        f"workloads.*.arrivals.bursts.{key}": change(
            f"A={{bursts: {{on_rate: 90/s, off_rate: 9/s, on: 300ms, off: 300ms, {key}: {value}}}}}".replace(
                f"{key}: {old}, ", ""
            ),
            "A={bursts: {on_rate: 90/s, off_rate: 9/s, on: 300ms, off: 300ms}}",
        )
        for key, old, value in (
            ("on_rate", "90/s", "95/s"), ("off_rate", "9/s", "20/s"), ("on", "300ms", "400ms"),
            ("off", "300ms", "100ms"),
        )
    },
    **dict(_distributions()),
    **dict(_faults()),
}  # fmt: skip

KEYS = [key for key in walk_keys(json_schema(Scenario)) if key != "name"]

ROWS = '{{"time": {t}.5, "begun": {t}.{i}, "request_time": 0.{i}2, "upstream": 0.01}}\n'
TIMED = '127.0.0.1 - - [23/Nov/2026:23:31:4{n} +0000] "GET / HTTP/1.1" 200 128 "-" "curl/7.88.1" 0.{n}00\n'


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small recordings to be replayed."""
    folder = tmp_path_factory.mktemp("recordings")
    (folder / "one.csv").write_text("t,service\n0.1,0.02\n0.2,0.02\n")
    (folder / "two.csv").write_text("t,service\n0.1,0.02\n0.3,0.02\n")
    (folder / "keys.log").write_text("".join(ROWS.format(t=1795476700 + i, i=i) for i in range(4)))
    (folder / "timed.log").write_text("".join(TIMED.format(n=i) for i in range(4)))
    return folder


def outcome(lines: Sequence[str], recordings: Path) -> dict[str, Any]:
    """What a run of the base scenario with these settings shows."""
    lines = [line.replace("DIR", str(recordings)).replace("LOGS", str(LOGS)) for line in lines]
    done = wiring.run(wiring.load_tree(BASE, lines))
    samples = done.samples.to_dict(as_series=False)
    return {
        "fingerprint": done.manifest["fingerprint"], "summary": done.summary, "samples": samples,
        "counters": dict(done.counters), "warnings": done.warnings,
    }  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_a_key_moves_something(key: str, recordings: Path) -> None:
    assert key in CASES, f"{key} has no case: add to CASES a small scenario in which it matters, and another value"
    case = CASES[key]

    before = outcome(case.given, recordings)
    after = outcome([*case.given, *case.changed], recordings)

    assert before != after, f"{key}: {case.changed[0]} changes nothing; honour the key, or remove it"


def test_every_case_stands_for_a_key_that_exists() -> None:
    assert set(CASES) - set(KEYS) == set()


def test_the_name_of_a_scenario_is_the_name_of_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenario.yaml").write_text(
        "duration: 100ms\nclients: {gw: {}}\nservices: {a: {}}\n"
        "workloads: {w: {client: gw, service: a, arrivals: {constant: {rate: 50/s}}}}\n"
    )
    monkeypatch.chdir(tmp_path)

    codes = [main(["run", "scenario.yaml", "--set", f"name={name}"]) for name in ("one", "other")]

    assert codes == [0, 0]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["one", "other"]
