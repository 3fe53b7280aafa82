"""The processors of a program: sharing, first in first out, quotas; against closed forms and cgroups' arithmetic."""

from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.programs.cpu import Cpu, CpuConfig, Task
from models.programs.quota import Quota
from sim.engine.distributions import Bimodal, Constant, Exponential
from sim.engine.environment import Engine
from sim.engine.streams import Streams
from sim.units import MS, SECOND

N = 30_000


class Bench:
    """One Cpu, and when each task on it ended."""

    def __init__(self, config: CpuConfig, *, phase: int = 0, parallel: int = 0) -> None:
        self.engine = Engine(checked=True)
        self.quota = Quota(config.quota, config.period, phase) if config.quota else None
        self.cpu = Cpu(self.engine, config, quota=self.quota, parallel=parallel)
        self.ended: dict[int, int] = {}
        self.tasks: dict[int, Task] = {}

    def start(self, name: int, work: int) -> None:
        self.tasks[name] = self.cpu.run(work, lambda _: self.ended.update({name: self.engine.now}), None)

    def at(self, instant: int, name: int, work: int) -> None:
        self.engine.call_at(instant, lambda _: self.start(name, work))

    def run(self) -> dict[int, int]:
        self.engine.run()
        return self.ended


def sojourns(config: CpuConfig, work: object, rate: float) -> list[int]:
    """Sojourn times of Poisson arrivals."""
    bench, streams = Bench(config), Streams(5)
    draw_work = streams.ints("work", work)  # type: ignore[arg-type]
    draw_gap = streams.ints("gap", Exponential(mean=round(SECOND / rate)))
    began: dict[int, int] = {}

    def arrive(n: int) -> None:
        began[n] = bench.engine.now
        bench.start(n, draw_work())
        if n + 1 < N:
            bench.engine.call_in(draw_gap(), arrive, n + 1)

    bench.engine.call_at(0, arrive, 0)
    ended = bench.run()
    return [ended[n] - began[n] for n in range(N // 10, N)]


@pytest.mark.parametrize(
    ("threads", "work", "cpus", "ends"), [(16, 50, 2, 312.5), (4, 200, 1, 725), (4, 30, 1, 105), (2, 50, 2, 50)]
)
def test_a_quota_stops_everybody_until_the_period_ends(threads: int, work: int, cpus: float, ends: float) -> None:
    bench = Bench(CpuConfig(cores=16, quota=cpus))
    for name in range(threads):
        bench.start(name, work * MS)

    assert set(bench.run().values()) == {round(ends * MS)}


def test_throttling_is_counted_as_cpu_stat_counts_it() -> None:
    bench = Bench(CpuConfig(cores=16, quota=2))
    for name in range(16):
        bench.start(name, 50 * MS)
    bench.run()

    assert bench.quota is not None
    assert bench.quota.count() == {"nr_periods": 4, "nr_throttled": 3, "throttled_usec": 3 * 87_500}
    assert bench.cpu.usage_ns() == 800 * MS


def test_no_more_threads_than_the_quota_has_cpus_are_never_throttled() -> None:
    bench = Bench(CpuConfig(cores=16, quota=2), parallel=2)
    for name in range(16):
        bench.start(name, 50 * MS)

    assert set(bench.run().values()) == {400 * MS}
    assert bench.quota is not None
    assert bench.quota.nr_throttled == 0


def test_a_quota_is_full_again_after_idle_periods() -> None:
    bench = Bench(CpuConfig(cores=4, quota=1), phase=30 * MS)
    bench.at(20 * MS, 0, 80 * MS)  # 10 ms in a period of its own, 70 in the next
    bench.at(250 * MS, 1, 60 * MS)

    assert bench.run() == {0: 100 * MS, 1: 310 * MS}


def test_those_who_run_share_and_never_take_more_than_a_core() -> None:
    bench = Bench(CpuConfig(cores=2))
    for name, work in enumerate((10, 20, 30)):
        bench.start(name, work * MS)

    # three on two cores until the first has its 10 ms; then one each
    assert bench.run() == {0: 15 * MS, 1: 25 * MS, 2: 35 * MS}


def test_an_event_loop_runs_each_to_its_end() -> None:
    bench = Bench(CpuConfig(cores=1, discipline="fifo"))
    for name, work in enumerate((30, 20, 10)):
        bench.start(name, work * MS)

    assert bench.run() == {0: 30 * MS, 1: 50 * MS, 2: 60 * MS}


def test_what_a_collector_takes_slows_everybody() -> None:
    bench = Bench(CpuConfig(cores=4))
    for name in range(4):
        bench.start(name, 40 * MS)
    bench.engine.call_at(20 * MS, lambda _: bench.cpu.give(3))
    bench.engine.call_at(40 * MS, lambda _: bench.cpu.give(4))

    assert set(bench.run().values()) == {45 * MS}


def test_nobody_computes_while_the_program_is_stopped() -> None:
    bench = Bench(CpuConfig(cores=1))
    bench.start(0, 10 * MS)
    bench.engine.call_at(4 * MS, lambda _: bench.cpu.stop())
    bench.engine.call_at(104 * MS, lambda _: bench.cpu.go_on())

    assert bench.run() == {0: 110 * MS}


@pytest.mark.parametrize(("discipline", "ends"), [("processor_sharing", 110), ("fifo", 120)])
def test_abandoned_work_leaves_its_part_to_the_others(discipline: str, ends: int) -> None:
    bench = Bench(CpuConfig(cores=1, discipline=discipline))  # type: ignore[arg-type]
    bench.start(0, 100 * MS)
    bench.start(1, 100 * MS)
    bench.engine.call_at(20 * MS, lambda _: bench.cpu.abandon(bench.tasks[0]))

    assert bench.run() == {1: ends * MS}


@pytest.mark.parametrize(
    "work",
    [Constant(value=10 * MS), Exponential(mean=10 * MS), Bimodal(low=5 * MS, high=55 * MS, high_share=0.1)],
    ids=["constant", "exponential", "bimodal"],
)
def test_sharing_is_insensitive_to_the_distribution(work: object) -> None:
    mean = fmean(sojourns(CpuConfig(cores=1), work, rate=60))

    assert mean == pytest.approx(10 * MS / (1 - 0.6), rel=0.06)  # s / (1 - rho)


def test_first_in_first_out_waits_with_the_square_of_the_spread() -> None:
    config = CpuConfig(cores=1, discipline="fifo")
    even = fmean(sojourns(config, Constant(value=10 * MS), rate=60)) - 10 * MS
    memoryless = fmean(sojourns(config, Exponential(mean=10 * MS), rate=60)) - 10 * MS

    assert even == pytest.approx(0.6 / 0.4 * 10 * MS / 2, rel=0.08)  # Pollaczek-Khinchine
    assert memoryless == pytest.approx(0.6 / 0.4 * 10 * MS, rel=0.1)


def test_first_in_first_out_on_many_cores_is_erlangs_queue() -> None:
    mean = fmean(sojourns(CpuConfig(cores=4, discipline="fifo"), Exponential(mean=20 * MS), rate=150))

    assert mean - 20 * MS == pytest.approx(10.2 * MS, rel=0.12)  # M/M/4 at 0.75: Erlang C 0.509


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(1, 100)), min_size=1, max_size=12),
    st.sampled_from(["processor_sharing", "fifo"]),
    st.sampled_from([0, 0.5, 1.5]),
    st.integers(1, 4),
)
def test_all_work_is_done_and_none_of_it_twice(
    tasks: list[tuple[int, int]], discipline: str, quota: float, cores: int
) -> None:
    bench = Bench(CpuConfig(cores=cores, discipline=discipline, quota=quota))  # type: ignore[arg-type]
    for name, (at, work) in enumerate(tasks):
        bench.at(at * MS, name, work * MS)
    ended = bench.run()

    assert set(ended) == set(range(len(tasks)))
    assert bench.cpu.usage_ns() == pytest.approx(sum(work for _, work in tasks) * MS, rel=1e-6)
    for name, (at, work) in enumerate(tasks):
        assert ended[name] >= (at + work) * MS - 1
    if quota:
        granted = quota * (max(ended.values()) // (100 * MS) + 1) * 100 * MS
        assert sum(work for _, work in tasks) * MS <= granted + len(ended)
