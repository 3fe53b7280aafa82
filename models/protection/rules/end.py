"""End: what an expression of a rule sees of how a try ended. Not what is done about it.

Limitation: gRPC's own statuses are not carried by the models yet, so they follow from HTTP statuses and Go's errors as
gRPC maps them, or from what the service is said to send with a status.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from models.protection import verdict
from models.protection.rules.status import code_of_error, code_of_status, message_of_status
from models.request import Request

FIELDS: Mapping[str, tuple[str, str]] = {
    "grpc_status": ("INT", "gRPC's status, 0 to 16; its names stand for the numbers: `grpc-status == UNAVAILABLE`"),
    "grpc_message": ("STRING", "the text that comes with it"),
    "http_status": ("INT", "the HTTP status; 0 where no answer came"),
    "error": ("STRING", "Go's error as records have it, such as `connection reset by peer`; empty with an answer"),
    "error_class": ("STRING", "`connect`, `reset`, `timeout`, or `refused` by a guard; empty with an answer"),
    "method": ("STRING", "the HTTP method"),
    "service": ("STRING", "the service that was called"),
    "backend": ("INT", "number of the backend within the service, from 0; -1 where no connection came about"),
    "duration": ("DURATION", "from the begin of the try to its end, in whole microseconds: `duration > 500ms`"),
    "attempt": ("INT", "number of the try within its call, from 1"),
}  # fmt: skip
"""Name to type of CEL and meaning."""
ERROR_CLASSES = ("", "connect", "reset", "timeout", "refused")

EXAMPLE: Mapping[str, Any] = {
    "grpc_status": 14, "grpc_message": "unexpected", "http_status": 503, "error": "", "error_class": "",
    "method": "GET", "service": "orders", "backend": 0, "duration": timedelta(milliseconds=1), "attempt": 1,
}  # fmt: skip
"""An end on which an expression is tried out before the run."""


@dataclass(frozen=True, slots=True)
class Ends:
    """Reads the ends of one instance's calls of one service."""

    service: str
    codes: Mapping[int, int] = field(default_factory=dict)
    """gRPC statuses that it sends, by the HTTP status in whose place they stand here."""
    messages: Mapping[int, str] = field(default_factory=dict)
    places: Mapping[int, int] = field(default_factory=dict)
    """Number of a backend among all to its number within the service."""

    def facts_of(self, request: Request, attempt: int, now: int, *, is_refused: bool = False) -> dict[str, Any]:
        """The fields of a try that has just ended."""
        conn = request.conn
        code, message = self._grpc(request)
        return {
            "grpc_status": code,
            "grpc_message": message,
            "http_status": 0 if request.err else request.status,
            "error": request.err,
            "error_class": "refused" if is_refused else _class_of(request),
            "method": request.exchange.method,
            "service": self.service,
            "backend": -1 if conn is None else self.places.get(conn.backend, -1),
            "duration": timedelta(microseconds=(now - request.t_getconn) // 1000),
            "attempt": attempt,
        }

    def _grpc(self, request: Request) -> tuple[int, str]:
        if request.err:
            return code_of_error(request.err), request.err
        status = request.status
        if status in self.codes:
            return self.codes[status], self.messages.get(status, "")
        return code_of_status(status), self.messages.get(status) or message_of_status(status)


def _class_of(request: Request) -> str:
    kinds = verdict.kinds_of(request) if request.err else set()
    return next((each for each in ERROR_CLASSES if each in kinds), "")
