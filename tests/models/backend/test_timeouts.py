"""The clocks of Go's http.Server, as a client sees them."""

from typing import Any

from models.request import Read
from sim.units import MS
from tests.models.worlds import Lab, a_client, a_lab, a_service

UPLOAD: dict[str, Any] = {"method": "POST", "has_body": True, "body_bytes": 8}


def a_lab_with(**service: Any) -> Lab:
    return a_lab(services={"h1": a_service(**service)}, max_idle_conns_per_host=10)


def an_unused_connection(lab: Lab) -> None:
    """B is served by A's connection, its own dial ends at 60 and is kept unused."""
    lab.slow_dials(0, 50)
    lab.ask("A", 0, 20)
    lab.ask("B", 10, 20)


def test_a_connection_without_any_request_is_closed_after_read_header_timeout() -> None:
    lab = a_lab_with(read_header_timeout=200 * MS, idle_timeout=1_000 * MS)
    an_unused_connection(lab)

    lab.run()

    assert lab.connections[2].t_close == 260, "from its accept; IdleTimeout runs only between requests"
    assert lab.connections[1].t_close == 1_040


def test_read_timeout_stands_in_for_both() -> None:
    lab = a_lab_with(read_timeout=200 * MS)
    an_unused_connection(lab)

    lab.run()

    assert (lab.connections[1].t_close, lab.connections[2].t_close) == (240, 260), "11.1: zero means ReadTimeout"


def test_without_read_header_timeout_an_unused_connection_outlives_idle_timeout() -> None:
    lab = a_lab_with(idle_timeout=100 * MS)
    an_unused_connection(lab)

    lab.run()

    assert (lab.connections[1].t_close, lab.view().idle) == (140, [2])


def test_an_upload_that_outlasts_read_timeout_loses_its_connection() -> None:
    lab = a_lab_with(read_timeout=100 * MS)
    lab.ask("A", 0, body_pause=150 * MS, **UPLOAD)

    row = lab.run().requests["A"]

    assert (row.err, row.t_done) == ("EOF", 100), "from the accept, for the first request of a connection"


def test_read_timeout_of_a_later_request_runs_from_its_first_bytes() -> None:
    lab = a_lab_with(read_timeout=100 * MS)
    lab.ask("W", 0)
    lab.ask("A", 50, body_pause=150 * MS, **UPLOAD)

    row = lab.run().requests["A"]

    assert (row.conn, row.err, row.t_done) == (1, "EOF", 150)


def test_an_answer_after_write_timeout_is_lost_when_its_handler_ends() -> None:
    lab = a_lab_with(write_timeout=150 * MS)
    lab.ask("A", 0, 300)

    row = lab.run().requests["A"]

    assert (row.err, row.t_done) == ("EOF", 300), "the handler is not stopped, its write fails (V23.3)"


def test_write_timeout_cuts_a_body_that_takes_too_long() -> None:
    lab = a_lab(services={"h1": a_service(write_timeout=50 * MS, response_pause=100 * MS, response_size=1_000)})
    lab.ask("A", 0)

    row = lab.run().requests["A"]

    assert (row.status, row.err, row.t_done) == (200, "unexpected EOF", 100)


def test_a_handler_that_writes_to_nobody_holds_its_worker_until_write_timeout() -> None:
    held, freed = (
        a_lab(services={"h1": a_service(workers=1, response_size=1_000_000, write_timeout=timeout)})
        for timeout in (0, 200 * MS)
    )
    for lab in (held, freed):
        lab.ask("A", 0, read=Read.NONE)
        lab.ask("B", 50)
        lab.run()

    assert "B" not in held.requests, "the answer does not fit into the socket buffers, so the write blocks (5.1)"
    assert freed.requests["B"].t_done == 200


def test_a_handler_that_writes_to_nobody_ends_with_the_connection() -> None:
    lab = a_lab(client=a_client(), services={"h1": a_service(workers=1, response_size=1_000_000)})
    lab.ask("A", 0, read=Read.NONE, deadline=100 * MS)
    lab.ask("B", 50)

    assert lab.run().requests["B"].t_done == 100


def test_a_small_answer_that_nobody_reads_leaves_the_server_idle() -> None:
    lab = a_lab(services={"h1": a_service(workers=1, response_size=5_000)})
    lab.ask("A", 0, read=Read.NONE)
    lab.ask("B", 50)

    assert lab.run().requests["B"].t_done == 50, "it fitted into the socket buffers"


def test_a_paused_server_closes_nothing() -> None:
    lab = a_lab_with(idle_timeout=100 * MS)
    server = lab.world.hosts[0].server
    lab.ask("A", 0)
    lab.at(50, server.pause)
    lab.at(300, server.resume)

    lab.run()

    assert lab.connections[1].t_close == 300


def test_a_handshake_that_does_not_end_is_cut_off_by_the_shortest_limit() -> None:
    lab = a_lab_with(scheme="https", read_header_timeout=300 * MS, read_timeout=200 * MS, write_timeout=400 * MS)
    lab.stall_tls()
    lab.ask("A", 0)

    row = lab.run().requests["A"]

    assert (row.err, row.t_done) == ("EOF", 200), "11.1: the least of those that are set"


def test_read_header_timeout_runs_from_the_end_of_the_handshake() -> None:
    lab = a_lab(
        services={"h1": a_service(scheme="https", read_header_timeout=200 * MS)},
        rtt=20 * MS,
        max_idle_conns_per_host=10,
    )
    an_unused_connection(lab)

    lab.run()

    unused = lab.connections[2]
    assert 260 <= unused.t_close - unused.t_dial < 320, "50 of the dial, TCP and TLS, then 200, and the FIN's way"
    assert unused.nreq == 0
