"""Cases of the keys of fleets of devices."""

from tests.keys.case import LOST_LATER, TLS, Case, change

FLEET = "sessions={f: {count: 20, service: a, websocket: {}, start: {over: 500ms}, reconnect: {delay: 200ms}}}"
BLINKS = "timeline=[{at: 1s, die: {for: 300ms}}]"
LOST_TO_PROBES = ("S.keep_alive=off", LOST_LATER, "duration=40s", "F.keep_alive={idle: 5s, interval: 5s, count: 3}")
STALLS = ("F.network_stalls={every: 1s, lasts: 300ms}", "F.websocket.client={every: 200ms, timeout: 100ms}")
STOPS = ("F.process_stalls={every: 1s, lasts: 300ms}", "F.websocket.server={every: 200ms, timeout: 100ms}")
PINGED = ("F.websocket.client={every: 200ms, timeout: 100ms}",)
SERVER_PINGS = ("F.websocket.server={every: 200ms, timeout: 100ms}",)
BOXED = ("network.middlebox={idle_timeout: 500ms, on_expiry: close}", "F.websocket.client={every: 2s}")
DOWN = "timeline=[{at: 700ms, die: {}}]"


def _fleet(key: str, value: str, *given: str) -> Case:
    settings = [line.replace("F.", "sessions.f.", 1) if line.startswith("F.") else line for line in given]
    return change(f"sessions.f.{key}={value}", FLEET, *settings)


SESSIONS: dict[str, Case] = {
    "sessions.*.count": _fleet("count", "21"),
    "sessions.*.service": _fleet("service", "b", "services.b={overhead: 9ms}"),
    "sessions.*.start.at": _fleet("start.at", "300ms"),
    "sessions.*.start.over": _fleet("start.over", "300ms"),
    "sessions.*.reconnect.policy": _fleet("reconnect.policy", "fixed", BLINKS),
    "sessions.*.reconnect.delay": _fleet("reconnect.delay", "300ms", BLINKS),
    "sessions.*.reconnect.cap": _fleet("reconnect.cap", "500ms", DOWN, "F.reconnect.policy=backoff"),
    "sessions.*.reconnect.jitter": _fleet("reconnect.jitter", "none", DOWN, "F.reconnect.policy=backoff"),
    "sessions.*.keep_alive.idle": _fleet("keep_alive.idle", "7s", *LOST_TO_PROBES),
    "sessions.*.keep_alive.interval": _fleet("keep_alive.interval", "7s", *LOST_TO_PROBES),
    "sessions.*.keep_alive.count": _fleet("keep_alive.count", "4", *LOST_TO_PROBES),
    "sessions.*.handshake_timeout": _fleet(
        "handshake_timeout", "200ms", "timeline=[{at: 0s, header_stall: {}}]", "F.handshake_timeout=500ms"
    ),
    "sessions.*.resumes_tls": _fleet("resumes_tls", "true", TLS, "S.tls.shared_tickets=true", BLINKS),
    "sessions.*.away": _fleet("away", "300ms", "F.lifetime=400ms"),
    "sessions.*.network_stalls.every": _fleet("network_stalls.every", "2s", *STALLS),
    "sessions.*.process_stalls.every": _fleet("process_stalls.every", "2s", *STOPS),
    "sessions.*.websocket.client.every": _fleet("websocket.client.every", "300ms", *PINGED),
    "sessions.*.websocket.client.timeout": _fleet("websocket.client.timeout", "150ms", *PINGED, LOST_LATER),
    "sessions.*.websocket.client.pong_wait": _fleet(
        "websocket.client", "{every: 200ms, pong_wait: 350ms}", *PINGED, LOST_LATER
    ),
    "sessions.*.websocket.client.aligned": _fleet("websocket.client.aligned", "true", *PINGED),
    "sessions.*.websocket.server.every": _fleet("websocket.server.every", "300ms", *SERVER_PINGS),
    "sessions.*.websocket.server.timeout": _fleet("websocket.server.timeout", "150ms", *SERVER_PINGS, LOST_LATER),
    "sessions.*.websocket.server.pong_wait": _fleet(
        "websocket.server", "{every: 200ms, pong_wait: 350ms}", *SERVER_PINGS, LOST_LATER
    ),
    "sessions.*.websocket.server.aligned": _fleet("websocket.server.aligned", "true", *SERVER_PINGS),
    "sessions.*.websocket.messages.from_device": _fleet("websocket.messages.from_device", "3/s"),
    "sessions.*.websocket.messages.from_server": _fleet("websocket.messages.from_server", "3/s"),
    "sessions.*.websocket.messages.size": _fleet(
        "websocket.messages.size", "90kB", "F.websocket.messages={from_server: 3/s, size: 100B}", "network.rtt=20ms"
    ),
    "sessions.*.websocket.going_away": _fleet("websocket.going_away", "true", "timeline=[{at: 1s, shutdown: {}}]"),
    "services.*.kernel.nofile": _fleet("count", "20")._replace(changed=("services.a.kernel.nofile=10",)),
    "network.middlebox.idle_timeout": _fleet("count", "20", *BOXED)._replace(
        changed=("network.middlebox.idle_timeout=700ms",)
    ),
    "network.middlebox.on_expiry": _fleet("count", "20", *BOXED)._replace(
        changed=("network.middlebox.on_expiry=reset",)
    ),
    "network.middlebox.counts": _fleet("count", "20", "network.middlebox={idle_timeout: 5s, on_expiry: reset}",
                                       "S.keep_alive=2s", "F.websocket.client={every: 6s}", "duration=10s")._replace(
        changed=("network.middlebox.counts=data",)
    ),
    "sessions.*.websocket.close_timeout": _fleet(
        "websocket.close_timeout", "300ms", "F.lifetime=400ms", "timeline=[{at: 700ms, pause: {}}]",
        "F.websocket.close_timeout=800ms",
    ),
}  # fmt: skip
