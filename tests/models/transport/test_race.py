"""Happy eyeballs: two families of addresses. Go's recorded vector V11.5 and the rules of dialParallel."""

from typing import Any

import pytest

from models.backend.config import ResolveConfig
from models.kernel.sysctl import KernelConfig
from models.transport.config import DialerConfig
from sim.units import MS, SECOND
from tests.models.worlds import Lab, a_client, a_lab, a_service


def a_dual_stack_lab(n_ipv6: int = 1, n_ipv4: int = 1, *, rtt: int = 0, **dialer: Any) -> Lab:
    """A name in /etc/hosts whose first addresses are IPv6."""
    resolve = ResolveConfig(by="hosts", ipv6=tuple(range(n_ipv6)))
    client = a_client(dialer=DialerConfig(**({"timeout": 0} | dialer)))
    return a_lab(client=client, services={"h1": a_service(resolve=resolve, backends=n_ipv6 + n_ipv4)}, rtt=rtt)


def test_when_the_ipv6_address_is_a_black_hole_ipv4_is_tried_beside_it_after_300_ms() -> None:
    lab = a_dual_stack_lab()
    lab.black_hole(0)
    lab.ask("A", 0)
    lab.look(400)

    lab.run()

    row = lab.requests["A"]
    assert (row.backend, row.t_conn_start, row.t_gotconn, row.status) == (1, 0, 300, 200), "V11.5"
    assert (lab.views[400].idle, lab.views[400].dialing) == ([1], 0), "V11.5"
    assert lab.level("c_syn_sent", 400) == 0, "the loser is cancelled, its socket closed"
    assert lab.transport.kernel.files.is_open == 1


def test_a_racing_dial_has_one_goroutine_more_and_two_when_the_fallback_has_started() -> None:
    lab = a_dual_stack_lab()
    lab.black_hole(0, 1)
    lab.ask("A", 0)

    lab.run()

    assert [lab.goroutines(ms) for ms in (100, 400)] == [2, 3], "go_transport.md, 5.1"
    assert [lab.goroutines(ms, "1.25") for ms in (100, 400)] == [3, 5], "a watcher for each connect"


def test_ipv6_that_answers_in_time_wins_and_nothing_else_is_tried() -> None:
    lab = a_dual_stack_lab(rtt=100 * MS)
    lab.ask("A", 0)

    lab.run()

    assert (lab.requests["A"].backend, lab.requests["A"].t_gotconn) == (0, 100)
    assert (lab.level("racers", 50), lab.level("racers", 200), lab.level("both_racing", 50)) == (1, 0, 0)


def test_the_fallback_starts_at_once_when_the_primaries_fail() -> None:
    lab = a_dual_stack_lab(n_ipv6=2)
    lab.refuse(0, 1)
    lab.ask("A", 0)

    lab.run()

    assert (lab.requests["A"].backend, lab.requests["A"].t_gotconn) == (2, 0)


def test_the_fallback_delay_is_a_setting() -> None:
    lab = a_dual_stack_lab(fallback_delay=50 * MS)
    lab.black_hole(0)
    lab.ask("A", 0)

    lab.run()

    assert lab.requests["A"].t_gotconn == 50


def test_a_negative_fallback_delay_tries_the_families_in_turn() -> None:
    lab = a_dual_stack_lab(fallback_delay=-1, timeout=6 * SECOND)
    lab.black_hole(0)
    lab.ask("A", 0)

    lab.run(5_000)

    assert (lab.requests["A"].backend, lab.requests["A"].t_gotconn) == (1, 3_000), "half of 6 s (partialDeadline)"
    assert lab.level("racers", 1_000) == 0


def test_a_fallback_that_is_quicker_than_the_primary_wins() -> None:
    lab = a_dual_stack_lab(rtt=0)
    lab.slow_dials(500, 100)
    lab.ask("A", 0)

    lab.run()

    assert (lab.requests["A"].backend, lab.requests["A"].t_gotconn) == (1, 400)


def test_when_both_fail_the_error_is_that_of_the_primary() -> None:
    lab = a_dual_stack_lab(timeout=2 * SECOND)
    lab.refuse(0)
    lab.black_hole(1)
    lab.ask("A", 0)

    lab.run(5_000)

    assert (lab.requests["A"].err, lab.requests["A"].t_done) == ("connection refused", 2_000)


def test_a_fallback_that_fails_first_leaves_the_primary_running() -> None:
    lab = a_dual_stack_lab(timeout=2 * SECOND)
    lab.black_hole(0)
    lab.refuse(1)
    lab.ask("A", 0)

    lab.run(5_000)

    assert (lab.requests["A"].err, lab.requests["A"].t_done) == ("i/o timeout", 2_000)
    assert [lab.level("racers", ms) for ms in (100, 1_000, 2_500)] == [1, 1, 0]


def test_a_dial_that_is_cancelled_in_its_race_closes_both_sockets() -> None:
    lab = a_lab(
        client=a_client(go_version="1.22"),
        services={"h1": a_service(resolve=ResolveConfig(by="hosts", ipv6=(0,)), backends=2)},
    )
    lab.black_hole(0, 1)
    lab.ask("A", 0)
    lab.cancel("A", 500)

    lab.run()

    assert lab.connections[1].read_err == "dial: operation was canceled"
    assert (lab.level("c_syn_sent", 400), lab.level("c_syn_sent", 600)) == (2, 0)
    assert (lab.level("racers", 600), lab.level("both_racing", 600), lab.transport.kernel.files.is_open) == (0, 0, 0)


@pytest.mark.parametrize("family", [(0, 1), ()])
def test_a_name_of_one_family_does_not_race(family: tuple[int, ...]) -> None:
    resolve = ResolveConfig(by="hosts", ipv6=family)
    lab = a_lab(services={"h1": a_service(resolve=resolve, backends=2)})
    lab.black_hole(0, 1)
    lab.ask("A", 0)

    lab.run()

    assert lab.level("racers", 1_000) == 0


def test_without_a_port_for_the_first_address_the_next_is_tried() -> None:
    kernel = KernelConfig(ip_local_port_range=(41000, 41000), connect_scan_cost=0)
    client = a_client(kernel=kernel, transport={"max_idle_conns_per_host": 8})
    lab = a_lab(client=client, services={"h1": a_service(resolve=ResolveConfig(by="hosts"), backends=2)})
    lab.ask("A", 0, 300)
    lab.ask("B", 100, 300)
    lab.ask("C", 200, 300)

    lab.run()

    assert [lab.requests[name].backend for name in "AB"] == [0, 1], "ports are unique for each destination"
    assert lab.requests["C"].err == "cannot assign requested address"
