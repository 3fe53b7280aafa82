"""The messages of a QUIC handshake: who says what in which space, and how many bytes it takes. Nothing is sent here.

Source: RFC 9001, 4; sizes as Go's crypto/tls writes them (measured, reference of the protocols 6.2 and 9.3).
"""

from typing import NamedTuple

from models.tls.session import Ticket

HELLO_BYTES, MLKEM_HELLO_BYTES = 360, 1_590
"""ClientHello with X25519 alone, and with X25519MLKEM768 beside it; both with QUIC's transport parameters."""
TICKET_BYTES = 160
"""What a ticket adds to it."""
SERVER_HELLO_BYTES, MLKEM_ANSWER_BYTES = 90, 1_090
"""ServerHello, and the ciphertext that answers a share of ML-KEM-768."""
EXTENSIONS_BYTES = 196
"""EncryptedExtensions, CertificateVerify of an ECDSA key and Finished: what goes with the certificates."""
LONGER_SIGNATURE = {"ecdsa_p256": 0, "rsa_2048": 190, "rsa_4096": 446}
"""What the signature of such a key is longer than ECDSA's."""
RESUMED_BYTES = 110
"""EncryptedExtensions and Finished: neither certificates nor signature."""
FINISHED_BYTES = 36


class ClientHello(NamedTuple):
    """What the client says first."""

    ticket: Ticket | None
    """Of an earlier session, where it has one."""
    offers_early: bool
    """Whether 0-RTT data go with it."""
    is_post_quantum: bool

    @property
    def size(self) -> int:
        """Bytes."""
        return (MLKEM_HELLO_BYTES if self.is_post_quantum else HELLO_BYTES) + (TICKET_BYTES if self.ticket else 0)


class ServerHello(NamedTuple):
    """The server's key share: what comes behind it in other spaces can be read."""

    is_post_quantum: bool

    @property
    def size(self) -> int:
        """Bytes."""
        return SERVER_HELLO_BYTES + (MLKEM_ANSWER_BYTES if self.is_post_quantum else 0)


class ServerFlight(NamedTuple):
    """The rest of what the server says: certificates, or nothing of the kind where the session goes on."""

    is_resumed: bool
    takes_early: bool
    """Whether 0-RTT data were accepted."""
    size: int


class ClientFinished(NamedTuple):
    """The client's last word; a Handshake packet, which shows that it is where it says."""

    size: int = FINISHED_BYTES


class HandshakeDone(NamedTuple):
    """The server has seen all of it; with it come a ticket for the next session, and a token that skips Retry."""

    ticket: Ticket


class Challenge(NamedTuple):
    """PATH_CHALLENGE or its answer: eight bytes that only somebody at this address can send back."""

    address: tuple[int, int]
    is_answer: bool = False


def server_flight(
    hello: ClientHello, *, is_resumed: bool, takes_early: bool, certificate: tuple[int, str]
) -> ServerFlight:
    """What the server says after its hello; `certificate` is the bytes of the chain and the type of its key."""
    size, key = certificate
    full = EXTENSIONS_BYTES + size + LONGER_SIGNATURE[key]
    return ServerFlight(is_resumed, takes_early, RESUMED_BYTES if is_resumed else full)
