"""Served: pages by their paths over HTTP, on this machine alone. Not what is on them.

For looking at a run with the tools that look at a live process; nothing of it is fit for a network.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from sim.units import InputError

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a page answers with."""

    kind: str
    """Its content type."""
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


Page = Callable[[Mapping[str, str]], Reply]
"""Gets the words of the query; raises InputError for those that make no sense."""


def server_of(pages: Mapping[str, Page], port: int) -> ThreadingHTTPServer:
    """A server that listens; port 0 takes any that is free.

    Raises
    ------
    InputError
        The port is taken, or not ours to take.
    """
    handler = type("Handler", (_Handler,), {"pages": pages})
    try:
        return _Server((LOOPBACK, port), handler)
    except (OSError, OverflowError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError(f"--port {port}: {reason}; name another, or 0 for any that is free") from None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Who reads has read enough, as `curl ... | head`; anything else is told."""
        import sys

        if not isinstance(sys.exception() if hasattr(sys, "exception") else sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # as it came


class _Handler(BaseHTTPRequestHandler):
    pages: Mapping[str, Page]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        page = self.pages.get(asked.path)
        if page is None:
            there = ", ".join(self.pages)
            self._send(HTTPStatus.NOT_FOUND, Reply(_PLAIN, f"{asked.path}: no such page; there is {there}\n".encode()))
            return
        query = {name: values[-1] for name, values in parse_qs(asked.query, keep_blank_values=True).items()}
        try:
            reply = page(query)
        except InputError as error:
            self._send(HTTPStatus.BAD_REQUEST, Reply(_PLAIN, f"{error}\n".encode()))
            return
        self._send(HTTPStatus.OK, reply)

    def do_HEAD(self) -> None:
        self.do_GET()

    def _send(self, status: HTTPStatus, reply: Reply) -> None:
        self.send_response(status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the answer is in the reader's hands."""


_PLAIN = "text/plain; charset=utf-8"
