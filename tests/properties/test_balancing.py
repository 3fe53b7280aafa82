"""What balancers count is what is there, whatever happens to backends, connections and requests."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from models.backend.config import ResolveConfig
from models.balancer.config import LAYER_4, LAYER_7, BalancerConfig, SlowStartConfig, SubsetConfig
from models.balancer.outlier_config import OutlierDetectionConfig
from models.scenario import HostedService, Scenario
from models.timeline import Fault, TimelineEvent
from models.world import World
from sim.units import MS
from tests.properties.test_conservation import SEEDS, a_checked_world, transports
from tests.properties.worlds import NAMES, durations, scenarios

eager = OutlierDetectionConfig(
    consecutive_5xx=2, interval=100 * MS, base_ejection_time=150 * MS, max_ejection_percent=100.0
)
unready = st.builds(
    lambda at, service, backend, length: TimelineEvent(
        at=at, unready=Fault(service=service, backend=backend, for_=length)
    ),
    durations(0, 200, 500),
    st.sampled_from(NAMES),
    st.sampled_from([0, "all"]),
    durations(0, 300),
)


@st.composite
def balanced(draw: Any, service: HostedService, *, by: str) -> HostedService:
    """The same with a balancer, and with connections that grow old."""
    policy = draw(st.sampled_from(LAYER_4 if by == "vip" else LAYER_7))
    config = BalancerConfig(policy=policy, table_size=31, ring_size=64, hash_keys=draw(st.integers(0, 5)))
    if by == "each":
        config = replace(
            config,
            subset=draw(st.sampled_from([None, SubsetConfig(size=1)])),
            outlier_detection=draw(st.sampled_from([None, eager])),
            unready=draw(st.sampled_from(["absent", "unhealthy"])),
        )
        if policy in ("round_robin", "least_request"):
            config = replace(config, slow_start=draw(st.sampled_from([None, SlowStartConfig(window=300 * MS)])))
    return replace(
        service,
        resolve=ResolveConfig(by=by),  # type: ignore[arg-type]
        backends=draw(st.integers(1, 4)),
        balancer=config,
        max_connection_age=draw(durations(0, 0, 100)),
    )


@st.composite
def worlds(draw: Any, by: str) -> Scenario:
    scenario = draw(scenarios())
    services = {name: draw(balanced(service, by=by)) for name, service in scenario.services.items()}
    events = draw(st.lists(unready, max_size=2, unique_by=lambda event: event.told.service))  # others contradict
    return replace(scenario, services=services, timeline=(*scenario.timeline, *events))


def play(scenario: Scenario, seed: int) -> World:
    world = a_checked_world(scenario, seed)
    world.engine.run(until=scenario.duration + scenario.tail // 2)
    return world


@given(worlds("each"), SEEDS)
@settings(max_examples=60)
def test_a_policy_counts_the_requests_that_are_under_way(scenario: Scenario, seed: int) -> None:
    world = play(scenario, seed)

    for (transport, _), balancer in world._balancers.items():
        for member in balancer.members:
            under_way = sum(request.host is member.pool for request in transport._pending)
            assert member.active == (under_way if balancer._counts else 0)


@given(worlds("vip"), SEEDS)
@settings(max_examples=60)
def test_a_virtual_address_counts_the_connections_that_are_open_or_being_opened(scenario: Scenario, seed: int) -> None:
    world = play(scenario, seed)

    open_ = [conn.backend for each in transports(world) for conn in each.connections]
    dialing = [dial.site.index for each in transports(world) for dial in each.dials if dial.site is not None]
    for backends in world.backends.values():
        for endpoint in backends.endpoints.each:
            assert endpoint.active == (open_ + dialing).count(endpoint.index)


@given(worlds("each"), SEEDS)
@settings(max_examples=30)
def test_who_is_not_ready_is_not_chosen(scenario: Scenario, seed: int) -> None:
    world = play(scenario, seed)

    for (_, service), balancer in world._balancers.items():
        config = scenario.services[service].balancer
        assert config is not None
        pool = balancer.choose()
        chosen = [each for each in balancer.members if each.pool is pool]
        ready = world.backends[service].endpoints.ready
        assert all(each.endpoint in ready or config.unready == "unhealthy" for each in chosen)
        assert chosen or len(ready) < len(balancer.members) or config.outlier_detection
