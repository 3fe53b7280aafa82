"""MQTT on a session: CONNECT and what follows, at a device and at a broker. Not windows and queues (`models/mqtt`).

Sources: MQTT 5.0 and 3.1.1, 3.1 to 3.14, 4.3, 4.13; the order of a life: TCP, TLS, CONNECT and CONNACK, SUBSCRIBE.
"""

from collections.abc import Callable
from typing import Any

from models.mqtt.broker import PUBLISH, TAKEN_OVER, TOO_MANY, Broker, Kept, Subscription
from models.mqtt.config import LEVELS, MOST_IDENTIFIERS, MqttConfig
from models.mqtt.inbox import Acknowledging, Done, Inbox
from models.mqtt.outbox import Outbox, Sending
from models.mqtt.packet import (
    ACK_BYTES,
    CONNACK_BYTES,
    CONNECT_BYTES,
    DISCONNECT_BYTES,
    SUBACK,
    SUBACK_BYTES,
    SUBSCRIBE,
    SUBSCRIBE_BYTES,
    TLS_RECORD_BYTES,
    Ack,
    Acks,
    Connack,
    Disconnect,
    Kind,
    Publish,
    Release,
    publish_bytes,
)
from models.mqtt.transfer import Message, On, Transfer
from models.sessions.crowd import LEFT
from models.sessions.ping_config import PingConfig
from models.sessions.pinger import PING_BYTES, Ping, Pinger, Pong
from models.sessions.seam import ClientLine, Line
from models.sessions.served import Opening, ServedSession
from models.sessions.silence import Silence
from sim.engine.timers import NEVER

SHUTTING_DOWN = "server shutting down"
DISCONNECTED = "disconnected by client"
_EVENTS = {Kind.PUBACK: On.ACKED, Kind.PUBREC: On.RECORDED, Kind.PUBCOMP: On.ACKED}


class Device:
    """What a device keeps between its connections."""

    __slots__ = ("has_begun", "known", "number", "outbox", "published")

    def __init__(self, number: int, outbox: Outbox) -> None:
        self.number, self.outbox = number, outbox
        self.known: dict[Any, None] = {}
        self.published = 0
        self.has_begun = False
        """Whether it has been connected: then its application runs."""


class Mqtt:
    """The dialect: what a fleet and its broker have in common."""

    def __init__(self, name: str, label: int, config: MqttConfig, broker: Broker, *, draw: Callable[[], float]) -> None:
        self.name, self.label, self.config, self.broker, self.draw = name, label, config, broker, draw
        self.ledger = broker.ledger
        self.subscription: Subscription | None = None
        self.hand: Callable[[Device, Transfer, Done], object] = lambda device, transfer, done: done()
        """What becomes of a message at a device that gets it: acknowledged at once, if nobody says otherwise."""
        self._leg = self.ledger.leg(PUBLISH)
        self._devices: dict[int, Device] = {}
        self._sending = Sending(config.max_queued, resend_after=config.resend_after)

    def client(self, line: ClientLine) -> "MqttClient":
        """A device's end."""
        return MqttClient(line, self)

    def server(self, line: Line) -> "MqttServer":
        """The broker's end."""
        return MqttServer(line, self)

    def device(self, number: int) -> Device:
        """What is kept at a device."""
        if number not in self._devices:
            self._devices[number] = Device(number, Outbox(self.ledger, self._sending))
        return self._devices[number]

    def publish(self, number: int) -> None:
        """The application of a device publishes; so do all messages of a burst."""
        told, device = self.config.publish, self.device(number)
        assert told is not None, "who publishes was told to"
        if not device.has_begun:
            return
        qos, now = LEVELS[told.qos], self.ledger.engine._now
        topic = 0 if told.topic_alias else told.topic_size
        size = publish_bytes(told.size, topic, qos=qos, is_v5=self.config.is_v5)
        for _ in range(told.burst):
            message = Message(self.label, number, device.published, at=now, told=told)
            device.published += 1
            device.outbox.put(Transfer(device.outbox, message, qos=qos, leg=self._leg, size_bytes=size))

    @property
    def keep_alive(self) -> int:
        """How often a device has to say something, ns."""
        told = self.broker.config.server_keep_alive
        return told if told and self.config.is_v5 else self.config.keep_alive

    @property
    def stays(self) -> int:
        """How long (ns) a broker keeps the session of a device that is away."""
        if self.config.is_v5:
            return NEVER if self.config.session_expiry is None else self.config.session_expiry
        return 0 if self.config.clean else self.broker.config.client_expiration or NEVER

    @property
    def window_of_device(self) -> int:
        """What a device may have under way: in version 5, as the broker announces (3.2.2.3.3)."""
        announced = self.broker.config.max_inflight if self.config.is_v5 else MOST_IDENTIFIERS
        return min(self.config.inflight, announced)

    @property
    def window_of_broker(self) -> int:
        """What the broker may have under way to it: a client's value replaces its own (measured, mosquitto 2.0.11)."""
        return self.config.receive_maximum or self.broker.config.max_inflight


class _Packets:
    """What both ends do."""

    __slots__ = ("_acks", "_inbox", "_life", "_line", "dialect")

    _acks: Acknowledging
    _inbox: Inbox

    def __init__(self, line: Any, dialect: Mqtt) -> None:
        self._line, self._life, self.dialect = line, line.life, dialect

    def say(self) -> None:
        """Applications publish by `Mqtt.publish`, whether there is a connection or not."""

    def carry(self, packet: Any, size_bytes: int) -> None:
        """Write a packet, each in a record of TLS where there is TLS."""
        line = self._line
        if line.life is not self._life:
            return  # what was begun on a connection of the same device that is over
        if line.is_stopped:
            line.later(self._carry_late, (packet, size_bytes))
        else:
            line.send(packet, size_bytes + (TLS_RECORD_BYTES if line.end is not None and line.end.is_secure else 0))

    def _carry_late(self, due: tuple[Any, int]) -> None:
        self.carry(*due)

    def _acknowledge(self, acks: list[Ack]) -> None:
        self.carry(Acks(acks), ACK_BYTES * len(acks))

    def _read(self, packet: Any) -> None:
        """A packet about messages."""
        if isinstance(packet, Acks):
            for ack in packet.acks:
                ack.transfer.feed(_EVENTS[ack.kind])
        elif isinstance(packet, Release):
            self._inbox.release(packet.transfer)
        elif isinstance(packet, Publish):
            self._inbox.publish(packet.transfer)


class MqttClient(_Packets):
    """The protocol at a device."""

    __slots__ = ("_device", "_pinger")

    def __init__(self, line: ClientLine, dialect: Mqtt) -> None:
        super().__init__(line, dialect)
        device = self._device = dialect.device(line.life.device)
        self._pinger: Pinger | None = None
        self._acks = Acknowledging(dialect.ledger, dialect.config.acks, self._acknowledge)
        self._inbox = Inbox(dialect.ledger, self._acks, device.known, self._hand)

    def _hand(self, transfer: Transfer, done: Done) -> None:
        self.dialect.hand(self._device, transfer, done)

    def start(self) -> None:
        """TCP and TLS are there: CONNECT. From now on it is a stream: what is sent waits for what was lost."""
        self._line.end.share(self._line)
        if self.dialect.config.clean:
            self._begin_anew()
        self.carry(Opening(self._line, self.dialect), CONNECT_BYTES)

    def received(self, message: Any) -> None:
        """A packet."""
        if isinstance(message, Connack):
            self._connected(message)
        elif isinstance(message, Pong):
            if self._pinger is not None:
                self._pinger.heard(message)
        elif isinstance(message, Disconnect):
            self._line.life.ends(message.why, "server")
            self._line.close(message.why)
        else:
            if type(message) is Publish:
                self._line.life.received += 1
            self._read(message)

    def _connected(self, told: Connack) -> None:
        line, device = self._line, self._device
        if told.refusal:
            line.refused(told.refusal)
            return
        if not told.session_present:
            self._begin_anew()  # [MQTT-3.2.2-5]
        device.has_begun = True
        line.is_up()
        if told.keep_alive:
            timeout = min(self.dialect.config.ping_timeout or told.keep_alive, told.keep_alive)
            self._pinger = Pinger(line, PingConfig(every=told.keep_alive, timeout=timeout), 0)
        if self.dialect.subscription is not None and not told.session_present:
            self.carry(SUBSCRIBE, SUBSCRIBE_BYTES)
        device.outbox.open(self, told.receive_maximum)

    def _begin_anew(self) -> None:
        self._device.outbox.discard()
        self._device.known.clear()

    def disturbed(self) -> None:
        """Path or peer may fail from now on."""
        if self._pinger is not None:
            self._pinger.disturbed()

    def settle(self, now: int) -> None:
        """Count the pings that were not played."""
        if self._pinger is not None:
            self._pinger.settle(now)

    def say_goodbye(self) -> None:
        """The user leaves: DISCONNECT, then it ends TCP (3.14.4)."""
        self.carry(Disconnect(LEFT), DISCONNECT_BYTES)
        self._line.close(LEFT)

    def over(self) -> None:
        """What has no acknowledgement waits for the next connection."""
        self._device.outbox.shut()


class MqttServer(_Packets):
    """The protocol at the broker."""

    __slots__ = ("_client", "_kept", "_node", "_silence")

    _line: ServedSession

    def __init__(self, line: Line, dialect: Mqtt) -> None:
        super().__init__(line, dialect)
        self._client = dialect.name, line.life.device
        self._node = dialect.broker.node(self._line.server)
        self._kept: Kept | None = None
        self._silence: Silence | None = None
        self._acks = Acknowledging(dialect.ledger, dialect.broker.config.acks, self._acknowledge)

    def start(self) -> None:
        """CONNECT has come."""
        self._node.work(self.dialect.broker.config.read_time, self._accept, None)

    def _accept(self, _: Any) -> None:
        line, dialect = self._line, self.dialect
        broker = dialect.broker
        if line.is_stopped:
            line.later(self._accept, None)
        elif not line.is_open:
            pass
        elif not broker.admits(self._node):
            dialect.ledger.counts["connections_refused"] += 1
            line.send(Connack(session_present=False, receive_maximum=1, keep_alive=0, refusal=TOO_MANY), CONNACK_BYTES)
            line.close(TOO_MANY)
        else:
            line.end.share(line)
            kept, is_kept = broker.connect(self._client, line.server, self, clean=dialect.config.clean)
            self._kept = kept
            self._node.connections += 1
            self._inbox = Inbox(dialect.ledger, self._acks, kept.known, self._hand)
            window, alive = dialect.window_of_device, dialect.keep_alive
            self.carry(Connack(session_present=is_kept, receive_maximum=window, keep_alive=alive), CONNACK_BYTES)
            if alive:
                self._silence = Silence(line, alive, draw_late=self._draw_late)
            kept.outbox.open(self, dialect.window_of_broker)

    def _draw_late(self) -> int:
        sweep = self.dialect.broker.config.sweep
        return round(self.dialect.draw() * sweep) if sweep else 0

    def received(self, message: Any) -> None:
        """A packet: the broker's thread reads it when it is free."""
        if self._silence is not None:
            self._silence.heard()
        if isinstance(message, Ping):
            # Simplified: pings take the broker's thread no time
            self._line.send(Pong(message.number), PING_BYTES)
        elif isinstance(message, Disconnect):
            self._line.close(DISCONNECTED)
        else:
            self._node.work(self.dialect.broker.config.read_time, self._work, message)

    def _work(self, message: Any) -> None:
        line, kept = self._line, self._kept
        if not line.is_open or kept is None:
            return
        if line.is_stopped:
            line.later(self._work, message)
        elif message is SUBSCRIBE:
            assert self.dialect.subscription is not None, "who subscribes was told to"
            kept.subscription = self.dialect.subscription
            kept.subscription.members[kept] = None
            self.carry(SUBACK, SUBACK_BYTES)
        else:
            if type(message) is Publish:
                line.life.sent += 1
            self._read(message)

    def _hand(self, transfer: Transfer, done: Done) -> None:
        """Take care of a message: store it, pass it on; then it is acknowledged."""
        draw = self.dialect.broker.draw_store
        if draw is None:
            self._stored((transfer, done))
        else:
            self._line.engine.call_in(draw(), self._stored, (transfer, done))

    def _stored(self, due: tuple[Transfer, Done]) -> None:
        line, (transfer, done) = self._line, due
        if not line.is_open:
            return
        if line.is_stopped:
            line.later(self._stored, due)
            return
        self.dialect.broker.route(transfer.message, transfer.qos)
        done()

    def carry(self, packet: Any, size_bytes: int) -> None:
        """The broker's thread writes it when it is free."""
        self._node.work(self.dialect.broker.config.write_time, self._written, (packet, size_bytes))

    def _written(self, due: tuple[Any, int]) -> None:
        super().carry(*due)

    def disturbed(self) -> None:
        """Path or peer may fail from now on."""
        if self._silence is not None:
            self._silence.disturbed()

    def settle(self, now: int) -> None:
        """It counts nothing ahead."""

    def take_over(self) -> None:
        """Its client has another connection: DISCONNECT (0x8E), and the end of this one (3.1.4)."""
        self._say_disconnect(TAKEN_OVER)

    def say_goodbye(self) -> None:
        """A shutdown: DISCONNECT (0x8B) in version 5; TCP ends in both."""
        self._say_disconnect(SHUTTING_DOWN)

    def _say_disconnect(self, why: str) -> None:
        if self.dialect.config.is_v5:
            self._line.send(Disconnect(why), DISCONNECT_BYTES)
        self._line.close(why)

    def over(self) -> None:
        """The session stays, or does not."""
        kept, self._kept = self._kept, None
        if kept is not None:
            self._node.connections -= 1
            self.dialect.broker.left(self._client, kept, stays=self.dialect.stays)
