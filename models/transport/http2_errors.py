"""Go's error texts of HTTP/2: the last part, which records keep, and on demand the whole that a caller reads.

The numbers of streams are left out of the part that is kept, so that records have one word for all of them.
Source: internal/http2/transport.go, internal/http2/errors.go.
"""

from models.transport.errors import RESPONSE_HEADER_TIMEOUT, client_error

BY_PEER = "received from peer"
"""StreamError.Cause of a RST_STREAM (errFromPeer)."""
CONN_UNUSABLE = "client conn not usable"
"""errClientConnUnusable: it is closed, leaves, or is full, before the stream began."""
CONN_NOT_ESTABLISHED = "client conn could not be established"
"""errClientConnNotEstablished: the first request of a connection that is closed already."""
CONN_GOT_GOAWAY = "Transport received Server's graceful shutdown GOAWAY"
"""errClientConnGotGoAway, after the last retry."""
CONN_LOST = "client connection lost"
"""closeForLostPing."""
SERVER_SENT_GOAWAY = "server sent GOAWAY and closed the connection"
"""GoAwayError."""
GOT_GOAWAY = "Transport received GOAWAY from server ErrCode:{}"
"""A first stream that GOAWAY disowns with an error (processGoAway)."""
CANNOT_RETRY = "define Request.GetBody to avoid this error"
"""shouldRetryRequest: the body of a refused request cannot be had once more."""
REFUSED_STREAM = "REFUSED_STREAM"

_OF_HTTP2 = (
    CONN_UNUSABLE, CONN_NOT_ESTABLISHED, CONN_GOT_GOAWAY, CONN_LOST, SERVER_SENT_GOAWAY, GOT_GOAWAY[:-2],
    RESPONSE_HEADER_TIMEOUT,
)  # fmt: skip
"""How the texts begin that Go prefixes with http2."""


def reset_by_peer(code: str) -> str:
    """The server's RST_STREAM with this code."""
    return f"{code}; {BY_PEER}"


def go_away_details(last_stream_id: int, code: str) -> str:
    """What Go adds to SERVER_SENT_GOAWAY."""
    return f'; LastStreamID={last_stream_id}, ErrCode={code}, debug=""'


def whole_error(err: str, stream_id: int, details: str = "") -> str:
    """What a caller reads of an error of its stream."""
    if err.startswith(_OF_HTTP2):
        return f"http2: {err}{details if err == SERVER_SENT_GOAWAY else ''}"
    if err == CANNOT_RETRY:
        cause = whole_error(reset_by_peer(REFUSED_STREAM), stream_id)
        return f"http2: Transport: cannot retry err [{cause}] after Request.Body was written; {err}"
    if err.endswith(BY_PEER):
        return f"stream error: stream ID {stream_id}; {err}"
    return client_error(err)
