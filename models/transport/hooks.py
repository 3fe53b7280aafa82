"""What may watch a Transport: a request's trace (Go's httptrace.ClientTrace) and a watch over dials and connections.

Neither changes anything. Where there is none, one test is all it costs; a request that is traced needs servers whose
answers are not foreseen (`ServerHost.is_steady` false), since a foreseen answer skips the steps that hooks report.
"""

from typing import Any, Protocol


class ClientTrace(Protocol):
    """httptrace.ClientTrace in Go's order, and two calls that Go makes to the caller itself: `did` and `done`.

    `err` is the last part of Go's text, empty for nil; a site stands for an address.
    """

    def get_conn(self) -> None:
        """An attempt begins; nothing has been looked up yet."""

    def got_conn(self, conn: Any) -> None:
        """Delivered: the request's `reused`, `was_idle` and `idle_time` are set."""

    def put_idle_conn(self, err: str) -> None:
        """The connection came back to the pool, or was refused; not called with keep-alives off."""

    def got_first_response_byte(self) -> None:
        """The first byte of anything, a 1xx too."""

    def got_100_continue(self) -> None:
        """100 Continue arrived."""

    def got_1xx_response(self, code: int) -> None:
        """An interim response arrived."""

    def dns_start(self) -> None:
        """The dial asks for the addresses of a name."""

    def dns_done(self, err: str) -> None:
        """It has them."""

    def connect_start(self, site: Any) -> None:
        """A connect() to one address begins."""

    def connect_done(self, site: Any, err: str) -> None:
        """It ended."""

    def tls_handshake_start(self) -> None:
        """TCP is connected, TLS begins."""

    def tls_handshake_done(self, err: str) -> None:
        """The handshake ended."""

    def wrote_headers(self) -> None:
        """The headers were handed to the buffer."""

    def wait_100_continue(self) -> None:
        """The body waits for 100 Continue."""

    def wrote_request(self, err: str) -> None:
        """The request and its body were handed to the buffer."""

    def dial_failed(self, dial: Any, err: str) -> None:
        """The request is about to end with the error of its own dial."""

    def did(self, status: int) -> None:
        """Client.Do returns with a response."""

    def done(self, request: Any, err: str) -> None:
        """The caller is done: with the body, or with an error. `request.conn` is the connection it had, if any."""


class Watch(Protocol):
    """Sees the dials of a Transport and what becomes of them."""

    def dialed(self, dial: Any, conn: Any) -> None:
        """A dial became a connection."""

    def dial_failed(self, dial: Any, err: str) -> None:
        """A dial ended without one, in TCP or in TLS (then `t_connected` is set)."""

    def conn_closed(self, conn: Any) -> None:
        """The client closed a connection."""
