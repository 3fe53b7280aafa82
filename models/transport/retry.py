"""Retry: which lost attempts are made once more. Without limit, and without delay.

Sources: net/http/transport.go, persistConn.shouldRetryRequest; net/http/request.go, Request.isReplayable.
"""

from models.request import Exchange
from models.transport.errors import SERVER_CLOSED_IDLE


def should_retry(exchange: Exchange, err: str, *, reused: bool, unsent: bool) -> bool:
    """Whether a request is tried again whose connection was lost before the first byte of its answer.

    Parameters
    ----------
    err : what the reader saw; SERVER_CLOSED_IDLE where it was the FIN, and nothing had been sent.
    reused : whether the connection had been used, or was a surplus dial's.
    unsent : whether nothing of the request had been written (nwrite).

    Notes
    -----
    Evaluated top down, in Go's order; a time-out, a cancellation and a malformed answer do not come here at all.
    """
    if not reused:
        return False  # a server that refuses a fresh connection would refuse the next one
    if unsent and err != SERVER_CLOSED_IDLE:
        return exchange.is_rewindable  # nothingWrittenError: any method
    return exchange.is_replayable  # transportReadFromServerError, errServerClosedIdle
