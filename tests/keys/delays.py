"""Cases of the parameters of every distribution, wherever a delay may be written."""

from collections.abc import Iterator

from tests.keys.case import CHURN, DNS, PROXY, TLS, Case, change
from tests.keys.mqtt import BRIDGED

AFTER_CRASHES = (
    "timeline=[{at: 1s, crash: {backend: all}}]", "S.backends=20", "S.resolve=each", "A={poisson: {rate: 2000/s}}",
)  # fmt: skip
FLEET = ("S.resolve=each", "S.backends=9", "S.ready=6")
DEPLOYED = "timeline=[{at: 500ms, deploy: {version: v2}}]"
STALLED = "sessions={f: {count: 9, service: a, start: {over: 20ms}, reconnect: {policy: at_once}, websocket: {"
PINGS_OFTEN = "{every: 20ms, timeout: 1ms}}"

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
    "percentiles.at.[]": (
        "{percentiles: {at: [0, 50, 100], values: [3ms, 5ms, 9ms]}}",
        "{percentiles: {at: [0, 80, 100], values: [3ms, 5ms, 9ms]}}",
    ),
    "percentiles.values.[]": (
        "{percentiles: {at: [0, 100], values: [3ms, 9ms]}}",
        "{percentiles: {at: [0, 100], values: [3ms, 8ms]}}",
    ),
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
    "services.*.startup": ("S.startup=", "", AFTER_CRASHES),
    "services.*.propagation": ("S.propagation=", "", (*AFTER_CRASHES, "S.startup=100ms")),
    "services.*.versions.*.service_time": ("S.versions={v2: {service_time: ", "}}", (*FLEET, DEPLOYED)),
    "services.*.versions.*.startup": ("S.versions={v2: {startup: ", "}}", (*FLEET, DEPLOYED)),
    "sessions.*.lifetime": (
        "sessions={f: {count: 3, service: a, websocket: {}, start: {over: 1s}, away: 50ms, lifetime: ",
        "}}",
        (),
    ),
    "sessions.*.network_stalls.lasts": (
        f"{STALLED}client: {PINGS_OFTEN}, network_stalls: {{every: 20ms, lasts: ",
        "}}}",
        (),
    ),
    "sessions.*.process_stalls.lasts": (
        f"{STALLED}server: {PINGS_OFTEN}, process_stalls: {{every: 20ms, lasts: ",
        "}}}",
        (),
    ),
    "services.*.broker.store_time": ("services.hub.broker.store_time=", "", BRIDGED),
    "bridges.*.decode_time": ("bridges.b.decode_time=", "", BRIDGED),
    "bridges.*.schemas.lookup": ("bridges.b.schemas={kept_for: 20ms, lookup: ", "}", BRIDGED),
    "timeline.[].chaos.every": ("timeline=[{at: 1s, chaos: {for: 2ms, kinds: {die: 1}, every: ", "}}]", ()),
    "timeline.[].path_change.every": (
        "timeline=[{at: 1s, path_change: {every: ",
        "}}]",
        (TLS, "S.http3={}", "G.http3={}"),
    ),
    "timeline.[].chaos.for": ("timeline=[{at: 1s, chaos: {every: 200ms, kinds: {pause: 1}, for: ", "}}]", ()),
    "services.*.program.cache.time": ("S.program.cache.time=", "", ("S.program={cache: {life: 10ms}}",)),
    "services.*.program.connection_time": ("S.program.connection_time=", "", (CHURN, "S.program={cpu: {cores: 2}}")),
    "services.*.program.io_time": ("S.program.io_time=", "", ("S.program={cpu: {cores: 2}}",)),
    "services.*.program.calls.[].time": ("S.program={calls: [{time: ", "}]}", ()),
    "workloads.*.arrivals.closed_loop.think": ("A={closed_loop: {workers: 3, think: ", "}}", ()),
}


def _distributions() -> Iterator[tuple[str, Case]]:
    for place, (before, after, given) in PLACES.items():
        for key, (one, other) in DISTRIBUTIONS.items():
            yield f"{place}.{key}", change(f"{before}{other}{after}", *given, f"{before}{one}{after}")


DELAYS: dict[str, Case] = dict(_distributions())
