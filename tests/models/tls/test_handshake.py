"""How long a TLS handshake takes."""

import pytest

from models.tls.handshake import CLIENT_CPU, RESUMED_CPU, SERVER_CPU, handshake_time
from sim.units import MS


@pytest.mark.parametrize(("version", "round_trips"), [("1.3", 1), ("1.2", 2)])
def test_a_full_handshake_takes_one_round_trip_and_with_tls_1_2_two(version: str, round_trips: int) -> None:
    short = handshake_time(version, "ecdsa_p256", 0, resumed=False)
    long = handshake_time(version, "ecdsa_p256", 20 * MS, resumed=False)

    assert long - short == round_trips * 20 * MS, "recordings E16: set-up of 2.13 and 3.13 RTT, TCP's included"


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_a_resumed_handshake_takes_one_round_trip_and_no_signature(version: str) -> None:
    assert handshake_time(version, "rsa_4096", 20 * MS, resumed=True) == 20 * MS + RESUMED_CPU, (
        "RFC 5246, 7.3; RFC 8446, 2.2"
    )


@pytest.mark.parametrize("key", sorted(SERVER_CPU))
def test_without_distance_a_full_handshake_costs_the_cpu_time_of_both_ends(key: str) -> None:
    assert handshake_time("1.3", key, 0, resumed=False) == CLIENT_CPU[key] + SERVER_CPU[key]


def test_a_bigger_rsa_key_costs_the_server_more_and_ecdsa_least() -> None:
    assert SERVER_CPU["ecdsa_p256"] < SERVER_CPU["rsa_2048"] < SERVER_CPU["rsa_4096"]
