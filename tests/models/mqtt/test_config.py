"""MQTT that cannot be: one line each, with the place, the offender and the way out."""

from typing import Any

import pytest

from sim import wiring
from sim.units import InputError

WORLD: dict[str, Any] = {
    "clients": {"gw": {}},
    "services": {"hub": {"broker": {}}, "orders": {}, "other": {"broker": {}}},
    "sessions": {
        "p": {"count": 4, "service": "hub", "mqtt": {"publish": {"rate": "1/s"}}},
        "s": {"count": 1, "service": "hub", "mqtt": {"subscribe": {"fleets": ["p"]}}},
        "o": {"count": 1, "service": "other", "mqtt": {"publish": {"rate": "1/s"}}},
    },
    "bridges": {"b": {"subscriber": "s", "client": "gw", "service": "orders"}},
}
WRONG = {
    "sessions.p.mqtt.inflight=0": "mqtt.inflight: a window of 0 lets no message of QoS 1 or 2 go, ever; write 1 to",
    "sessions.s.mqtt.receive_maximum=0": "mqtt.receive_maximum: a window of 0 lets no message",
    "services.hub.broker.max_inflight=0": "broker.max_inflight: a window of 0 lets no message",
    "sessions.p.mqtt.inflight=65536": "mqtt.inflight: there are 65,535 packet identifiers; write that or less",
    "services.hub.broker.max_inflight=70000": "broker.max_inflight: there are 65,535 packet identifiers",
    "sessions.p.mqtt.version=v4": "mqtt.version",
    "sessions.p.mqtt.ping_timeout=70s": "ping_timeout: 70s is longer than keep_alive, 1m",
    "sessions.p.mqtt.acks={most: 5}": "acks.most: 5 would wait for one another without end; write a delay",
    "sessions.p.mqtt={version: v3.1.1, session_expiry: 5s}": "mqtt.session_expiry: version 3.1.1 does not have it",
    "sessions.p.mqtt={version: v3.1.1, receive_maximum: 5}": "mqtt.receive_maximum: version 3.1.1 does not have it",
    "sessions.p.mqtt={version: v3.1.1, publish: {rate: 1/s, topic_alias: true}}": "publish.topic_alias: version 3.1.1",
    "sessions.s.mqtt={version: v3.1.1, subscribe: {fleets: [p], shared: true}}": "subscribe.shared: version 3.1.1",
    "sessions.p.websocket={}": "sessions.p.websocket: a fleet speaks exactly one protocol; write websocket: {} or mqtt",
    "sessions.p.service=orders": "sessions.p.service: orders is no broker; write services.orders.broker: {}",
    "sessions.s.mqtt.subscribe.fleets=[q]": "subscribe.fleets: no fleet is called q; known here: p, s, o",
    "sessions.s.mqtt.subscribe.fleets=[s]": "subscribe.fleets: s publishes nothing; write sessions.s.mqtt.publish",
    "sessions.s.mqtt.subscribe.fleets=[o]": "subscribe.fleets: o publishes at other, not at hub; write one broker",
    "services.hub.broker=emq": "services.hub.broker: 'emq' is none of mosquitto, emqx, emqx_before_5_8",
    "bridges.b.subscriber=t": "bridges.b.subscriber: no fleet is called t; known here: p, s, o",
    "bridges.b.subscriber=p": "bridges.b.subscriber: p subscribes to nothing; write sessions.p.mqtt.subscribe",
    "bridges.b.client=gv": "bridges.b.client: no client is called gv; known here: gw",
    "bridges.b.service=order": "bridges.b.service: no service is called order; known here: hub, orders, other",
    "bridges.b.max_items=5": "bridges.b.linger: 0s lets a batch of fewer than 5 wait for ever; write one such as 5ms",
    "bridges.c={subscriber: s, client: gw, service: orders}": "bridges.b.subscriber: s is that of c; give each bridge",
}


@pytest.mark.parametrize(("override", "said"), WRONG.items(), ids=WRONG)
def test_it_is_refused_in_one_line(override: str, said: str) -> None:
    with pytest.raises(InputError) as refusal:
        wiring.load_tree(WORLD, [override])

    assert said in str(refusal.value).replace(f"--set {override}:", f"{override.partition('=')[0]}:")
    assert "\n" not in str(refusal.value)


def test_a_short_form_stands_for_what_a_broker_does() -> None:
    brokers = [
        wiring.load_tree(WORLD, [f"services.hub.broker={name}"]).services["hub"].broker
        for name in ("mosquitto", "emqx", "emqx_before_5_8")
    ]

    told = [(one.max_inflight, one.drops, one.resend_after // 10**9) for one in brokers if one is not None]
    assert told == [(20, "newest", 0), (32, "oldest", 0), (32, "oldest", 30)]
