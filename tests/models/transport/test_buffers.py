"""How many system calls a request takes through its write buffer, what they cost, and what the buffers take."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.transport.buffers import DEFAULT_BUFFER_BYTES, write_calls
from models.tuning.config import TunedClient
from sim.units import MS
from tests.models.protocols.labs import an_http2_lab
from tests.models.worlds import a_client, a_lab, a_service

PLAIN: dict[str, Any] = {"has_body": True, "is_secure": False}


@pytest.mark.parametrize(
    ("size", "buffer", "calls"),
    [(200, 4096, 1), (4096, 4096, 1), (4097, 4096, 2), (4096 + 32768, 4096, 2), (4096 + 32769, 4096, 3),
     (100_200, 65536, 3), (1 << 20, 1 << 20, 1)],
)  # fmt: skip
def test_a_body_fills_the_buffer_once_and_then_goes_past_it_in_32_kib(size: int, buffer: int, calls: int) -> None:
    assert write_calls(size, buffer, **PLAIN) == calls


def test_headers_alone_fill_the_buffer_again_and_again() -> None:
    assert write_calls(10_000, 4096, has_body=False, is_secure=False) == 3


def test_of_tls_each_record_is_a_call_so_no_buffer_above_16_kib_saves_any() -> None:
    small, large = (write_calls(100_000, size, has_body=True, is_secure=True) for size in (16_384, 1 << 20))

    assert small == large == 7


@given(size=st.integers(1, 1 << 22), buffer=st.integers(1, 1 << 20), body=st.booleans(), secure=st.booleans())
def test_a_larger_buffer_never_takes_more_calls_without_tls(size: int, buffer: int, body: bool, secure: bool) -> None:
    calls = write_calls(size, buffer, has_body=body, is_secure=secure)

    assert calls >= 1
    if not secure:
        assert write_calls(size, 2 * buffer, has_body=body, is_secure=False) <= calls


def buffered(size: int, cost_ms: float = 0) -> TunedClient:
    return a_client(transport={"write_buffer_size": size}, write_cost=round(cost_ms * MS))


@pytest.mark.parametrize(("size", "written"), [(4096, 1.0), (65536, 0.0)])
def test_each_call_beyond_the_first_delays_the_request(size: int, written: float) -> None:
    lab = a_lab(client=buffered(size, cost_ms=1))
    lab.ask("A", 0, 10, method="POST", has_body=True, request_bytes=8192, body_bytes=7992)

    assert lab.run().requests["A"].t_wrote == written


def test_requests_of_one_connection_pay_for_what_they_write_themselves() -> None:
    lab = a_lab(client=buffered(4096, cost_ms=1))
    for at, size in ((0, 8192), (100, 200), (200, 40_000)):
        lab.ask(f"of {size}", at, 10, method="POST", has_body=True, request_bytes=size)

    requests = lab.run().requests

    assert {name: row.t_wrote - row.t_gotconn for name, row in requests.items()} == {
        "of 8192": 1, "of 200": 0, "of 40000": 2,
    }  # fmt: skip


def test_each_connection_holds_its_two_buffers_until_it_closes() -> None:
    lab = a_lab(client=buffered(65536))
    lab.ask("A", 0, 50)
    lab.ask("B", 10, 100)
    lab.at(500, lab.transport.close_idle_connections)

    lab.run()

    pages = 65536 // 4096 + 1
    assert [lab.level("buffer_pages", ms) for ms in (0, 20, 600)] == [pages, 2 * pages, 0]


def test_a_connection_of_http2_has_small_buffers_whatever_is_set() -> None:
    lab = an_http2_lab(write_buffer_size=1 << 20)
    lab.ask("A", 0, 50)

    assert lab.run().level("buffer_pages", 100) == 2 * DEFAULT_BUFFER_BYTES // 4096


def test_a_client_of_whose_buffers_nothing_is_said_is_not_looked_at() -> None:
    lab = a_lab(services={"h1": a_service()})

    assert lab.transport.watch is None
    assert "buffer_pages" not in lab.world.trace.levels.series
