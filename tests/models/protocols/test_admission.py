"""The client's own limit of streams: beside the server's, and moved while a connection is used."""

import pytest

from models.transport.config import Http2Config
from tests.models.protocols.labs import an_http2_lab, conns
from tests.models.worlds import Lab


def capped(cap: int, *, of_server: int = 100, is_strict: bool = False) -> Lab:
    """One request has made a connection, and its SETTINGS are known."""
    http2 = Http2Config(max_concurrent_streams=cap, strict_max_concurrent_requests=is_strict)
    lab = an_http2_lab(of_server, http2=http2)
    lab.ask("W", 0)
    return lab


def crowd(lab: Lab, n: int, at: float, service: float = 300) -> None:
    for i in range(n):
        lab.ask(f"{at}-{i}", at, service)


@pytest.mark.parametrize(("cap", "of_server", "connections"), [(0, 4, 3), (6, 4, 3), (3, 4, 4), (3, 0, 4)])
def test_the_lower_of_the_two_limits_counts(cap: int, of_server: int, connections: int) -> None:
    lab = capped(cap, of_server=of_server)
    crowd(lab, 12, 100)

    lab.run(400)

    assert max(len(conn.streams) for conn in conns(lab)) <= min(filter(None, (cap, of_server)))
    assert sum(conn.nreq > 0 for conn in conns(lab)) >= connections


def test_a_lower_limit_lets_streams_above_it_finish() -> None:
    lab = capped(10)
    crowd(lab, 8, 100)
    lab.at(200, lambda: lab.transport.http2.cap_streams(2))
    crowd(lab, 1, 250)

    lab.run()

    assert all(row.status == 200 for row in lab.requests.values())
    assert {lab.requests[f"100-{i}"].conn for i in range(8)} == {1}
    assert lab.requests["250-0"].conn == 2, "eight streams are above two: it gets a connection of its own"


def test_a_higher_limit_lets_in_who_waits_for_a_place() -> None:
    lab = capped(2, is_strict=True)
    crowd(lab, 3, 100, service=1000)
    lab.at(300, lambda: lab.transport.http2.cap_streams(0))

    lab.run()

    written = sorted(row.t_wrote for row in lab.requests.values())
    assert written[-1] == 300, "at once, not when a stream ends"


def test_new_connections_have_the_limit_of_the_moment() -> None:
    lab = capped(0)
    lab.at(100, lambda: lab.transport.http2.cap_streams(5))
    crowd(lab, 12, 200)

    lab.run(300)

    assert [conn.admission.max_streams for conn in conns(lab)] == [5, 5, 5]
