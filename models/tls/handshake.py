"""Handshake: the flights of TLS between two ends, by version, resumption and certificates. Not records.

Sources: RFC 8446, 2, 2.2 and 4.4; RFC 5246, 7.3; crypto/tls, clientHandshake; project file reference/protocols.md, 9.1.
"""

from collections.abc import Callable
from typing import Any

from models.backend.secure import Flight
from models.certificates.certificate import Certificate, Flaw
from models.tls.cost import Terms, cost_of
from models.tls.flight_bytes import bytes_of
from models.tls.tally import Tally
from models.tls.verdict import AT_THE_CLIENT, AT_THE_SERVER, NO_CERTIFICATE, NONE_SHOWN_1_2

ROUND_TRIPS = {"1.2": 2, "1.3": 1}
"""After the TCP handshake, full (recordings E16: set-up 3.13 and 2.13 RTT in all); Go sends no 0-RTT data for HTTP."""

RESUMED_ROUND_TRIPS = {"1.2": 1, "1.3": 1}
"""RFC 5246, 7.3 (abbreviated handshake); RFC 8446, 2.2."""


class Handshake(Flight):
    """One handshake, seen from the client's end. It is itself the message of each of its flights.

    The server signs when the first flight is there, the client verifies when the last one is. Either end has only so
    many processors. Simplified: a handshake that is given up while it waits for the client's costs its time, too; what
    a client does before its last flight of TLS 1.2 it does after it.
    """

    __slots__ = (
        "_alert", "_bytes", "_cpu", "_end", "_has_signed", "_rounds", "_tally", "_then", "client", "err", "server",
        "shown", "terms",
    )  # fmt: skip

    def __init__(self, end: Any, terms: Terms, tally: Tally, then: Callable[[Any], object]) -> None:
        self._end, self.terms, self._tally, self._then = end, terms, tally, then
        self._rounds = (RESUMED_ROUND_TRIPS if terms.is_resumed else ROUND_TRIPS)[terms.version]
        self._cpu, self._bytes = cost_of(terms), bytes_of(terms)
        self._has_signed = False
        self.client: Any = None
        """Who judges what the server shows, and shows something itself; None where no certificate's time matters."""
        self.shown: Certificate | None = None
        """What the client has shown."""
        self.server: Certificate | None = None
        """What the server has shown."""
        self.err = self._alert = ""
        """Why it fails."""

    @property
    def alert(self) -> str:
        """What the server says instead of going on; empty where it accepts."""
        return self._alert

    @property
    def answer_bytes(self) -> int:
        """Of what the server answers."""
        return self._bytes.answer

    def start(self) -> None:
        """Send the ClientHello; what comes back is handed to `arrived`."""
        self._send(self._bytes.hello)

    def _send(self, size_bytes: int) -> None:
        self._tally.bytes_sent += size_bytes
        self._end.send(self, size_bytes)

    def served_at(self, server: Any) -> int:
        """When the server, which has just read a flight, has done its work on it: all but judging is with the first."""
        if self._has_signed:
            return self.judged_at(server) if self._is_mutual else int(server.take_tls_cpu(0))
        self._has_signed = True
        if server.holder is not None:
            self.server = server.holder.shows(server.life)
            if self.server is None:
                self._alert = NO_CERTIFICATE
                return int(server.take_tls_cpu(0))
        self._tally.server_cpu += self._cpu.server
        self._tally.bytes_received += self._bytes.answer
        return int(server.take_tls_cpu(self._cpu.server))

    def judged_at(self, server: Any) -> int:
        """When the server has judged what the client shows."""
        self._tally.server_cpu += self._cpu.judging
        if server.holder is not None and self.client is not None:
            flaw = server.holder.judges(self.shown)
            is_old = flaw is Flaw.ABSENT and self.terms.version == "1.2"
            self._alert = NONE_SHOWN_1_2 if is_old else AT_THE_SERVER[flaw]
        return int(server.take_tls_cpu(self._cpu.judging))

    def arrived(self) -> None:
        """A flight of the server has arrived: answer it, or be done."""
        if self._alert:
            self.err = self._alert
            self._tally.client_cpu += self._cpu.client if self.shown is not None else 0
            self._then(self)
            return
        if self.client is not None and not self.terms.is_resumed and not self.err:
            self.err = AT_THE_CLIENT[self.client.judges(self.server)]
            self.shown = self.client.shows()
        self._rounds -= 1
        if self._rounds and not self.err:
            self._send(self._bytes.finish)
        else:
            self._tally.client_cpu += self._cpu.client
            self._end.side.cpu.work(self._cpu.client, self._over)

    def _over(self, _: Any) -> None:
        self._then(self)

    @property
    def _is_mutual(self) -> bool:
        return bool(self.terms.client_key) and not self.terms.is_resumed

    @property
    def needs_proof(self) -> bool:
        """Whether the server has yet to judge what the client shows when the client is done (TLS 1.3)."""
        return self._is_mutual and self.terms.version == "1.3"

    def prove(self, backend: int) -> None:
        """Send the client's last flight: requests may follow at once, and a refusal comes as the answer to them."""
        self._tally.bytes_sent += self._bytes.finish
        self._end.peer.app.awaits_proof = True
        self._end.send(Proof(self, self._tally, backend), self._bytes.finish)


class Proof(Flight):
    """A client's certificate, its signature and Finished: what a handshake of TLS 1.3 ends with at the server."""

    __slots__ = ("_backend", "_handshake", "_tally")
    is_proof = True

    def __init__(self, handshake: Handshake, tally: Tally, backend: int) -> None:
        self._handshake, self._tally, self._backend = handshake, tally, backend

    @property
    def alert(self) -> str:
        """What the server says instead of going on; empty where it accepts."""
        return self._handshake.alert

    def served_at(self, server: Any) -> int:
        """When the server has judged it."""
        judged_at = self._handshake.judged_at(server)
        self._tally.ended(self._backend, resumed=False, err=self.alert)
        return judged_at
