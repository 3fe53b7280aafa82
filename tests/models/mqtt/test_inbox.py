"""What an end gets: handed on, acknowledged in order, known again; several acknowledgements in one write."""

from typing import Any

import pytest

from models.mqtt.config import AckConfig
from models.mqtt.inbox import Acknowledging, Inbox
from models.mqtt.packet import Ack, Kind
from models.mqtt.transfer import Transfer
from tests.models.mqtt.test_outbox import Wire, an_outbox, messages

MS = 10**6
AT_ONCE = AckConfig()


class World:
    """An inbox whose messages are done when a test says so."""

    def __init__(self, acks: AckConfig = AT_ONCE, known: dict[Any, None] | None = None) -> None:
        self.outbox = an_outbox()
        self.outbox.open(Wire(), 100)
        self.ledger = self.outbox._ledger
        self.written: list[list[tuple[Kind, int]]] = []
        self.handed: list[Any] = []
        self.known: dict[Any, None] = {} if known is None else known
        acknowledging = Acknowledging(self.ledger, acks, self._write)
        self.inbox = Inbox(self.ledger, acknowledging, self.known, lambda transfer, done: self.handed.append(done))

    def _write(self, acks: list[Ack]) -> None:
        self.written.append([(ack.kind, ack.transfer.message.number) for ack in acks])

    def get(self, n: int, qos: int = 1) -> list[Transfer]:
        """So many messages arrive."""
        sent = messages(self.outbox, n, qos)
        for one in sent:
            self.inbox.publish(one)
        return sent


def test_acknowledgements_keep_the_order_of_the_messages() -> None:
    world = World()
    world.get(3)

    world.handed[2]()
    world.handed[1]()
    assert world.written == [], "[MQTT-4.6.0-2]"

    world.handed[0]()
    assert world.written == [[(Kind.PUBACK, 0)], [(Kind.PUBACK, 1)], [(Kind.PUBACK, 2)]]


def test_of_qos_1_a_copy_is_handed_on_again_and_of_qos_2_it_is_known() -> None:
    once, twice = World(), World()

    for world, qos in ((once, 2), (twice, 1)):
        (sent,) = world.get(1, qos)
        world.inbox.publish(sent)

    assert (len(once.handed), len(twice.handed)) == (1, 2)
    assert once.ledger.counts["duplicates"] == 0
    assert twice.ledger.counts["duplicates"] == 1


def test_an_identifier_of_qos_2_is_known_on_the_next_connection_until_pubrel() -> None:
    world = World()
    (sent,) = world.get(1, qos=2)
    after = World(known=world.known)

    after.inbox.publish(sent)
    after.inbox.release(sent)

    assert after.handed == []
    assert after.written == [[(Kind.PUBREC, 0)], [(Kind.PUBCOMP, 0)]]
    assert world.known == {}


def test_acknowledgements_wait_for_one_another_as_long_as_they_may() -> None:
    world = World(AckConfig(delay=20 * MS, most=3))
    world.get(5)

    for done in world.handed:
        done()
    assert [len(write) for write in world.written] == [3]

    world.ledger.engine.run(until=19 * MS)
    assert [len(write) for write in world.written] == [3]

    world.ledger.engine.run(until=21 * MS)
    assert [len(write) for write in world.written] == [3, 2]
    assert (world.ledger.counts["acks"], world.ledger.counts["ack_writes"]) == (5, 2)


def test_a_number_without_a_delay_would_wait_for_ever() -> None:
    with pytest.raises(ValueError, match="most: 5 would wait for one another without end"):
        AckConfig(most=5)
