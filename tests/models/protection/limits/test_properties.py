"""What holds for any calls: buckets admit their size and their rate, limits are kept, waits are in order."""

from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.protection.guard import Guard, Outcome
from models.protection.limits.aimd import AimdConfig
from models.protection.limits.bbr import KratosBbrConfig
from models.protection.limits.concurrency import ConcurrencyConfig, ConcurrencyLimit
from models.protection.limits.config import AnyLimit, make_limit
from models.protection.limits.connection_bucket import ConnectionBucket, ConnectionBucketConfig, Verdict
from models.protection.limits.envoy_bucket import EnvoyLocalConfig
from models.protection.limits.envoy_gradient import EnvoyGradientConfig
from models.protection.limits.fixed_window import FixedWindowConfig
from models.protection.limits.gauges import Gauges
from models.protection.limits.gcra import Gcra, GcraConfig
from models.protection.limits.gradient import Gradient2Config, GradientConfig
from models.protection.limits.guava import GuavaBurstyConfig, GuavaWarmingUpConfig
from models.protection.limits.nginx_bucket import NginxConfig
from models.protection.limits.sentinel_config import SentinelFlowConfig, SentinelSystemConfig
from models.protection.limits.sliding_window import SlidingLogConfig, TwoWindowsConfig
from models.protection.limits.sre_throttle import SreThrottle, SreThrottleConfig
from models.protection.limits.token_bucket import TokenBucketConfig
from models.protection.limits.vegas import VegasConfig
from models.protection.limits.windowed import WindowedConfig
from sim.units import MS, SECOND
from tests.models.protection.limits.scripts import luck

GAPS = st.lists(st.one_of(st.just(0), st.integers(0, 30 * MS), st.integers(0, 2 * SECOND)), min_size=1, max_size=40)
INSTANTS = GAPS.map(lambda gaps: list(accumulate(gaps)))
RATES = st.integers(1, 400).map(float)
WHOLE_RATES = st.sampled_from([1, 2, 4, 5, 8, 10, 20])
"""Whose intervals are whole ns, and 50 ms or more as Envoy wants them."""

ON: dict[str, Any] = {"filter_enabled": 1.0, "filter_enforced": 1.0}


def leaving(guard: Guard, instants: list[int]) -> list[int]:
    """When those go that pass."""
    found = [(now, guard.ask(now)) for now in instants]
    return [now + said.wait for now, said in found if said is not None]


def check_bound(passed: list[int], size: float, per_ns: float, slack: float = 1e-6) -> None:
    """No stretch of time holds more than a bucket's size and what comes meanwhile."""
    for i, begin in enumerate(passed):
        for n, end in enumerate(passed[i:], start=1):
            assert n <= size + per_ns * (end - begin) + slack


@given(INSTANTS, RATES, st.integers(1, 20), st.sampled_from([0, 300 * MS]))
def test_a_token_bucket_admits_its_size_and_its_rate(instants: list[int], rate: float, burst: int, wait: int) -> None:
    guard = make_limit(TokenBucketConfig(rate=rate, burst=burst, max_wait=wait), luck())

    check_bound(leaving(guard, instants), burst, rate / SECOND)


@given(INSTANTS, st.integers(1, 20), st.integers(1, 5), st.integers(50, 300))
def test_envoys_buckets_admit_their_size_and_their_rate(instants: list[int], most: int, fill: int, ms: int) -> None:
    config: dict[str, Any] = {"max_tokens": most, "tokens_per_fill": fill, "fill_interval": ms * MS, **ON}
    per_ns = fill / (ms * MS)

    check_bound(leaving(make_limit(EnvoyLocalConfig(**config), luck()), instants), most, per_ns)
    stepwise = leaving(make_limit(EnvoyLocalConfig(fill="interval", **config), luck()), instants)
    check_bound(stepwise, most + fill, per_ns)


@given(INSTANTS, WHOLE_RATES, st.integers(0, 10))
def test_gcra_is_a_continuous_bucket_of_one_more(instants: list[int], rate: int, burst: int) -> None:
    gcra = Gcra(GcraConfig(rate=float(rate), burst=burst))
    bucket = make_limit(EnvoyLocalConfig(max_tokens=burst + 1, fill_interval=SECOND // rate, **ON), luck())

    for now in instants:
        assert (gcra.ask(now) is None) == (bucket.ask(now) is None)
        assert 0 <= gcra.remaining <= burst
        assert gcra.retry_after is None or gcra.retry_after > 0


@given(INSTANTS, st.integers(0, 8), st.integers(1, 1500))
def test_windows_admit_their_limit(instants: list[int], limit: int, ms: int) -> None:
    window = ms * MS
    fixed = leaving(make_limit(FixedWindowConfig(limit=limit, window=window), luck()), instants)
    log = leaving(make_limit(SlidingLogConfig(limit=limit, window=window), luck()), instants)
    estimate = leaving(make_limit(TwoWindowsConfig(limit=limit, window=window), luck()), instants)

    for passed, times in ((fixed, 2), (log, 1), (estimate, 2)):
        for begin in passed:
            assert sum(begin <= one < begin + window for one in passed) <= times * limit
    for passed in (fixed, estimate):
        numbers = [one // window for one in passed]
        assert all(numbers.count(number) <= limit for number in numbers)


@given(INSTANTS, st.integers(1, 20), st.booleans())
def test_sentinel_admits_at_most_twice_its_count_in_half_a_second(
    instants: list[int], count: int, borrows: bool
) -> None:
    passed = leaving(make_limit(SentinelFlowConfig(count=count, prioritized=borrows), luck()), instants)

    for begin in passed:
        assert sum(begin <= one < begin + 500 * MS for one in passed) <= 2 * count


QUEUES = [
    TokenBucketConfig(rate=50.0, burst=3, max_wait=None), NginxConfig(rate=50.0, burst=20),
    GuavaBurstyConfig(rate=50.0), GuavaWarmingUpConfig(rate=50.0, warmup=2 * SECOND),
    SentinelFlowConfig(count=50, behaviour="queue"),
    SentinelFlowConfig(count=30, behaviour="queue", implementation="go"),
    SentinelFlowConfig(count=50, behaviour="warm_up_queue"),
]  # fmt: skip


@pytest.mark.parametrize("config", QUEUES, ids=lambda config: type(config).__name__)
@given(INSTANTS)
def test_who_comes_first_goes_first_and_nobody_waits_a_negative_time(config: AnyLimit, instants: list[int]) -> None:
    guard = make_limit(config, luck())
    # clocks of whole ms or us know no order within one, so all come at whole ms
    found = [(now, guard.ask(now)) for now in [now - now % MS for now in instants]]

    assert all(said is None or said.wait >= 0 for _, said in found)
    leaves = [now + said.wait for now, said in found if said is not None]
    assert leaves == sorted(leaves)


IN_FLIGHT: list[AnyLimit] = [
    ConcurrencyConfig(limit=3), AimdConfig(initial_limit=3, min_limit=1), VegasConfig(initial_limit=3),
    GradientConfig(initial_limit=3), Gradient2Config(initial_limit=3, min_limit=1),
    WindowedConfig(limit=VegasConfig(initial_limit=3), window=100 * MS),
    EnvoyGradientConfig(concurrency_update_interval=50 * MS, min_rtt_interval=500 * MS, request_count=3),
]  # fmt: skip
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["ask", "ask", "end", "drop", "ignore", "withdraw"]),
        st.integers(0, 100 * MS),
        st.integers(0, 99),
    ),
    max_size=40,
)


@pytest.mark.parametrize("config", IN_FLIGHT, ids=lambda config: type(config).__name__)
@given(STEPS)
def test_calls_in_flight_never_pass_the_limit(config: AnyLimit, steps: list[tuple[str, int, int]]) -> None:
    guard = make_limit(config, luck())
    assert isinstance(guard, ConcurrencyLimit)
    now, under_way = 0, []
    for step, gap, which in steps:
        now += gap
        if step == "ask":
            found = guard.ask(now)
            if found is not None:
                under_way.append((found.ticket, now))
                assert len(under_way) <= guard.limit
            else:
                assert len(under_way) >= guard.limit
        elif under_way:
            ticket, began_at = under_way.pop(which % len(under_way))
            if step == "withdraw":
                guard.withdrawn(ticket, now)
            else:
                is_drop = step == "drop"
                guard.ended(ticket, Outcome(now, began_at, is_drop, is_drop, is_ignored=step == "ignore"))
        assert guard.in_flight == len(under_way)
        assert guard.limit >= 1


@given(STEPS, st.floats(0, 1))
def test_what_looks_at_a_machine_counts_calls_in_flight(steps: list[tuple[str, int, int]], cpu: float) -> None:
    gauges = Gauges(cpu=lambda _: cpu, load=lambda _: 10 * cpu)
    system = SentinelSystemConfig(max_thread=3, highest_system_load=5.0)
    for config, most in ((KratosBbrConfig(), len(steps)), (system, 4)):
        guard: Any = make_limit(config, luck(), gauges)
        now, under_way = 0, []
        for step, gap, which in steps:
            now += gap
            if step == "ask":
                found = guard.ask(now)
                under_way += [] if found is None else [(found.ticket, now)]
            elif under_way:
                ticket, began_at = under_way.pop(which % len(under_way))
                guard.ended(ticket, Outcome(now, began_at))
            assert guard.in_flight == len(under_way) <= most


@given(STEPS)
def test_a_throttle_has_no_more_accepted_calls_than_calls(steps: list[tuple[str, int, int]]) -> None:
    throttle, now, under_way = SreThrottle(SreThrottleConfig(window=SECOND), luck()), 0, 0
    for step, gap, _ in steps:
        now += gap
        if step == "ask":
            under_way += throttle.ask(now) is not None
        elif under_way:
            under_way -= 1
            throttle.ended(0, Outcome(now, now, step == "drop"))
        assert throttle.requests >= 0
        assert throttle.accepts >= 0
        assert 0 <= throttle.chance < 1


@given(INSTANTS, st.integers(1, 10), st.integers(1, 40), st.sampled_from(["close", "delay", "refuse"]))
def test_a_connection_carries_its_tokens_and_those_that_come(
    instants: list[int], tokens: int, refill_ms: int, on_empty: Any
) -> None:
    config = ConnectionBucketConfig(tokens=tokens, refill_interval=refill_ms * MS, on_empty=on_empty)
    bucket = ConnectionBucket(config, 0)
    served = []
    for now in instants:
        verdict, wait = bucket.take(now)
        assert wait >= 0
        assert bucket.tokens >= 0 or on_empty == "delay"
        if verdict is Verdict.SERVE:
            served.append(now + wait)

    assert served == sorted(served)
    check_bound(served, tokens, 1 / (refill_ms * MS))


@given(INSTANTS, st.lists(st.booleans(), min_size=40, max_size=40), st.sampled_from(["reject", "warm_up"]))
def test_who_withdraws_from_sentinel_leaves_no_trace(instants: list[int], stays: list[bool], behaviour: Any) -> None:
    config = SentinelFlowConfig(count=5, behaviour=behaviour)
    guard, alone = make_limit(config, luck()), make_limit(config, luck())
    for now, stay in zip(instants, stays, strict=False):
        found = guard.ask(now)
        if stay:
            assert found == alone.ask(now)
        elif found is not None:
            guard.withdrawn(found.ticket, now)
