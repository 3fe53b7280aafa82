"""A proxy: http targets share its connections, https targets get tunnels (go_transport.md 1.4, 4.5, 6.2)."""

from typing import Any

import pytest

from models.backend.config import ResolveConfig, TlsConfig
from models.transport.config import ClientTlsConfig, ProxyConfig
from sim.engine.distributions import Constant
from sim.units import MINUTE, MS, SECOND, InputError
from sim.wiring import load
from tests.models.worlds import Lab, a_client, a_lab, a_service

CPU = 1.1
"""Milliseconds of both ends in a full handshake, ECDSA."""


def a_lab_behind_a_proxy(
    *, scheme: str = "https", proxy_scheme: str = "http", rtt: int = 0, transport: Any = (), **proxy: Any
) -> Lab:
    """Two targets, a and b, and a proxy that reaches them after 5 ms."""
    config = ProxyConfig(service="p", **({"connect_time": Constant(value=5 * MS)} | proxy))
    client = a_client(transport={"proxy": config, "max_idle_conns_per_host": 9} | dict(transport))
    targets = {name: a_service(scheme=scheme) for name in "ab"}
    return a_lab(client=client, services=targets | {"p": a_service(scheme=proxy_scheme)}, rtt=rtt)


PROXY_BACKEND = 2
"""The proxy is the third service."""


def test_http_targets_share_the_proxys_connections() -> None:
    lab = a_lab_behind_a_proxy(scheme="http")
    lab.ask("A", 0, 10, host="a")
    lab.ask("B", 100, 10, host="b")

    requests = lab.run().requests

    assert [requests[name].conn for name in "AB"] == [1, 1], "the target is not part of the key (connectMethod.key)"
    assert [requests[name].backend for name in "AB"] == [PROXY_BACKEND] * 2
    assert requests["A"].t_gotconn == 0, "no CONNECT"


def test_an_https_target_takes_a_round_trip_and_the_proxys_own_dial_before_its_handshake() -> None:
    lab = a_lab_behind_a_proxy(rtt=20 * MS)
    lab.ask("A", 0, 10, host="a")

    row = lab.run().requests["A"]

    assert (row.t_conn_done, row.t_tls_start) == (20, 20 + 20 + 5), "TCP, CONNECT and its dial"
    assert row.t_tls_done == pytest.approx(45 + 20 + CPU)
    assert (row.status, row.backend) == (200, PROXY_BACKEND)


def test_each_https_target_has_tunnels_of_its_own() -> None:
    lab = a_lab_behind_a_proxy()
    lab.ask("A", 0, 10, host="a")
    lab.ask("B", 100, 10, host="b")
    lab.ask("C", 200, 10, host="a")

    requests = lab.run().requests

    assert [requests[name].conn for name in "ABC"] == [1, 2, 1]


def test_a_proxy_of_https_is_shaken_hands_with_before_the_connect() -> None:
    lab = a_lab_behind_a_proxy(proxy_scheme="https")
    lab.ask("A", 0, 10, host="a")

    row = lab.run().requests["A"]

    assert row.t_tls_done == pytest.approx(CPU + 5 + CPU)


def test_a_connect_that_is_refused_fails_with_the_text_of_its_status() -> None:
    lab = a_lab_behind_a_proxy(refuses=1.0, transport={"max_conns_per_host": 1})
    lab.ask("A", 0, 10, host="a")

    lab.run()

    assert (lab.requests["A"].err, lab.requests["A"].t_done) == ("Bad Gateway", 5)
    assert (lab.view().conns_per_host, lab.transport.kernel.files.is_open) == (0, 0)


def test_a_proxy_that_refuses_the_connection_is_a_dial_error() -> None:
    lab = a_lab_behind_a_proxy()
    lab.refuse(PROXY_BACKEND)
    lab.ask("A", 0, 10, host="a")

    assert lab.run().requests["A"].err == "connection refused", "after proxyconnect tcp: dial tcp A:P: connect:"


def test_a_connect_without_an_answer_ends_after_a_minute_whatever_the_tls_timeout() -> None:
    lab = a_lab_behind_a_proxy(connect_time=Constant(value=10 * MINUTE), transport={"tls_handshake_timeout": SECOND})
    lab.ask("A", 0, 10, host="a")
    lab.engine.run(until=61 * SECOND)

    assert (lab.requests["A"].err, lab.requests["A"].t_done) == ("context deadline exceeded", 60_000)


def test_a_proxy_that_dies_during_the_connect_cuts_its_answer() -> None:
    lab = a_lab_behind_a_proxy(connect_time=Constant(value=100 * MS))
    lab.ask("A", 0, 10, host="a")
    lab.close_connections(50, PROXY_BACKEND)

    row = lab.run().requests["A"]

    assert (row.err, row.t_done) == ("unexpected EOF", 50), "net/http/response.go, ReadResponse"


def test_a_dial_has_one_goroutine_more_during_the_connect() -> None:
    lab = a_lab_behind_a_proxy(connect_time=Constant(value=100 * MS))
    lab.ask("A", 0, 10, host="a")

    lab.run()

    assert [lab.goroutines(ms) for ms in (50, 300)] == [2, 2], "the dial and who reads the answer; then two loops"


def test_a_session_is_resumed_through_a_tunnel() -> None:
    config = ProxyConfig(service="p", connect_time=Constant(value=5 * MS))
    client = a_client(
        tls=ClientTlsConfig(client_session_cache=4), transport={"proxy": config, "max_idle_conns_per_host": -1}
    )
    lab = a_lab(client=client, services={"a": a_service(scheme="https", tls=TlsConfig()), "p": a_service()})
    lab.ask("A", 0, host="a")
    lab.ask("B", 100, host="a")

    row = lab.run().requests["B"]

    assert row.t_tls_done - row.t_tls_start == pytest.approx(0.4)


def test_a_caller_that_leaves_a_request_through_a_certain_proxy_leaves_a_program_behind() -> None:
    lab = a_lab_behind_a_proxy(scheme="http", rtt=10 * MS)
    lab.world.hosts[PROXY_BACKEND].is_steady = True
    lab.ask("A", 0, 100, host="a")
    lab.cancel("A", 50)

    lab.run()

    assert (lab.requests["A"].err, lab.level("srv_connections", 500)) == ("context canceled", 0)


def test_the_name_of_a_proxy_is_looked_up_once_for_all_who_dial_at_once() -> None:
    resolve = ResolveConfig(by="dns", lookup_time=Constant(value=50 * MS))
    client = a_client(transport={"proxy": ProxyConfig(service="p")})
    targets = {name: a_service(scheme="https") for name in "ab"}
    lab = a_lab(client=client, services=targets | {"p": a_service(resolve=resolve)})
    lab.ask("A", 0, host="a")
    lab.ask("B", 10, host="b")

    lab.run()

    assert lab.world.counters()["client.dns.A"] == 1
    assert [lab.requests[name].status for name in "AB"] == [200, 200]


SCENARIO = """
clients: {{c: {{transport: {{proxy: {proxy}}}}}}}
services: {{a: {{}}, p: {{resolve: {resolve}}}}}
workloads: {{w: {{client: c, service: {target}, arrivals: {{constant: {{rate: 10/s}}}}}}}}
"""


@pytest.mark.parametrize(
    ("proxy", "resolve", "target", "text"),
    [
        ("{service: q}", "hosts", "a", "no service is called q"),
        ("{service: p}", "round_robin", "a", "cannot choose its address"),
        ("{service: p}", "hosts", "p", "p is the proxy of c, not its target"),
    ],
)
def test_a_proxy_that_cannot_be_is_refused(proxy: str, resolve: str, target: str, text: str) -> None:
    with pytest.raises(InputError, match=text):
        load(SCENARIO.format(proxy=proxy, resolve=resolve, target=target))
