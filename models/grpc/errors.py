"""What grpc-go says of calls that end without an answer: the part of the text that is the same for all of them.

Source: grpc-go internal/transport/http2_client.go, clientconn.go, rpc_util.go.
"""

from typing import Final

READING_FROM_SERVER: Final = "error reading from server: {}"
"""http2Client.reader: the connection is lost, and its calls with it; {} is EOF or what read(2) says."""
CLOSED_BY_PINGS: Final = 'received prior goaway: code: ENHANCE_YOUR_CALM, debug data: "too_many_pings"'
"""The same after such a GOAWAY."""
KEEPALIVE_LOST: Final = "keepalive ping failed to receive ACK within timeout"
"""http2Client.keepalive."""
NO_PREFACE: Final = "error reading server preface: {}"
"""A connection that was lost before the server's SETTINGS; {} as above, or the end of the attempt's time."""
SERVER_PREFACE_LATE: Final = "context deadline exceeded"
HANDSHAKE_LATE: Final = "authentication handshake failed: context deadline exceeded"
"""An attempt to connect whose time ended during TLS."""
MESSAGE_TOO_LARGE: Final = "grpc: received message larger than max"
"""rpc_util.go, recv; the two numbers are left out."""
