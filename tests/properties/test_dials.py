"""Dials of every kind: two families, lookups that are lost or left, tickets, proxies. Nothing of them stays behind."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from models.backend.config import ResolveConfig, TlsConfig
from models.dns.config import ResolvConf
from models.network.config import NetworkConfig
from models.scenario import HostedService, Scenario
from models.tables import DIAL_LEVELS
from models.transport.config import ClientTlsConfig, DialerConfig, ProxyConfig
from sim.engine.distributions import Constant, Exponential
from sim.units import MS, SECOND
from tests.properties.test_conservation import SEEDS, a_checked_world, check_caps, check_slots, transports
from tests.properties.test_short_way import check_equal
from tests.properties.worlds import durations, scenarios_that_end

resolves = st.builds(
    ResolveConfig,
    by=st.sampled_from(["hosts", "dns", "dns"]),
    dns=st.sampled_from(["fixed", "rotate"]),
    ipv6=st.sampled_from([(), (0,), (1,), (0, 1)]),
    lookup_time=st.sampled_from([Constant(value=MS), Exponential(mean=20 * MS), Constant(value=700 * MS)]),
    fails=st.sampled_from([0.0, 0.1]),
    loss=st.sampled_from([0.0, 0.2]),
)

tls = st.builds(
    TlsConfig,
    version=st.sampled_from(["1.2", "1.3"]),
    key=st.sampled_from(["ecdsa_p256", "rsa_4096"]),
    shared_tickets=st.booleans(),
    cpus=st.sampled_from([0, 1]),
)

proxies = st.none() | st.builds(
    ProxyConfig,
    service=st.just("p"),
    connect_time=st.sampled_from([Constant(value=0), Exponential(mean=20 * MS)]),
    refuses=st.sampled_from([0.0, 0.2]),
)


@st.composite
def scenarios_of_dials(draw: Any) -> Scenario:
    """A world that comes to rest, with a proxy, and names of two families."""
    scenario = draw(scenarios_that_end())
    client = scenario.clients["c"]
    client = replace(
        client,
        transport=replace(client.transport, proxy=draw(proxies)),
        dialer=DialerConfig(timeout=draw(durations(30, 1500)), fallback_delay=draw(st.sampled_from([-1, 0, 10 * MS]))),
        resolv_conf=ResolvConf(timeout=SECOND, single_request=draw(st.booleans())),
        tls=ClientTlsConfig(client_session_cache=draw(st.sampled_from([0, 1, 8]))),
    )
    services = {
        name: replace(service, backends=2, resolve=draw(resolves), tls=draw(tls))
        for name, service in (scenario.services | {"p": HostedService()}).items()
    }
    services["p"] = replace(services["p"], scheme=draw(st.sampled_from(["http", "https"])))
    return replace(scenario, clients={"c": client}, services=services)


@given(scenarios_of_dials(), SEEDS)
@settings(max_examples=30)
def test_caps_and_slots_hold_for_every_kind_of_dial(scenario: Scenario, seed: int) -> None:
    world = a_checked_world(replace(scenario, tail=SECOND), seed)

    while world.engine.peek() < world.ends_at:
        world.engine.step()
        for transport in transports(world):
            check_caps(transport)
            check_slots(transport)


@given(scenarios_of_dials(), SEEDS)
@settings(max_examples=30)
def test_no_racer_lookup_or_tunnel_stays_behind(scenario: Scenario, seed: int) -> None:
    world = a_checked_world(scenario, seed)

    world.run()

    _, levels = world.trace.levels.on_grid()
    series = world.trace.levels.series
    names = (*DIAL_LEVELS, "resolving", "connecting", "handshaking", "lookups", "c_syn_sent", "c_estab", "s_estab")
    left = {name: int(levels[series.index(name), -1]) for name in names}
    assert {name: n for name, n in left.items() if n} == {}
    assert [name for name in DIAL_LEVELS if levels[series.index(name)].min() < 0] == [], "fewer than none"
    assert [transport.kernel.files.is_open for transport in transports(world)] == [0] * len(transports(world))


@given(scenarios_of_dials(), SEEDS)
@settings(max_examples=30)
def test_a_certain_backend_gives_what_an_uncertain_one_gives(scenario: Scenario, seed: int) -> None:
    network = NetworkConfig(rtt=Constant(value=7 * MS))
    clients = {"c": replace(scenario.clients["c"], kernel=replace(scenario.clients["c"].kernel, connect_scan_cost=0))}
    # a certain listener counts no cookies, so its queue is long enough for none; and a server whose time-outs begin
    # with accept() is told of a TLS connection half a round trip early
    services = {
        name: replace(service, backlog=4096, idle_timeout=0, read_timeout=0, read_header_timeout=0)
        for name, service in scenario.services.items()
    }
    check_equal(replace(scenario, network=network, clients=clients, services=services, timeline=(), tail=SECOND), seed)
