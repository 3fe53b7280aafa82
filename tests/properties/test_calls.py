"""What holds of calls in every world with guards, retries and hedges: nothing is lost, nothing is counted twice.

The worlds are those of test_conservation.py, whose client and services are protected here.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from models.guarding import guards_of
from models.protection.breakers.envoy_limits import EnvoyLimits
from models.protection.guards import GuardConfig
from models.protection.limits.codel import CodelConfig
from models.protection.limits.config import FifoConfig, LifoConfig
from models.protection.limits.connection_bucket import ConnectionBucketConfig
from models.protection.retry.backoff import BackoffConfig
from models.protection.retry.budget import GrpcThrottling
from models.protection.retry.concurrent import Concurrent
from models.protection.retry.config import HedgeConfig, RetryConfig
from models.protection.watch import Watch
from models.scenario import Scenario
from models.timeline import Fault, TimelineEvent
from models.workload.arrivals import Poisson, open_arrivals
from models.world import World
from sim import wiring
from sim.engine.distributions import Constant
from sim.engine.streams import Streams
from sim.records.trace import Memory, Nowhere
from sim.units import MS
from tests.keys.case import BASE
from tests.keys.doors import BEFORE_BACKENDS
from tests.properties.test_conservation import SEEDS, a_checked_world, fingerprint, rows
from tests.properties.worlds import calm_scenarios, durations, scenarios, scenarios_that_end

MORE = (
    "{hystrix: {timeout: 0s, isolation: {thread: {core_size: 1, max_queue_size: 3}}}}",
    "{hystrix: {timeout: 0s, isolation: {semaphore: {max_concurrent_requests: 1}}}}",
    "{envoy: {max_connections: 1, max_pending_requests: 3, max_retries: 1}}",
    "{envoy: {max_connections: 2, retry_budget: {min_retry_concurrency: 1}}}",
    "{resilience4j: {sliding_window_type: time_based, minimum_number_of_calls: 3, wait_duration_in_open_state: 100ms}}",
    "{token_bucket: {rate: 50/s, burst: 1, max_wait: 50ms}}",
    "{gobreaker: {excludes_cancelled: true, timeout: 100ms}}",
)
EVERY = ", ".join([*(f"{{{kind}: {{{given}}}}}" for kind, given in BEFORE_BACKENDS.items()), *MORE])
GUARDS: tuple[GuardConfig, ...] = wiring.load_tree(BASE, [f"clients.gw.guards=[{EVERY}]"]).clients["gw"].guards

SOFT = "{concurrency: 5}, gobreaker, vegas, {resilience4j: {}}, {token_bucket: {rate: 90/s, burst: 9}}"
LOOSE: tuple[GuardConfig, ...] = wiring.load_tree(BASE, [f"clients.gw.guards=[{SOFT}]"]).clients["gw"].guards
"""Such as let most calls pass, so that others behind them have something to do."""

QUEUED = "{hystrix: {timeout: 20ms, isolation: {thread: {core_size: 1, max_queue_size: 3}}}}"
UNLIMITED = "{hystrix: {timeout: 30ms, isolation: none}}"
GIVE_UP = f"{QUEUED}, {{token_bucket: {{rate: 50/s, burst: 1, max_wait: 50ms}}}}, {UNLIMITED}"
TIMED: tuple[GuardConfig, ...] = wiring.load_tree(BASE, [f"clients.gw.guards=[{GIVE_UP}]"]).clients["gw"].guards
"""Such as give calls up, which a backend's cannot."""

guard_lists = st.lists(st.sampled_from(LOOSE) | st.sampled_from(GUARDS), max_size=2).map(tuple)

retries = st.builds(
    RetryConfig,
    retries=st.integers(0, 3),
    on=st.sampled_from([("error", "5xx"), ("refused", "timeout"), ("connect",)]),
    statuses=st.sampled_from([(), (429,)]),
    backoff=st.builds(BackoffConfig, base=durations(0, 10, 50), jitter=st.sampled_from(["full", "decorrelated"])),
    budget=st.sampled_from([None, GrpcThrottling(), Concurrent(max_retries=1)]),
    within=durations(0, 0, 60, 500),
    per_try_timeout=durations(0, 0, 25),
)  # fmt: skip
hedges = st.builds(HedgeConfig, after=durations(0, 5, 40), copies=st.integers(1, 3))


@st.composite
def protected(draw: Any, worlds: st.SearchStrategy[Scenario]) -> Scenario:
    """The same, with a client that protects its calls and services that protect themselves."""
    scenario = draw(worlds)
    client = replace(
        scenario.clients["c"],
        guards=draw(st.sampled_from([(), (LOOSE[1],), TIMED, TIMED[:2], TIMED[1:]]) | guard_lists),
        retry=draw(st.none() | retries),
        hedge=draw(st.none() | hedges),
        failed_statuses=draw(st.sampled_from([(), (429,)])),
    )
    if not client.is_guarded:
        client = replace(client, guards=LOOSE[:2])
    services = {name: replace(service, **draw(doors)) for name, service in scenario.services.items()}
    return replace(scenario, clients={"c": client}, services=services)


doors = st.fixed_dictionaries(
    {
        "guards": st.just(()) | guard_lists,
        "queue_discipline": st.sampled_from([None, FifoConfig(), LifoConfig(), CodelConfig()]),
        "connection_limit": st.none()
        | st.builds(
            ConnectionBucketConfig,
            tokens=st.just(2),
            refill_interval=durations(20),
            on_empty=st.sampled_from(["close", "delay", "refuse"]),
        ),
    }
)


def a_run(scenario: Scenario, seed: int) -> World:
    world = a_checked_world(scenario, seed)
    world.run()
    return world


def counted(world: World, what: str) -> list[float]:
    """By guard of the client, in order."""
    counts, n = world.guards.count(), len([each for each in guards_of(world.scenario) if each.client])
    return [counts.get(f"guard.g{i}.{what}", 0) for i in range(n)]


@given(protected(scenarios()), SEEDS)
@settings(max_examples=40)
def test_every_arrival_is_a_call_with_one_end_and_every_try_a_request(scenario: Scenario, seed: int) -> None:
    world = a_run(scenario, seed)

    calls, requests = rows(world, "calls"), rows(world, "requests")
    assert sorted(row["id"] for row in requests) == list(range(next(world.ids))), "each request has one row"
    ids, words = {row["id"] for row in requests}, world.trace.vocabulary.texts()
    assert len({row["id"] for row in calls}) == len(calls)
    assert {row["id"] for row in calls} | {row["last"] for row in calls} <= ids
    assert sum(row["tries"] for row in calls) == len(requests)
    assert all((row["status"] > 0) != (row["err"] > 0) for row in calls), "an answer or an error"
    arrived = Counter(words[row["workload"]] for row in calls)
    for name, workload in scenario.workloads.items():
        if isinstance(workload.arrivals, Poisson):
            instants = open_arrivals(workload.arrivals, Streams(seed), name, until=scenario.duration)
            assert arrived[name] == len(list(instants)), f"{name}: calls and arrivals"


@given(protected(scenarios()), SEEDS)
@settings(max_examples=40)
def test_a_call_keeps_to_its_retries_and_copies(scenario: Scenario, seed: int) -> None:
    world = a_run(scenario, seed)

    client = scenario.clients["c"]
    most = 0 if client.hedge is None else client.hedge.copies
    within = 0 if client.retry is None else client.retry.within
    for row in rows(world, "calls"):
        assert row["t_arrival"] <= row["t_done"] <= world.ends_at
        assert not within or row["t_done"] <= row["t_arrival"] + within, f"{row} is longer than {within} ns"
        assert row["copies"] <= most
        assert row["tries"] <= 1 + row["copies"] + (0 if client.retry is None else client.retry.retries)
        assert row["refused"] <= row["tries"]
        if not row["copies"]:
            assert 0 <= row["waited"] <= row["t_done"] - row["t_arrival"], f"{row} waited longer than it lasted"


@given(protected(scenarios()), SEEDS)
@settings(max_examples=40)
def test_guards_are_asked_by_those_who_reach_them(scenario: Scenario, seed: int) -> None:
    world = a_run(scenario, seed)

    asked, refused, delayed = (counted(world, what) for what in ("asked", "refused", "delayed"))
    calls, n = rows(world, "calls"), len(scenario.clients["c"].guards)
    if n:
        assert sum(asked[::n]) == len(rows(world, "requests")), "each try asks the first guard of its service"
    for i in range(len(asked)):
        passed = asked[i] - refused[i]
        if (i + 1) % n:  # another of the same service stands behind it
            assert passed - delayed[i] <= asked[i + 1] <= passed, f"g{i} let {passed} pass, g{i + 1} saw {asked[i + 1]}"
    assert sum(refused) == sum(row["refused"] for row in calls)


@given(protected(scenarios()), SEEDS)
@settings(max_examples=40)
def test_what_is_under_way_at_the_end_is_marked(scenario: Scenario, seed: int) -> None:
    world = a_run(scenario, seed)

    words = world.trace.vocabulary.texts()
    cut_off = [row for row in rows(world, "requests") if words[row["err"]] == "lab-end"]
    pending = [row for row in rows(world, "calls") if words[row["err"]] == "lab-end"]
    assert {row["id"] for row in pending} <= {row["id"] for row in rows(world, "requests")}
    assert len(cut_off) <= sum(row["tries"] for row in pending), "a try is under way only as long as its call is"
    assert all(row["t_done"] == world.ends_at for row in [*cut_off, *pending])


@contextmanager
def told() -> Iterator[Counter[Watch]]:
    """How often each guard was told that one whom it had let pass has ended, or never began."""
    tally: Counter[Watch] = Counter()
    ended, withdrawn, turned_back = Watch.ended, Watch.withdrawn, Watch.turned_back

    def count_ended(watch: Watch, *args: Any) -> None:
        tally[watch] += 1
        ended(watch, *args)

    def count_withdrawn(watch: Watch, *args: Any) -> None:
        tally[watch] += 1
        withdrawn(watch, *args)

    def count_turned_back(watch: Watch, *args: Any) -> None:
        tally[watch] += 1
        turned_back(watch, *args)

    with (
        patch.object(Watch, "ended", count_ended),
        patch.object(Watch, "withdrawn", count_withdrawn),
        patch.object(Watch, "turned_back", count_turned_back),
    ):
        yield tally


def check_told(world: World, tally: Counter[Watch]) -> None:
    for number, watch in world.guards._watches:
        passed = watch.counts["asked"] - watch.counts["refused"]
        assert tally[watch] == passed, f"g{number}, {guards_of(world.scenario)[number].text}: {passed} passed"
        assert not watch.waiting
        if isinstance(watch.guard, EnvoyLimits):
            limits = watch.guard
            held = [each.active for each in (limits.requests, limits.pending, limits.connections, limits.retries)]
            assert held == [0, 0, 0, 0]


@given(protected(scenarios_that_end()), SEEDS)
@settings(max_examples=40)
def test_a_guard_hears_once_of_each_that_it_let_pass(scenario: Scenario, seed: int) -> None:
    with told() as tally:
        world = a_run(scenario, seed)

    check_told(world, tally)


@st.composite
def busy_backends(draw: Any) -> Scenario:
    """A backend that guards itself, has a full queue most of the time, and answers whoever is still there."""
    scenario = draw(calm_scenarios())
    guards = st.lists(st.sampled_from(LOOSE) | st.sampled_from(GUARDS), min_size=1, max_size=2).map(tuple)
    busy = replace(
        scenario.services["s0"],
        **{**draw(doors), "guards": draw(guards)},
        workers=draw(st.integers(1, 2)),
        queue=draw(st.integers(1, 3)),
        service_time=Constant(value=30 * MS),
        response_size=128,
    )
    return replace(scenario, services={"s0": busy})


@given(busy_backends(), SEEDS)
@settings(max_examples=40)
def test_a_guard_before_a_busy_backend_hears_once_of_each_that_it_let_pass(scenario: Scenario, seed: int) -> None:
    with told() as tally:
        world = a_run(scenario, seed)

    check_told(world, tally)


PAIRS = [
    ("{envoy: {max_connections: 2, max_pending_requests: 9}}", "{concurrency: 2}", True),
    ("{envoy: {max_connections: 2, max_pending_requests: 9}}", "{concurrency: 1}", False),
    ("{hystrix: {isolation: {thread: {core_size: 2, max_queue_size: 9}}, timeout: 0s}}", "{concurrency: 2}", True),
    ("{hystrix: {isolation: {thread: {core_size: 2, max_queue_size: 9}}, timeout: 0s}}", "{concurrency: 0}", False),
]
"""A guard at which others wait, one behind it, and whether that has as many places, so that it refuses nobody."""


@given(busy_backends(), SEEDS, st.sampled_from(PAIRS), st.none() | st.integers(1, 9))
@settings(max_examples=40)
def test_a_guard_with_as_many_places_as_the_one_before_refuses_nobody(
    scenario: Scenario, seed: int, pair: tuple[str, str, bool], dies: int | None
) -> None:
    outer, inner, has_as_many = pair
    guards = wiring.load_tree(BASE, [f"services.a.guards=[{outer}, {inner}]"]).services["a"].guards
    service = replace(scenario.services["s0"], guards=guards)
    timeline = (TimelineEvent(at=dies * 20 * MS, die=Fault(for_=50 * MS)),) if dies else ()
    with told() as tally:
        world = a_run(replace(scenario, services={"s0": service}, timeline=timeline), seed)

    check_told(world, tally)
    refused = [watch.counts["refused"] for _, watch in world.guards._watches][1::2]
    assert not has_as_many or not any(refused)


@given(protected(scenarios()), SEEDS)
@settings(max_examples=20)
def test_guards_retries_and_hedges_repeat_themselves(scenario: Scenario, seed: int) -> None:
    first = fingerprint(scenario, seed, Memory())

    assert fingerprint(scenario, seed, Memory()) == first
    assert fingerprint(scenario, seed, Nowhere()) == first, "watching a run changes nothing"
