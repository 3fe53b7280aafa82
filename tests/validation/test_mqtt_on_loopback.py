"""A real MQTT client and a real broker on loopback against the simulated ones: what goes again after a reconnect.

Between paho and amqtt stands a proxy that lets 20 messages of QoS 1 through and none of their acknowledgements, then
breaks the connection. What paho writes on the next one is read off the wire.
"""

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

import polars as pl
import pytest

from models.scenario import Scenario
from models.world import world_of
from sim import wiring
from sim.engine.streams import Streams
from sim.records.frame import Frames
from sim.records.trace import Memory
from sim.units import SECOND

WAY_OUT = "is not installed; pip install 'paho-mqtt>=2.1' 'amqtt>=0.12' to compare with a real client and broker"
mqtt: Any = pytest.importorskip("paho.mqtt.client", reason=f"paho-mqtt {WAY_OUT}")
broker_of: Any = pytest.importorskip("amqtt.broker", reason=f"amqtt {WAY_OUT}")

MESSAGES, WINDOW, PATIENCE = 30, 20, 20.0
PUBLISH, DUP = 0x30, 0x08
PUBACK = 0x40


def free_port() -> int:
    """A port of loopback that nobody has."""
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def a_broker() -> Iterator[int]:
    """An amqtt broker; its port."""
    port, loop = free_port(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    config = {
        "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }

    async def begin() -> Any:
        broker = broker_of.Broker(config)
        await broker.start()
        return broker

    broker = asyncio.run_coroutine_threadsafe(begin(), loop).result(PATIENCE)
    try:
        yield port
    finally:
        asyncio.run_coroutine_threadsafe(broker.shutdown(), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)


class Proxy:
    """Between a client and a broker; it breaks the first connection once `MESSAGES`' first window has passed it."""

    def __init__(self, broker: int) -> None:
        self._broker, self.written = broker, [bytearray(), bytearray()]
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        for number in range(2):
            client, _ = self._listener.accept()
            upstream = socket.create_connection(("127.0.0.1", self._broker))
            threading.Thread(target=self._down, args=(upstream, client, number), daemon=True).start()
            self._up(client, upstream, number)
        self._listener.close()

    def _up(self, client: socket.socket, upstream: socket.socket, number: int) -> None:
        """Pass on what the client writes, and keep it."""
        written = self.written[number]
        while data := client.recv(65536):
            written += data
            upstream.sendall(data)
            if number == 0 and len(publishes(written)) == WINDOW:
                break
        if number == 0:
            upstream.settimeout(PATIENCE)
            client.close()
            upstream.shutdown(socket.SHUT_WR)

    def _down(self, upstream: socket.socket, client: socket.socket, number: int) -> None:
        """Pass on what the broker writes; of the first connection CONNACK alone."""
        try:
            while data := upstream.recv(65536):
                if number == 1 or data[0] & 0xF0 != PUBACK:
                    client.sendall(data)
        except OSError:
            pass  # the connection that was to break has


def publishes(written: bytes | bytearray) -> list[bool]:
    """Whether DUP is set, of each whole PUBLISH in what a client wrote."""
    found: list[bool] = []
    at = 0
    while at + 2 <= len(written):
        length, shift, head = 0, 0, at + 1
        while True:
            if head >= len(written):
                return found
            length |= (written[head] & 0x7F) << shift
            head, shift = head + 1, shift + 7
            if not written[head - 1] & 0x80:
                break
        if head + length > len(written):
            return found
        if written[at] & 0xF0 == PUBLISH:
            found.append(bool(written[at] & DUP))
        at = head + length
    return found


def in_reality() -> tuple[int, int]:
    """PUBLISHes with DUP after the reconnect, and messages that the subscriber has got more than once."""
    got: Counter[bytes] = Counter()
    subscribed, all_here = threading.Event(), threading.Event()

    def receive(_: Any, __: Any, message: Any) -> None:
        got[message.payload] += 1
        if len(got) == MESSAGES and sum(got.values()) >= MESSAGES + WINDOW:
            all_here.set()

    a_client = partial(mqtt.Client, mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
    with a_broker() as port:
        proxy = Proxy(port)
        subscriber, publisher = a_client(client_id="s"), a_client(client_id="p", clean_session=False)
        subscriber.on_message, subscriber.on_subscribe = receive, lambda *_: subscribed.set()
        subscriber.connect("127.0.0.1", port)
        subscriber.loop_start()
        subscriber.subscribe("t", 1)
        assert subscribed.wait(PATIENCE)
        publisher.reconnect_delay_set(1, 1)
        publisher.connect("127.0.0.1", proxy.port)
        publisher.loop_start()
        for number in range(MESSAGES):
            publisher.publish("t", str(number), 1)
        all_here.wait(PATIENCE)
        for client in (publisher, subscriber):
            client.disconnect()
            client.loop_stop()
    return sum(publishes(proxy.written[1])), sum(n > 1 for n in got.values())


WORLD: dict[str, Any] = {
    "duration": "40s",
    "network": {"rtt": "400ms"},
    "services": {"hub": {"broker": {}}},
    "sessions": {
        "p": {
            "count": 1,
            "service": "hub",
            "start": {"over": "0s"},
            "reconnect": {"policy": "at_once"},
            "mqtt": {
                "version": "v3.1.1",
                "keep_alive": "2s",
                "publish": {"rate": "0.000001/s", "burst": MESSAGES},
            },
        },
        "s": {"count": 1, "service": "hub", "start": {"over": "0s"}, "mqtt": {"subscribe": {"fleets": ["p"]}}},
    },
}


def in_the_simulator() -> tuple[int, int]:
    """The same: all are published at once, and the path is cut before the first acknowledgement comes back."""
    scenario: Scenario = wiring.load_tree(WORLD)
    store = Memory()
    world = world_of(scenario, Streams(1), store)
    (crowd,) = (one for one in world.sessions.crowds if one.name == "p")
    world.engine.call_at(5 * SECOND, world.sessions.brokers.dialects["p"].publish, 0)
    world.engine.call_at(5 * SECOND + SECOND // 10, crowd.sessions[0].cut, 10 * SECOND)
    world.run()
    rows = Frames((*world.trace.tables,), store, {})["messages"]
    sent, got = (rows.filter(pl.col("leg") == leg) for leg in ("publish", "deliver"))
    return sent.filter(pl.col("sends") > 1).height, got.height - MESSAGES


def test_what_a_client_sends_again_and_a_subscriber_gets_twice_is_its_window() -> None:
    assert in_the_simulator() == (WINDOW, WINDOW)
    assert in_reality() == (WINDOW, WINDOW), "paho repeats what it had in flight, with DUP; amqtt passes it on again"
