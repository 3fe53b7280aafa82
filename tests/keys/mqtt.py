"""Cases of the keys of MQTT: fleets, brokers, bridges."""

from tests.keys.case import Case, change

HUB = "services.hub={broker: {}, keep_alive: off}"
DOWNSTREAM = "services.orders={service_time: 5ms}"
PUBLISHER = "sessions.p={count: 6, service: hub, start: {over: 200ms}, mqtt: {publish: {rate: 20/s}}}"
SUBSCRIBER = "sessions.s={count: 2, service: hub, start: {over: 100ms}, mqtt: {subscribe: {fleets: [p]}}}"
BRIDGE = "bridges.b={subscriber: s, client: gw, service: orders}"
OTHER = "sessions.o={count: 6, service: hub, mqtt: {publish: {rate: 9/s}}}"
SLOW = "B.store_time=300ms"
CUTS = ("P.network_stalls={every: 1s, lasts: 300ms}", "PM.keep_alive=1s", "PM.ping_timeout=100ms",
        "P.reconnect.policy=at_once", "network.rtt=20ms", "duration=4s")  # fmt: skip
AWAY = ("S.lifetime=400ms", "S.away=400ms", "duration=4s")
NARROW = "network.bandwidth=100kbit/s"
SILENT = ("timeline=[{at: 1s, drop: {service: hub}}]", "duration=20s", "B.sweep=1s")
RESTART = "timeline=[{at: 1s, die: {service: hub, for: 100ms}}]"
LOSES = ("timeline=[{at: 500ms, pause: {service: orders, for: 3s}}]", "G.timeout=500ms", "tail=6s")

PARTS = {"B.": "services.hub.broker.", "P.": "sessions.p.", "PM.": "sessions.p.mqtt.", "S.": "sessions.s.",
         "SM.": "sessions.s.mqtt.", "R.": "bridges.b."}  # fmt: skip


def _path(line: str) -> str:
    start = line.partition(".")[0] + "."
    return line if start not in PARTS else PARTS[start] + line.removeprefix(start)


def _case(changed: str, *given: str) -> Case:
    return change(_path(changed), "network.rtt=10ms", HUB, PUBLISHER, SUBSCRIBER, *map(_path, given))


def _bridge(changed: str, *given: str) -> Case:
    return _case(changed, DOWNSTREAM, BRIDGE, *given)


BROKER: dict[str, Case] = {
    "max_connections": _case("B.max_connections=3"),
    "max_inflight": _case("B.max_inflight=1", SLOW),
    "max_queued": _case("B.max_queued=0", *AWAY),
    "drops": _case("B.drops=oldest", *AWAY, "B.max_queued=3"),
    "resend_after": _case("B.resend_after=200ms", "S.process_stalls={every: 1s, lasts: 500ms}"),
    "acks.delay": _case("B.acks.delay=50ms"),
    "acks.most": _case("B.acks={delay: 200ms, most: 2}", "B.acks.delay=200ms"),
    "read_time": _case("B.read_time=1ms"),
    "write_time": _case("B.write_time=1ms"),
    "persistent": _case("B.persistent=true", RESTART, SLOW),
    "client_expiration": _case("B.client_expiration=100ms", *AWAY, "SM.version=v3.1.1"),
    "server_keep_alive": _case("B.server_keep_alive=1s"),
    "sweep": _case("B.sweep=3s", *SILENT, "PM.keep_alive=2s"),
}
FLEET: dict[str, Case] = {
    "version": _case("PM.version=v3.1.1", SLOW, "PM.inflight=40", "PM.publish.rate=100/s"),
    "keep_alive": _case("PM.keep_alive=1s"),
    "ping_timeout": _case("PM.ping_timeout=500ms", *SILENT, "PM.keep_alive=2s"),
    "clean": _case("PM.clean=true", *CUTS, SLOW),
    "session_expiry": _case("SM.session_expiry=0s", *AWAY),
    "inflight": _case("PM.inflight=1", SLOW),
    "max_queued": _case("PM.max_queued=1", SLOW, "PM.inflight=1"),
    "receive_maximum": _case("SM.receive_maximum=1", "network.rtt=40ms"),
    "resend_after": _case("PM.resend_after=100ms", SLOW),
    "acks.delay": _case("SM.acks.delay=50ms"),
    "acks.most": _case("SM.acks={delay: 200ms, most: 2}", "SM.acks.delay=200ms"),
    "publish.rate": _case("PM.publish.rate=30/s"),
    "publish.burst": _case("PM.publish.burst=3"),
    "publish.qos": _case("PM.publish.qos=exactly_once"),
    "publish.size": _case("PM.publish.size=300B", NARROW),
    "publish.topic_size": _case("PM.publish.topic_size=60", NARROW),
    "publish.topic_alias": _case("PM.publish.topic_alias=true", NARROW),
    "subscribe.fleets.[]": _case("SM.subscribe.fleets=[o]", OTHER),
    "subscribe.qos": _case("SM.subscribe.qos=at_most_once"),
    "subscribe.shared": _case("SM.subscribe.shared=true"),
}
BRIDGES: dict[str, Case] = {
    "subscriber": _bridge("R.subscriber=t", "sessions.t={count: 1, service: hub, mqtt: {subscribe: {fleets: [p]}}}"),
    "client": _bridge("R.client=other", "clients.other={overhead: 5ms}"),
    "service": _bridge("R.service=a"),
    "poll": _bridge("R.poll=100ms"),
    "schemas.count": _bridge("R.schemas.count=3", "R.schemas={lookup: 50ms}"),
    "schemas.kept_for": _bridge("R.schemas.kept_for=500ms", "R.schemas={lookup: 50ms}"),
    "max_items": _bridge("R.max_items=3", "R.linger=50ms"),
    "linger": _bridge("R.linger=80ms", "R.linger=50ms", "R.max_items=9"),
    "item_size": _bridge("R.item_size=9kB", "R.linger=50ms", "R.max_items=9"),
    "item_time": _bridge("R.item_time=1ms"),
    "calls": _bridge("R.calls=4", "services.orders.service_time=50ms"),
    "ordered": _bridge("R.ordered=false", "services.orders.service_time=50ms", "R.calls=4"),
    "retry_wait": _bridge("R.retry_wait=1s", *LOSES),
    "acknowledge": _bridge("R.acknowledge=received", "services.orders.service_time=50ms"),
    "max_waiting": _bridge("R.max_waiting=2", "services.orders.service_time=50ms"),
}
MQTT: dict[str, Case] = {
    **{f"services.*.broker.{key}": case for key, case in BROKER.items()},
    **{f"sessions.*.mqtt.{key}": case for key, case in FLEET.items()},
    **{f"bridges.*.{key}": case for key, case in BRIDGES.items()},
}

BRIDGED = ("network.rtt=10ms", HUB, PUBLISHER, SUBSCRIBER, DOWNSTREAM, BRIDGE)
"""For delays, which stand elsewhere."""
