"""Go's error texts of HTTP/2: the last part, which records keep, and on demand the whole that a caller reads.

A stream's number is left out of the part that is kept: records have one word for all streams.
Source: internal/http2/transport.go, internal/http2/errors.go.
"""

from models.transport.errors import RESPONSE_HEADER_TIMEOUT

STREAM_ERROR = "{}; received from peer"
"""StreamError of a RST_STREAM, by its code."""
CONN_NOT_ESTABLISHED = "http2: client conn could not be established"
"""errClientConnNotEstablished: the first request of a connection that is closed already."""
CONN_UNUSABLE = "http2: client conn not usable"
"""errClientConnUnusable: it is closed, leaves, or is full, before the stream began."""
CONN_GOT_GOAWAY = "http2: Transport received Server's graceful shutdown GOAWAY"
"""errClientConnGotGoAway, after the last retry."""
CONN_LOST = "http2: client connection lost"
"""closeForLostPing."""
SERVER_SENT_GOAWAY = "http2: server sent GOAWAY and closed the connection"
"""GoAwayError, with LastStreamID, ErrCode and debug data behind it."""
GOT_GOAWAY = "Transport received GOAWAY from server ErrCode:{}"
"""A first stream that GOAWAY disowns with an error (processGoAway)."""
CANNOT_RETRY = "define Request.GetBody to avoid this error"
"""shouldRetryRequest: the body of a refused request cannot be had once more."""
REFUSED = STREAM_ERROR.format("REFUSED_STREAM")


def whole_error(err: str, stream_id: int) -> str:
    """What a caller reads of an error of its stream."""
    if err == RESPONSE_HEADER_TIMEOUT:
        return f"http2: {err}"
    if err == CANNOT_RETRY:
        cause = whole_error(REFUSED, stream_id)
        return f"http2: Transport: cannot retry err [{cause}] after Request.Body was written; {err}"
    if err.endswith(STREAM_ERROR[2:]):
        return f"stream error: stream ID {stream_id}; {err}"
    return err
