"""Random small worlds for properties: caps, time-outs, faults, loss, several workloads."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from models.backend.config import ResolveConfig
from models.kernel.sysctl import KernelConfig
from models.network.config import NetworkConfig
from models.protection.rules.config import RuledTransport
from models.scenario import HostedService, RequestBodyConfig, Scenario, WorkloadConfig
from models.timeline import CloseIdle, Fault, HeaderStall, Pause, TimelineEvent, Unreachable
from models.timeline.overlap import check_overlaps
from models.transport.config import DialerConfig
from models.tuning.config import TunedClient
from models.workload.arrivals import Poisson
from models.workload.closed_loop import ClosedLoop
from sim.engine.distributions import Constant, Exponential
from sim.units import MS, SECOND

NAMES = ("s0", "s1")


def durations(*milliseconds: int) -> st.SearchStrategy[int]:
    return st.sampled_from([ms * MS for ms in milliseconds])


transports = st.builds(
    RuledTransport,
    max_idle_conns=st.sampled_from([-1, 0, 1, 3, 100]),
    max_idle_conns_per_host=st.sampled_from([-1, 0, 1, 3, 50]),
    max_conns_per_host=st.sampled_from([-1, 0, 1, 2, 5]),
    idle_conn_timeout=durations(0, 20, 300),
    response_header_timeout=durations(0, 0, 30, 200),
    tls_handshake_timeout=durations(0, 100, 1000),
    disable_keep_alives=st.sampled_from([False, False, False, True]),
)

kernels = st.builds(
    KernelConfig,
    ip_local_port_range=st.sampled_from([(40000, 40003), (40000, 40040), (32768, 60999)]),
    release=st.sampled_from(["6.18", "6.11"]),
    cpus=st.integers(1, 2),
    connect_scan_cost=st.sampled_from([100, MS]),
    tcp_tw_reuse=st.sampled_from([0, 1, 2]),
    tcp_max_tw_buckets=st.sampled_from([0, 3, 131072]),
    tcp_fin_timeout=durations(1000, 60_000),
    nofile=st.sampled_from([2, 10, 0]),
)

dialers = st.sampled_from([{}, {}, {"local_addr": True}, {"local_addr": True, "bind_address_no_port": True}]).flatmap(
    lambda bind: st.builds(
        DialerConfig, timeout=durations(0, 50, 1500), **{key: st.just(on) for key, on in bind.items()}
    )
)

clients = st.builds(
    TunedClient,
    transport=transports,
    dialer=dialers,
    kernel=kernels,
    timeout=durations(0, 0, 40, 400),
    instances=st.integers(1, 2),
    go_version=st.sampled_from(["1.22", "1.27"]),
)

services = st.builds(
    HostedService,
    scheme=st.sampled_from(["http", "https"]),
    resolve=st.builds(
        ResolveConfig,
        by=st.sampled_from(["literal", "hosts", "dns", "vip", "round_robin"]),
        dns=st.sampled_from(["fixed", "rotate", "shuffle"]),
        fails=st.sampled_from([0.0, 0.1]),
    ),
    backends=st.integers(1, 2),
    workers=st.integers(0, 3),
    queue=st.integers(0, 3),
    service_time=st.sampled_from([Constant(value=0), Constant(value=20 * MS), Exponential(mean=30 * MS)]),
    backlog=st.integers(0, 3),
    idle_timeout=durations(0, 25, 200),
    disable_keep_alives=st.sampled_from([False, False, False, True]),
    honours_cancel=st.booleans(),
    response_size=st.sampled_from([0, 128, 100_000]),
    read_timeout=durations(0, 0, 0, 30),
    read_header_timeout=durations(0, 0, 40),
    write_timeout=durations(0, 0, 0, 25),
    response_framing=st.sampled_from(["length", "length", "chunked", "until_close"]),
    response_pause=durations(0, 0, 0, 20, 70),
    interim=st.sampled_from([(), (), (103,)]),
    interim_gap=durations(0, 5),
    reads_body=st.sampled_from([True, True, False]),
    panics=st.sampled_from([0.0, 0.0, 0.1]),
)

bodies = st.one_of(
    st.none(),
    st.builds(
        RequestBodyConfig,
        size=st.sampled_from([8, 50_000, 300_000]),
        pause=durations(0, 15, 70),
        can_rewind=st.booleans(),
    ),
)

workloads = st.builds(
    WorkloadConfig,
    client=st.just("c"),
    services=st.sampled_from([("s0",), ("s1",), NAMES]),
    method=st.sampled_from(["GET", "POST"]),
    arrivals=st.one_of(
        st.builds(Poisson, rate=st.sampled_from([20.0, 100.0])),
        st.builds(ClosedLoop, workers=st.integers(1, 5), think=st.just(Exponential(mean=30 * MS))),
    ),
    read=st.sampled_from(["full", "full", "close", "none"]),
    read_share=st.sampled_from([0.3, 1.0]),
    read_bytes=st.sampled_from([0, 100, 50_000, 200_000]),
    read_delay=durations(0, 0, 0, 10),
    request_body=bodies,
    close=st.sampled_from([False, False, False, True]),
    idempotency_key=st.booleans(),
    expect_continue=st.sampled_from([False, False, True]),
    deadline=durations(0, 0, 30, 300),
    cancel_after=st.sampled_from([None, None, Exponential(mean=40 * MS)]),
    cancel_share=st.sampled_from([0.3, 1.0]),
)
"""Whatever a workload may ask, and however its callers behave."""

CALM_EVENTS = ["pause", "die", "drop", "refuse", "unreachable", "keep_alives_off", "shutdown", "close_idle"]
_where = {"service": st.sampled_from(NAMES), "backend": st.just("all"), "for_": durations(50, 400)}


@st.composite
def events(draw: Any, *, stalls: bool = True) -> TimelineEvent:
    """A step of the timeline; `stalls` allows faults that leave requests without an answer for ever."""
    kind = draw(st.sampled_from(CALM_EVENTS + (["tls_stall", "header_stall"] if stalls else [])))
    cls = {"header_stall": HeaderStall, "unreachable": Unreachable, "pause": Pause}.get(kind, Fault)
    where = {key: draw(value) for key, value in _where.items()}
    what: dict[str, Any] = {kind: CloseIdle() if kind == "close_idle" else cls(**where)}
    return TimelineEvent(at=draw(durations(0, 200, 500)), **what)


def timelines(*, stalls: bool = True) -> st.SearchStrategy[tuple[TimelineEvent, ...]]:
    """Up to two steps that do not contradict one another."""
    return st.lists(events(stalls=stalls), max_size=2).map(tuple).filter(_agree)


def _agree(timeline: tuple[TimelineEvent, ...]) -> bool:
    whom = [[] if event.close_idle is not None else [(event.fault.service, 0)] for event in timeline]
    try:
        check_overlaps(list(zip(timeline, whom, strict=True)))
    except ValueError:
        return False
    return True


networks = st.builds(
    NetworkConfig,
    rtt=st.sampled_from([Constant(value=0), Constant(value=5 * MS), Exponential(mean=5 * MS)]),
    loss=st.sampled_from([0.0, 0.0, 0.05]),
    loopback=st.booleans(),
)


@st.composite
def scenarios(draw: Any) -> Scenario:
    """Anything that can be written down, small."""
    return Scenario(
        duration=SECOND,
        tail=SECOND,
        network=draw(networks),
        clients={"c": draw(clients)},
        services={name: draw(services) for name in NAMES},
        workloads={f"w{i}": draw(workloads) for i in range(draw(st.integers(1, 3)))},
        timeline=draw(timelines()),
    )


@st.composite
def scenarios_that_end(draw: Any) -> Scenario:
    """Every wait has an end, so that minutes later nothing is left."""
    client = draw(clients)
    transport = replace(client.transport, idle_conn_timeout=300 * MS, tls_handshake_timeout=SECOND)
    client = replace(client, transport=transport, dialer=replace(client.dialer, timeout=1500 * MS))
    scenario = draw(scenarios())
    patient = {
        name: replace(workload, read="close" if workload.read == "none" and not workload.deadline else workload.read)
        for name, workload in scenario.workloads.items()
    }
    return replace(
        scenario,
        clients={"c": client},
        workloads=patient,
        tail=400 * SECOND,
        timeline=draw(timelines(stalls=False)),
    )


@st.composite
def calm_scenarios(draw: Any) -> Scenario:
    """No faults, no time-outs, one way to every backend: dials end in the order in which they began."""
    client = TunedClient(
        transport=replace(draw(transports), response_header_timeout=0, disable_keep_alives=False),
        kernel=KernelConfig(connect_scan_cost=0),
    )
    service = replace(draw(services), scheme="http", resolve=ResolveConfig(by="literal"), backends=1, idle_timeout=0)
    workload = replace(draw(workloads), services=("s0",))
    return Scenario(
        duration=SECOND,
        tail=5 * SECOND,
        network=NetworkConfig(rtt=Constant(value=draw(durations(0, 5, 40)))),
        clients={"c": client},
        services={"s0": service},
        workloads={"w": workload},
    )
