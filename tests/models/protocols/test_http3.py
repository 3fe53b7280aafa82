"""HTTP/3 in front of the Transport: which way requests go, what is tried again, what a handshake's failure means."""

from typing import Any

import pytest

from models.backend.config import ResolveConfig, TlsConfig
from models.backend.http2_config import Http2ServerConfig
from models.quic.config import Http3ClientConfig, Http3ServerConfig
from models.transport.config import ClientTlsConfig
from models.transport.http3_errors import CONN_CLOSED, IDLE_TIMEOUT, STATELESS_RESET
from sim.units import MS, SECOND
from tests.models.worlds import Lab, a_client, a_lab, a_service

RTT = 20 * MS
HELLO = 1.1
"""ms of CPU time that a full handshake takes at both ends."""
EARLY = ClientTlsConfig(client_session_cache=8)


def an_http3_lab(
    *, service: dict[str, Any] | None = None, client: dict[str, Any] | None = None, h2: bool = True, **server: Any
) -> Lab:
    """A client with an http3.Transport (`client`: its fields, or the client's own) and a service that speaks both."""
    told = dict(client or {})
    http3 = {key: told.pop(key) for key in tuple(told) if key in Http3ClientConfig.__dataclass_fields__}
    services = {
        "g": a_service(
            scheme="https",
            http2=Http2ServerConfig() if h2 else None,
            http3=Http3ServerConfig(**server),
            **(service or {}),
        )
    }
    return a_lab(client=a_client(http3=Http3ClientConfig(**http3), **told), services=services, rtt=RTT)


def took(lab: Lab) -> dict[str, float]:
    """Latency of each request, ms."""
    return {name: row.t_done - row.t_arrival for name, row in lab.requests.items()}


def block_udp(lab: Lab, *, until_ms: float = 1e9) -> None:
    lab.transport.sites[0].link.udp_blocked_until = round(until_ms * MS)


def the_connection(lab: Lab) -> Any:
    """The server's."""
    return next(iter(lab.world.hosts[0].server.connections))


def test_the_first_request_takes_two_round_trips_and_the_next_one() -> None:
    lab = an_http3_lab()
    lab.ask("A", 0)
    lab.ask("B", 100)
    lab.run()

    assert took(lab) == {"A": pytest.approx(40 + HELLO), "B": pytest.approx(20)}
    assert (lab.requests["A"].reused, lab.requests["B"].reused) == (False, True)


def test_requests_that_come_meanwhile_wait_for_the_same_handshake() -> None:
    lab = an_http3_lab()
    for i in range(5):
        lab.ask(str(i), i)
    lab.run()

    assert {row.conn_id for row in lab.requests.values()} == {0}
    assert lab.world.http3.counts["quic.handshakes"] == 1


def test_a_resumed_connection_serves_early_data_after_one_round_trip() -> None:
    lab = an_http3_lab(client={"tls": EARLY, "keep_alive_period": 0, "max_idle_timeout": SECOND})
    lab.ask("A", 0)
    lab.ask("B", 3_000, is_early=True)
    lab.ask("C", 6_000)
    lab.run(8_000)

    assert took(lab)["B"] == pytest.approx(20.4), "0.2 ms of CPU time at either end before it reads what the other says"
    assert took(lab)["C"] == pytest.approx(40.4), "the session goes on, but this one is not to be sent early"


def test_without_a_ticket_nothing_is_sent_early() -> None:
    lab = an_http3_lab()
    lab.ask("A", 0, is_early=True)
    lab.run()

    assert took(lab)["A"] == pytest.approx(40 + HELLO)


def test_too_early_is_asked_again_after_the_handshake() -> None:
    lab = an_http3_lab(
        client={"tls": EARLY, "keep_alive_period": 0, "max_idle_timeout": SECOND}, early_data="too_early"
    )
    lab.ask("A", 0)
    lab.ask("B", 3_000, is_early=True)
    lab.run(5_000)

    row = lab.requests["B"]
    assert (row.status, row.attempts) == (200, 2)
    assert took(lab)["B"] == pytest.approx(40, abs=1)


def test_a_program_that_started_again_reads_no_old_ticket() -> None:
    lab = an_http3_lab(client={"tls": EARLY}, stateless_reset_key=True)
    lab.ask("A", 0)
    lab.close_connections(1_000)
    lab.ask("B", 2_000, is_early=True)
    lab.ask("C", 3_000, is_early=True)
    lab.run(5_000)

    assert lab.requests["B"].err == STATELESS_RESET
    assert lab.world.http3.counts["quic.early_rejected"] == 1
    assert took(lab)["C"] == pytest.approx(40 + HELLO)


def test_no_more_requests_at_a_time_than_the_server_allows_the_others_wait() -> None:
    lab = an_http3_lab(max_concurrent_streams=2)
    lab.ask("warm", 0)
    for i in range(4):
        lab.ask(str(i), 100, service=50)
    lab.run()

    assert sorted(round(ms) for ms in took(lab).values()) == [41, 70, 70, 140, 140]
    assert len(lab.connections) == 0, "one connection, and it is open"


# TCP beside it


def test_alt_svc_of_the_first_answer_over_tcp_leads_to_quic() -> None:
    lab = an_http3_lab(client={"discovery": "alt_svc"})
    lab.ask("A", 0)
    lab.ask("B", 200)
    lab.run()

    assert lab.world.http3.counts["quic.by_tcp"] == 1
    assert took(lab)["A"] == pytest.approx(60 + HELLO)
    assert took(lab)["B"] == pytest.approx(40 + HELLO)


@pytest.mark.parametrize("h2", [True, False])
def test_where_udp_is_blocked_the_race_costs_the_head_start_once(h2: bool) -> None:
    lab = an_http3_lab(h2=h2)
    block_udp(lab)
    lab.ask("A", 0)
    lab.ask("B", 6_000)
    lab.run(8_000)

    assert took(lab)["A"] == pytest.approx(300 + 60 + HELLO)
    assert took(lab)["B"] == pytest.approx(20), "the handshake has failed by then, and QUIC counts as broken"


def test_a_known_round_trip_shortens_the_head_start() -> None:
    lab = an_http3_lab(client={"keep_alive_period": 0, "max_idle_timeout": SECOND})
    lab.ask("A", 0)
    lab.at(2_500, lambda: block_udp(lab))
    lab.ask("B", 3_000)
    lab.run(5_000)

    assert took(lab)["B"] == pytest.approx(30 + 60 + HELLO, abs=1), "1.5 round trips, then TCP"


def test_without_a_race_tcp_waits_for_the_failure() -> None:
    lab = an_http3_lab(client={"fallback": "after_failure"})
    block_udp(lab)
    lab.ask("A", 0)
    lab.run(8_000)

    assert took(lab)["A"] == pytest.approx(5_000 + 60 + HELLO)


def test_without_a_fallback_the_request_fails_with_the_handshake() -> None:
    lab = an_http3_lab(client={"fallback": "never"})
    block_udp(lab)
    lab.ask("A", 0)
    lab.run(8_000)

    assert lab.requests["A"].err == IDLE_TIMEOUT
    assert lab.connections[1].read_err == "dial: " + IDLE_TIMEOUT


def test_broken_quic_is_tried_again_after_a_while_which_doubles() -> None:
    lab = an_http3_lab(client={"broken_for": SECOND, "head_start": 10 * MS})
    block_udp(lab)
    for i in range(18):
        lab.ask(str(i), 1_000 * i)
    lab.run(19_000)

    # from 0 to 5 s, from 6 to 11 s, broken until 13 s, from 13 to 18 s
    assert lab.world.http3.counts["quic.handshakes"] == 3
    assert lab.world.http3.counts["quic.broken"] == 3


def test_when_quic_wins_the_race_its_rivals_connection_is_kept_for_others() -> None:
    lab = an_http3_lab(client={"head_start": 10 * MS}, h2=False)
    lab.ask("A", 0)
    lab.look(500)
    lab.run()

    assert took(lab)["A"] == pytest.approx(40 + HELLO)
    assert lab.world.http3.counts["quic.raced"] == 1
    assert lab.views[500].idle == [2], "the surplus dial"


# ends


def test_a_caller_who_leaves_resets_its_stream_and_the_connection_lives() -> None:
    lab = an_http3_lab()
    lab.ask("warm", 0)
    lab.ask("A", 100, service=None)
    lab.cancel("A", 200)
    lab.ask("B", 300)
    lab.run()

    assert lab.requests["A"].err == "context canceled"
    assert took(lab)["B"] == pytest.approx(20)
    assert lab.level("h3_streams", 1_000) == 0


def test_a_caller_who_leaves_in_the_handshake_leaves_nothing() -> None:
    lab = an_http3_lab()
    lab.ask("A", 0)
    lab.cancel("A", 10)
    lab.run()

    assert lab.requests["A"].err == "context canceled"
    assert lab.requests["A"].attempts == 0


def test_a_server_that_closes_fails_what_it_has_begun() -> None:
    lab = an_http3_lab()
    lab.ask("warm", 0)
    lab.ask("A", 100, service=None)
    lab.at(200, lambda: the_connection(lab).close())
    lab.ask("B", 300)
    lab.run()

    assert lab.requests["A"].err == CONN_CLOSED
    assert lab.requests["B"].status == 200
    assert lab.connections[1].read_err == CONN_CLOSED


def test_goaway_lets_streams_finish_and_sends_new_requests_elsewhere() -> None:
    lab = an_http3_lab()
    lab.ask("warm", 0)
    lab.ask("A", 100, service=200)
    lab.at(150, lambda: the_connection(lab).go_away())
    lab.ask("B", 200)
    lab.run()

    assert took(lab)["A"] == pytest.approx(220)
    assert (lab.requests["A"].conn_id, lab.requests["B"].conn_id) == (0, 1)
    assert lab.connections[1].nreq == 2


def test_a_dead_program_says_nothing_so_that_its_requests_wait_for_the_idle_time_out() -> None:
    lab = an_http3_lab(client={"max_idle_timeout": 3 * SECOND})
    lab.ask("warm", 0)
    lab.ask("A", 1_000, service=None)
    lab.close_connections(1_100)
    lab.ask("B", 2_000)
    lab.run(8_000)

    assert lab.requests["A"].err == lab.requests["B"].err == IDLE_TIMEOUT
    assert lab.requests["A"].t_done == lab.requests["B"].t_done


def test_a_program_that_stands_still_acknowledges_nothing_and_goes_on_where_it_was() -> None:
    lab = an_http3_lab()
    server = lab.world.hosts[0].server
    lab.ask("warm", 0)
    lab.at(100, server.pause)
    lab.ask("A", 150)
    lab.at(600, server.resume)
    lab.run()

    assert took(lab)["A"] == pytest.approx(460), "until 600, and half a round trip back"
    assert lab.world.http3.counts["quic.probes"] > 0


def test_close_idle_connections_closes_a_connection_without_streams() -> None:
    lab = an_http3_lab()
    lab.ask("A", 0)
    lab.at(500, lab.transport.close_idle_connections)
    lab.ask("B", 1_000)
    lab.run()

    assert took(lab)["B"] == pytest.approx(40 + HELLO)
    assert lab.connections[1].t_close == 500


# changes of the path


def test_requests_go_on_over_a_new_address() -> None:
    lab = an_http3_lab()
    lab.ask("warm", 0)
    lab.at(500, lambda: lab.transport.http3.moved(host=True))
    lab.ask("A", 501)
    lab.run()

    assert took(lab)["A"] == pytest.approx(20)


def test_a_handshake_that_a_move_has_cut_off_begins_again() -> None:
    lab = an_http3_lab()
    lab.ask("A", 0)
    lab.at(15, lambda: lab.transport.http3.moved(host=True))
    lab.run()

    assert took(lab)["A"] == pytest.approx(15 + 40 + HELLO)
    assert lab.world.http3.counts["quic.broken"] == 0
    assert lab.level("handshaking", 500) == 0


def test_behind_a_balancer_that_goes_by_address_a_move_costs_a_connection() -> None:
    service = {"resolve": ResolveConfig(by="vip"), "backends": 2}
    lab = an_http3_lab(service=service, routes_by_cid=False, stateless_reset_key=True)
    lab.ask("warm", 0)
    lab.at(500, lambda: lab.transport.http3.moved(host=True))
    lab.ask("A", 1_000)
    lab.run()

    assert lab.world.http3.counts["quic.stateless_resets"] == 1
    assert took(lab)["A"] == pytest.approx(40 + HELLO), "the PING of the move has told, so it finds none"


def test_a_key_of_rsa_costs_its_cpu_time() -> None:
    lab = an_http3_lab(service={"tls": TlsConfig(key="rsa_4096")})
    lab.ask("A", 0)
    lab.run()

    assert took(lab)["A"] == pytest.approx(40 + 6.5 + 0.75)
