"""Think times: the same for a worker whoever else comes first."""

from models.workload.closed_loop import ClosedLoop, ThinkTimes
from sim.engine.distributions import Constant, Exponential
from sim.engine.streams import Streams
from sim.units import MS


def think_times(*, workers: int = 3, replication: int = 0) -> ThinkTimes:
    config = ClosedLoop(workers=workers, think=Exponential(mean=500 * MS))
    return ThinkTimes(config, Streams(1, replication), "checkout")


def test_a_workers_think_times_do_not_depend_on_the_order_of_the_others() -> None:
    in_turn, greedy = think_times(), think_times()

    ordered = [[in_turn.draw(worker) for worker in range(3)] for _ in range(5000)]
    last_first = {worker: [greedy.draw(worker) for _ in range(5000)] for worker in (2, 1, 0)}

    assert last_first == {worker: [row[worker] for row in ordered] for worker in range(3)}


def test_think_times_have_their_mean() -> None:
    times = think_times(workers=50)

    drawn = [times.draw(worker) for worker in range(50) for _ in range(400)]

    assert abs(sum(drawn) / len(drawn) / (500 * MS) - 1) < 5 / 20_000**0.5
    assert all(type(one) is int for one in drawn[:100])


def test_a_replication_repeats_itself_and_no_other() -> None:
    first, again, other = think_times(), think_times(), think_times(replication=1)

    drawn = [times.draw(0) for times in (first, again, other)]

    assert drawn[0] == drawn[1] != drawn[2]


def test_more_workers_than_a_block_draws_still_get_one_each() -> None:
    times = think_times(workers=5000)

    assert len({times.draw(worker) for worker in range(5000)}) > 4990


def test_workers_do_not_think_by_default() -> None:
    config = ClosedLoop(workers=2)

    assert config.think == Constant(value=0)
    assert ThinkTimes(config, Streams(1), "w").draw(1) == 0
