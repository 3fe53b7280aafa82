"""Metastable failure: five feedbacks by which a system stays overloaded after what overloaded it has gone.

Each is a world whose thresholds follow from a line of arithmetic. A few points of each run always, the whole tables as
slow tests. Sources of the cases: Bronson et al., HotOS '21; Huang et al., OSDI '22.
"""

from pathlib import Path
from typing import Any

import pytest

from sim.wiring import Run, load, run

FOLDER = Path(__file__).parents[2] / "experiments" / "metastable"
SEED = 3


def play(world: str, *overrides: str, seed: int = SEED) -> Run:
    return run(load(FOLDER / f"{world}.yaml", overrides), seed)


def recovers(world: str, *overrides: str) -> bool:
    return bool(play(world, *overrides).summary["recovered"])


# A1: retries. Stuck work per second is (1 + k) lambda, so the threshold is mu / (1 + k) = 33.3/s.


def storm(rate: float, stop: float, *more: str, duration: float = 90) -> Run:
    return play(
        "scenario", f"workloads.orders.arrivals.poisson.rate={rate}/s",
        f"timeline=[{{at: 20s, pause: {{for: {stop}s}}}}]", f"duration={duration}s", *more,
    )  # fmt: skip


def test_retries_keep_a_queue_alive_that_a_stop_has_made() -> None:
    done = storm(60, 10, duration=70)

    assert done.summary["goodput_before"] == pytest.approx(60, rel=0.1)
    assert done.summary["goodput_after"] == 0
    after = done.windows.filter(done.windows["t"] > 55)
    assert after.filter(after["t"] < 70)["arrived_per_s"].mean() == pytest.approx(3 * 60, rel=0.05)


def test_a_short_stop_is_forgotten() -> None:
    assert storm(60, 1, duration=60).summary["recovered"] == 1


def test_below_the_threshold_every_queue_drains() -> None:
    assert storm(25, 10, duration=75).summary["recovered"] == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rate", "stops", "sticking"),
    [(25, (0.5, 1, 2, 4, 10), ()), (30, (0.5, 1, 2, 4, 10), ()), (40, (0.5, 1), (4, 10)),
     (60, (0.5, 1), (2, 4, 10)), (80, (0.5,), (2, 4, 10))],
)  # fmt: skip
def test_what_sticks_after_a_stop(rate: int, stops: tuple[float, ...], sticking: tuple[float, ...]) -> None:
    """Left out is what chance decides: 2 s at 40/s, and 1 s at 80/s, where all wait for 0.8 to 1 s at first."""
    seen = {stop: storm(rate, stop, duration=170 if rate < 33 else 110).summary for stop in (*stops, *sticking)}

    assert {stop: s["recovered"] for stop, s in seen.items()} == dict.fromkeys(stops, 1) | dict.fromkeys(sticking, 0)
    assert all(seen[stop]["goodput_after"] == 0 for stop in sticking)


RETRY = "clients.shop.retry"
CURES = {
    "a queue that is shorter than what is served within the time-out": ("services.stock.queue=50", 80),
    "work whose client has gone is not done": ("services.stock.honours_cancel=true", 80),
    "retries are a fifth of the calls": (f"{RETRY}.budget={{share: {{share: 0.2, reserve: 0}}}}", 80),
    "no retries": (f"{RETRY}.retries=0", 80),
}
NO_CURES = {
    "a queue that is longer": ("services.stock.queue=300", 80),
    "a fifth more than 90/s is too much": (f"{RETRY}.budget={{share: {{share: 0.2, reserve: 0}}}}", 90),
    "waits move the load, and take none away": (f"{RETRY}.backoff={{base: 10s, cap: 10s, multiplier: 1}}", 80),
}


@pytest.mark.parametrize(
    "cure", [pytest.param(name, marks=[pytest.mark.slow] * (name != next(iter(CURES)))) for name in CURES]
)
def test_what_cures_a_storm(cure: str) -> None:
    how, rate = CURES[cure]
    done = storm(rate, 10, how, duration=90 if "budget" not in how else 480)  # 80 x 1.2 leaves 4/s to drain 800 with

    assert done.summary["recovered"] == 1
    assert done.summary["goodput_after"] == pytest.approx(rate, rel=0.06)


@pytest.mark.slow
@pytest.mark.parametrize("cure", NO_CURES)
def test_what_does_not_cure_a_storm(cure: str) -> None:
    how, rate = NO_CURES[cure]

    assert storm(rate, 10, how, duration=120).summary["goodput_after"] < 0.1 * rate


@pytest.mark.slow
def test_after_less_load_the_queue_still_has_to_drain() -> None:
    """A backlog B is gone after B / (mu - (1 + k) lambda): at 20/s there are 40/s to spare."""
    curve = "{curve: {shape: step, points: [{at: 0s, rate: 80/s}, {at: 38s, rate: 20/s}]}}"
    done = storm(80, 10, f"workloads.orders.arrivals={curve}", duration=170)
    arrived = done.summary["n_requests"] - done.requests.filter(done.requests["t_arrival"] > 38).height
    backlog = arrived - 100 * 28

    ok = done.requests.filter((done.requests["status"] == 200) & (done.requests["err"] == ""))
    back = ok.filter(ok["t_done"] > 40)["t_done"].min()
    assert back == pytest.approx(38 + backlog / 40, rel=0.2)


# A2: a cache. Warm, the store sees keys / (life + keys / lambda); cold, lambda.


def cache(rate: float, *more: str, duration: float = 60) -> Run:
    return play("cache-loss", f"workloads.visits.arrivals.poisson.rate={rate}/s", f"duration={duration}s", *more)


CACHE = "services.catalogue.program.cache"


def test_a_cache_that_is_lost_does_not_come_back() -> None:
    done = cache(300, duration=40)
    asked = done.counters["cache_questions"]

    assert done.summary["goodput_before"] == pytest.approx(300, rel=0.05)
    assert done.summary["goodput_after"] == 0
    waiting = done.samples.filter(done.samples["t"] < 40)["cache_wait_b0"][-1]
    before = 10 * 1000 / (19 + 1000 / 300)
    assert waiting == pytest.approx(asked - before - 30 * 120, rel=0.05)  # all that the store has not come to


def test_a_store_that_can_nearly_carry_the_load_fills_the_cache_again() -> None:
    assert cache(130, duration=50).summary["recovered"] == 1


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "back"), [(100, 1), (130, 1), (1000, 0)])
def test_which_load_a_lost_cache_can_carry(rate: int, back: int) -> None:
    assert cache(rate).summary["recovered"] == back


@pytest.mark.slow
@pytest.mark.parametrize("cure", ["coalesces=true", "queue=60"])
def test_what_fills_a_lost_cache(cure: str) -> None:
    assert cache(1000, f"{CACHE}.{cure}").summary["goodput_after"] == pytest.approx(1000, rel=0.03)


@pytest.mark.slow
def test_late_answers_fill_a_part() -> None:
    assert 300 < cache(1000, f"{CACHE}.late_fills=true").summary["goodput_after"] < 900


# A3: a heap. With N requests in the system 300 + N MB live, and the capacity is 200 / (1 + 0.4 live / (1000 - live)).


def spiral(rate: float, times: float, *more: str, duration: float = 60) -> Run:
    points = f"[{{at: 0s, rate: {rate}/s}}, {{at: 20s, rate: {rate * times}/s}}, {{at: 25s, rate: {rate}/s}}]"
    return play("gc-spiral", f"workloads.visits.arrivals.curve.points={points}", f"duration={duration}s", *more)


def test_a_heap_spirals_down_after_a_burst() -> None:
    done = spiral(100, 4, duration=45)

    assert done.summary["goodput_after"] == 0
    assert done.counters["FGCT"] > 15


def test_a_bound_on_what_is_in_the_system_keeps_the_heap() -> None:
    done = spiral(140, 8, "services.prices.queue=192", duration=60)

    assert done.summary["goodput_after"] == pytest.approx(141, rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [60, 100, 140, 160])
def test_what_the_collector_takes_is_its_cost_over_the_room_that_is_left(rate: int) -> None:
    done = spiral(rate, 1)

    assert done.counters["FGCT"] / 60 == pytest.approx(4 * 0.0005 * rate * 300 / 700, rel=0.12)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rate", "times", "back"),
    [(60, 2, 1), (60, 3, 1), (60, 8, 0), (100, 2, 1), (100, 4, 0), (100, 8, 0), (140, 2, 0), (140, 8, 0), (160, 2, 0)],
)
def test_which_burst_a_heap_survives(rate: int, times: int, back: int) -> None:
    assert spiral(rate, times).summary["recovered"] == back


# A4: connections. Once every request needs a new one, the capacity is 1 / (5 ms + 10 ms) = 66.7/s instead of 200/s.


def reconnecting(rate: float, stop: float, *more: str, duration: float = 50) -> Run:
    return play(
        "connection-storm", f"workloads.visits.arrivals.poisson.rate={rate}/s",
        f"timeline=[{{at: 10s, pause: {{for: {stop}s}}}}]", f"duration={duration}s", *more,
    )  # fmt: skip


@pytest.mark.parametrize(("rate", "stop", "back"), [(60, 2, 1), (80, 0.5, 1), (80, 2, 0), (120, 2, 0)])
def test_connections_that_are_given_up_have_to_be_paid_for_again(rate: int, stop: float, back: int) -> None:
    done = reconnecting(rate, stop)

    assert done.summary["recovered"] == back
    if not back:
        assert done.summary["goodput_after"] == 0
        dialed = done.connections.filter(done.connections["t_dial"] > 30)
        assert dialed.height / 20 == pytest.approx(rate, rel=0.12)


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "stop", "back"), [(50, 20, 1), (60, 20, 1), (160, 2, 0)])
def test_more_of_the_connections(rate: int, stop: float, back: int) -> None:
    duration = 10 + stop + 10 + 20 * rate / (66.7 - rate) * 1.5 if back else 50
    assert reconnecting(rate, stop, duration=duration).summary["recovered"] == back


def test_streams_that_are_reset_leave_the_connection() -> None:
    h2 = ("services.login.scheme=https", "services.login.http2={max_concurrent_streams: 1000}",
          "clients.shop.transport.force_attempt_http2=true")  # fmt: skip

    assert reconnecting(120, 2, *h2).summary["goodput_after"] == pytest.approx(120, rel=0.06)


# A5: errors. Once all are late, the capacity is 1 / 20 ms = 50/s instead of 200/s.


def failing(rate: float, stop: float, *more: str, duration: float = 50) -> Run:
    return play(
        "slow-errors", f"workloads.visits.arrivals.poisson.rate={rate}/s",
        f"timeline=[{{at: 10s, pause: {{for: {stop}s}}}}]", f"duration={duration}s", *more,
    )  # fmt: skip


@pytest.mark.parametrize(("rate", "stop", "back"), [(40, 5, 1), (60, 0.5, 1), (60, 2, 0), (100, 2, 0)])
def test_errors_that_cost_more_than_answers_keep_all_late(rate: int, stop: float, back: int) -> None:
    done = failing(rate, stop)

    assert done.summary["recovered"] == back
    assert done.summary["goodput_after"] == (pytest.approx(rate, rel=0.08) if back else 0)


def test_cheap_errors_catch_up() -> None:
    assert failing(150, 2, "services.search.expiry.cost=1ms").summary["recovered"] == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rate", "stop", "duration", "back"), [(40, 20, 200, 1), (48, 5, 400, 1), (48, 20, 120, 0), (150, 2, 50, 0)]
)
def test_more_of_the_errors(rate: int, stop: float, duration: float, back: int) -> None:
    assert failing(rate, stop, duration=duration).summary["recovered"] == back


# Layers: each multiplies what the one before it asks.


def amplification(retry: dict[str, Any] | None = None) -> float:
    clients = ("front", "middle", "back") if retry else ()
    done = play("chain", "duration=10s", *(f"clients.{name}.retry.budget={retry}" for name in clients))
    return done.summary["relayed:back"] / done.summary["n_calls"]


def test_three_layers_of_four_attempts_are_sixty_four() -> None:
    assert amplification() == 64


def test_budgets_of_a_fifth_multiply_as_well() -> None:
    assert amplification({"share": {"share": 0.2, "reserve": 0}}) == pytest.approx(1.2**3, rel=0.02)
