"""A heap without generations, requests that hold a part of it while they wait, and connections that cost."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.programs.config import ProgramConfig
from models.programs.cpu import CpuConfig
from models.programs.jvm_config import JvmConfig
from models.programs.single_space import SingleSpace
from sim.engine.distributions import Constant
from sim.units import MS
from tests.models.worlds import Lab, a_lab, a_service

MB = 1_000_000
SPACE: dict[str, Any] = {"collector": "single_space", "heap": 10 * MB, "live": 2 * MB, "allocation": 2 * MB}


def a_jvm(*, workers: int = 0, **jvm: Any) -> Lab:
    config = ProgramConfig(cpu=CpuConfig(cores=8), jvm=JvmConfig(**(SPACE | jvm)))
    return a_lab(services={"h1": a_service(program=config, workers=workers)})


def test_it_is_collected_when_it_is_full_and_stops_for_what_lives() -> None:
    lab = a_jvm(held=0, full_pause_per_gb=1000 * MS)
    for i in range(5):
        lab.ask(str(i), 10 * i)
    lab.run()

    # 2 MB live and four times 2 MB fill it; the fifth waits 2 ms for a collection
    assert [lab.requests[str(i)].t_done for i in range(5)] == [0, 10, 20, 30, 42]
    assert lab.world.counters()["FGC"] == 1


def test_who_waits_holds_memory_that_is_part_of_its_allocation() -> None:
    def collected(held_waiting: int) -> float:
        lab = a_jvm(workers=1, held=0.5, held_waiting=held_waiting, full_pause_per_gb=1000 * MS)
        for i in range(8):
            lab.ask(str(i), 0, service=10)
        lab.run()
        return float(lab.world.counters()["FGCT"])

    assert collected(1 * MB) > collected(0)


@given(st.lists(st.tuples(st.integers(1, 3 * MB), st.floats(0, 1), st.booleans()), max_size=60))
def test_after_a_collection_only_what_lives_is_there(asked: list[tuple[int, float, bool]]) -> None:
    heap = SingleSpace(JvmConfig(**SPACE))
    held = []
    for size, share, leaves in asked:
        if not heap.fits(size):
            collection = heap.collect(full=False)
            assert collection.is_full
            assert collection.moved_bytes == heap.live == heap.old
        if heap.fits(size):
            held.append(heap.take(size, held_bytes=int(size * share)))
        assert heap.live <= heap.old <= 10 * MB
        if leaves and held and (one := held.pop()) is not None:
            heap.release(one)


def test_a_live_set_that_fills_it_is_allowed_and_one_beyond_refused() -> None:
    JvmConfig(**(SPACE | {"live": 10 * MB}))
    with pytest.raises(ValueError, match=r"^live: "):
        JvmConfig(**(SPACE | {"live": 11 * MB}))


def test_the_first_request_of_a_connection_costs_more() -> None:
    config = ProgramConfig(cpu=CpuConfig(cores=1, discipline="fifo"), connection_time=Constant(value=10 * MS))
    lab = a_lab(services={"h1": a_service(program=config)}, max_idle_conns_per_host=5)
    lab.ask("A", 0, service=5)
    lab.ask("B", 50, service=5)
    lab.ask("C", 100, service=5)
    lab.ask("D", 100, service=5)
    lab.run()

    # D needs a second connection
    assert [lab.requests[name].t_done for name in "ABCD"] == [15, 55, 105, 120]
