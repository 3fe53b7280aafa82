"""A journal: what is written of a packet, why it was lost, and beside which state."""

from typing import Any

import pytest

from models.quic.journal import Book, Journal
from models.quic.packet import Ack, Packet, Ping, Space
from models.quic.recovery import Recovery
from models.tables import PACKETS
from sim.engine.environment import Engine
from sim.records.rows import Rows
from sim.records.trace import Vocabulary
from sim.units import MS


class Bench:
    """A recovery with its journal, and the rows as texts."""

    def __init__(self) -> None:
        self._chunks: list[Any] = []
        self._rows, self._words = Rows("packets", PACKETS, self._chunks.append), Vocabulary()
        self.recovery = Recovery(is_client=True)
        book = Book(Engine(), self._rows, self._words, self._words["phone.0"])
        self.journal = Journal(book, 7, "client", self.recovery)

    def sends(self, n: int) -> list[Packet]:
        packets = [
            Packet(Space.APPLICATION, self.recovery.next_number(Space.APPLICATION), [Ping()], None) for _ in range(n)
        ]
        for packet in packets:
            self.recovery.sent(packet, 0)
            self.journal.sent(packet)
        return packets

    def rows(self) -> list[dict[str, Any]]:
        self._rows.flush()
        texts = self._words.texts()
        labels = ("client", "side", "event", "type", "trigger")
        found = [dict(zip(chunk.dtype.names, row, strict=True)) for chunk in self._chunks for row in chunk.tolist()]
        return [row | {name: texts[row[name]] for name in labels} for row in found]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_packet_is_written_beside_what_is_under_way_with_it(bench: Bench) -> None:
    first, second = bench.sends(2)

    rows = bench.rows()
    assert [row["event"] for row in rows] == ["packet_sent", "packet_sent"]
    assert [row["under_way"] for row in rows] == [first.size, first.size + second.size]
    assert rows[0]["window"] == bench.recovery.window.size
    assert (rows[0]["client"], rows[0]["conn_id"], rows[0]["type"], rows[0]["rtt"]) == ("phone.0", 7, "1RTT", -1)


def test_a_loss_says_whether_three_later_ones_have_arrived_or_its_time_was_over(bench: Bench) -> None:
    bench.sends(4)
    for packet in bench.recovery.acked(Space.APPLICATION, Ack(((3, 3),), 0), 20 * MS):
        bench.journal.lost(packet)
    lost, _ = bench.recovery.expired(bench.recovery.deadline(20 * MS))
    for packet in lost:
        bench.journal.lost(packet)

    found = [(row["number"], row["trigger"]) for row in bench.rows() if row["event"] == "packet_lost"]
    assert found == [(0, "reordering_threshold"), (1, "time_threshold"), (2, "time_threshold")]


def test_0rtt_is_told_from_1rtt_and_its_rejection_is_no_packet(bench: Bench) -> None:
    bench.journal.dropped(Packet(Space.APPLICATION, 0, [Ping()], None, is_early=True))
    bench.journal.early_rejected()

    dropped, rejected = bench.rows()
    assert (dropped["type"], dropped["trigger"]) == ("0RTT", "key_unavailable")
    assert (rejected["event"], rejected["number"], rejected["size"]) == ("key_retired", -1, -1)


def test_the_peer_s_is_the_server_s_of_the_same_connection(bench: Bench) -> None:
    other = Recovery(is_client=False)
    bench.journal.peer(other).received(Packet(Space.INITIAL, 0, [Ping()], None))

    (row,) = bench.rows()
    assert (row["side"], row["conn_id"], row["type"], row["window"]) == ("server", 7, "initial", other.window.size)
