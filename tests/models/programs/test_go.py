"""A Go program among requests: cycles beside it, assists, two short stops, a memory limit."""

from typing import Any

import pytest

from models.programs.config import ProgramConfig
from models.programs.cpu import CpuConfig
from models.programs.go import Go
from models.programs.go_config import GoConfig
from models.programs.jvm_config import JvmConfig, LeakConfig
from sim.units import MS, US
from sim.wiring import Run, load_tree, run
from tests.models.worlds import Lab, a_lab, a_service

MB = 1_000_000


def a_go(cores: int = 4, **fields: Any) -> Lab:
    config = GoConfig(**({"live": 100 * MB, "roots": 0, "held": 0.0, "stop": 0, "allocation": 10 * MB} | fields))
    return a_lab(services={"h1": a_service(program=ProgramConfig(cpu=CpuConfig(cores=cores), go=config))})


def go_of(lab: Lab) -> Go:
    go = lab.world.programs[0].memory
    assert isinstance(go, Go)
    return go


def events(lab: Lab) -> list[tuple[str, float]]:
    return [(row.event, row.t) for row in lab._rows("events")]


def test_a_cycle_marks_what_lives_with_a_quarter_of_the_processors() -> None:
    lab = a_go()
    for i in range(10):
        lab.ask(str(i), i, service=0)  # the goal is 200 MB, so the tenth begins a cycle
    lab.run()

    assert events(lab) == [("GC cycle", 9), ("GC cycle ends", 109)]  # 100 ms of work on one of four
    assert go_of(lab).count() == {"NumGC": 1, "PauseTotal": 0, "cpu_gc_mark_assist": 0, "cpu_gc_total": 0.1}
    assert [lab.level("heap_mib_b0", ms) for ms in (0, 8, 110)] == [105, 181, 95]


def test_computing_is_slower_beside_a_cycle() -> None:
    lab = a_go()
    for name in "ABCD":
        lab.ask(name, 0, service=40)
    for i in range(6):
        lab.ask(str(i), 1, service=0)
    lab.run()

    assert [event for event, t in events(lab) if t == 1] == ["GC cycle"]
    assert [lab.requests[name].t_done for name in "ABCD"] == pytest.approx([1 + 39 / 0.75] * 4)


def test_who_allocates_faster_than_the_collector_marks_has_to_mark() -> None:
    lab = a_go()
    for i in range(10):
        lab.ask(str(i), 0, service=0)
    lab.ask("A", 10, service=40)
    lab.run()

    # 10 MB are all that is left up to the hard goal: 90 ms of work, of which 10 were done beside the program
    assert go_of(lab).assist_ns == pytest.approx(80 * MS)
    assert lab.requests["A"].t_done == 10 + 40 + 80
    assert events(lab)[-1] == ("GC cycle ends", 20)


def test_both_stops_of_a_cycle_stop_everybody() -> None:
    lab = a_go(stop=500 * US)
    for i in range(10):
        lab.ask(str(i), i, service=0)
    lab.ask("A", 9.1, service=1)
    lab.run()

    assert go_of(lab).pause_ns == 1 * MS
    assert lab.requests["A"].t_done >= 9.5 + 1


def test_a_leak_makes_cycles_longer_and_the_heap_larger() -> None:
    lab = a_go(leak=LeakConfig(per_second=100 * MB), live=10 * MB)
    lab.run(15_000)

    ends = [t for event, t in events(lab) if event == "GC cycle ends"]
    begins = [t for event, t in events(lab) if event == "GC cycle"]
    lengths = [end - begin for begin, end in zip(begins, ends, strict=False)]
    assert len(lengths) >= 4
    assert lengths[-1] > 2 * lengths[0]
    assert lab.level("heap_mib_b0", 10_000) == pytest.approx(963, rel=0.02)


def load(seconds: int = 10, **go: Any) -> Run:
    tree = {
        "duration": f"{seconds}s", "tail": "0s",
        "clients": {"gw": {"transport": {"max_conns_per_host": 100}}},
        "services": {"api": {
            "resolve": "literal", "service_time": {"exponential": {"mean": "4ms"}},
            "program": {"cpu": {"cores": 4}, "go": {"live": "100MB", "allocation": "1MB"} | go},
        }},
        "workloads": {"w": {"client": "gw", "service": "api", "arrivals": {"poisson": {"rate": "500/s"}}}},
    }  # fmt: skip
    return run(load_tree(tree))


def test_cycles_a_second_are_the_allocation_over_the_room() -> None:
    """500 MB/s; a heap of about 100 MB and what was allocated while it was marked grows by as much again."""
    counters = load().counters

    assert counters["NumGC"] / 10 == pytest.approx(500 / 120, rel=0.15)
    assert counters["cpu_gc_total"] / counters["NumGC"] == pytest.approx(0.106, rel=0.06)  # live, held and roots


def test_gogc_trades_memory_for_time() -> None:
    cpu = [load(gogc=percent).counters["cpu_gc_total"] for percent in (50, 100, 400)]

    assert cpu[0] > 1.7 * cpu[1] > 4 * cpu[2]


def test_below_its_live_heap_a_memory_limit_costs_half_of_the_processors_and_no_more() -> None:
    done = load(30, gomemlimit="90MB")
    collecting = done.counters["cpu_gc_total"]
    working = done.counters["cpu.usage_usec"] / 1e6 - done.counters["cpu_gc_mark_assist"]

    # the limiter lets one second for each processor pass before it acts
    assert (collecting - 4) / (collecting - 4 + working) == pytest.approx(0.5, abs=0.06)
    assert done.summary["lat_p50"] > 10 * load(gomemlimit="900MB").summary["lat_p50"]


@pytest.mark.parametrize(("quota", "cores", "procs"), [(0, 8, 8), (2.5, 8, 3), (0.5, 8, 2), (16, 8, 8)])
def test_gomaxprocs_follows_the_quota(quota: float, cores: int, procs: int) -> None:
    config = ProgramConfig(cpu=CpuConfig(cores=cores, quota=quota), go=GoConfig())
    lab = a_lab(services={"h1": a_service(program=config)})

    assert lab.world.programs[0].cpu.cores == procs


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="gogc: off without gomemlimit never collects"):
        GoConfig(gogc="off")
    with pytest.raises(ValueError, match="go: a program has one heap; write jvm or go"):
        ProgramConfig(go=GoConfig(), jvm=JvmConfig())
