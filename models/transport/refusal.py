"""Refusal: a proxy that may ask no backend answers by itself. Not why there is none."""

from typing import Any

from models.request import Request


class Refusal:
    """Stands where the connections of a `HostPool` would: the answer costs the client's own CPU time alone."""

    __slots__ = ("_status", "_transport")

    def __init__(self, transport: Any, status: int) -> None:
        self._transport, self._status = transport, status

    def round_trip(self, request: Request) -> None:
        """Answer."""
        self._transport.engine.call_in(self._transport.overhead, self._answer, request)

    def _answer(self, request: Request) -> None:
        if not request.done:
            self._transport.finish(request, self._status, "")
