"""Broker: the sessions, subscriptions and limits of one service, and the threads of its backends. Not its connections.

Sources: MQTT 5.0, 3.1.2.4 (Clean Start), 3.1.2.11.2 (Session Expiry), 3.1.4 (a second connection ends the first),
4.8.2 (shared subscriptions).
"""

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from models.mqtt.broker_config import BrokerConfig
from models.mqtt.config import LEVELS, MqttConfig, SubscribeConfig
from models.mqtt.ledger import Ledger
from models.mqtt.outbox import Outbox, Sending
from models.mqtt.packet import publish_bytes
from models.mqtt.transfer import Message, Transfer
from sim.engine.environment import Engine
from sim.engine.timers import NEVER

DELIVER, PUBLISH = "deliver", "publish"
TOO_MANY = "CONNACK: quota exceeded"
"""0x97 of version 5, where 3.1.1 says 3, server unavailable."""
TAKEN_OVER = "session taken over"


class Node:
    """The thread of one backend: what it does, it does in order."""

    __slots__ = ("_engine", "busy_until", "connections", "worked")

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.busy_until = self.worked = 0
        self.connections = 0

    def work(self, cost: int, fn: Callable[[Any], object], arg: Any) -> None:
        """Call ``fn(arg)`` when all before it and so much work is done."""
        now = self._engine._now
        if not cost and self.busy_until <= now:
            fn(arg)
            return
        self.busy_until = max(self.busy_until, now) + cost
        self.worked += cost
        self._engine.call_at(self.busy_until, fn, arg)


class Serving(Protocol):
    """A client's connection, to its session."""

    def carry(self, packet: Any, size_bytes: int) -> None:
        """Write a packet."""

    def take_over(self) -> None:
        """Another connection has the session now."""


class Kept:
    """What a broker keeps of a client."""

    __slots__ = ("expires_at", "home", "known", "outbox", "serving", "subscription")

    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox
        self.known: dict[Any, None] = {}
        """Messages of QoS 2 that it has taken and the client has not released."""
        self.serving: Serving | None = None
        self.subscription: Subscription | None = None
        self.expires_at = NEVER
        self.home: Any = None
        """The program that has it in memory."""

    @property
    def is_online(self) -> bool:
        """Whether its client is connected."""
        return self.serving is not None


class Subscription:
    """What the clients of a fleet get, one or all of them."""

    def __init__(self, config: MqttConfig, told: SubscribeConfig) -> None:
        self.config, self.qos, self.is_shared = config, LEVELS[told.qos], told.shared
        self.members: dict[Kept, None] = {}
        self._turn = 0

    def chosen(self, now: int) -> Iterator[Kept]:
        """To whom a message goes: to all, or to the next one, one that is connected if any is."""
        members = [kept for kept in self.members if kept.is_online or kept.expires_at > now]
        if not self.is_shared:
            yield from members
            return
        self._turn += 1
        members = [kept for kept in members if kept.is_online] or members
        if members:
            yield members[self._turn % len(members)]


class Broker:
    """What the backends of one service have in common."""

    def __init__(self, ledger: Ledger, config: BrokerConfig, *, draw_store: Callable[[], int] | None) -> None:
        self.ledger, self.config, self.draw_store = ledger, config, draw_store
        self._nodes: dict[tuple[Any, int], Node] = {}
        self._kept: dict[tuple[str, int], Kept] = {}
        self._subscriptions: dict[int, list[Subscription]] = {}
        self._leg = ledger.leg(DELIVER)
        self._sending = Sending(config.max_queued, config.drops, config.resend_after)

    def node(self, server: Any) -> Node:
        """The thread of a backend's program; that of the next one has nothing to do yet."""
        key = (server, server.life)
        if key not in self._nodes:
            self._nodes[key] = Node(self.ledger.engine)
        return self._nodes[key]

    def subscribed(self, config: MqttConfig, told: SubscribeConfig, fleets: list[int]) -> Subscription:
        """What a fleet will subscribe to, by the numbers of the fleets."""
        subscription = Subscription(config, told)
        for fleet in fleets:
            self._subscriptions.setdefault(fleet, []).append(subscription)
        return subscription

    def admits(self, node: Node) -> bool:
        """Whether a backend has room for one more connection."""
        most = self.config.max_connections
        return most is None or node.connections < most

    def connect(self, client: tuple[str, int], server: Any, serving: Serving, *, clean: bool) -> tuple[Kept, bool]:
        """A client is connected: its session, and whether that was there."""
        kept = self._kept.get(client)
        if kept is not None and kept.serving is not None:
            kept.serving.take_over()
        is_kept = kept is not None and not clean and self._is_alive(kept)
        if kept is not None and not is_kept:
            self._forget(client, kept)
        if kept is None or not is_kept:
            kept = self._kept[client] = Kept(Outbox(self.ledger, self._sending))
        kept.serving, kept.home = serving, (server, server.life)
        return kept, is_kept

    def left(self, client: tuple[str, int], kept: Kept, *, stays: int) -> None:
        """Its connection is over; how long (ns) the session stays without one."""
        kept.serving = None
        kept.outbox.shut()
        kept.expires_at = NEVER if stays == NEVER else self.ledger.engine._now + stays
        if not stays:
            self._forget(client, kept)

    def route(self, message: Message, qos: int) -> None:
        """A message of a client is here: to all who have subscribed to it."""
        now = self.ledger.engine._now
        for subscription in self._subscriptions.get(message.fleet, ()):
            lesser = min(qos, subscription.qos)
            for kept in subscription.chosen(now):
                if not self._is_alive(kept) or (not lesser and not kept.is_online):
                    continue  # QoS 0 is not queued for who is away (queue_qos0_messages false)
                size = publish_bytes(message.payload, message.topic, qos=lesser, is_v5=subscription.config.is_v5)
                kept.outbox.put(Transfer(kept.outbox, message, qos=lesser, leg=self._leg, size_bytes=size))

    def _is_alive(self, kept: Kept) -> bool:
        if not kept.is_online and kept.expires_at <= self.ledger.engine._now:
            return False
        server, life = kept.home
        return kept.is_online or self.config.persistent or bool(server.life == life)

    def _forget(self, client: tuple[str, int], kept: Kept) -> None:
        kept.outbox.discard_all()
        if kept.subscription is not None:
            kept.subscription.members.pop(kept, None)
            kept.subscription = None
        if self._kept.get(client) is kept:
            del self._kept[client]
