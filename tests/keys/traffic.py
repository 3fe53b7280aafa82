"""Cases of the keys of the whole run, the network, workloads and the timeline."""

from collections.abc import Iterator

from models.scenario import Scenario
from models.timeline import FAULTS
from sim.wiring import run
from tests.keys.case import (
    BLINK,
    CHURN,
    CLOSE_IDLE,
    DNS,
    DNS_DOWN,
    FEW_PORTS,
    LOST,
    SECOND_CLIENT,
    SECOND_SERVICE,
    SHORT_PAUSE,
    TLS,
    TWO_BACKENDS,
    TWO_NAMES,
    UPLOAD,
    Case,
    change,
)


def _tables(scenario: Scenario) -> object:
    """What a run keeps: its sockets are no part of what it does."""
    done = run(scenario)
    return {name: done.tables[name].height for name in done.tables}


def _faults() -> Iterator[tuple[str, Case]]:
    for kind in (each for each in FAULTS if each not in ("dns_down", "crash", "flush", "zone_loss", "stream_limit")):
        settings: tuple[str, ...] = (CHURN, TLS, TWO_BACKENDS, DNS, SECOND_SERVICE, "W.service=''", "W.services=[a, b]")
        if kind == "udp_block":
            settings = (*settings, *QUIC)
        plain = f"timeline=[{{at: 500ms, {kind}: {{service: a, backend: 0, for: 300ms}}}}]"
        for key, old, new in (("service", "a", "b"), ("backend", "0", "1"), ("for", "300ms", "600ms")):
            other = plain.replace(f"{key}: {old}", f"{key}: {new}")
            yield (
                f"timeline.[].{kind}.{key}",
                change(other, *settings, "services.b.scheme=https", "services.b.resolve.by=dns", plain),
            )


QUIC = ("G.http3={handshake_idle_timeout: 200ms, max_idle_timeout: 200ms}", "S.http3={}", "services.b.http3={}")
NAT = "network.nat={ports: 20}"

TRAFFIC: dict[str, Case] = {
    "duration": change("duration=1s"),
    "records.sockets": Case((), ("records.sockets=true",), _tables),
    "records.watch": change("records.watch=100", "records.sockets=true", LOST, "G.dialer.timeout=0", "tail=5s"),
    "trigger.start": change("trigger.start=500ms", "trigger={start: 1s, end: 1500ms}", "warmup=500ms"),
    "trigger.end": change("trigger.end=1900ms", "trigger={start: 1s, end: 1500ms}"),
    "warmup": change("warmup=1s"),
    "skew_window": change("skew_window=1s", TWO_BACKENDS, CHURN, DNS),
    "tail": change("tail=3s", "S.service_time=2s"),
    "cancel_before_end": change("cancel_before_end=500ms", "S.service_time=5s"),
    "timeline.[].pause.mid_accept": change(
        "timeline=[{at: 0s, pause: {for: 1500ms, mid_accept: true}}]", SHORT_PAUSE, "S.backlog=1"
    ),
    "network.bandwidth": change("network.bandwidth=1Mbit/s", "network.bandwidth=1Gbit/s"),
    "network.loopback": change("network.loopback=true", *FEW_PORTS),
    "network.nat.addresses": change("network.nat.addresses=2", NAT, CHURN),
    "network.nat.ports": change("network.nat.ports=40", NAT, CHURN),
    "network.nat.per_instance": change("network.nat.per_instance=10", NAT, CHURN),
    "network.nat.hold": change("network.nat.hold=100ms", NAT, CHURN),
    "network.nat.exhausted": change("network.nat.exhausted=refuse", NAT, CHURN),
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
    "timeline.[].slow.factor": change("timeline=[{at: 1s, slow: {factor: 3}}]", "timeline=[{at: 1s, slow: {}}]"),
    "timeline.[].loss.share": change("timeline=[{at: 0s, loss: {share: 0.5}}]", "timeline=[{at: 0s, loss: {}}]"),
    "timeline.[].bad_certificate.reason": change(
        "timeline=[{at: 1s, bad_certificate: {reason: wrong_name}}]", "timeline=[{at: 1s, bad_certificate: {}}]", TLS,
        CHURN,
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
    **dict(_faults()),
}  # fmt: skip
