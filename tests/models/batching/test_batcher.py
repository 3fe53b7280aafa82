"""A batcher by itself: when a batch goes and why, who waits, who is dropped; what holds for every order of events."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models.batching.batcher import DROPPED, Batch, Batcher
from models.batching.config import BatchConfig
from models.batching.item import Item
from models.request import Exchange
from sim.engine.environment import Engine
from sim.units import MS, SECOND

EXCHANGE = Exchange(workload="w")


class Bench:
    """A batcher whose batches somebody answers when the script says so; times in ms."""

    def __init__(self, **config: Any) -> None:
        self.engine = Engine(checked=True)
        self.sent: list[Batch] = []
        self.dropped: list[Item] = []
        self.items: list[Item] = []
        config.setdefault("linger", 0)
        self.batcher = Batcher(
            self.engine, BatchConfig(**config), self.sent.append, drop=self.dropped.append,
            place=lambda item: item.shard or None,
        )  # fmt: skip

    def arrive(self, *at_ms: float, node: int = 0) -> "Bench":
        """Items that arrive at these instants."""
        for at in at_ms:
            self.items.append(Item(EXCHANGE, node, round(at * MS)))
            self.engine.call_at(round(at * MS), self.batcher.join, self.items[-1])
        return self

    def answer(self, number: int, at_ms: float) -> "Bench":
        """The batch that was sent as so manieth is answered."""
        self.engine.call_at(round(at_ms * MS), lambda _: self.batcher.answered(self.sent[number]))
        return self

    def close(self, at_ms: float) -> "Bench":
        """Nothing arrives any more."""
        self.engine.call_at(round(at_ms * MS), lambda _: self.batcher.close())
        return self

    def run(self) -> list[tuple[float, str, int]]:
        """When batches went, why, and with how many items."""
        self.engine.run(until=10 * SECOND)
        return [(batch.flushed_at / MS, batch.cause, len(batch.items)) for batch in self.sent]


def test_a_batch_goes_when_it_has_its_items() -> None:
    assert Bench(max_items=3).arrive(1, 2, 3, 4, 5, 6, 7).run() == [(3, "items", 3), (6, "items", 3)]


def test_the_timer_runs_from_the_first_item_and_starts_anew_with_each_batch() -> None:
    assert Bench(max_items=3, linger=5 * MS).arrive(1, 2, 3, 4, 11).run() == [
        (3, "items", 3), (9, "linger", 1), (16, "linger", 1),
    ]  # fmt: skip


def test_the_item_that_reaches_the_bytes_goes_with_its_batch() -> None:
    bench = Bench(max_bytes=512, item_size=490, linger=5 * MS).arrive(1, 2, 4)

    assert bench.run() == [(2, "bytes", 2), (9, "linger", 1)], "512 B take two documents of 490 B (C16)"


def test_a_batch_for_each_node_has_its_own_timer() -> None:
    bench = Bench(max_items=2, linger=5 * MS).arrive(1, 4, node=1).arrive(2, node=2)

    assert bench.run() == [(4, "items", 2), (7, "linger", 1)]
    assert [batch.node for batch in bench.sent] == [1, 2]


def test_a_full_batch_waits_for_an_answer_where_no_more_may_be_under_way() -> None:
    bench = Bench(max_items=2, max_under_way=1).arrive(1, 2, 3, 4).answer(0, 30)

    assert bench.run() == [(2, "items", 2), (30, "items", 2)]


def test_whoever_finds_too_many_waiting_waits_before_the_batches_in_order() -> None:
    bench = Bench(max_items=2, max_under_way=1, max_waiting=2).arrive(1, 2, 3, 4, 5, 6).answer(0, 30).answer(1, 40)

    assert bench.run() == [(2, "items", 2), (30, "items", 2), (40, "items", 2)]
    assert [item.t_joined / MS for item in bench.items] == [1, 2, 3, 4, 30, 30]


def test_or_is_dropped() -> None:
    bench = Bench(max_items=2, max_under_way=1, max_waiting=2, when_full="drop").arrive(1, 2, 3, 4, 5, 31).answer(0, 30)

    assert bench.run() == [(2, "items", 2), (30, "items", 2)]
    assert [(item.t_arrival / MS, item.err) for item in bench.dropped] == [(5, DROPPED)]


def test_when_nothing_more_arrives_what_waits_goes_as_it_is() -> None:
    bench = Bench(max_items=3).arrive(1, node=1).arrive(2, node=2).arrive(3, node=3).close(50)

    assert bench.run() == [(50, "end", 1), (50, "end", 1), (50, "end", 1)]


def test_and_who_waited_before_them_goes_later_without_waiting_for_others() -> None:
    bench = (
        Bench(max_items=2, max_under_way=1, max_waiting=2).arrive(1, 2, 3, 4, 5).close(20).answer(0, 30).answer(1, 40)
    )

    assert bench.run() == [(2, "items", 2), (30, "items", 2), (40, "end", 1)]


CONFIGS = st.fixed_dictionaries(
    {"max_items": st.integers(1, 5), "linger": st.integers(1, 20).map(lambda ms: ms * MS)},
    optional={
        "max_under_way": st.integers(1, 3), "max_waiting": st.integers(1, 8), "max_bytes": st.integers(400, 2000),
        "when_full": st.sampled_from(["block", "drop"]),
    },
)  # fmt: skip
ARRIVALS = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 2)), max_size=60)


@given(config=CONFIGS, arrivals=ARRIVALS, answered_after=st.integers(0, 30))
def test_each_item_goes_once_in_order_within_its_bounds(
    config: dict[str, Any], arrivals: list[tuple[int, int]], answered_after: int
) -> None:
    bench, config = Bench(**config), {**config}
    most, limit = config.get("max_under_way", 1 << 30), config.get("max_waiting", 1 << 30)
    seen: list[tuple[int, int]] = []

    def send(batch: Batch) -> None:
        seen.append((bench.batcher.under_way, bench.batcher.waiting))
        bench.sent.append(batch)
        bench.engine.call_in(answered_after * MS, bench.batcher.answered, batch)

    bench.batcher._send = send
    for at, node in sorted(arrivals):
        bench.arrive(at, node=node)
    bench.close(201).run()

    gone = [item for batch in bench.sent for item in batch.items]
    assert sorted(map(id, gone + bench.dropped)) == sorted(map(id, bench.items)), "each goes once or is dropped"
    assert all(batch.items and len(batch.items) <= config["max_items"] for batch in bench.sent)
    assert all(under_way <= most and waiting <= limit for under_way, waiting in seen)
    assert list(bench.batcher.unanswered()) == []
    assert bench.batcher.waiting == bench.batcher.under_way == 0
    for node in range(3):
        one = [item for item in gone if item.shard == node]
        assert one == sorted(one, key=lambda item: item.t_arrival), "those of a node go in order"
    if most == limit == 1 << 30:
        assert all(item.t_flushed - item.t_arrival <= config["linger"] for item in gone)
