"""Pages over HTTP on this machine: what is answered, what is refused."""

import threading
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPResponse

import pytest

from sim.export.served import LOOPBACK, Reply, server_of
from sim.units import InputError


def echo(query: Mapping[str, str]) -> Reply:
    if "wrong" in query:
        raise InputError("wrong: makes no sense")
    return Reply("text/plain", repr(sorted(query.items())).encode(), {"X-Own": "yes"})


@pytest.fixture
def port() -> Iterator[int]:
    server = server_of({"/echo": echo}, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def asked(port: int, path: str, method: str = "GET") -> tuple[HTTPResponse, str]:
    connection = HTTPConnection(LOOPBACK, port, timeout=10)
    connection.request(method, path)
    response = connection.getresponse()
    return response, response.read().decode()


def test_a_page_gets_its_query_and_the_last_of_what_is_said_twice(port: int) -> None:
    response, body = asked(port, "/echo?a=1&b=&a=2")

    assert (response.status, body) == (200, "[('a', '2'), ('b', '')]")
    assert response.headers["X-Own"] == "yes"
    assert response.headers["Content-Type"] == "text/plain"


def test_what_is_not_there_names_what_is(port: int) -> None:
    response, body = asked(port, "/ecko")

    assert (response.status, body) == (404, "/ecko: no such page; there is /echo\n")


def test_a_query_that_makes_no_sense_is_a_line_and_400(port: int) -> None:
    response, body = asked(port, "/echo?wrong=1")

    assert (response.status, body) == (400, "wrong: makes no sense\n")


def test_a_head_is_an_answer_without_its_body(port: int) -> None:
    response, body = asked(port, "/echo?a=1", "HEAD")

    assert (response.status, body) == (200, "")
    assert int(response.headers["Content-Length"]) == len("[('a', '1')]")


def test_a_port_that_is_taken_is_refused(port: int) -> None:
    with pytest.raises(InputError, match=rf"--port {port}: address already in use; name another, or 0"):
        server_of({}, port)
