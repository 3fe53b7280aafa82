"""connect() and the kernels that keep the ends of connections: ports, descriptors, TIME_WAIT, SYNs that get lost."""

from itertools import pairwise

import pytest

from models.kernel.sysctl import KernelConfig
from sim.engine.distributions import Constant
from sim.units import MS, SECOND
from tests.models.worlds import Lab, a_client, a_lab, a_service

CLOSING = {"max_idle_conns_per_host": -1}


def a_churning_lab(n_ports: int, **kernel: object) -> Lab:
    """Every request has its own connection, closed by the client."""
    config = KernelConfig(ip_local_port_range=(40000, 40000 + n_ports - 1), connect_scan_cost=0, **kernel)  # type: ignore[arg-type]
    return a_lab(client=a_client(kernel=config, transport=CLOSING))


def test_a_connection_takes_one_round_trip() -> None:
    lab = a_lab(rtt=20 * MS)
    lab.ask("A", 0)

    assert lab.run().requests["A"].t_gotconn == 20


def test_a_port_in_time_wait_is_not_taken_for_the_same_destination() -> None:
    lab = a_churning_lab(1)
    lab.ask("A", 0)
    lab.ask("B", 100)

    requests = lab.run().requests

    assert (requests["A"].local_port, requests["B"].err) == (40000, "cannot assign requested address")


def test_a_port_in_time_wait_is_free_for_another_destination() -> None:
    kernel = KernelConfig(ip_local_port_range=(40000, 40000), connect_scan_cost=0)
    lab = a_lab(client=a_client(kernel=kernel, transport=CLOSING), services={"h1": a_service(), "h2": a_service()})
    lab.ask("A", 0, host="h1")
    lab.ask("B", 100, host="h2")

    requests = lab.run().requests

    assert [requests[name].local_port for name in "AB"] == [40000, 40000]


@pytest.mark.parametrize(("at", "err"), [(1_000, "cannot assign requested address"), (1_100, "")])
def test_tcp_tw_reuse_1_takes_a_time_wait_port_over_after_a_second(at: int, err: str) -> None:
    lab = a_churning_lab(1, tcp_tw_reuse=1)
    lab.ask("A", 0)
    lab.ask("B", at)

    assert lab.run().requests["B"].err == err


@pytest.mark.parametrize(("loopback", "err"), [(True, ""), (False, "cannot assign requested address")])
def test_tcp_tw_reuse_2_takes_ports_over_on_loopback_only(loopback: bool, err: str) -> None:
    lab = a_churning_lab(1, tcp_tw_reuse=2)
    lab.transport.kernel.is_loopback = loopback
    lab.ask("A", 0)
    lab.ask("B", 1_100)

    assert lab.run().requests["B"].err == err


def test_before_6_14_a_port_is_taken_over_in_the_next_whole_second() -> None:
    lab = a_churning_lab(1, tcp_tw_reuse=1, release="6.13")
    for number in range(20):
        lab.ask(f"{number}", 100 * number)

    requests = lab.run(3_000).requests

    served = [number for number in range(20) if not requests[f"{number}"].err]
    assert len(served) == 2 or len(served) == 3
    assert all(later - earlier <= 11 for earlier, later in pairwise(served)), "at the turn of the clock's second"
    assert served[1] < 10, "sooner than a second after the first"


@pytest.mark.parametrize(
    ("release", "err", "orphans"), [("6.11", "", 0), ("6.12", "cannot assign requested address", 1)]
)
def test_before_6_12_connect_takes_over_the_port_of_an_orphan(release: str, err: str, orphans: int) -> None:
    lab = a_lab(
        client=a_client(
            kernel=KernelConfig(
                ip_local_port_range=(40000, 40000), connect_scan_cost=0, tcp_tw_reuse=1, release=release
            ),
            timeout=100 * MS,
        )
    )
    lab.ask("A", 0, None)
    lab.ask("B", 1_500)

    lab.run(3_000)

    assert lab.requests["B"].err == err
    assert lab.level("c_fin_wait2", 1_400) == 1
    assert lab.level("c_fin_wait2", 1_600) == orphans


def test_a_port_that_was_taken_over_counts_once() -> None:
    lab = a_churning_lab(1, tcp_tw_reuse=1)
    lab.ask("A", 0)
    lab.ask("B", 1_500, 300)

    lab.run(3_000)

    assert lab.world.counters()["client.TcpExt.TWRecycled"] == 1
    assert [lab.level("c_time_wait", ms) for ms in (100, 1_600, 1_900)] == [1, 0, 1]


def test_a_full_table_of_time_wait_frees_the_port_at_once() -> None:
    lab = a_churning_lab(1, tcp_max_tw_buckets=0)
    lab.ask("A", 0)
    lab.ask("B", 100)

    lab.run()

    assert lab.requests["B"].err == ""
    assert lab.level("c_time_wait", 50) == 0


def test_a_lost_syn_is_sent_again_after_a_second() -> None:
    lab = a_lab()
    lab.transport.sites[0].link.blocked_until = 500 * MS
    lab.ask("A", 0)

    lab.run(3_000)

    assert 1_000 <= lab.requests["A"].t_gotconn <= 1_100, "TCP_TIMEOUT_INIT on the timer wheel"
    assert lab.world.counters()["client.TcpExt.TCPSynRetrans"] == 1


def test_a_syn_is_dropped_while_the_accept_queue_is_full_and_comes_again() -> None:
    lab = a_lab(services={"h1": a_service(backlog=1)}, max_idle_conns_per_host=-1)
    lab.at(0, lab.world.hosts[0].server.pause)
    lab.ask("A", 10)
    lab.ask("B", 20)
    lab.ask("C", 30)
    lab.at(500, lab.world.hosts[0].server.resume)

    lab.run(3_000)

    assert [lab.requests[name].t_done for name in "AB"] == [500, 500], "a backlog of 1 holds two (sk_acceptq_is_full)"
    assert lab.requests["C"].t_gotconn > 1_000
    assert lab.world.counters()["server.TcpExt.ListenDrops"] >= 1


def test_an_orphan_in_fin_wait2_gives_its_port_back_after_tcp_fin_timeout() -> None:
    kernel = KernelConfig(tcp_fin_timeout=2 * SECOND, connect_scan_cost=0)
    lab = a_lab(client=a_client(kernel=kernel, timeout=100 * MS))
    lab.ask("A", 0, None)

    lab.run(6_000)

    assert lab.level("c_fin_wait2", 2_000) == 1
    assert lab.level("c_fin_wait2", 2_700) == 0


def test_an_abandoned_connect_leaves_nothing_behind() -> None:
    lab = a_lab(client=a_client(dial_timeout=100 * MS), rtt=300 * MS)
    lab.ask("A", 0)

    lab.run()

    assert lab.requests["A"].err == "i/o timeout"
    assert [
        lab.level(name, 1_000) for name in ("c_syn_sent", "c_estab", "s_estab", "s_syn_recv", "srv_connections")
    ] == [0] * 5
    assert lab.transport.kernel.files.is_open == 0


def test_a_backend_to_which_nothing_happens_answers_as_one_that_is_simulated_segment_by_segment() -> None:
    def script(*, steady: bool) -> Lab:
        lab = a_lab(services={"h1": a_service(service_time=Constant(value=MS))}, rtt=7 * MS, max_conns_per_host=2)
        for host in lab.world.hosts:
            host.is_steady = steady
        for number in range(20):
            lab.ask(f"{number}", 3 * number, 11)
        return lab.run()

    short, long = script(steady=True), script(steady=False)

    assert short.requests == long.requests, "the short way through connect() may not change what a request sees"
