"""What omitted fields of a client mean."""

import pytest

from models.scenario import Scenario
from models.transport.config import ClientConfig, TransportConfig, minor
from sim.scenario import Loader
from sim.units import MS, SECOND


def a_configured(client: dict[str, object]) -> ClientConfig:
    tree = {
        "clients": {"c": client},
        "services": {"s": {}},
        "workloads": {"w": {"client": "c", "service": "s", "arrivals": {"constant": {"rate": "1/s"}}}},
    }
    scenario: Scenario = Loader(Scenario).load_tree(tree, "scenario", ())
    return scenario.clients["c"]


def test_without_a_preset_a_transport_is_the_default_transport() -> None:
    transport = TransportConfig()

    assert (transport.max_idle_conns, transport.max_idle_conns_per_host, transport.max_conns_per_host) == (100, 0, 0)
    assert (transport.idle_conn_timeout, transport.tls_handshake_timeout) == (90 * SECOND, 10 * SECOND)
    assert transport.response_header_timeout == 0, "DefaultTransport sets none"


def test_a_zero_transport_leaves_its_fields_and_those_of_its_dialer_at_zero() -> None:
    client = a_configured({"transport": {"preset": "zero_transport"}})

    assert (client.transport.max_idle_conns, client.transport.idle_conn_timeout) == (0, 0)
    assert (client.transport.tls_handshake_timeout, client.dialer.timeout) == (0, 0)


def test_a_field_that_is_written_overrides_the_preset() -> None:
    client = a_configured(
        {
            "transport": {"preset": "zero_transport", "idle_conn_timeout": "7s"},
            "dialer": {"timeout": "20ms"},
        }
    )

    assert (client.transport.idle_conn_timeout, client.dialer.timeout) == (7 * SECOND, 20 * MS)


def test_a_default_dialer_gives_up_after_thirty_seconds() -> None:
    assert a_configured({}).dialer.timeout == 30 * SECOND


def test_a_client_has_no_timeout_of_its_own() -> None:
    assert a_configured({}).timeout == 0


@pytest.mark.parametrize(("version", "expected"), [("1.19", 19), ("1.27", 27)])
def test_the_minor_version_is_the_number_behind_the_point(version: str, expected: int) -> None:
    assert minor(version) == expected


@pytest.mark.parametrize(
    ("client", "offers"),
    [
        ({}, True),
        ({"transport": {"force_attempt_http2": False}}, False),
        ({"transport": {"preset": "zero_transport"}}, True),
        ({"transport": {"preset": "zero_transport"}, "dialer": {"timeout": "5s"}}, False),
        ({"transport": {"preset": "zero_transport"}, "tls": {"client_session_cache": 8}}, False),
        ({"transport": {"preset": "zero_transport", "ForceAttemptHTTP2": True}, "dialer": {"timeout": "5s"}}, True),
    ],
)
def test_a_dialer_or_tls_config_of_its_own_turns_http2_off_unless_it_is_forced(
    client: dict[str, object], offers: bool
) -> None:
    assert a_configured(client).attempts_http2 is offers, "Transport.protocols; DefaultTransport has its own and forces"
