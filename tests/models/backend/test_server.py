"""A backend's program: workers, its queue, pauses, deaths, idle connections, handlers whose client has left."""

from typing import Any

import pytest

from sim.units import MS
from tests.models.worlds import Lab, a_client, a_lab, a_service

MANY: dict[str, Any] = {"max_idle_conns_per_host": 10}


def done(lab: Lab) -> list[float]:
    return [lab.requests[name].t_done for name in sorted(lab.requests)]


def test_without_a_limit_all_requests_are_served_at_once() -> None:
    lab = a_lab()
    lab.ask("A", 0, 100)
    lab.ask("B", 0, 100)

    assert done(lab.run()) == [100, 100]


def test_a_request_waits_for_a_worker_and_the_wait_is_written_down() -> None:
    lab = a_lab(services={"h1": a_service(workers=1)})
    lab.ask("A", 0, 100)
    lab.ask("B", 10, 100)
    lab.ask("C", 20, 50)

    lab.run()

    assert done(lab) == [100, 200, 250], "first in, first out"
    assert [lab.requests[name].srv_q for name in "ABC"] == [0, 90, 180]


def test_a_request_that_finds_the_servers_queue_full_gets_503_at_once() -> None:
    lab = a_lab(services={"h1": a_service(workers=1, queue=1)})
    lab.ask("A", 0, 100)
    lab.ask("B", 10, 100)
    lab.ask("C", 20, 100)

    requests = lab.run().requests

    assert [(requests[name].status, requests[name].t_done) for name in "ABC"] == [(200, 100), (200, 200), (503, 20)]


def test_overhead_adds_to_every_request() -> None:
    lab = a_lab(services={"h1": a_service(overhead=2 * MS)})
    lab.ask("A", 0, 100)

    assert done(lab.run()) == [102]


def test_a_paused_program_answers_when_it_goes_on() -> None:
    lab = a_lab()
    server = lab.world.hosts[0].server
    lab.ask("A", 0, 100)
    lab.at(50, server.pause)
    lab.ask("B", 60, 100)
    lab.at(300, server.resume)

    assert done(lab.run()) == [300, 400], "A's handler had ended, B's request was only read after the pause"


def test_a_paused_server_is_busy_for_nobody_after_the_pause() -> None:
    lab = a_lab(services={"h1": a_service(workers=1)})
    server = lab.world.hosts[0].server
    lab.at(0, server.pause)
    lab.ask("A", 10, 100)
    lab.ask("B", 20, 100)
    lab.at(300, server.resume)

    assert done(lab.run()) == [400, 500]


def test_a_client_that_left_during_a_pause_is_noticed_after_it() -> None:
    lab = a_lab(client=a_client(timeout=100 * MS))
    server = lab.world.hosts[0].server
    lab.at(0, server.pause)
    lab.ask("A", 10, 50)
    lab.at(300, server.resume)

    lab.run()

    assert [lab.level("srv_connections", ms) for ms in (200, 400)] == [1, 0]
    assert lab.level("srv_handlers", 400) == 0


def test_a_program_that_dies_answers_nobody_and_leaves_no_handler() -> None:
    lab = a_lab()
    lab.ask("A", 0, 100)
    lab.ask("B", 0, 100)
    lab.close_connections(50)

    lab.run()

    assert [lab.requests[name].err for name in "AB"] == ["EOF", "EOF"]
    assert [lab.level(name, 200) for name in ("srv_handlers", "srv_connections")] == [0, 0]


def test_workers_are_free_after_a_death() -> None:
    lab = a_lab(services={"h1": a_service(workers=1)})
    lab.ask("A", 0, 100)
    lab.ask("B", 10, 100)
    lab.close_connections(50)
    lab.ask("C", 60, 100)

    assert lab.run().requests["C"].t_done == 160


def test_an_idle_connection_is_closed_after_the_idle_timeout_of_its_last_answer() -> None:
    lab = a_lab(services={"h1": a_service(idle_timeout=300 * MS)})
    lab.ask("A", 0)
    lab.ask("B", 200, 50)

    lab.run()

    assert lab.connections[1].t_close == 550


def test_each_idle_connection_has_its_own_deadline() -> None:
    lab = a_lab(services={"h1": a_service(idle_timeout=300 * MS)}, **MANY)
    lab.ask("A", 0, 10)
    lab.ask("B", 5, 100)

    lab.run()

    assert {number: row.t_close for number, row in lab.connections.items()} == {1: 310, 2: 405}


def test_a_busy_connection_is_not_idle() -> None:
    lab = a_lab(services={"h1": a_service(idle_timeout=300 * MS)})
    lab.ask("A", 0)
    lab.ask("B", 100, 1_000)

    assert lab.run().requests["B"].t_done == 1_100


@pytest.mark.parametrize(("honours", "handlers"), [(False, 1), (True, 0)])
def test_a_handler_whose_client_has_left_runs_on_unless_it_honours_that(honours: bool, handlers: int) -> None:
    lab = a_lab(client=a_client(timeout=100 * MS), services={"h1": a_service(honours_cancel=honours)})
    lab.ask("A", 0, 500)

    lab.run()

    assert [lab.level("srv_handlers", ms) for ms in (50, 200, 600)] == [1, handlers, 0], "recording E15"


@pytest.mark.parametrize(("honours", "t_done"), [(False, 590), (True, 300)])
def test_an_abandoned_request_keeps_its_worker_unless_its_handler_honours_that(honours: bool, t_done: float) -> None:
    service = a_service(workers=1, honours_cancel=honours)
    lab = a_lab(services={"h1": service}, max_idle_conns_per_host=-1)
    lab.ask("A", 0, 500)
    lab.cancel("A", 210)
    lab.ask("B", 20, 90)

    assert lab.run().requests["B"].t_done == t_done


def test_a_request_that_waits_for_a_worker_leaves_the_queue_when_its_client_leaves() -> None:
    lab = a_lab(services={"h1": a_service(workers=1, honours_cancel=True)})
    lab.ask("A", 0, 300)
    lab.ask("B", 10, 300)
    lab.ask("C", 20, 100)
    lab.cancel("B", 50)

    assert lab.run().requests["C"].t_done == 400


def test_a_request_that_is_never_answered_keeps_its_handler() -> None:
    lab = a_lab()
    lab.ask("A", 0, None)

    lab.run()

    assert lab.requests == {}
    assert lab.level("srv_handlers", 1_900) == 1


@pytest.mark.parametrize("timeout", [0, 9, 12, 18, 40])
def test_answers_that_are_foreseen_are_those_that_are_simulated_step_by_step(timeout: int) -> None:
    def script(*, foreseen: bool) -> Lab:
        client = a_client(timeout=timeout * MS, transport={"max_idle_conns_per_host": 2})
        lab = a_lab(client=client, rtt=7 * MS)
        for host in lab.world.hosts:
            host.is_steady, host.server.foresees = True, foreseen
        for number in range(20):
            lab.ask(f"{number}", 3.17 * number, 11 + number % 3)  # no two things at one instant
        return lab.run()

    short, long = script(foreseen=True), script(foreseen=False)

    assert short.requests == long.requests, "what the caller sees, at every stage at which it may give up"
    assert short.connections == long.connections
    assert short.world.trace.levels.on_grid()[1].tolist() == long.world.trace.levels.on_grid()[1].tolist()
