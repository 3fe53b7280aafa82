"""Kernel counters of small worlds against what recordings of Go on Linux 6.18 counted in the same situation."""

from typing import Any

from models.kernel.counters import full_name
from models.kernel.sysctl import KernelConfig
from sim import wiring
from sim.units import MS, SECOND
from tests.models.worlds import a_client, a_lab


def counted(*settings: str) -> dict[str, int]:
    """What 20 requests a second apart move, counters at zero left out."""
    tree: dict[str, Any] = {
        "duration": "20s",
        "tail": "1s",
        "clients": {"gw": {}},
        "services": {"a": {"service_time": "20ms", "resolve": "literal"}},
        "workloads": {"w": {"client": "gw", "service": "a", "arrivals": {"constant": {"rate": "1/s"}}}},
    }
    counters = wiring.run(wiring.load_tree(tree, list(settings))).counters
    return {name: int(n) for name, n in counters.items() if n and name.startswith(("client.", "server."))}


TIMES_OUT = ("network.rtt=100us", "clients.gw.timeout=200ms", "services.a.service_time=400ms")
HTTPS = "services.a.scheme=https"


def test_a_name_says_its_side_and_its_group() -> None:
    assert full_name("client", "OutRsts") == "client.Tcp.OutRsts"
    assert full_name("server", "TW") == "server.TcpExt.TW"


def test_a_late_answer_is_reset_by_the_mini_socket_that_counts_as_tw() -> None:
    assert counted(*TIMES_OUT) == {
        "client.TcpExt.TW": 20, "client.Tcp.OutRsts": 20, "server.Tcp.EstabResets": 20,
    }, "E15-ignore: 710 of each, and nothing else"  # fmt: skip


def test_an_answer_that_acknowledges_the_fin_aborts_the_orphan() -> None:
    assert counted(*TIMES_OUT, "services.a.honours_cancel=true") == {
        "client.TcpExt.TCPAbortOnData": 20, "client.Tcp.OutRsts": 20, "server.Tcp.EstabResets": 20,
    }, "E15-honour: 710 of each; the handler that is cancelled answers at once, with the FIN's ACK"  # fmt: skip


def test_the_servers_close_notify_meets_a_client_that_has_closed() -> None:
    closing = "clients.gw.transport.max_idle_conns_per_host=-1"
    assert counted(HTTPS, closing, "network.rtt=100us") == {
        "client.TcpExt.TCPAbortOnData": 20, "client.Tcp.OutRsts": 20, "server.Tcp.EstabResets": 20,
    }, "E06: 675 of 744 closes (69 had the alert before close(2): TCPAbortOnClose), no TIME_WAIT"  # fmt: skip


def test_at_a_distance_the_fin_behind_the_close_notify_is_reset_too() -> None:
    server_first = ("clients.gw.transport.disable_keep_alives=true", "clients.gw.close_race=0")
    assert counted(HTTPS, *server_first, "network.rtt=20ms") == {
        "server.TcpExt.TW": 20, "server.Tcp.OutRsts": 40,
    }, "E16: two RSTs per connection, three server ends in four come to FIN_WAIT2 first, none to TIME_WAIT"  # fmt: skip


def test_when_tls_closes_from_both_sides_both_are_aborted() -> None:
    both = ("clients.gw.transport.disable_keep_alives=true", "clients.gw.close_race=1")
    assert counted(HTTPS, *both, "network.rtt=20ms") == {
        "client.TcpExt.TCPAbortOnData": 20, "client.Tcp.OutRsts": 40,
        "server.TcpExt.TCPAbortOnData": 20, "server.Tcp.OutRsts": 40,
    }, "E16: as many aborts on one side as on the other, two RSTs each"  # fmt: skip


def test_a_body_that_nobody_reads_is_unread_data_at_the_close() -> None:
    unread = ("workloads.w.read=close", "services.a.response_size=400kB", "network.rtt=100us")
    assert counted(*unread) == {
        "client.TcpExt.TCPAbortOnClose": 20, "client.Tcp.EstabResets": 20, "client.Tcp.OutRsts": 40,
        "server.Tcp.EstabResets": 20,
    }, "net/ipv4/tcp.c, __tcp_close; and what was under way then meets no socket"  # fmt: skip


def test_a_small_body_that_nobody_reads_is_in_gos_buffer_and_closes_with_fin() -> None:
    unread = ("workloads.w.read=close", "services.a.response_size=2kB", "clients.gw.go_version='1.26'")
    assert counted(*unread) == {"client.TcpExt.TW": 20}, "transport.go, readBufferSize: 4 KiB are taken at once"


def test_a_full_table_lets_an_orphan_go_at_once_and_resets_what_comes() -> None:
    kernel = KernelConfig(tcp_max_tw_buckets=0, connect_scan_cost=0)
    lab = a_lab(client=a_client(kernel=kernel, timeout=100 * MS), rtt=2 * MS)
    lab.ask("A", 0, 300)

    lab.run(1_000)

    counters = lab.world.counters()
    assert counters["client.TcpExt.TCPTimeWaitOverflow"] == 1, "inet_twsk_alloc"
    assert (lab.level("c_fin_wait2", 150), counters["client.TcpExt.TW"], counters["client.Tcp.OutRsts"]) == (0, 0, 2)


def test_orphans_count_in_tcp_max_tw_buckets() -> None:
    kernel = KernelConfig(tcp_max_tw_buckets=5, connect_scan_cost=0)
    lab = a_lab(client=a_client(kernel=kernel, timeout=100 * MS))
    for number in range(20):
        lab.ask(f"{number}", number, None)

    lab.run(1_000)

    assert lab.level("c_fin_wait2", 500) == 5, "tw-overflow: limit 5 with 20 half-closed leaves 5 in FIN_WAIT2"
    assert lab.world.counters()["client.TcpExt.TCPTimeWaitOverflow"] == 15


def test_an_orphan_that_answers_with_rst_makes_room_in_the_table() -> None:
    kernel = KernelConfig(tcp_max_tw_buckets=1, connect_scan_cost=0)
    lab = a_lab(client=a_client(kernel=kernel, timeout=100 * MS))
    lab.ask("A", 0, 200)
    lab.ask("B", 500, 200)

    lab.run(1_000)

    counters = lab.world.counters()
    assert (counters["client.TcpExt.TW"], counters["client.TcpExt.TCPTimeWaitOverflow"]) == (2, 0)


def test_a_short_fin_timeout_counts_as_twkilled() -> None:
    kernel = KernelConfig(tcp_fin_timeout=2 * SECOND, connect_scan_cost=0)
    lab = a_lab(client=a_client(kernel=kernel, timeout=100 * MS))
    lab.ask("A", 0, None)

    lab.run(1_000)

    counters = lab.world.counters()
    assert (counters["client.TcpExt.TW"], counters["client.TcpExt.TWKilled"]) == (0, 1)


def test_what_is_sent_into_a_gap_counts_each_time() -> None:
    lab = a_lab(client=a_client(transport={"idle_conn_timeout": 0}), rtt=20 * MS)
    lab.ask("A", 0)
    lab.at(100, lambda: lab.world.break_paths(0, 1_100 * MS))
    lab.ask("B", 200)

    lab.run(5_000)

    counters = lab.world.counters()
    assert counters["client.Tcp.RetransSegs"] == 3, "after 0.225, 0.453 and 0.917 s, when the path is back (blackhole)"
    assert 917 <= lab.requests["B"].t_done - 200 <= 960


def test_a_repeated_syn_is_a_retransmission_too() -> None:
    lab = a_lab()
    lab.transport.sites[0].link.blocked_until = 500 * MS
    lab.ask("A", 0)

    counters = lab.run(3_000).world.counters()

    assert (counters["client.Tcp.RetransSegs"], counters["client.TcpExt.TCPSynRetrans"]) == (1, 1), "E10: 421 of both"
