"""What a handshake costs in CPU time, by key types, key exchange, version, and end. Not when it is spent.

Sources: recordings of the lab; project file reference/protocols.md, 9.2 (Go 1.27 over an in-memory pipe, OpenSSL 3.0.19
through Python's ssl: medians in us, chains of a leaf and an intermediate).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from sim.units import US

CLIENT_CPU = {"ecdsa_p256": 700 * US, "rsa_2048": 650 * US, "rsa_4096": 750 * US}
"""CPU time of the client in a full handshake of the lab: key exchange and verification."""

SERVER_CPU = {"ecdsa_p256": 400 * US, "rsa_2048": 1_300 * US, "rsa_4096": 6_500 * US}
"""CPU time of the server in a full handshake of the lab: key exchange and signature."""

RESUMED_CLIENT_CPU = RESUMED_SERVER_CPU = 200 * US
"""CPU time of each end in a resumed handshake of the lab: a key exchange without signature."""

GO_CPU = {
    "ecdsa_p256": (426, 215, 479, 474),
    "rsa_2048": (285, 1096, 1273, 1252),
    "rsa_3072": (599, 2859, 3366, 3330),
    "rsa_4096": (908, 6395, 7254, 7280),
    "ecdsa_p384": (2036, 391, 2289, 2297),
    "ed25519": (333, 180, 373, 370),
}
"""Go, TLS 1.3, X25519, us: client and server, and the same of a mutual handshake where both have such a key (9.2)."""

OPENSSL_CPU = {
    "ecdsa_p256": (833, 280, 920, 1266),
    "rsa_2048": (691, 634, 1039, 1380),
    "rsa_3072": (738, 2217, 2737, 3065),
    "rsa_4096": (855, 4726, 5504, 5870),
    "ecdsa_p384": (2618, 1023, 3383, 3735),
    "ed25519": (793, 273, 856, 1115),
}
"""OpenSSL, in the same order; about 20 us of each are Python's (9.2)."""

KEY_EXCHANGE_CPU = {"x25519": (0, 0), "p256": (-11, -13), "p384": (501, 481), "x25519mlkem768": (135, 76)}
"""What another key exchange than X25519 adds at the client and the server of Go, us (rows P-256 of 9.2)."""

RESUMED_CPU = {
    ("go", "1.3"): (178, 157, 187, 169),
    ("go", "1.2"): (52, 49, 71, 67),
    ("openssl", "1.3"): (202, 225, 202, 225),
    ("openssl", "1.2"): (46, 51, 46, 51),
}
"""Resumed, X25519, us, in the same order; with TLS 1.3 the key exchange is done anew (9.2)."""

TLS_1_2_CPU = {"go": (-14, -7), "openssl": (155, 7)}
"""What a full handshake of TLS 1.2 adds to one of 1.3, us (rows P-256 of 9.2)."""


class Cpu(NamedTuple):
    """CPU time of one handshake, ns."""

    client: int
    server: int
    """Up to the server's first flight: key exchange and signature."""
    judging: int = 0
    """Of the server when the client's certificate is there: verifying it, its chain, and the signature."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What two ends have agreed upon, as far as it costs."""

    library: str
    """lab, go or openssl."""
    version: str
    key: str
    """Of the server."""
    key_exchange: str
    client_key: str = ""
    """Of the client's certificate; empty where none is asked for."""
    is_resumed: bool = False

    @property
    def is_of_the_lab(self) -> bool:
        """Whether the lab recorded just this."""
        return self.library == "lab" and not self.client_key and self.key_exchange == "" and self.key in CLIENT_CPU


@lru_cache(maxsize=256)
def cost_of(terms: Terms) -> Cpu:
    """CPU time of both ends.

    What a client's certificate adds depends on the client's key alone: one signature there, and three verifications at
    the server, of two links of the chain and of the signature. What the lab did not record is what Go was measured to
    take more or less than for what it did.
    """
    if terms.library != "lab":
        return _measured(terms)
    base = Terms("lab", terms.version, terms.key, "", is_resumed=terms.is_resumed)
    if terms.is_resumed:
        known = Cpu(RESUMED_CLIENT_CPU, RESUMED_SERVER_CPU)
    elif terms.key in CLIENT_CPU:
        known = Cpu(CLIENT_CPU[terms.key], SERVER_CPU[terms.key])
    else:
        base = Terms("lab", terms.version, "ecdsa_p256", "")
        known = Cpu(CLIENT_CPU["ecdsa_p256"], SERVER_CPU["ecdsa_p256"])
    here, there = _measured(terms), _measured(base)
    return Cpu(
        max(known.client + here.client - there.client, 0), max(known.server + here.server - there.server, 0),
        here.judging,
    )  # fmt: skip


def _measured(terms: Terms) -> Cpu:
    library = "openssl" if terms.library == "openssl" else "go"
    if terms.is_resumed:
        alone, mutual = RESUMED_CPU[library, terms.version][:2], RESUMED_CPU[library, terms.version][2:]
        client, server = mutual if terms.client_key else alone
        exchange = KEY_EXCHANGE_CPU[exchange_of(terms)] if terms.version == "1.3" else (0, 0)  # 1.2 needs no other one
        return Cpu((client + exchange[0]) * US, (server + exchange[1]) * US)
    table = OPENSSL_CPU if library == "openssl" else GO_CPU
    exchange = KEY_EXCHANGE_CPU[exchange_of(terms)]
    older = TLS_1_2_CPU[library] if terms.version == "1.2" else (0, 0)
    client, server = table[terms.key][:2]
    signing = judging = 0
    if terms.client_key:
        one_client, one_server, both_client, both_server = table[terms.client_key]
        signing, judging = both_client - one_client, both_server - one_server
    return Cpu((client + exchange[0] + older[0] + signing) * US, (server + exchange[1] + older[1]) * US, judging * US)


def exchange_of(terms: Terms) -> str:
    """The key exchange that the ends choose where none is named: the first that both have.

    Go's first is X25519MLKEM768 since 1.24, in TLS 1.3 alone; OpenSSL 3.0 does not have it.
    """
    if terms.key_exchange:
        return terms.key_exchange
    return "x25519" if terms.version == "1.2" or terms.library == "openssl" else "x25519mlkem768"
