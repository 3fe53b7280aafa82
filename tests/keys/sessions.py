"""Cases of the keys of fleets of devices."""

from tests.keys.case import LOST_LATER, TLS, Case, change

FLEET = "sessions={f: {count: 20, service: a, websocket: {}, start: {over: 500ms}, reconnect: {delay: 200ms}}}"
BLINKS = "timeline=[{at: 1s, die: {for: 300ms}}]"
LOST_TO_PROBES = ("S.keep_alive=off", LOST_LATER, "duration=40s", "F.keep_alive={idle: 5s, interval: 5s, count: 3}")
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
    "sessions.*.websocket.close_timeout": _fleet(
        "websocket.close_timeout", "300ms", "F.lifetime=400ms", "timeline=[{at: 700ms, pause: {}}]",
        "F.websocket.close_timeout=800ms",
    ),
}  # fmt: skip
