"""What a rule sees of how a try ended."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from models.protection.rules.end import EXAMPLE, Ends
from models.request import Exchange, Request
from models.transport import errors
from sim.units import MS

ENDS = Ends("orders", codes={429: 8}, messages={429: "rate limit exceeded", 503: "busy"}, places={7: 0, 8: 1})


def an_end(*, status: int = 200, err: str = "", backend: int | None = 8, connected: bool = True) -> Request:
    """A request that began at 5 ms and is over."""
    request = Request(1, Exchange(workload="w", method="POST"), None, 0, 5 * MS)
    request.status, request.err, request.done = status, err, True
    request.conn = None if backend is None else SimpleNamespace(backend=backend)
    if connected:
        request.t_gotconn = 5 * MS
    return request


def facts(request: Request, **told: Any) -> dict[str, Any]:
    return ENDS.facts_of(request, 2, 12 * MS + 345_678, **told)


def test_an_answer_has_its_status_and_grpcs_ok() -> None:
    seen = facts(an_end())

    assert seen == {
        "grpc_status": 0, "grpc_message": "", "http_status": 200, "error": "", "error_class": "", "method": "POST",
        "service": "orders", "backend": 1, "duration": timedelta(microseconds=7345), "attempt": 2,
    }  # fmt: skip
    assert seen.keys() == EXAMPLE.keys()


def test_what_the_service_says_stands_for_trailers() -> None:
    seen = facts(an_end(status=429))

    assert (seen["grpc_status"], seen["grpc_message"], seen["http_status"]) == (8, "rate limit exceeded", 429)


def test_a_message_alone_leaves_the_status_to_grpcs_mapping() -> None:
    seen = facts(an_end(status=503))

    assert (seen["grpc_status"], seen["grpc_message"]) == (14, "busy")


def test_a_status_of_which_the_service_says_nothing_has_the_text_of_grpc_go() -> None:
    seen = facts(an_end(status=502))

    assert seen["grpc_message"] == "unexpected HTTP status code received from server: 502 (Bad Gateway)"


@pytest.mark.parametrize(("err", "connected", "kind", "code"), [
    (errors.AWAITING_HEADERS, True, "timeout", 4),
    ("connection refused", False, "connect", 14),
    (errors.CONNECTION_RESET, True, "reset", 14),
])  # fmt: skip
def test_an_error_has_a_class_and_no_http_status(err: str, connected: bool, kind: str, code: int) -> None:
    seen = facts(an_end(status=200, err=err, connected=connected))

    assert (seen["error"], seen["grpc_message"], seen["error_class"]) == (err, err, kind)
    assert (seen["grpc_status"], seen["http_status"]) == (code, 0)


def test_a_try_that_a_guard_refused_is_of_the_class_refused() -> None:
    seen = facts(an_end(status=0, err="circuit breaker is open", connected=False), is_refused=True)

    assert (seen["error_class"], seen["grpc_status"], seen["error"]) == ("refused", 14, "circuit breaker is open")


@pytest.mark.parametrize("backend", [None, 3])
def test_no_connection_or_one_to_a_proxy_has_no_backend(backend: int | None) -> None:
    assert facts(an_end(backend=backend))["backend"] == -1
