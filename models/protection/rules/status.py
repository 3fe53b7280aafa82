"""Status: gRPC's status codes, and which of them an HTTP answer or an error of Go counts as. Not gRPC itself.

Sources: grpc/grpc doc/statuscodes.md and doc/http-grpc-status-mapping.md; grpc-go internal/transport/http_util.go
(HTTPStatusConvTab) and http2_client.go (the text).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from http import HTTPStatus
from typing import Annotated, Any

from models.grpc.errors import MESSAGE_TOO_LARGE
from models.transport import errors
from models.transport.http2_errors import BY_PEER
from sim.spelling import way_out
from sim.units import shown


class Code(IntEnum):
    """A gRPC status."""

    OK = 0
    CANCELLED = 1
    UNKNOWN = 2
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    ALREADY_EXISTS = 6
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    ABORTED = 10
    OUT_OF_RANGE = 11
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14
    DATA_LOSS = 15
    UNAUTHENTICATED = 16


OF_STATUS = {
    200: Code.OK,
    400: Code.INTERNAL,
    401: Code.UNAUTHENTICATED,
    403: Code.PERMISSION_DENIED,
    404: Code.UNIMPLEMENTED,
    429: Code.UNAVAILABLE,
    502: Code.UNAVAILABLE,
    503: Code.UNAVAILABLE,
    504: Code.UNAVAILABLE,
}
"""What an answer without gRPC's trailers counts as; all others are UNKNOWN."""


OF_RESET = {
    "REFUSED_STREAM": Code.UNAVAILABLE,
    "CANCEL": Code.CANCELLED,
    "ENHANCE_YOUR_CALM": Code.RESOURCE_EXHAUSTED,
}
"""What RST_STREAM counts as; all other codes are INTERNAL (http_util.go, http2ErrConvTab)."""


def code_of_status(status: int) -> int:
    """The gRPC status of an answer that has none of its own."""
    return OF_STATUS.get(status, Code.UNKNOWN)


def message_of_status(status: int) -> str:
    """What grpc-go says of such an answer; nothing of one that is fine."""
    if status == 200:
        return ""
    known = {one.value: one.phrase for one in HTTPStatus}
    return f"unexpected HTTP status code received from server: {status} ({known.get(status, '')})"


def code_of_error(err: str) -> int:
    """The gRPC status of a call that has no answer.

    Its own time-outs are DEADLINE_EXCEEDED; a stream that the server reset says why; whatever else became of the
    connection is UNAVAILABLE.
    """
    if err in errors.TIMEOUTS:
        return Code.DEADLINE_EXCEEDED
    if err.endswith(BY_PEER):
        return OF_RESET.get(err.partition(";")[0], Code.INTERNAL)
    if err == MESSAGE_TOO_LARGE:
        return Code.RESOURCE_EXHAUSTED
    return Code.CANCELLED if err == errors.CANCELED else Code.UNAVAILABLE


def parse_code(written: Any) -> int:
    """The number of a status that is written as a number or by name; ValueError where there is none such."""
    if isinstance(written, str) and written in Code.__members__:
        return Code[written].value
    if type(written) is int and 0 <= written <= max(Code):
        return written
    names = way_out(written, Code.__members__) if isinstance(written, str) else "write 0 to 16, or UNAVAILABLE"
    raise ValueError(f"{shown(written)} is no gRPC status; {names}")


def check_statuses(key: str, written: Iterable[str]) -> None:
    """Raise ValueError, naming the field, where a key is no HTTP status."""
    for status in written:
        if not (status.isdecimal() and 100 <= int(status) <= 599):
            raise ValueError(f"{key}.{status}: is no HTTP status; write one of 100 to 599, such as 429")


@dataclass(frozen=True, slots=True)
class _Named:
    """Marks a number that is read as a name too, and written back as one; pydantic finds the two hooks."""

    parse: Callable[[Any], int]

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema as cs

        written = cs.plain_serializer_function_ser_schema(lambda code: Code(code).name)
        return cs.no_info_before_validator_function(self.parse, handler(source), serialization=written)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> Any:
        numbers = {"type": "integer", "minimum": 0, "maximum": max(Code).value}
        return {"anyOf": [{"enum": list(Code.__members__)}, numbers], "description": "a gRPC status"}


GrpcCode = Annotated[int, _Named(parse_code)]
"""A gRPC status, written RESOURCE_EXHAUSTED or 8."""
