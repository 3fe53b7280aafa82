"""Processors that search for ports: who waits for whom."""

from typing import Any

import pytest

from models.kernel.cpu import SHORT_SEARCH, Cpu
from models.kernel.sysctl import KernelConfig
from sim.engine.environment import Engine
from sim.units import MS, SECOND
from tests.models.worlds import Lab, a_client, a_lab, a_service


class Thread:
    """Searches for as long as it is told whenever it gets the processor, and writes down when that was."""

    def __init__(self, cpus: int) -> None:
        self.engine = Engine()
        self.cpu = Cpu(self.engine, cpus)
        self.began: list[int] = []

    def search(self, cost: int) -> None:
        self.began.append(self.engine.now)
        self.cpu.occupy(cost)

    def want(self, at: int, cost: int) -> None:
        def come(_: Any) -> None:
            if self.cpu.busy_until > self.engine.now:
                self.cpu.when_free(self.search, cost)
            else:
                self.search(cost)

        self.engine.call_at(at, come)

    def run(self) -> list[int]:
        self.engine.run(until=SECOND)
        return [at // MS for at in self.began]


@pytest.mark.parametrize(("cpus", "began"), [(1, [0, 3, 6, 9]), (2, [0, 1, 3, 4]), (4, [0, 1, 1, 1])])
def test_searches_wait_in_line_for_a_processor(cpus: int, began: list[int]) -> None:
    thread = Thread(cpus)
    thread.want(0, 3 * MS)
    for _ in range(3):
        thread.want(MS, 3 * MS)

    assert thread.run() == began


def test_a_short_search_keeps_nobody_waiting() -> None:
    thread = Thread(1)
    thread.want(0, SHORT_SEARCH - 1)

    thread.run()

    assert thread.cpu.busy_until == 0


def test_who_comes_now_waits_for_the_whole_line() -> None:
    thread = Thread(1)
    for _ in range(3):
        thread.want(0, 3 * MS)
    seen: list[int] = []
    thread.engine.call_at(MS, lambda _: seen.append(thread.cpu.clear_at))

    thread.run()

    assert seen == [9 * MS]


def a_lab_whose_search_takes_10_ms(cpus: int) -> Lab:
    """The only port towards h1 is in TIME_WAIT when the script begins to dial there again; h2 has a connection."""
    kernel = KernelConfig(ip_local_port_range=(40000, 40000), connect_scan_cost=10 * MS, cpus=cpus)
    lab = a_lab(client=a_client(kernel=kernel), services={"h1": a_service(), "h2": a_service()})
    lab.ask("first", 0)
    lab.at(10, lab.transport.close_idle_connections)
    lab.ask("other", 20, host="h2")
    return lab


@pytest.mark.parametrize(("cpus", "wrote"), [(1, 130), (2, 105)])
def test_a_request_on_an_idle_connection_waits_for_a_search_on_the_only_processor(cpus: int, wrote: int) -> None:
    lab = a_lab_whose_search_takes_10_ms(cpus)
    lab.ask("dials", 100)
    lab.ask("writes", 105, host="h2")

    requests = lab.run().requests

    assert requests["dials"].t_done == 130, "three searches of one port, 10 ms each (doDialTCPProto)"
    assert requests["writes"].t_wrote == wrote


def test_a_dial_that_nobody_wants_any_more_does_not_search() -> None:
    lab = a_lab_whose_search_takes_10_ms(1)
    lab.ask("dials", 100)
    lab.ask("waits", 101)

    def stop() -> None:
        for dial in list(lab.transport._dials):
            if dial.want.request is lab.asked["waits"]:
                dial.cancel()

    lab.at(110, stop)
    lab.ask("later", 131, host="h2")

    requests = lab.run().requests

    assert requests["later"].t_wrote == 131, "the processor was free again at 130 ms"
