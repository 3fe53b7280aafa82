"""A broker's sessions and subscriptions, without connections."""

from typing import Any

from models.mqtt.broker import Broker, Kept
from models.mqtt.broker_config import BrokerConfig
from models.mqtt.config import MqttConfig, PublishConfig, SubscribeConfig
from models.mqtt.ledger import MQTT_LEVELS, Ledger
from models.mqtt.transfer import Message
from models.tables import MESSAGES
from sim.engine.environment import Engine
from sim.engine.timers import NEVER
from sim.records.trace import Memory, Trace
from tests.models.mqtt.test_outbox import Wire

CLIENT = ("f", 0)


class Serving(Wire):
    """A client's connection, that can be taken over."""

    def __init__(self) -> None:
        super().__init__()
        self.is_over = False

    def take_over(self) -> None:
        """Another one has its session."""
        self.is_over = True


class Program:
    """A backend, as far as a broker looks at it."""

    life = 0


class Hub:
    """A broker with one backend."""

    def __init__(self, **told: Any) -> None:
        self.engine = Engine()
        trace = Trace({"messages": MESSAGES}, MQTT_LEVELS, until=10**12, store=Memory())
        self.broker = Broker(Ledger(trace, self.engine), BrokerConfig(**told), draw_store=None)
        self.server = Program()

    def connect(self, number: int = 0, *, clean: bool = False) -> tuple[Kept, bool, Serving]:
        """A client connects; what it subscribed to it has again."""
        serving = Serving()
        kept, is_kept = self.broker.connect(("f", number), self.server, serving, clean=clean)
        kept.outbox.open(serving, 20)
        return kept, is_kept, serving

    def subscribe(self, *members: Kept, shared: bool = False) -> None:
        """They subscribe to what fleet 7 publishes."""
        told = SubscribeConfig(fleets=("g",), shared=shared)
        subscription = self.broker.subscribed(MqttConfig(subscribe=told), told, [7])
        for kept in members:
            kept.subscription = subscription
            subscription.members[kept] = None

    def publish(self, n: int, qos: int = 1) -> None:
        """So many messages of fleet 7."""
        for number in range(n):
            self.broker.route(Message(7, 0, number, at=0, told=PublishConfig(rate=1.0)), qos)


def test_a_session_is_there_again_with_what_came_meanwhile_up_to_the_queue() -> None:
    hub = Hub()
    kept, _, _ = hub.connect()
    hub.subscribe(kept)
    hub.broker.left(CLIENT, kept, stays=NEVER)

    hub.publish(1300)
    again, is_kept, serving = hub.connect()

    assert (again, is_kept) == (kept, True)
    assert again.outbox.in_flight + again.outbox.queued == 1000, "measured: 1000 of 1300 (mosquitto 2.0.11)"
    assert serving.numbers == list(range(20))


def test_a_clean_start_an_expiry_and_a_restart_end_it() -> None:
    clean, expired, restarted, persistent = Hub(), Hub(), Hub(), Hub(persistent=True)
    for hub, stays in ((clean, NEVER), (expired, 5), (restarted, NEVER), (persistent, NEVER)):
        kept, _, _ = hub.connect()
        hub.broker.left(CLIENT, kept, stays=stays)
    expired.engine.run(until=5)
    restarted.server.life = persistent.server.life = 1

    found = [hub.connect(clean=hub is clean)[1] for hub in (clean, expired, restarted, persistent)]

    assert found == [False, False, False, True]


def test_a_session_without_expiry_gets_nothing_once_its_connection_is_over() -> None:
    hub = Hub()
    kept, _, _ = hub.connect()
    hub.subscribe(kept)

    hub.broker.left(CLIENT, kept, stays=0)
    hub.publish(3)

    assert kept.outbox.queued == 0
    assert hub.connect()[1] is False


def test_a_second_connection_ends_the_first() -> None:
    hub = Hub()
    _, _, first = hub.connect()

    hub.connect()

    assert first.is_over, "[MQTT-3.1.4-3]"


def test_a_shared_subscription_gives_each_message_to_one_who_is_there() -> None:
    hub = Hub()
    members = [hub.connect(number) for number in range(3)]
    hub.subscribe(*(kept for kept, _, _ in members), shared=True)
    hub.broker.left(("f", 1), members[1][0], stays=NEVER)

    hub.publish(10)

    assert [len(serving.numbers) for _, _, serving in members] == [5, 0, 5]


def test_qos_0_is_not_kept_for_who_is_away() -> None:
    hub = Hub()
    kept, _, _ = hub.connect()
    hub.subscribe(kept)
    hub.broker.left(CLIENT, kept, stays=NEVER)

    hub.publish(5, qos=0)

    assert kept.outbox.queued == 0


def test_a_thread_does_one_thing_after_the_other() -> None:
    hub, done = Hub(), []
    node = hub.broker.node(hub.server)

    for name in "abc":
        node.work(10, lambda one: done.append((one, hub.engine.now)), name)
    hub.engine.run(until=100)

    assert done == [("a", 10), ("b", 20), ("c", 30)]
