"""Exchange of a step: what a scripted request asks, how its server answers and what its caller does."""

from models.request import Exchange, Read
from models.script.case import Step
from models.script.go_fields import NotSimulated

HEADERS_BYTES = 200
IDEMPOTENCY_KEYS = frozenset({"Idempotency-Key", "X-Idempotency-Key"})
"""Headers that make any request replayable (net/http/request.go, isReplayable)."""
_NOT_YET = (
    "body_gap", "nolen", "body_pause", "close_after", "next", "i1xx", "continue_", "read_delay"
)  # fmt: skip


def exchange_of(step: Step) -> Exchange:
    """What the request of `step` asks.

    Raises
    ------
    NotSimulated
        The models have no such behaviour; it is named.
    """
    _refuse(step)
    return Exchange(
        workload="script",
        method=step.method,
        request_bytes=HEADERS_BYTES + max(step.post, 0),
        has_body=step.post >= 0,
        can_rewind=not step.nogetbody,
        is_idempotent=bool(IDEMPOTENCY_KEYS & set(step.header)),
        wants_close=bool(step.close) or step.act == "conn-close",
        read=Read.NONE if step.read == "none" else Read.FULL,
    )


def _refuse(step: Step) -> None:
    for option in _NOT_YET:
        if getattr(step, option):
            raise NotSimulated(f"the option {option.removesuffix('_')}")
    if step.act not in ("", "conn-close"):
        raise NotSimulated(f"act: {step.act}")
    if int(step.status) != 200:
        raise NotSimulated(f"status: {step.status}")
    if step.body and step.read not in ("full", "noclose"):
        raise NotSimulated(f"read: {step.read} of a response with a body")
    if "Expect" in step.header:
        raise NotSimulated("the header Expect")
