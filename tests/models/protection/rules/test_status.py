"""gRPC's statuses: the table of http-grpc-status-mapping.md, Go's errors, names and numbers."""

import pytest
from pydantic import TypeAdapter, ValidationError

from models.protection.rules.status import (
    Code,
    GrpcCode,
    check_statuses,
    code_of_error,
    code_of_status,
    message_of_status,
    parse_code,
)
from models.transport import errors

MAPPING = {
    200: Code.OK, 400: Code.INTERNAL, 401: Code.UNAUTHENTICATED, 403: Code.PERMISSION_DENIED, 404: Code.UNIMPLEMENTED,
    429: Code.UNAVAILABLE, 502: Code.UNAVAILABLE, 503: Code.UNAVAILABLE, 504: Code.UNAVAILABLE, 500: Code.UNKNOWN,
    418: Code.UNKNOWN,
}  # fmt: skip
ERRORS = {
    errors.AWAITING_HEADERS: Code.DEADLINE_EXCEEDED,
    errors.DEADLINE_EXCEEDED: Code.DEADLINE_EXCEEDED,
    errors.CANCELED: Code.CANCELLED,
    errors.CONNECTION_RESET: Code.UNAVAILABLE,
    errors.EOF: Code.UNAVAILABLE,
    "connection refused": Code.UNAVAILABLE,
}


@pytest.mark.parametrize(("status", "code"), MAPPING.items())
def test_an_answer_without_trailers_counts_as_grpc_maps_it(status: int, code: Code) -> None:
    assert code_of_status(status) == code


@pytest.mark.parametrize(("err", "code"), ERRORS.items())
def test_an_error_is_a_deadline_a_cancellation_or_unavailable(err: str, code: Code) -> None:
    assert code_of_error(err) == code


def test_the_text_is_that_of_grpc_go() -> None:
    assert message_of_status(503) == "unexpected HTTP status code received from server: 503 (Service Unavailable)"
    assert message_of_status(520) == "unexpected HTTP status code received from server: 520 ()"
    assert message_of_status(200) == ""


@pytest.mark.parametrize("code", Code)
def test_a_status_is_read_by_name_and_by_number_and_written_by_name(code: Code) -> None:
    adapter: TypeAdapter[int] = TypeAdapter(GrpcCode)

    assert adapter.validate_python(code.name) == adapter.validate_python(code.value) == code
    assert adapter.dump_python(code.value) == code.name


@pytest.mark.parametrize("written", ["UNAVAILBLE", 17, -1, True, 8.0, None])
def test_what_is_no_status_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="is no gRPC status"):
        parse_code(written)
    with pytest.raises(ValidationError):
        TypeAdapter(GrpcCode).validate_python(written)


@pytest.mark.parametrize("key", ["7", "600", "ok", "4.5"])
def test_codes_stand_under_http_statuses(key: str) -> None:
    with pytest.raises(ValueError, match=rf"grpc_codes\.{key}: is no HTTP status"):
        check_statuses("grpc_codes", ["429", key])
