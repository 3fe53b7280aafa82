"""How long a TLS handshake takes, over one connection of a world without other delays."""

from typing import Any

import pytest

from models.backend.config import TlsConfig
from models.kernel.socket import On
from models.kernel.sysctl import KernelConfig
from models.tls.cost import CLIENT_CPU, RESUMED_CLIENT_CPU, RESUMED_SERVER_CPU, SERVER_CPU
from models.transport.config import ClientTlsConfig
from sim.units import MS, SECOND
from tests.models.worlds import Lab, a_client, a_lab, a_service

STEPS = [pytest.param(True, id="certain backend"), pytest.param(False, id="uncertain backend")]


def a_tls_lab(*, rtt: int = 0, steady: bool = False, cache: int = 0, client_cpus: int = 1, **tls: Any) -> Lab:
    """A client that keeps no connection, and one https backend."""
    client = a_client(
        tls=ClientTlsConfig(client_session_cache=cache),
        transport={"max_idle_conns_per_host": -1},
        kernel=KernelConfig(connect_scan_cost=0, cpus=client_cpus),
    )
    lab = a_lab(client=client, services={"h1": a_service(scheme="https", tls=TlsConfig(**tls))}, rtt=rtt)
    for host in lab.world.hosts:
        host.is_steady = steady
    return lab


def took(lab: Lab, name: str) -> float:
    """Milliseconds of the handshake of a request's dial."""
    row = lab.requests[name]
    return float(row.t_tls_done - row.t_tls_start)


@pytest.mark.parametrize("steady", STEPS)
@pytest.mark.parametrize(("version", "round_trips"), [("1.3", 1), ("1.2", 2)])
def test_a_full_handshake_takes_one_round_trip_and_with_tls_1_2_two(
    version: str, round_trips: int, steady: bool
) -> None:
    lab = a_tls_lab(rtt=20 * MS, version=version, steady=steady)
    lab.ask("A", 0)

    lab.run()

    assert took(lab, "A") == pytest.approx(20 * round_trips + 1.1), "recordings E16: set-up of 2.13 and 3.13 RTT"


@pytest.mark.parametrize("steady", STEPS)
@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_a_resumed_handshake_takes_one_round_trip_and_no_signature(version: str, steady: bool) -> None:
    lab = a_tls_lab(rtt=20 * MS, version=version, key="rsa_4096", cache=1, steady=steady)
    lab.ask("A", 0)
    lab.ask("B", 200)

    lab.run()

    cpu = (RESUMED_CLIENT_CPU + RESUMED_SERVER_CPU) / MS
    assert took(lab, "B") == pytest.approx(20 + cpu), "RFC 5246, 7.3; RFC 8446, 2.2"


@pytest.mark.parametrize("steady", STEPS)
@pytest.mark.parametrize("key", sorted(SERVER_CPU))
def test_without_distance_a_full_handshake_costs_the_cpu_time_of_both_ends(key: str, steady: bool) -> None:
    lab = a_tls_lab(key=key, steady=steady)
    lab.ask("A", 0)

    lab.run()

    assert took(lab, "A") == pytest.approx((CLIENT_CPU[key] + SERVER_CPU[key]) / MS)


def test_a_bigger_rsa_key_costs_the_server_more_and_ecdsa_least() -> None:
    assert SERVER_CPU["ecdsa_p256"] < SERVER_CPU["rsa_2048"] < SERVER_CPU["rsa_4096"]


def test_handshakes_queue_for_the_cpus_of_the_backend() -> None:
    lab = a_tls_lab(key="rsa_4096", cpus=1)
    for name in "ABC":
        lab.ask(name, 0)

    lab.run()

    client, server = CLIENT_CPU["rsa_4096"] / MS, SERVER_CPU["rsa_4096"] / MS
    assert [took(lab, name) for name in "ABC"] == pytest.approx([n * server + client for n in (1, 2, 3)])


@pytest.mark.parametrize("steady", STEPS)
@pytest.mark.parametrize(("cpus", "turns"), [(1, [1, 2, 3]), (2, [1, 1, 2]), (3, [1, 1, 1])])
def test_handshakes_queue_for_the_cpus_of_the_client(cpus: int, turns: list[int], steady: bool) -> None:
    lab = a_tls_lab(steady=steady, client_cpus=cpus)
    for name in "ABC":
        lab.ask(name, 0)

    lab.run()

    client, server = CLIENT_CPU["ecdsa_p256"] / MS, SERVER_CPU["ecdsa_p256"] / MS
    assert [took(lab, name) for name in "ABC"] == pytest.approx([server + turn * client for turn in turns])


def test_who_has_shaken_hands_writes_before_the_next_handshake() -> None:
    lab = a_tls_lab()
    for name in "ABC":
        lab.ask(name, 0)

    requests = lab.run().requests

    assert [requests[name].t_wrote for name in "ABC"] == [requests[name].t_tls_done for name in "ABC"]


def test_a_request_on_an_idle_connection_waits_while_the_only_cpu_verifies() -> None:
    lab = a_lab(client=a_client(), services={"h1": a_service(scheme="https"), "h2": a_service()})
    lab.ask("first", 0, host="h2")
    lab.ask("dials", 50)
    lab.ask("writes", 50.6, host="h2")

    requests = lab.run().requests

    assert requests["dials"].t_tls_done == pytest.approx(51.1), "0.4 ms of the server's CPU, 0.7 ms of the client's"
    assert requests["writes"].t_wrote == pytest.approx(51.1)


def test_a_backend_that_is_paused_answers_the_handshake_when_it_goes_on() -> None:
    lab = a_tls_lab()
    server = lab.world.hosts[0].server
    lab.at(5, server.pause)
    lab.ask("A", 10)
    lab.at(300, server.resume)

    lab.run()

    assert lab.requests["A"].t_tls_done == pytest.approx(301.1), "1.1 ms of CPU after the pause"


def test_packets_that_vanish_during_the_handshake_are_sent_again() -> None:
    lab = a_tls_lab(rtt=20 * MS)
    lab.at(25, lambda: setattr(lab.transport.sites[0].link, "blocked_until", SECOND))
    lab.ask("A", 0)

    lab.run(4_000)

    assert lab.requests["A"].t_conn_done == 20
    assert lab.requests["A"].t_tls_done > 1_000, "what was answered into the void is repeated when the path is back"
    assert lab.requests["A"].status == 200


def test_a_server_that_resets_during_the_handshake_fails_the_dial_and_nothing_is_tried_again() -> None:
    lab = a_tls_lab(rtt=100 * MS, key="rsa_4096")
    lab.ask("A", 0)
    lab.at(152, lambda: next(iter(lab.world.hosts[0].server.connections)).end.feed(On.ABORT))

    lab.run()

    row = lab.requests["A"]
    assert (row.err, row.attempts, row.t_done) == ("connection reset by peer", 0, 202), "a dial error, never retried"
    assert (row.t_tls_start, row.t_tls_done) == (100, 202), "TLSHandshakeDone fires with the error (addTLS)"
