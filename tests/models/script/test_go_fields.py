"""Fields of Go's structs, in Go's spelling."""

import pytest

from models.script.client import client_config
from models.script.go_fields import NotSimulated, check_fields, read_fields, snake
from sim.units import MS, SECOND
from tests.models.script.scripts import a_case, ask


def test_go_writes_abbreviations_in_capitals() -> None:
    assert [snake(name) for name in ("TLSHandshakeTimeout", "MaxIdleConnsPerHost", "HTTP2")] == [
        "tls_handshake_timeout", "max_idle_conns_per_host", "http2"
    ]  # fmt: skip


def test_durations_have_units_and_minus_one_is_a_number() -> None:
    written = {"IdleConnTimeout": "1m30s", "ResponseHeaderTimeout": "-5ms", "MaxConnsPerHost": -1}

    assert read_fields(written, "transport") == {
        "idle_conn_timeout": 90 * SECOND, "response_header_timeout": -5 * MS, "max_conns_per_host": -1
    }  # fmt: skip


def test_what_go_has_and_the_models_lack_is_not_simulated() -> None:
    with pytest.raises(NotSimulated, match="Jar"):
        read_fields({"Jar": 1}, "client")
    with pytest.raises(NotSimulated, match="Protocols"):
        read_fields({"Protocols": {"HTTP1": True}}, "transport")
    check_fields({"Jar": 1}, "client")  # it is written right


def test_what_changes_nothing_of_a_script_is_read_over() -> None:
    assert read_fields({"DisableCompression": True, "ReadBufferSize": 8192}, "transport") == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [("DisableKeepAlives", 1), ("MaxIdleConns", True), ("IdleConnTimeout", "90"), ("IdleConnTimeout", 1.5)],
)
def test_a_value_that_does_not_fit_is_refused_with_its_field(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"transport.{field}: "):
        read_fields({field: value}, "transport")


def test_the_client_of_a_case_is_a_literal_with_zeros() -> None:
    config = client_config(a_case(ask("A", "0ms")), "1.22.10")

    assert (config.go_version, config.overhead, config.timeout, config.dialer.timeout) == ("1.22", 0, 0, 0)
    assert (config.transport.max_idle_conns, config.transport.idle_conn_timeout) == (0, 0)
    assert config.transport.tls_handshake_timeout == 0


def test_versions_that_were_never_executed_are_not_simulated() -> None:
    with pytest.raises(NotSimulated, match=r"Go 1\.12\.1"):
        client_config(a_case(ask("A", "0ms")), "1.12.1")
