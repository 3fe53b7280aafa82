"""How limits of calls in flight learn beyond the scripts: probes, windows, Envoy's measurements, Kratos' processors."""

from collections import deque
from collections.abc import Callable

import pytest

from models.protection.guard import Outcome
from models.protection.limits.adaptive import AdaptiveLimit, Sample
from models.protection.limits.aimd import AimdConfig
from models.protection.limits.bbr import CPU_PERIOD, KratosBbr, KratosBbrConfig
from models.protection.limits.concurrency import ConcurrencyLimit
from models.protection.limits.config import AnyLimit, make_limit
from models.protection.limits.envoy_gradient import EnvoyGradient, EnvoyGradientConfig
from models.protection.limits.gauges import Gauges
from models.protection.limits.gradient import Gradient, Gradient2Config, GradientConfig
from models.protection.limits.vegas import Vegas, VegasConfig
from models.protection.limits.windowed import Windowed, WindowedConfig
from sim.units import MS, SECOND
from tests.models.protection.limits.scripts import luck


class Listening(AdaptiveLimit):
    """Keeps its samples."""

    def __init__(self) -> None:
        super().__init__(1000)
        self.seen: list[Sample] = []

    def sample(self, sample: Sample) -> None:
        self.seen.append(sample)


def feed(limit: AdaptiveLimit, n: int, rtt: int, now: int = 0) -> None:
    for _ in range(n):
        limit.sample(Sample(now, rtt, limit.limit))


def held(limit: ConcurrencyLimit, capacity: int, rtt: int, until: int) -> list[int]:
    """The limit at every tenth of a second, of callers without end on a server that does `capacity` at a time."""
    under_way: deque[tuple[int, int, int]] = deque()
    free_at = [0] * capacity
    limits, now = [], 0
    while now < until:
        while under_way and under_way[0][0] <= now:
            ends_at, began_at, ticket = under_way.popleft()
            limit.ended(ticket, Outcome(ends_at, began_at))
        while (found := limit.ask(now)) is not None:
            place = free_at.index(min(free_at))
            free_at[place] = max(now, free_at[place]) + rtt
            under_way.append((free_at[place], now, found.ticket))
        if now % (100 * MS) == 0:
            limits.append(limit.limit)
        now += MS
    return limits


def test_a_fixed_limit_counts_calls_in_flight() -> None:
    limit = ConcurrencyLimit(2)
    assert [limit.ask(0) is not None for _ in range(3)] == [True, True, False]

    limit.ended(1, Outcome(1, 0))
    limit.withdrawn(1, 1)

    assert limit.in_flight == 0


@pytest.mark.parametrize(
    ("ends", "samples"),
    [
        ({}, 1), ({"is_failure": True, "is_timeout": True}, 1), ({"is_failure": True, "is_throttled": True}, 1),
        ({"is_failure": True}, 0), ({"is_ignored": True}, 0),
    ],
)  # fmt: skip
def test_successes_and_drops_are_samples_other_failures_are_not(ends: dict[str, bool], samples: int) -> None:
    limit = Listening()
    found = limit.ask(0)
    assert found is not None

    limit.ended(found.ticket, Outcome(10 * MS, 0, **ends))

    assert [(one.rtt, one.in_flight, one.is_dropped) for one in limit.seen] == [
        (10 * MS, 1, "is_failure" in ends)
    ] * samples
    assert limit.in_flight == 0


def test_vegas_learns_the_least_latency_anew_after_some_samples() -> None:
    limit = Vegas(VegasConfig(), lambda: 1.0)
    feed(limit, 1, 10 * MS)

    # 30 x 20 samples at the initial limit; they grow with it, so they are counted with few calls in flight
    for _ in range(598):
        limit.sample(Sample(0, 20 * MS, 1))
    assert limit.least_rtt == 10 * MS
    limit.sample(Sample(0, 20 * MS, 1))

    assert limit.least_rtt == 20 * MS


def test_vegas_keeps_a_server_busy_with_a_short_queue_if_it_learns_from_windows() -> None:
    config = WindowedConfig(limit=VegasConfig(probe_multiplier=None), window=100 * MS)
    limit = make_limit(config, luck())
    assert isinstance(limit, Windowed)

    limits = held(limit, capacity=40, rtt=10 * MS, until=5 * SECOND)

    assert 40 <= min(limits[20:]) <= max(limits[20:]) <= 50


def test_the_old_gradient_forgets_its_latency_and_begins_small_again() -> None:
    limit = Gradient(GradientConfig(), lambda: 0.0)
    feed(limit, 1000, 10 * MS)
    assert limit.limit == 1000

    feed(limit, 1, 20 * MS)

    assert (limit.limit, limit.least_rtt) == (31, 0)
    feed(limit, 1, 20 * MS)
    assert (limit.limit, limit.least_rtt) == (36, 20 * MS)


def test_a_window_makes_one_sample_of_many() -> None:
    limit = make_limit(WindowedConfig(limit=AimdConfig()), luck())
    assert isinstance(limit, Windowed)

    for i in range(400):
        limit.sample(Sample(i * 10 * MS, 10 * MS, 20))

    assert limit.limit == 23, "each second from the second on; the first window has a single sample"


def test_a_window_hands_on_means_the_most_in_flight_and_any_drop() -> None:
    learner = Listening()
    limit = Windowed(WindowedConfig(limit=AimdConfig()), learner)
    limit.sample(Sample(1, 70 * MS, 50, True))

    for rtt, in_flight, is_dropped in [(10, 3, False), (20, 9, True), (0.05, 99, True)] * 5 + [(45, 4, False)]:
        limit.sample(Sample(SECOND, round(rtt * MS), in_flight, is_dropped))
    limit.sample(Sample(SECOND + 2, 45 * MS, 5))

    assert learner.seen == [Sample(SECOND + 2, 20 * MS, 9, True)], "those of 50 us were too short to count"


def test_a_window_too_short_of_samples_is_forgotten() -> None:
    limit = make_limit(WindowedConfig(limit=AimdConfig()), luck())
    assert isinstance(limit, Windowed)

    for i in range(50):
        limit.sample(Sample(i * 200 * MS, 10 * MS, 20))

    assert limit.limit == 20


class Envoy:
    """An adaptive concurrency filter with intervals of 100 ms and 10 s, and callers who take turns."""

    def __init__(self, draw: Callable[[], float] = lambda: 0.0) -> None:
        config = EnvoyGradientConfig(concurrency_update_interval=100 * MS, min_rtt_interval=10 * SECOND)
        self.limit = EnvoyGradient(config, draw)
        self.now = 0

    def calls(self, n: int, rtt: int) -> "Envoy":
        """One after another."""
        for _ in range(n):
            found = self.limit.ask(self.now)
            assert found is not None
            self.now += rtt
            self.limit.ended(found.ticket, Outcome(self.now, self.now - rtt))
        return self

    def window(self, n: int, rtt: int) -> int:
        """So many calls within a window; the limit after it."""
        ends_at = self.now + 100 * MS
        self.calls(n, rtt)
        assert self.now < ends_at, "write fewer or shorter calls"
        self.now = ends_at
        return self.limit.look(ends_at)


def test_envoy_measures_first_with_three_calls_at_a_time() -> None:
    envoy = Envoy()

    assert [envoy.limit.ask(0) is not None for _ in range(4)] == [True] * 3 + [False]
    assert envoy.limit.is_measuring


def test_envoy_ends_a_measurement_with_its_fiftieth_sample() -> None:
    envoy = Envoy().calls(49, 10 * MS)
    assert envoy.limit.is_measuring

    envoy.calls(1, 10 * MS)

    assert not envoy.limit.is_measuring
    assert envoy.limit.least_rtt == 10 * MS


def test_envoy_grows_by_its_buffer_and_a_root_where_latency_is_least() -> None:
    envoy = Envoy().calls(50, 10 * MS)

    limits = [envoy.window(9, 10 * MS) for _ in range(5)]

    assert limits == [5, 8, 13, 20, 30], "int(1.25 L + sqrt(1.25 L)), from 3"


def test_envoy_halves_its_limit_at_most_and_adds_a_root() -> None:
    envoy = Envoy().calls(50, 1 * MS)
    for _ in range(10):
        before = envoy.window(90, 1 * MS)

    assert envoy.window(1, 90 * MS) == int(before / 2 + (before / 2) ** 0.5)


def test_envoy_measures_again_and_restores_the_limit() -> None:
    envoy = Envoy().calls(50, 10 * MS)
    for _ in range(5):
        before = envoy.window(9, 10 * MS)

    assert envoy.limit.look(500 * MS + 10 * SECOND - 1) == before
    assert envoy.limit.look(500 * MS + 10 * SECOND) == 3
    envoy.now = 11 * SECOND
    envoy.calls(50, 20 * MS)
    assert (envoy.limit.limit, envoy.limit.least_rtt) == (before, 20 * MS)


def test_envoy_draws_how_much_longer_it_takes_to_the_next_measurement() -> None:
    envoy = Envoy(draw=lambda: 0.999_999).calls(50, 10 * MS)

    envoy.limit.look(500 * MS + 11 * SECOND)
    assert not envoy.limit.is_measuring
    envoy.limit.look(500 * MS + 11_500 * MS)
    assert envoy.limit.is_measuring


def test_envoy_leaves_out_samples_of_calls_from_before_the_measurement() -> None:
    envoy = Envoy().calls(50, 10 * MS)
    late = envoy.limit.ask(envoy.now)
    assert late is not None
    envoy.now = 12 * SECOND

    envoy.limit.ended(late.ticket, Outcome(12 * SECOND, 500 * MS))
    envoy.calls(49, 10 * MS)

    assert envoy.limit.is_measuring
    assert envoy.calls(1, 10 * MS).limit.least_rtt == 10 * MS


def test_envoy_measures_at_once_after_five_windows_at_the_minimum() -> None:
    envoy = Envoy().calls(50, 1 * MS)

    measuring = []
    for _ in range(5):
        envoy.window(1, 90 * MS)
        measuring.append(envoy.limit.is_measuring)

    assert measuring == [False] * 4 + [True]


def test_envoy_counts_a_window_that_comes_down_to_the_minimum_as_none_at_it() -> None:
    envoy = Envoy().calls(50, 1 * MS)
    assert envoy.window(90, 1 * MS) == 5

    seen = [(envoy.window(1, 90 * MS), envoy.limit.is_measuring) for _ in range(7)]

    assert seen == [(4, False)] + [(3, False)] * 5 + [(3, True)]


def test_envoy_does_nothing_in_windows_without_calls() -> None:
    envoy = Envoy().calls(50, 10 * MS)
    before = envoy.window(9, 10 * MS)

    assert envoy.limit.look(9 * SECOND) == before
    envoy.now = 9 * SECOND + 50 * MS
    assert envoy.window(4, 10 * MS) == 8, "windows stay where they were: this one ended after 50 ms"


class Busy:
    """Kratos' limiter on a machine that is as busy as told, with calls of 50 ms."""

    def __init__(self) -> None:
        self.cpu = 0.0
        self.limit = KratosBbr(KratosBbrConfig(), Gauges(cpu=lambda _: self.cpu))
        self.refused = 0

    def run(self, since: int, until: int, at_a_time: int) -> "Busy":
        """So many calls every 50 ms, one round after another."""
        for now in range(since, until, 50 * MS):
            found = [self.limit.ask(now) for _ in range(at_a_time)]
            self.refused += found.count(None)
            for one in filter(None, found):
                self.limit.ended(one.ticket, Outcome(now + 50 * MS, now))
        return self


def test_kratos_refuses_nothing_while_processors_are_idle() -> None:
    assert Busy().run(0, 10 * SECOND, 500).refused == 0


def test_kratos_goes_on_refusing_for_a_second_and_no_longer() -> None:
    busy = Busy()
    for _ in range(100):
        busy.limit.ask(0)
    busy.limit.cpu, busy.cpu = 1000, 0.0
    assert busy.limit.ask(CPU_PERIOD - 1) is None
    began, busy.limit.cpu = CPU_PERIOD - 1, 0

    assert busy.limit.ask(began + SECOND) is None
    assert busy.limit.ask(began + SECOND + 1) is not None


def test_kratos_works_its_limit_out_once_in_a_bucket() -> None:
    class Counting(KratosBbr):
        worked_out = 0

        def _little(self, running: int) -> int:
            self.worked_out += 1
            return super()._little(running)

    limit = Counting(KratosBbrConfig(), Gauges(cpu=lambda _: 1.0))
    for now in range(0, SECOND, MS):
        found = limit.ask(now)
        if found is not None:
            limit.ended(found.ticket, Outcome(now + 2 * MS, now))
        assert limit.limit >= 0

    assert limit.worked_out == 10 + 1, "buckets of 100 ms, and the one in which the last call ends"


def test_kratos_averages_processors_over_seconds() -> None:
    busy = Busy()
    busy.cpu = 1.0

    busy.run(0, 15 * SECOND, 10)
    assert busy.limit.cpu < 800
    busy.run(15 * SECOND, 25 * SECOND, 10)

    assert busy.limit.cpu >= 800


def test_kratos_holds_a_busy_machine_at_its_best_bucket_times_its_least_latency() -> None:
    busy = Busy().run(0, 10 * SECOND, 10)
    busy.cpu, busy.limit.cpu = 1.0, 900

    busy.run(10 * SECOND, 10 * SECOND + 50 * MS, 40)

    # 20 in 100 ms and 50 ms: 10 by Little's law, and one more, since it refuses when more than these are in flight
    assert busy.refused == 40 - 11
    assert busy.limit.limit == 10


def test_kratos_leaves_out_the_running_bucket_and_those_that_are_too_old() -> None:
    busy = Busy().run(0, 1 * SECOND, 10).run(1 * SECOND, 1050 * MS, 400)
    assert busy.limit.limit == 10

    busy.run(1100 * MS, 1150 * MS, 1)
    assert busy.limit.limit == 205, "400 and the last 10 of before, of 50 ms"
    busy.run(11 * SECOND, 11_050 * MS, 1)
    assert busy.limit.limit == 0, "one in 100 ms that takes 50 ms, rounded down"


def test_kratos_goes_on_for_a_second_after_it_began() -> None:
    busy = Busy().run(0, 10 * SECOND, 10)
    busy.limit.cpu = 900
    busy.cpu = 1.0
    busy.run(10 * SECOND, 10 * SECOND + 50 * MS, 40)
    before = busy.refused
    assert before > 0
    busy.cpu, busy.limit.cpu = 0.0, 0

    busy.run(10 * SECOND + 50 * MS, 11 * SECOND, 40)
    within = busy.refused
    busy.run(11 * SECOND + 50 * MS, 13 * SECOND, 40)

    assert within > before
    assert busy.refused == within


@pytest.mark.parametrize("config", [VegasConfig(), GradientConfig(), Gradient2Config(), AimdConfig()])
def test_latency_that_rises_lowers_the_limit(config: AnyLimit) -> None:
    limit = make_limit(config, luck())
    assert isinstance(limit, AdaptiveLimit)
    feed(limit, 300, 10 * MS)
    before = limit.limit

    feed(limit, 20, 10 * SECOND)

    assert limit.limit < before
