"""Go's whole error texts, as vectors and recordings have them."""

import re
from pathlib import Path

import pytest

from models.transport import errors

GUIDE = Path(__file__).parents[3] / "docs/guide/results.md"
IN_A_LOG = re.findall(r'^\| `(.+?)` \| `(Get ".+)` \|$', GUIDE.read_text(), re.MULTILINE)


def test_the_client_names_method_and_url() -> None:
    assert errors.do_error("POST", "http://h:1/", "EOF") == 'Post "http://h:1/": EOF'


@pytest.mark.parametrize(
    ("err", "text"),
    [
        ("connection refused", "dial tcp 127.0.0.1:80: connect: connection refused"),
        ("cannot assign requested address", "dial tcp 127.0.0.1:80: connect: cannot assign requested address"),
        ("connection timed out", "dial tcp 127.0.0.1:80: connect: connection timed out"),
        ("too many open files", "dial tcp 127.0.0.1:80: socket: too many open files"),
        ("i/o timeout", "dial tcp 127.0.0.1:80: i/o timeout"),
        ("operation was canceled", "dial tcp 127.0.0.1:80: operation was canceled"),
        (errors.TLS_HANDSHAKE_TIMEOUT, "net/http: TLS handshake timeout"),
        ("EOF", "EOF"),
    ],
)
def test_a_dial_names_the_address_and_the_system_call_that_failed(err: str, text: str) -> None:
    assert errors.connect_error(err, "127.0.0.1:80") == text


def test_a_lookup_names_the_server_where_it_answered() -> None:
    assert errors.lookup_error("no such host", "nx", "1.1.1.1:53") == "lookup nx on 1.1.1.1:53: no such host"
    assert errors.lookup_error("i/o timeout", "nx", "1.1.1.1:53") == "lookup nx: i/o timeout"


def test_a_read_names_both_ends_unless_it_was_the_end() -> None:
    assert errors.read_error("connection reset by peer", "a:1", "b:2") == (
        "read tcp a:1->b:2: read: connection reset by peer"
    )
    assert errors.read_error("EOF", "a:1", "b:2") == "EOF"


@pytest.mark.parametrize(
    ("err", "text"),
    [
        (
            errors.AWAITING_HEADERS,
            "context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
        ),
        (
            errors.READING_BODY,
            "context deadline exceeded (Client.Timeout or context cancellation while reading body)",
        ),
        (errors.RESPONSE_HEADER_TIMEOUT, "net/http: timeout awaiting response headers"),
        (errors.SERVER_CLOSED_IDLE, "http: server closed idle connection"),
        ("context canceled", "context canceled"),
    ],
)
def test_time_outs_say_whose_they_are(err: str, text: str) -> None:
    assert errors.client_error(err) == text


@pytest.mark.parametrize(("err", "text"), IN_A_LOG, ids=[err for err, _ in IN_A_LOG])
def test_the_guide_says_what_a_log_has_of_each_error(err: str, text: str) -> None:
    client, backend = "10.0.0.1:40000", "10.0.0.7:80"
    whole = {
        "no such host": f"dial tcp: {errors.lookup_error(err, 'orders', '10.0.0.2:53')}",
        "connection reset by peer": errors.read_error(err, client, backend),
    }.get(err) or errors.connect_error(err, backend)

    assert text == errors.do_error("GET", "http://orders/", whole)


def test_the_guide_has_the_errors_that_are_asked_for_most() -> None:
    assert {"EOF", "cannot assign requested address", errors.AWAITING_HEADERS} <= {err for err, _ in IN_A_LOG}
