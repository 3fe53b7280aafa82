"""CPU times and bytes of handshakes: the rows that were measured, and what is composed of them."""

import pytest

from models.tls.cost import CLIENT_CPU, GO_CPU, OPENSSL_CPU, SERVER_CPU, Terms, cost_of
from models.tls.flight_bytes import bytes_of
from sim.units import US

P256 = "ecdsa_p256"


def us(terms: Terms) -> tuple[int, int]:
    """Of the client and of the server, all in all."""
    cpu = cost_of(terms)
    return cpu.client // US, (cpu.server + cpu.judging) // US


@pytest.mark.parametrize(("library", "table"), [("go", GO_CPU), ("openssl", OPENSSL_CPU)])
@pytest.mark.parametrize("key", sorted(GO_CPU))
def test_a_handshake_costs_what_was_measured(library: str, table: dict[str, tuple[int, ...]], key: str) -> None:
    one_sided, mutual = (us(Terms(library, "1.3", key, "x25519", who)) for who in ("", key))

    assert (*one_sided, *mutual) == table[key], "reference/protocols.md, 9.2"


@pytest.mark.parametrize(
    ("terms", "measured"),
    [
        pytest.param(Terms("go", "1.3", P256, "p256"), (415, 202), id="P-256"),
        pytest.param(Terms("go", "1.3", P256, "p256", P256), (479, 460), id="P-256 mutual"),
        pytest.param(Terms("go", "1.3", P256, "p384"), (927, 696), id="P-384"),
        pytest.param(Terms("go", "1.3", P256, "p384", P256), (989, 997), id="P-384 mutual"),
        pytest.param(Terms("go", "1.3", P256, ""), (561, 291), id="Go's default"),
        pytest.param(Terms("go", "1.3", P256, "", P256), (617, 567), id="Go's default mutual"),
        pytest.param(Terms("go", "1.3", P256, "x25519", "", True), (178, 157), id="resumed"),
        pytest.param(Terms("go", "1.3", P256, "x25519", P256, True), (187, 169), id="resumed mutual"),
        pytest.param(Terms("go", "1.3", P256, "", "", True), (315, 233), id="resumed with ML-KEM"),
        pytest.param(Terms("go", "1.2", P256, ""), (412, 208), id="1.2"),
        pytest.param(Terms("go", "1.2", P256, "", P256), (474, 480), id="1.2 mutual"),
        pytest.param(Terms("go", "1.2", P256, "", "", True), (52, 49), id="1.2 resumed"),
        pytest.param(Terms("go", "1.2", P256, "", P256, True), (71, 67), id="1.2 resumed mutual"),
        pytest.param(Terms("openssl", "1.3", P256, "", "", True), (202, 225), id="OpenSSL resumed"),
        pytest.param(Terms("openssl", "1.2", P256, ""), (988, 287), id="OpenSSL 1.2"),
        pytest.param(Terms("openssl", "1.2", P256, "", "", True), (46, 51), id="OpenSSL 1.2 resumed"),
    ],
)
def test_what_is_composed_comes_within_five_percent_of_its_row(terms: Terms, measured: tuple[int, int]) -> None:
    assert us(terms) == pytest.approx(measured, rel=0.05), "two runs of the measurement agree within 10 %"


@pytest.mark.parametrize("key", sorted(SERVER_CPU))
@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_the_lab_keeps_what_it_recorded(key: str, version: str) -> None:
    assert cost_of(Terms("lab", version, key, ""))[:2] == (CLIENT_CPU[key], SERVER_CPU[key])
    assert cost_of(Terms("lab", version, key, "", "", True))[:2] == (200 * US, 200 * US)


def test_what_the_lab_did_not_record_is_added_as_gos_difference() -> None:
    assert us(Terms("lab", "1.3", P256, "", P256)) == (700 + 53, 400 + 259)
    assert us(Terms("lab", "1.3", "ecdsa_p384", "")) == (700 + 1_610, 400 + 176)
    assert us(Terms("lab", "1.3", P256, "x25519")) == (700 - 135, 400 - 76)


def test_the_keys_of_the_two_ends_cost_each_where_they_are_used() -> None:
    mixed, same = (us(Terms("go", "1.3", P256, "x25519", key)) for key in ("rsa_2048", P256))

    assert mixed == (426 + 988, 215 + 156), "the client signs with RSA, which is dear; verifying that is cheap"
    assert mixed[0] > same[0]
    assert mixed[1] < same[1]


@pytest.mark.parametrize(
    ("key", "finish", "answer"),
    [(P256, 1_130, 1_434), ("rsa_2048", 2_106, 2_411), ("rsa_4096", 3_386, 3_691)],
)
def test_mutual_flights_are_as_long_as_measured(key: str, finish: int, answer: int) -> None:
    flights = bytes_of(Terms("go", "1.3", key, "x25519", key))

    assert flights.hello == 259
    assert flights.finish == pytest.approx(finish, abs=1)
    assert flights.answer == answer


@pytest.mark.parametrize(
    ("terms", "measured"),
    [
        pytest.param(Terms("go", "1.3", P256, "x25519"), (259, 1_287, 64), id="one-sided"),
        pytest.param(Terms("go", "1.3", P256, ""), (1_491, 2_376, 64), id="Go's default"),
        pytest.param(Terms("go", "1.3", P256, "x25519", "", True), (421, 369, 64), id="resumed"),
        pytest.param(Terms("go", "1.3", P256, "x25519", P256, True), (2_165, 2_113, 64), id="resumed mutual"),
        pytest.param(Terms("go", "1.2", P256, ""), (225, 1_191, 93), id="1.2"),
        pytest.param(Terms("lab", "1.3", P256, ""), (1_513, 4_000, 1_513), id="as in the lab"),
    ],
)
def test_flights_are_as_long_as_measured(terms: Terms, measured: tuple[int, int, int]) -> None:
    assert tuple(bytes_of(terms)) == measured, "reference/protocols.md, 9.3"
