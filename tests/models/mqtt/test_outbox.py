"""An outbox and what it sends: window, queue, what goes again, on a carrier that writes down what it is given."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.mqtt.config import PublishConfig
from models.mqtt.ledger import MQTT_LEVELS, Ledger
from models.mqtt.outbox import Outbox, Sending
from models.mqtt.packet import Publish, Release, publish_bytes
from models.mqtt.transfer import Message, On, State, Transfer
from models.tables import MESSAGES
from sim.engine.environment import Engine
from sim.engine.machine import IllegalEvent
from sim.records.trace import Memory, Trace

TOLD = PublishConfig(rate=1.0)


class Wire:
    """A connection that keeps what it is given."""

    def __init__(self) -> None:
        self.written: list[tuple[type, int]] = []

    def carry(self, packet: Any, size_bytes: int) -> None:
        """Write it down: what it is, and of which message."""
        self.written.append((type(packet), packet.transfer.message.number))

    @property
    def numbers(self) -> list[int]:
        """The numbers of the messages whose PUBLISH was written."""
        return [number for kind, number in self.written if kind is Publish]


def an_outbox(**told: Any) -> Outbox:
    """One with a ledger of its own."""
    engine = Engine()
    store = Memory()
    trace = Trace({"messages": MESSAGES}, MQTT_LEVELS, until=10**12, store=store)
    return Outbox(Ledger(trace, engine), Sending(**{"max_queued": None, **told}))


def messages(outbox: Outbox, n: int, qos: int = 1) -> list[Transfer]:
    """So many messages, put one after the other."""
    made = []
    for number in range(n):
        message = Message(1, 0, number, at=0, told=TOLD)
        made.append(Transfer(outbox, message, qos=qos, leg=1, size_bytes=250))
        outbox.put(made[-1])
    return made


def test_no_more_than_the_window_is_under_way_and_an_acknowledgement_makes_room_for_one() -> None:
    outbox, wire = an_outbox(), Wire()
    outbox.open(wire, 3)

    sent = messages(outbox, 5)
    assert (wire.numbers, outbox.in_flight, outbox.queued) == ([0, 1, 2], 3, 2)

    sent[1].feed(On.ACKED)
    assert (wire.numbers, outbox.in_flight, outbox.queued) == ([0, 1, 2, 3], 3, 1)


def test_what_is_unacknowledged_goes_again_on_the_next_connection_in_its_order_and_before_what_waits() -> None:
    outbox, first, second = an_outbox(), Wire(), Wire()
    outbox.open(first, 3)
    sent = messages(outbox, 5)
    sent[0].feed(On.ACKED)

    outbox.shut()
    outbox.open(second, 4)

    assert first.numbers == [0, 1, 2, 3]
    assert second.numbers == [1, 2, 3, 4]
    assert [one.sends for one in sent] == [1, 2, 2, 2, 1]


def test_of_qos_2_pubrel_and_not_publish_goes_again_once_pubrec_has_come() -> None:
    outbox, first, second = an_outbox(), Wire(), Wire()
    outbox.open(first, 3)
    (sent,) = messages(outbox, 1, qos=2)

    sent.feed(On.RECORDED)
    outbox.shut()
    outbox.open(second, 3)
    sent.feed(On.ACKED)

    assert first.written == [(Publish, 0), (Release, 0)]
    assert second.written == [(Release, 0)]
    assert sent.state is State.DONE


def test_a_full_queue_drops_the_newest_or_the_oldest() -> None:
    newest, oldest = an_outbox(max_queued=2), an_outbox(max_queued=2, drops="oldest")

    dropped = [[one.message.number for one in messages(outbox, 4) if one.err] for outbox in (newest, oldest)]

    assert dropped == [[2, 3], [0, 1]], "mosquitto drops what comes, EMQX what has waited longest"


def test_qos_0_passes_the_window_by_and_is_not_kept_for_a_connection() -> None:
    outbox, wire = an_outbox(), Wire()
    (early,) = messages(outbox, 1, qos=0)
    outbox.open(wire, 1)

    late = messages(outbox, 3, qos=0)

    assert early.err == "no connection"
    assert wire.numbers == [0, 1, 2]
    assert outbox.in_flight == 0
    assert {one.state for one in late} == {State.DONE}


def test_a_discarded_session_gives_up_what_was_under_way_and_keeps_what_waits() -> None:
    outbox, wire = an_outbox(), Wire()
    outbox.open(Wire(), 2)
    sent = messages(outbox, 3)
    outbox.shut()

    outbox.discard()
    outbox.open(wire, 2)

    assert [one.err for one in sent] == ["session discarded", "session discarded", ""]
    assert wire.numbers == [2]


def test_a_timer_sends_again_until_the_acknowledgement_and_never_on_another_connection() -> None:
    outbox, wire = an_outbox(resend_after=10), Wire()
    outbox.open(wire, 2)
    sent = messages(outbox, 2)
    engine = outbox._ledger.engine

    engine.run(until=25)
    sent[0].feed(On.ACKED)
    outbox.shut()
    engine.run(until=100)

    assert wire.numbers == [0, 1, 0, 1, 0, 1], "at 0, 10 and 20"


def test_nobody_sends_what_is_done() -> None:
    outbox = an_outbox()
    outbox.open(Wire(), 2)
    (sent,) = messages(outbox, 1)
    sent.feed(On.ACKED)

    sent.feed(On.ACKED)
    with pytest.raises(IllegalEvent):
        sent.feed(On.SEND)


@given(st.lists(st.sampled_from(["put", "ack", "lose", "connect"]), max_size=60), st.integers(1, 4))
def test_nothing_is_forgotten_and_the_window_holds(steps: list[str], window: int) -> None:
    outbox, wires = an_outbox(), [Wire()]
    outbox.open(wires[0], window)
    sent: list[Transfer] = []
    for step in steps:
        match step:
            case "put":
                sent.append(Transfer(outbox, Message(1, 0, len(sent), at=0, told=TOLD), qos=1, leg=1, size_bytes=9))
                outbox.put(sent[-1])
            case "ack" if outbox.is_open:
                under_way = [one for one in sent if one.state is State.SENT]
                if under_way:
                    under_way[0].feed(On.ACKED)
            case "lose" if outbox.is_open:
                outbox.shut()
            case "connect" if not outbox.is_open:
                wires.append(Wire())
                outbox.open(wires[-1], window)
        assert outbox.in_flight <= window
    waits = {State.WAITING: outbox.queued, State.SENT: outbox.in_flight}
    for state, n in waits.items():
        assert sum(one.state is state for one in sent) == n
    for wire in wires:
        assert wire.numbers == sorted(wire.numbers), "one window, one order, on every connection"


@pytest.mark.parametrize(
    ("payload", "topic", "told", "size"),
    [
        (10, 5, {"qos": 0, "is_v5": False}, 2 + 2 + 5 + 10),
        (10, 5, {"qos": 1, "is_v5": False}, 2 + 2 + 5 + 2 + 10),
        (10, 5, {"qos": 1, "is_v5": True}, 2 + 2 + 5 + 2 + 1 + 10),
        (120, 5, {"qos": 0, "is_v5": False}, 2 + 2 + 5 + 120),
        (121, 5, {"qos": 0, "is_v5": False}, 3 + 2 + 5 + 121),
        (16_376, 5, {"qos": 0, "is_v5": False}, 3 + 2 + 5 + 16_376),
        (16_377, 5, {"qos": 0, "is_v5": False}, 4 + 2 + 5 + 16_377),
        (2_097_144, 5, {"qos": 0, "is_v5": False}, 4 + 2 + 5 + 2_097_144),
        (2_097_145, 5, {"qos": 0, "is_v5": False}, 5 + 2 + 5 + 2_097_145),
    ],
)
def test_publish_is_as_long_as_the_standard_says(payload: int, topic: int, told: dict[str, Any], size: int) -> None:
    assert publish_bytes(payload, topic, **told) == size, "Remaining Length: 127, 16,383, 2,097,151 (MQTT 5.0, 1.5.5)"


def test_a_broker_s_message_carries_what_the_publisher_s_did() -> None:
    told = SimpleNamespace(size=99, topic_alias=True, topic_size=30)

    message = Message(1, 2, 3, at=4, told=told)

    assert (message.payload, message.topic) == (99, 0)
