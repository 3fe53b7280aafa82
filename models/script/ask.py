"""Exchange of a step: what a scripted request asks, how its server answers and what its caller does."""

from models.reply import NEVER_CONTINUES, Act, Framing, Reply
from models.request import Exchange, Read
from models.script.case import Step
from models.transport.config import TransportConfig
from sim.units import parse_duration

HEADERS_BYTES = 200
GAP_BODY_BYTES = 8
"""A body with a gap: 4 bytes, the gap, 4 bytes."""
IDEMPOTENCY_KEYS = frozenset({"Idempotency-Key", "X-Idempotency-Key"})
"""Headers that make any request replayable (net/http/request.go, isReplayable)."""
_ACTS = {
    "": Act.ANSWER,
    "eof": Act.EOF,
    "panic": Act.EOF,
    "rst": Act.RESET,
    "conn-close": Act.CLOSE,
    "conn-close-keep": Act.CLOSE_KEPT,
    "cut": Act.CUT,
    "rst-body": Act.CUT_BY_RESET,
    "garbage": Act.GARBAGE,
    "partial-headers": Act.PARTIAL_HEADERS,
    "408": Act.UNASKED_408,
}
_NEXT = {"": Act.ANSWER, "eof-on-next": Act.EOF, "rst-on-next": Act.RESET}
_READS = {"full": Read.FULL, "noclose": Read.NOCLOSE, "close": Read.CLOSE, "none": Read.NONE}
_WHOLE = Reply(body_bytes=0)


def exchange_of(step: Step, transport: TransportConfig) -> Exchange:
    """What the request of `step` asks, and what is done with it."""
    body_bytes = GAP_BODY_BYTES if step.body_gap else max(step.post, 0)
    reply = _reply(step)
    counts = str(step.read).isdecimal()
    return Exchange(
        workload="script",
        method=step.method,
        request_bytes=HEADERS_BYTES + body_bytes,
        has_body=step.post >= 0 or step.body_gap > 0,
        body_bytes=body_bytes,
        body_pause=step.body_gap,
        can_rewind=not (step.nogetbody or step.body_gap),
        is_idempotent=bool(IDEMPOTENCY_KEYS & set(step.header)),
        wants_close=bool(step.close) or transport.disable_keep_alives,
        expects_continue=step.header.get("Expect") == "100-continue",
        deadline=step.deadline,
        read=Read.CLOSE if counts else _READS[str(step.read)],
        read_bytes=int(step.read) if counts else 0,
        read_delay=step.read_delay,
        reply=None if reply == _WHOLE else reply,
    )


def _reply(step: Step) -> Reply:
    never = step.continue_ == "never"
    return Reply(
        status=int(step.status),
        body_bytes=step.body,
        framing=Framing.CHUNKED if step.chunked else Framing.UNTIL_CLOSE if step.nolen else Framing.LENGTH,
        pause=step.body_pause,
        interim=tuple(int(status) for status in str(step.i1xx).split(",") if status),
        interim_gap=step.i1xx_gap,
        continue_after=NEVER_CONTINUES if never else parse_duration(step.continue_ or "0s"),
        act=_ACTS[str(step.act)],
        close_after=step.close_after,
        next_act=_NEXT[step.next],
    )
