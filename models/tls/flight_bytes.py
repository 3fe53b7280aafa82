"""How long the flights of a handshake are, in bytes. Not how long they take.

Source: project file reference/protocols.md, 9.3 (Go, leaf and intermediate). Rows that were measured come out within a
byte; the others are composed of the same parts. Simplified: tickets that hold a chain are as long as those of P-256.
"""

from functools import lru_cache
from typing import NamedTuple

from models.tls.cost import Terms, exchange_of

LAB_CLIENT_BYTES = 1_513
"""Go 1.27's ClientHello in the lab; its other flights are shorter, and all fit into the first window."""
LAB_SERVER_BYTES = 4_000
"""Hello, certificate, signature and Finished in the lab: less than the first window."""

CHAIN_BYTES = {
    "ecdsa_p256": 924, "rsa_2048": 1_716, "rsa_3072": 2_228, "rsa_4096": 2_740, "ecdsa_p384": 1_046, "ed25519": 816,
}  # fmt: skip
"""A leaf and an intermediate; RSA-3072, P-384 and Ed25519 by the lengths of their keys and signatures."""
SIGNATURE_BYTES = {
    "ecdsa_p256": 71, "rsa_2048": 256, "rsa_3072": 384, "rsa_4096": 512, "ecdsa_p384": 103, "ed25519": 64,
}  # fmt: skip
"""One CertificateVerify."""
KEY_SHARE_BYTES = {"x25519": (0, 0), "p256": (33, 33), "p384": (65, 65), "x25519mlkem768": (1_232, 1_089)}
"""What another key share than X25519's adds to the two hellos; Go's default list sends both: 1,491 bytes."""

CLIENT_HELLO, FINISHED = 259, 64
SERVER_FLIGHT = 292
"""Without chain and signature: 1,287 - 924 - 71."""
CERTIFICATE_REQUEST = 147
"""What a server's flights are longer where it asks for a certificate; the session ticket holds the chain then."""
CLIENT_CERTIFICATE = 71
"""A client's certificate and its signature without chain and signature: 1,130 - 64 - 924 - 71."""
RESUMED_1_3, RESUMED_1_3_MUTUAL = (421, 64, 369), (2_165, 64, 2_113)
FULL_1_2 = (225, 93, 1_191)
"""The ClientHello, the client's second flight, and what the server says in both of its own, for P-256."""
RESUMED_1_2 = (387, 51, 141)
"""Composed: a hello with a ticket, Finished; hello and Finished."""


class FlightBytes(NamedTuple):
    """Bytes of one handshake's flights."""

    hello: int
    """The client's first."""
    answer: int
    """The server's, all of them."""
    finish: int
    """The client's last, which carries its certificate."""


@lru_cache(maxsize=256)
def bytes_of(terms: Terms) -> FlightBytes:
    """How long the flights are that two ends send who have agreed upon `terms`."""
    if terms.is_of_the_lab:
        return FlightBytes(LAB_CLIENT_BYTES, LAB_SERVER_BYTES, LAB_CLIENT_BYTES)
    mine, yours = KEY_SHARE_BYTES[exchange_of(terms)]
    client = CHAIN_BYTES[terms.client_key] + SIGNATURE_BYTES[terms.client_key] if terms.client_key else 0
    if terms.is_resumed and terms.version == "1.3":
        hello, finish, answer = RESUMED_1_3_MUTUAL if terms.client_key else RESUMED_1_3
        return FlightBytes(hello + mine, answer + yours, finish)
    if terms.is_resumed:
        hello, finish, answer = RESUMED_1_2
        return FlightBytes(hello + client, answer + client, finish)
    server = CHAIN_BYTES[terms.key] + SIGNATURE_BYTES[terms.key]
    asks, shows = (CERTIFICATE_REQUEST, client + CLIENT_CERTIFICATE) if terms.client_key else (0, 0)
    if terms.version == "1.2":
        hello, finish, answer = FULL_1_2
        usual = CHAIN_BYTES["ecdsa_p256"] + SIGNATURE_BYTES["ecdsa_p256"]
        return FlightBytes(hello, answer + server - usual + asks, finish + shows)
    return FlightBytes(CLIENT_HELLO + mine, SERVER_FLIGHT + server + asks + yours, FINISHED + shows)
