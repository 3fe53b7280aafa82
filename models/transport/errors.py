"""Go's error texts: the last part, which records keep, and on demand the whole that a caller reads."""

from typing import Final

from models.backend.handler import MALFORMED_HEADER, MALFORMED_STATUS
from models.dns import resolver
from models.tls import verdict

IO_TIMEOUT, NO_SUCH_HOST = resolver.IO_TIMEOUT, resolver.NO_SUCH_HOST
"""Of a lookup, and the first of a dial as well."""
AWAITING_HEADERS = "Client.Timeout exceeded while awaiting headers"
"""net/http/client.go, httpError.Error via setRequestCancel."""
READING_BODY = "Client.Timeout or context cancellation while reading body"
"""net/http/client.go, cancelTimerBody.Read."""
DEADLINE_EXCEEDED = "context deadline exceeded"
"""context.DeadlineExceeded: of the caller's own deadline, or of the minute that a proxy has to answer a CONNECT."""
CANCELED = "context canceled"
"""context.Canceled."""
RESPONSE_HEADER_TIMEOUT = "timeout awaiting response headers"
"""net/http/transport.go, errTimeout."""
TLS_HANDSHAKE_TIMEOUT = "TLS handshake timeout"
"""net/http/transport.go, tlsHandshakeTimeoutError."""
CERTIFICATE_EXPIRED = verdict.EXPIRED
"""crypto/x509, CertificateInvalidError of Expired; what Go adds, both times, is left out: a run has no date."""
CERTIFICATE_OF_ANOTHER = "x509: certificate is valid for {}, not {}"
"""crypto/x509, HostnameError."""
EOF: Final = "EOF"
"""io.EOF: the server closed before the first byte of its answer."""
CONNECTION_RESET = "connection reset by peer"
"""syscall.ECONNRESET."""
CONNECTION_TIMED_OUT = "connection timed out"
"""syscall.ETIMEDOUT, of a dial or of a read."""
SERVER_CLOSED_IDLE: Final = "server closed idle connection"
"""net/http/transport.go, errServerClosedIdle."""
UNEXPECTED_EOF: Final = "unexpected EOF"
"""io.ErrUnexpectedEOF: the body was cut."""
BROKEN = "net/http: HTTP/1.x transport connection broken: {}"
"""net/http/transport.go, mapRoundTripError: what came was not, or not wholly, an answer."""
CUT_OFF = "lab-end"
"""Not Go's: the run ended first."""

OPERATION_WAS_CANCELED = "operation was canceled"
"""net/net.go, errCanceled: a dial whose context ended."""

IDLE_CONNS_CLOSED: Final = "http: putIdleConn: CloseIdleConnections was called"
TOO_MANY_IDLE_HOST: Final = "http: putIdleConn: too many idle connections for host"
KEEP_ALIVES_DISABLED: Final = "http: putIdleConn: keep alives disabled"
CONN_BROKEN: Final = "http: putIdleConn: connection is in bad state"
"""net/http/transport.go, tryPutIdleConn."""

_BEFORE = {
    AWAITING_HEADERS: "context deadline exceeded ({})",
    READING_BODY: "context deadline exceeded ({})",
    RESPONSE_HEADER_TIMEOUT: "net/http: {}",
    TLS_HANDSHAKE_TIMEOUT: "net/http: {}",
    SERVER_CLOSED_IDLE: "http: {}",
    MALFORMED_STATUS: BROKEN,
    MALFORMED_HEADER: BROKEN,
}
"""Errors of the Transport and of the Client, in which no address occurs."""
_CONNECT_ERRORS = frozenset(
    {"connection refused", CONNECTION_TIMED_OUT, "cannot assign requested address", "no route to host",
     "network is unreachable"}
)  # fmt: skip
"""What connect(2) says (net/fd_unix.go, os.SyscallError)."""
_SOCKET_ERRORS = frozenset({"too many open files"})
"""What socket(2) says (net/sock_cloexec.go)."""
_DIAL_ERRORS = _CONNECT_ERRORS | _SOCKET_ERRORS | {IO_TIMEOUT, OPERATION_WAS_CANCELED}
TIMEOUTS = frozenset({AWAITING_HEADERS, READING_BODY, DEADLINE_EXCEEDED, RESPONSE_HEADER_TIMEOUT})
READ_ERRORS = frozenset({CONNECTION_RESET, CONNECTION_TIMED_OUT})


def do_error(method: str, url: str, text: str) -> str:
    """The error of Client.Do: a url.Error with the method as in Get, Post, Head (net/http/client.go, urlErrorOp)."""
    return f'{method[:1]}{method[1:].lower()} "{url}": {text}'


def client_error(err: str) -> str:
    """An error of the Client, the Transport or the context, in which no address occurs."""
    return _BEFORE.get(err, "{}").format(err)


def connect_error(err: str, address: str) -> str:
    """The error of a connect() to one address: a net.OpError, with the system call where it was one."""
    if err not in _DIAL_ERRORS:
        return client_error(err)
    call = "connect: " if err in _CONNECT_ERRORS else "socket: " if err in _SOCKET_ERRORS else ""
    return f"dial tcp {address}: {call}{err}"


def lookup_error(err: str, name: str, server: str) -> str:
    """A net.DNSError: the server is named where it answered, not where nobody did in time."""
    answered = f" on {server}" if err == NO_SUCH_HOST else ""
    return f"lookup {name}{answered}: {err}"


def read_error(err: str, local: str, remote: str) -> str:
    """The error of reading from a connection: EOF bare, what read(2) says with both addresses."""
    return f"read tcp {local}->{remote}: read: {err}" if err in READ_ERRORS else client_error(err)


def as_status(err: str) -> int:
    """What an error counts as to whoever judges backends by status: 504, 503 or 500; 0 where the caller left.

    Source: Envoy outlier_detection_impl.cc: a time-out is 504, a failed dial 503, whatever else 500.
    """
    if err in (CANCELED, CUT_OFF):
        return 0
    if err in TIMEOUTS:
        return 504
    return 503 if err in _DIAL_ERRORS or err in (NO_SUCH_HOST, TLS_HANDSHAKE_TIMEOUT) else 500
