"""What is seen of scripts; the rules are Go's, from net/http as cited."""

import pytest

from models.script.go_fields import NotSimulated
from tests.models.script.scripts import ask, seen_of, snapshot


def test_a_negative_global_cap_closes_every_connection_that_comes_back() -> None:
    seen = seen_of(ask("A", "0ms"), ask("B", "50ms"), transport={"MaxIdleConns": -1})

    assert seen["dials"] == 2, "tryPutIdleConn: MaxIdleConns != 0 and the list is longer"
    assert [conn["t_closed"] for conn in seen["connections"]] == [0, 50]


def test_a_connection_in_use_does_not_hear_the_idle_timer() -> None:
    steps = ask("A", "0ms"), ask("B", "50ms", service="300ms")
    seen = seen_of(*steps, transport={"IdleConnTimeout": "100ms"}, settle="500ms")

    assert seen["requests"]["B"]["t_body"] == 350
    assert seen["connections"][0]["t_closed"] == 450, "100 ms after the last return"


def test_a_connection_that_closes_gives_its_slot_to_the_next_waiter() -> None:
    steps = ask("A", "0ms", service="50ms", act="conn-close"), ask("B", "10ms", service="50ms")
    seen = seen_of(*steps, transport={"MaxConnsPerHost": 1})

    assert [conn["t_dial"] for conn in seen["connections"]] == [0, 50], "decConnsPerHost dials for who waits"
    assert seen["requests"]["B"]["reused"] == [False]


def test_a_surplus_dial_serves_the_oldest_waiter_and_counts_as_reused() -> None:
    steps = (
        ask("A", "0ms", service="100ms"),
        ask("B", "50ms", service="300ms"),  # its dial takes 200 ms; served by A's connection at 100
        ask("C", "110ms", service="10ms"),  # its dial takes 400 ms; served by B's at 250
    )
    seen = seen_of(*steps, dial_hook={"delays": ["0ms", "200ms", "400ms"]}, settle="500ms")

    assert seen["requests"]["C"]["conns"] == [2]
    assert (seen["requests"]["C"]["reused"], seen["requests"]["C"]["was_idle"]) == ([True], [False])
    assert seen["requests"]["C"]["t_gotconn"] == 250


def test_an_error_of_a_dial_whose_request_was_served_is_dropped() -> None:
    steps = ask("A", "0ms", service="100ms"), ask("B", "50ms", service="20ms")
    seen = seen_of(*steps, dial_hook={"delays": ["0ms", "200ms"], "fail": [2]}, settle="300ms")

    assert seen["requests"]["B"]["status"] == 200
    assert (seen["dials_failed"], seen["connections"][1]["t_dialed"]) == (1, 250)


@pytest.mark.parametrize("cancelled_at", [110, 160])  # while the answer is awaited; after the request has ended
@pytest.mark.parametrize(("version", "ended_at"), [("1.22.10", None), ("1.23.9", 350)])
def test_a_context_that_ends_took_the_surplus_dial_along_up_to_go_1_22(
    version: str, ended_at: int | None, cancelled_at: int
) -> None:
    steps = (
        ask("A", "0ms", service="100ms"),
        ask("B", "50ms", service="40ms"),  # served by A's connection at 100; its own dial takes 300 ms
        {"t": f"{cancelled_at}ms", "cancel": "B"},
    )
    seen = seen_of(*steps, dial_hook={"delays": ["0ms", "300ms"]}, settle="500ms", version=version)

    surplus = seen["connections"][1]
    assert surplus["t_dialed"] == (ended_at or cancelled_at), "golang/go#66442"
    assert ("dial_error" in surplus) is (ended_at is None)


def test_close_idle_connections_remembers_until_the_next_request() -> None:
    steps = (
        ask("A", "0ms", service="100ms"),
        {"t": "50ms", "close_idle_connections": True},
        ask("B", "200ms", service="100ms"),
        {"t": "250ms", "close_idle_connections": True},
        ask("C", "260ms"),  # resets the flag (queueForIdleConn)
    )
    seen = seen_of(*steps, settle="200ms")

    assert seen["connections"][0]["t_closed"] == 100
    assert seen["connections"][1]["t_closed"] is None
    assert seen["trace"]["A"][-1] == "PutIdleConn:http: putIdleConn: CloseIdleConnections was called"


def test_with_keep_alives_off_nobody_hears_of_the_pool() -> None:
    seen = seen_of(ask("A", "0ms"), transport={"MaxIdleConnsPerHost": -1})

    assert seen["trace"]["A"][-1] == "GotFirstResponseByte"


def test_who_waits_in_a_queue_has_no_goroutine_beyond_the_caller() -> None:
    steps = *(ask(name, "0ms", service="300ms") for name in "ABC"), snapshot("100ms")
    seen = seen_of(*steps, transport={"MaxConnsPerHost": 1}, settle="1s")

    assert seen["snapshots"]["now"]["goroutines"] == 2


@pytest.mark.parametrize(("version", "goroutines"), [("1.25.5", 2), ("1.26.6", 1)])
def test_a_connect_had_a_watcher_up_to_go_1_25(version: str, goroutines: int) -> None:
    steps = ask("A", "0ms"), snapshot("100ms")
    seen = seen_of(*steps, server={"h1": {"kind": "blackhole"}}, version=version)

    assert seen["snapshots"]["now"]["goroutines"] == goroutines


def test_one_name_is_asked_for_once_at_a_time_whatever_the_port() -> None:
    steps = ask("A", "0ms", name="d50.test"), ask("B", "10ms", host="h2", name="d50.test")
    seen = seen_of(*steps, server={"h1": {"kind": "http"}, "h2": {"kind": "http"}})

    assert seen["dns_queries"] == {"d50.test/A": 1, "d50.test/AAAA": 1}
    assert [conn["t_dialed"] for conn in seen["connections"]] == [50, 50]


def test_an_answer_is_not_kept() -> None:
    steps = ask("A", "0ms", name="d20.test", close=True), ask("B", "100ms", name="d20.test")
    seen = seen_of(*steps)

    assert seen["dns_queries"]["d20.test/A"] == 2


def test_a_connection_to_an_address_that_nobody_listens_on_is_refused() -> None:
    seen = seen_of(ask("A", "0ms"), server={"h1": {"kind": "http", "addr": "10.99.0.1", "bind": "127.0.0.1"}})

    port = seen["ports"]["h1"]
    assert seen["requests"]["A"]["error"] == (
        f'Get "http://10.99.0.1:{port}/": dial tcp 10.99.0.1:{port}: connect: connection refused'
    )


@pytest.mark.parametrize("host", [{"kind": "blackhole", "addr": "127.0.0.1"}, {"kind": "http", "addr": "10.99.0.3"}])
def test_a_black_hole_is_the_host_or_the_address(host: dict[str, str]) -> None:
    seen = seen_of(ask("A", "0ms"), server={"h1": host}, dialer={"Timeout": "50ms"}, settle="200ms")

    assert seen["requests"]["A"]["error"].endswith("i/o timeout")


def test_a_stalled_handshake_is_a_connection_that_is_open() -> None:
    steps = ask("A", "0ms"), snapshot("100ms")
    seen = seen_of(*steps, server={"h1": {"kind": "stall"}})

    assert (seen["snapshots"]["now"]["open"], seen["snapshots"]["now"]["dialing"]) == (1, 0)
    assert seen["requests"]["A"]["pending"]


def test_without_a_descriptor_no_socket_is_made_but_an_idle_connection_serves() -> None:
    steps = {"t": "0ms", "rlimit": "exhaust"}, ask("A", "20ms"), {"t": "40ms", "rlimit": "restore"}, ask("B", "60ms")
    seen = seen_of(*steps)

    assert seen["requests"]["A"]["error"].endswith("socket: too many open files")
    assert (seen["sockets"], seen["requests"]["B"]["status"]) == (1, 200), "none open is a limit of none"


def test_a_sysctl_counts_for_what_begins_later() -> None:
    steps = {"t": "0ms", "sysctl": "net.ipv4.tcp_syn_retries", "value": 1}, ask("A", "20ms")
    seen = seen_of(*steps, server={"h1": {"kind": "blackhole"}}, settle="8s")

    assert seen["requests"]["A"]["error"].endswith("connect: connection timed out")


@pytest.mark.parametrize(
    ("sysctl", "value", "said"),
    [
        ("net.ipv4.tcp_tw_reuse", "on", "tcp_tw_reuse = on"),
        ("net.ipv4.ip_local_port_range", "5000 4000", "5000 4000"),
        ("net.ipv4.tcp_rfc1337", 0, "the sysctl net.ipv4.tcp_rfc1337"),
    ],
)
def test_a_sysctl_that_the_kernel_model_does_not_take_is_not_simulated(
    sysctl: str, value: str | int, said: str
) -> None:
    with pytest.raises(NotSimulated, match=said):
        seen_of({"t": "0ms", "sysctl": sysctl, "value": value})


def test_what_the_models_lack_is_said_before_anything_is_played() -> None:
    with pytest.raises(NotSimulated, match="the field Protocols of transport"):
        seen_of(ask("A", "0ms"), transport={"Protocols": 1})
    with pytest.raises(NotSimulated, match=r"the name other\.test"):
        seen_of(ask("A", "0ms", name="other.test"))
