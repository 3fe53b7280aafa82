"""Cases of the keys of protocol rules, which may stand under a client or under its transport."""

from tests.keys.case import Case, change

BUSY = ("S.workers=1", "S.queue=1")
"""One in three of the base scenario's requests gets 503, UNAVAILABLE to gRPC."""
KEYS: dict[str, tuple[str, str]] = {
    "name": ("{}.0.name=other", "annotate"),
    "match": ("{}.0.match='grpc-status == 8'", "annotate"),
    "action.throttle.bucket": ("{}.0.action.throttle.bucket=5", "{throttle: {bucket: 50, refill: 1/s}}"),
    "action.throttle.refill": ("{}.0.action.throttle.refill=20/s", "{throttle: {bucket: 5}}"),
    "action.throttle.start": ("{}.0.action.throttle.start=empty", "{throttle: {bucket: 5}}"),
    "action.throttle.max_wait": (
        "{}.0.action.throttle.max_wait=100ms", "{throttle: {bucket: 5, refill: 20/s}}",
    ),
    "action.throttle.for": ("{}.0.action.throttle.for=200ms", "{throttle: {bucket: 5, refill: 1/s}}"),
    "action.break.consecutive": ("{}.0.action.break.consecutive=2", "{break: {consecutive: 1}}"),
    "action.break.timeout": ("{}.0.action.break.timeout=100ms", "{break: {consecutive: 1}}"),
    "action.break.max_requests": (
        "{}.0.action.break.max_requests=5", "{break: {consecutive: 1, timeout: 100ms}}",
    ),
    "action.retry.retries": ("{}.0.action.retry.retries=3", "retry"),
    "action.retry.after": ("{}.0.action.retry.after=70ms", "retry"),
    "action.shed.for": ("{}.0.action.shed.for=100ms", "shed"),
    "action.shed.share": ("{}.0.action.shed.share=0.5", "shed"),
    "action.annotate.note": ("{}.0.action.annotate.note=busy", "annotate"),
}  # fmt: skip
"""The end of a key to the line that changes it and the action in which it matters."""


def _case(place: str, changed: str, action: str) -> Case:
    rule = f"[{{name: a, match: 'grpc-status == UNAVAILABLE', action: {action}}}]"
    return change(changed.format(place), f"{place}={rule}", *BUSY)


RULES: dict[str, Case] = {
    f"{path}.[].{key}": _case(place, *case)
    for path, place in (
        ("clients.*.protocol_rules", "G.protocol_rules"),
        ("clients.*.transport.protocol_rules", "T.protocol_rules"),
    )
    for key, case in KEYS.items()
} | {
    "services.*.grpc_codes.*": change(
        "S.grpc_codes={503: 8}", *BUSY, "G.protocol_rules=[{name: a, match: 'grpc-status == 8', action: annotate}]"
    ),
    "services.*.grpc_messages.*": change(
        "S.grpc_messages={503: busy}", *BUSY,
        "G.protocol_rules=[{name: a, match: \"grpc-message ~ '^busy$'\", action: annotate}]",
    ),
}  # fmt: skip
