"""A new Transport in the place of the old one: what is idle goes, what is busy ends its request and goes then."""

from models.tuning.renewal import renew
from tests.models.protocols.labs import an_http2_lab, conns
from tests.models.worlds import Lab, a_lab


def renewed(lab: Lab, ms: float) -> Lab:
    lab.at(ms, lambda: renew(lab.transport))
    return lab


def test_idle_connections_close_at_once_and_busy_ones_after_their_request() -> None:
    lab = a_lab(max_idle_conns_per_host=10)
    lab.ask("idle", 0, 50)
    lab.ask("busy", 10, 400)
    renewed(lab, 200)
    lab.ask("next", 300, 50)

    lab.run()

    assert {number: row.t_close for number, row in lab.connections.items()} == {1: 200, 2: 410}
    assert (lab.requests["busy"].status, lab.requests["next"].reused) == (200, False)


def test_what_is_dialled_afterwards_is_kept() -> None:
    lab = renewed(a_lab(), 100)
    lab.ask("A", 0, 50)
    lab.ask("B", 200, 50)
    lab.ask("C", 400, 50)

    requests = lab.run().requests

    assert [requests[name].reused for name in "ABC"] == [False, False, True]


def test_a_request_that_is_given_up_on_an_old_connection_closes_it() -> None:
    lab = renewed(a_lab(), 100)
    lab.ask("A", 0, None)
    lab.cancel("A", 200)

    lab.run()

    assert [row.t_close for row in lab.connections.values()] == [200]
    assert lab.requests["A"].err == "context canceled"


def test_streams_of_http2_end_on_the_old_connection_and_new_ones_begin_on_another() -> None:
    lab = an_http2_lab()
    lab.ask("W", 0)
    lab.ask("A", 100, 300)
    renewed(lab, 200)
    lab.ask("B", 250, 300)

    lab.run()

    assert {name: (row.status, row.conn) for name, row in lab.requests.items()} == {
        "W": (200, 1), "A": (200, 1), "B": (200, 2),
    }  # fmt: skip
    assert lab.connections[1].t_close == 400
    assert len(conns(lab)) == 1


def test_an_idle_connection_of_http2_closes_at_once() -> None:
    lab = renewed(an_http2_lab(), 200)
    lab.ask("W", 0)

    lab.run()

    assert lab.connections[1].t_close == 200
    assert conns(lab) == []
