"""quic-go's error texts: the last part, which records keep.

Source: quic-go internal/qerr/errors.go, http3/errors.go.
"""

IDLE_TIMEOUT = "timeout: no recent network activity"
"""IdleTimeoutError: of a connection, and of a handshake in which nothing was received."""
STATELESS_RESET = "received a stateless reset"
"""StatelessResetError."""
CONN_CLOSED = "Application error 0x100 (remote)"
"""ApplicationError, H3_NO_ERROR: the server's CONNECTION_CLOSE."""
CANNOT_OPEN = "connection unusable"
"""errConnUnusable: the stream was never opened, so the request goes to another connection, once."""


def stream_error(code: str) -> str:
    """The server's RESET_STREAM."""
    return f"H3 error ({code})"
