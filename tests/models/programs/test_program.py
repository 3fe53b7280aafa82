"""A program in its server: steps in order, pauses, cancelled work, death; what its levels show."""

import pytest

from models.programs.config import ProgramConfig
from models.programs.cpu import CpuConfig
from sim.engine.distributions import Constant
from sim.units import MS
from tests.models.worlds import Lab, a_lab, a_service

ONE_CORE = ProgramConfig(cpu=CpuConfig(cores=1))


def a_program(config: ProgramConfig = ONE_CORE, **fields: object) -> Lab:
    return a_lab(services={"h1": a_service(program=config, **fields)})


def test_requests_slow_each_other_down() -> None:
    lab = a_program()
    lab.ask("A", 0, service=10)
    lab.ask("B", 0, service=10)
    lab.run()

    assert [lab.requests[name].t_done for name in "AB"] == [20, 20]


def test_overhead_is_cpu_time_as_well() -> None:
    lab = a_program(overhead=1 * MS)
    lab.ask("A", 0, service=10)
    lab.ask("B", 0, service=10)
    lab.run()

    assert lab.requests["B"].t_done == 22


def test_waiting_takes_no_processor() -> None:
    lab = a_program(ProgramConfig(cpu=CpuConfig(cores=1), io_time=Constant(value=50 * MS)))
    lab.ask("A", 0, service=10)
    lab.ask("B", 20, service=10)
    lab.run()

    assert [lab.requests[name].t_done for name in "AB"] == [60, 80]


def test_a_pause_stops_the_work() -> None:
    lab = a_program()
    server = lab.world.hosts[0].server
    lab.ask("A", 0, service=10)
    lab.at(5, server.pause)
    lab.at(105, server.resume)
    lab.run()

    assert lab.requests["A"].t_done == 110
    assert [lab.level("stopped_b0", ms) for ms in (4, 50, 106)] == [0, 1, 0]


def test_two_pauses_end_with_the_later_one() -> None:
    lab = a_program()
    server = lab.world.hosts[0].server
    lab.ask("A", 0, service=10)
    for begins, ends in ((5, 50), (20, 105)):
        lab.at(begins, server.pause)
        lab.at(ends, server.resume)
    lab.run()

    assert lab.requests["A"].t_done == 110  # five before 5 ms, five after 105 ms


@pytest.mark.parametrize("honours", [False, True])
def test_work_for_a_client_that_has_left_goes_on_unless_the_handler_honours_that(honours: bool) -> None:
    lab = a_program(honours_cancel=honours)
    lab.ask("A", 0, service=10)
    lab.ask("B", 0, service=40)
    lab.cancel("B", 4)
    lab.run()

    assert lab.requests["A"].t_done == pytest.approx(12 if honours else 20)
    assert lab.level("busy_b0", 30) == (0 if honours else 1)


def test_what_a_dead_program_worked_on_is_forgotten() -> None:
    lab = a_program()
    lab.ask("A", 0, service=40)
    lab.close_connections(10)
    lab.ask("B", 20, service=10)
    lab.run()

    assert lab.requests["A"].err == "EOF"
    assert lab.requests["B"].t_done == 30
    assert [lab.level("busy_b0", ms) for ms in (9, 15, 25, 31)] == [1, 0, 1, 0]


def test_workers_and_their_queue_are_seen() -> None:
    lab = a_program(workers=2)
    for name in "ABCD":
        lab.ask(name, 0, service=10)
    lab.run()

    assert (lab.level("busy_b0", 1), lab.level("queue_b0", 1)) == (2, 2)
    assert (lab.level("busy_b0", 21), lab.level("queue_b0", 21)) == (2, 0)
    assert [lab.requests[name].t_done for name in "ABCD"] == [20, 20, 40, 40]
    assert lab.level("busy_b0", 41) == 0


def test_an_answer_in_steps_waits_for_the_program_too() -> None:
    lab = a_program(response_pause=5 * MS)
    lab.ask("A", 0, service=10)
    lab.ask("B", 0, service=10)
    lab.run()

    assert [lab.requests[name].t_done for name in "AB"] == [25, 25]
    assert lab.level("busy_b0", 26) == 0
