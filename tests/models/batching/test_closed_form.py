"""Batches by arithmetic: against the table of the reference, and against batches that are played."""

from statistics import mean, stdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.batching.batcher import Batch, Batcher, no_place
from models.batching.closed_form import expected, stale_share
from models.batching.config import BatchConfig
from models.batching.item import Item
from models.batching.shards import Shards, View
from models.request import Exchange
from sim.engine.distributions import Exponential
from sim.engine.environment import Engine
from sim.engine.streams import Streams
from sim.units import MS, SECOND

EXCHANGE = Exchange(workload="w")
T_99_9 = 4.781  # Student, 9 degrees of freedom: what one of a thousand means of ten lies beyond

TABLE = [(1000, 5, None, 6.00, 2.917), (1000, 5, 4, 3.828, 1.447), (5000, 5, 10, 10.00, 0.900),
         (1000, 20, 16, 15.75, 7.400)]  # fmt: skip
"""rate, linger in ms, most items; mean size, mean delay in ms (14.2)."""


def played(rate: float, linger_ms: int, most: int | None, seed: int) -> tuple[float, float, float]:
    """Mean size, mean delay (s) and share by size of the batches of 4,000 items."""
    engine = Engine()
    batches: list[Batch] = []

    def send(batch: Batch) -> None:
        batches.append(batch)
        batcher.answered(batch)

    config = BatchConfig(max_items=most, linger=linger_ms * MS)
    batcher = Batcher(engine, config, send, drop=print, place=no_place)
    gaps = np.random.default_rng(seed).exponential(SECOND / rate, 4_000)
    for at in np.cumsum(np.rint(gaps).astype(np.int64)).tolist():
        engine.call_at(at, lambda at: batcher.join(Item(EXCHANGE, 0, at)), at)
    engine.run(until=3600 * SECOND)
    delays = [item.t_flushed - item.t_arrival for batch in batches for item in batch.items]
    by_size = mean(batch.cause == "items" for batch in batches)
    return mean(len(batch.items) for batch in batches), mean(delays) / SECOND, by_size


@pytest.mark.parametrize(("rate", "linger_ms", "most", "size", "delay_ms"), TABLE)
def test_the_reference_has_these_figures(
    rate: float, linger_ms: int, most: int | None, size: float, delay_ms: float
) -> None:
    found = expected(rate, linger_ms / 1000, most)

    assert found.size == pytest.approx(size, abs=0.005)
    assert found.delay * 1000 == pytest.approx(delay_ms, abs=0.0006)
    assert found.flush_rate == pytest.approx(rate / found.size)


@pytest.mark.parametrize(("rate", "linger_ms", "most"), [row[:3] for row in TABLE])
def test_batches_that_are_played_come_to_the_same_within_their_intervals(
    rate: float, linger_ms: int, most: int | None
) -> None:
    told = expected(rate, linger_ms / 1000, most)

    runs = zip(*(played(rate, linger_ms, most, seed) for seed in range(10)), strict=True)
    for name, figures, wanted in zip(("size", "delay", "by size"), runs, told[:3], strict=True):
        half = T_99_9 * stdev(figures) / 10**0.5
        assert abs(mean(figures) - wanted) <= half + 1e-3 * wanted, f"{name}: {mean(figures)} +- {half}, not {wanted}"


@given(rate=st.floats(1, 10_000), linger=st.floats(1e-4, 0.05), most=st.integers(1, 200))
def test_a_batch_has_at_least_one_item_and_at_most_its_bound(rate: float, linger: float, most: int) -> None:
    found = expected(rate, linger, most)

    assert 1 <= found.size <= min(most, 1 + rate * linger) + 1e-9
    assert 0 <= found.delay <= linger + 1e-12
    assert -1e-9 <= found.by_size <= 1 + 1e-9


def test_what_is_stale_is_half_of_the_moves_between_two_looks() -> None:
    assert stale_share(0.01, 1) == pytest.approx(0.005, rel=0.01)
    assert stale_share(0.01, 0) == 0


@pytest.mark.parametrize("every_s", [2, 10])
def test_a_view_is_stale_as_often_as_arithmetic_says(every_s: int) -> None:
    engine, streams = Engine(), Streams(7)
    shards = Shards(engine, 400, 20)
    gap = Exponential(mean=round(SECOND / (400 / 60)))
    shards.relocate(streams.ints("gap", gap), streams.integers("shard", 0, 399), streams.integers("to", 1, 19))
    view = View(engine, shards, every=every_s * SECOND, phase=0)
    stale: list[float] = []

    def look(_: object) -> None:
        items = [Item(EXCHANGE, shard, 0) for shard in range(400)]
        stale.append(mean(view.node_of(item) != shards.holders[item.shard] for item in items))

    for step in range(1, 1000):
        engine.call_at(step * 397 * MS, look)
    engine.run(until=400 * SECOND)

    told = stale_share(1 / 60, every_s)
    blocks = [mean(stale[i * 99 : (i + 1) * 99]) for i in range(10)]
    assert abs(mean(stale) - told) < T_99_9 * stdev(blocks) / 10**0.5 + told / 19, "a nineteenth of the moves goes back"
