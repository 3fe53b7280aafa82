"""Reply: what a server does with one request, step by step. Not when it begins: that is its workers' business."""

from dataclasses import dataclass
from enum import IntEnum

AS_CONFIGURED = -1
"""A body of the size that the service says."""
NEVER_CONTINUES = -1
"""A server that waits for the body without a word, whatever the client expects."""
MAX_POST_HANDLER_READ_BYTES = 256 << 10
"""What is left of a request's body is read for the handler, up to this (net/http/server.go)."""


class Framing(IntEnum):
    """How the client knows where a response body ends (net/http/transfer.go, fixLength)."""

    LENGTH, CHUNKED, UNTIL_CLOSE = range(3)


class Upload(IntEnum):
    """What a handler does with the body of a request."""

    READ = 0
    """Reads it before it works."""
    LEFT = 1
    """Never reads it. Go's server then reads what is left, up to 256 KiB, before it answers; with more of it left it
    answers at once, with Connection: close (net/http/server.go, chunkWriter.writeHeader)."""
    READ_LATER = 2
    """Answers first and reads it afterwards."""


class Act(IntEnum):
    """What becomes of the answer, and of the connection."""

    ANSWER = 0
    """A whole answer, and the connection is kept."""
    EOF = 1
    """The connection is closed in place of an answer; a handler that panics does the same (conn.serve)."""
    RESET = 2
    """It is reset in place of an answer."""
    CLOSE = 3
    """A whole answer that says Connection: close, and the server closes."""
    CLOSE_KEPT = 4
    """A whole answer that says Connection: close, and the closing is left to the client."""
    CUT = 5
    """After half of the body the connection is closed; a handler that panics there does the same."""
    CUT_BY_RESET = 6
    """After half of the body it is reset."""
    GARBAGE = 7
    """Bytes that are not HTTP, and the connection is closed."""
    PARTIAL_HEADERS = 8
    """Headers that break off, and the connection is closed."""
    UNASKED_408 = 9
    """A whole answer; 50 ms later one that nobody asked for, and the connection is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The plan of a handler. The default answers 200 at once, in one piece."""

    status: int = 200
    body_bytes: int = AS_CONFIGURED
    framing: Framing = Framing.LENGTH
    pause: int = 0
    """Between the two halves of the body, in ns."""
    interim: tuple[int, ...] = ()
    """1xx answers, before the handler works."""
    interim_gap: int = 0
    """After each of them, in ns."""
    continue_after: int = 0
    """When 100 is sent to a client that expects it, in ns after its headers."""
    messages: int = 1
    """Parts of `body_bytes` each in which the body is written: a stream of messages."""
    gap: int = 0
    """From one of them to the next, in ns."""
    upload: Upload = Upload.READ
    act: Act = Act.ANSWER
    close_after: int = 0
    """The server closes the connection when it has been idle that long after the answer; 0 means never."""
    next_act: Act = Act.ANSWER
    """What is done with the next request of the connection: EOF and RESET lose it."""


PLAIN = Reply()
"""A whole answer at once, sent head first, for a caller who does not simply read it."""
