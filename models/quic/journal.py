"""Journal: what one end of a QUIC connection tells of its packets. It decides nothing, and the end does not read it.

Source: quic-go, logging.ConnectionTracer; qlog's events for QUIC, whose names the texts are.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from models.quic.packet import Packet, Space
from models.quic.recovery import PACKET_THRESHOLD, Recovery
from sim.engine.environment import Engine
from sim.records.rows import ABSENT, Rows

SENT, RECEIVED, LOST, DROPPED, REJECTED = (
    "packet_sent",
    "packet_received",
    "packet_lost",
    "packet_dropped",
    "key_retired",
)
TYPES: Mapping[Space, str] = {Space.INITIAL: "initial", Space.HANDSHAKE: "handshake", Space.APPLICATION: "1RTT"}
EARLY = "0RTT"
REORDERING, TIME, NO_KEY = "reordering_threshold", "time_threshold", "key_unavailable"


class Book(NamedTuple):
    """Where all of a client's connections are written down."""

    engine: Engine
    rows: Rows
    words: Any
    """The vocabulary of the records."""
    label: int
    """The client's instance."""


class Journal:
    """Of one end of one connection, beside the state of its recovery at each event."""

    __slots__ = ("_book", "_conn_id", "_recovery", "_side")

    def __init__(self, book: Book, conn_id: int, side: str, recovery: Recovery) -> None:
        self._book, self._conn_id, self._recovery = book, conn_id, recovery
        self._side = book.words[side]

    def peer(self, recovery: Recovery) -> "Journal":
        """That of the server's end."""
        return Journal(self._book, self._conn_id, "server", recovery)

    def sent(self, packet: Packet) -> None:
        """A packet has left."""
        self._note(SENT, packet)

    def received(self, packet: Packet) -> None:
        """A packet was read."""
        self._note(RECEIVED, packet)

    def lost(self, packet: Packet) -> None:
        """A packet counts as lost, since later ones have arrived, or for its age (RFC 9002, 6.1)."""
        overtaken = packet.number <= self._recovery.largest_acked(packet.space) - PACKET_THRESHOLD
        self._note(LOST, packet, REORDERING if overtaken else TIME)

    def dropped(self, packet: Packet) -> None:
        """A packet will never be read: 0-RTT data that the server does not take."""
        self._note(DROPPED, packet, NO_KEY)

    def early_rejected(self) -> None:
        """The server does not take the 0-RTT data: their keys go, and they are sent again."""
        self._row(REJECTED, EARLY, number=ABSENT, size=ABSENT, trigger="")

    def _note(self, event: str, packet: Packet, trigger: str = "") -> None:
        kind = EARLY if packet.is_early else TYPES[packet.space]
        self._row(event, kind, number=packet.number, size=packet.size, trigger=trigger)

    def _row(self, event: str, kind: str, *, number: int, size: int, trigger: str) -> None:
        engine, rows, words, label = self._book
        recovery = self._recovery
        rows.append(
            engine.now, label, self._conn_id, self._side, words[event], words[kind], number, size, words[trigger],
            recovery.window.size, recovery.under_way, recovery.rtt.smoothed or ABSENT,
        )  # fmt: skip
