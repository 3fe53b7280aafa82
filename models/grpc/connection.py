"""GrpcConn: an HTTP/2 connection of a gRPC channel: READY with the server's SETTINGS, calls queue at its limit.

What it has of HTTP/2 it has of `ClientConn`. Source: grpc-go internal/transport/http2_client.go: NewHTTP2Client,
readServerPreface, NewStream, handleGoAway, handleRSTStream, Close.
"""

from typing import Any, Final

from models.backend.frame import Code, Frame, GoAway, Settings
from models.backend.http2_config import Http2ServerConfig
from models.backend.message import Answer, Head
from models.grpc.errors import CLOSED_BY_PINGS, KEEPALIVE_LOST, MESSAGE_TOO_LARGE, READING_FROM_SERVER
from models.grpc.keep_alive import KeepAlive
from models.grpc.quota import Quota
from models.protocols.conn_table import CONN_TABLE, Conn, On
from models.protocols.http2_connection import ClientConn
from models.protocols.stream import Stream
from models.transport.errors import CONNECTION_RESET, CONNECTION_TIMED_OUT, EOF

PREFIX_BYTES: Final = 5
"""Before each message: whether it is compressed, and its length (grpc/grpc doc/PROTOCOL-HTTP2.md)."""


class GrpcConn(ClientConn, table=CONN_TABLE):
    """A connection of a subchannel, which is its `pool`."""

    __slots__ = ("_is_stuck", "_keepalive", "is_ready")

    def __init__(self, pool: Any, dial: Any) -> None:
        super().__init__(pool, dial)
        self.admission: Quota = Quota(self)
        self._keepalive: KeepAlive | None = None
        self.is_ready = self._is_stuck = False
        if self.http2.grpc.defect == "window_to_waiting":
            self.admission.on_wait = self._claim

    def start(self, server: Http2ServerConfig) -> None:
        """Say hello; the keepalive runs from here."""
        super().start(server)
        time = self.pool.keepalive_time
        if time:
            self._keepalive = KeepAlive(self, time, self.http2.grpc.keepalive_timeout, self._keepalive_lost)

    @property
    def can_take_new_request(self) -> bool:
        """Whether a call may wait here for a stream, if there is none."""
        return self.state is Conn.OPEN

    def _claim(self, stream: Stream) -> None:
        if stream.request is not None and stream.request.exchange.body_bytes:
            self.flow.claim(id(stream), stream.request.exchange.body_bytes)

    def open(self, stream: Stream) -> None:
        """There is a stream."""
        if self._keepalive is not None:
            self._keepalive.stream_begins()
        if self.admission.on_wait is not None:
            self.flow.unclaim(id(stream))
        super().open(stream)

    def abandon(self, stream: Stream) -> None:
        """Its caller has left."""
        if self.admission.on_wait is not None:
            self.flow.unclaim(id(stream))
        super().abandon(stream)

    # what is read

    def received(self, frame: Any) -> None:
        """A frame was read."""
        if self._is_stuck:
            return
        if self._keepalive is not None:
            self._keepalive.frame_read()
        if type(frame) is Settings:
            self._settle(frame)
        elif type(frame) is Frame and type(frame.message) is not Answer and self._is_too_large(frame):
            self._refuse_message(frame)
        else:
            super().received(frame)

    def _settle(self, frame: Settings) -> None:
        waits_in_reader = self.http2.grpc.defect == "waits_in_reader"
        if waits_in_reader and self.is_ready and 0 < frame.max_streams < len(self.streams):
            self._is_stuck = True  # the reader waits for streams to end, which only the reader could learn of
            return
        super().received(frame)
        if not self.is_ready and self.state is Conn.OPEN:
            self.is_ready = True
            self.pool.connected(self)

    def _is_too_large(self, frame: Frame) -> bool:
        message = frame.message
        if not isinstance(message, Head):
            return False
        reply = message.request.exchange.reply
        n_messages = 1 if reply is None else max(reply.messages, 1)
        return bool(message.body_bytes // n_messages > self.http2.grpc.max_receive_message_size)

    def _refuse_message(self, frame: Frame) -> None:
        stream = self.streams.get(frame.stream_id)
        if stream is not None:
            self.abandon(stream)
            stream.lost(MESSAGE_TOO_LARGE)

    def disown(self, frame: GoAway) -> None:
        """No new calls here; those that the server has not touched go elsewhere, once (handleGoAway)."""
        if frame.code is Code.ENHANCE_YOUR_CALM:
            self.pool.pinged_too_much()
        self.pool.mark_dead(self)
        if not self.streams and not self.admission.n_waiting:
            self.feed(On.SPENT)
        for stream_id, stream in tuple(self.streams.items()):
            if stream_id > frame.last_stream_id:
                self.forget(stream)
                stream.go_elsewhere()
        self.admission.go_on()  # who waited for a stream goes elsewhere, too

    # the end

    def peer_closed(self) -> None:
        """The server's FIN."""
        self._lost(EOF, EOF)

    def was_reset(self) -> None:
        """The server's RST."""
        self._lost(CONNECTION_RESET, CONNECTION_RESET)

    def timed_out(self) -> None:
        """Nothing that was sent was acknowledged."""
        self._lost(CONNECTION_TIMED_OUT, CONNECTION_TIMED_OUT)

    def _lost(self, read_err: str, err: str) -> None:
        if self.state is Conn.CLOSED:
            return
        self.t_read_err, self.read_err = self.http2.engine._now, read_err
        is_expelled = Code.ENHANCE_YOUR_CALM.value in self.go_away_details
        self.feed(On.LOST, CLOSED_BY_PINGS if is_expelled else READING_FROM_SERVER.format(err))

    def _keepalive_lost(self) -> None:
        self.feed(On.LOST, KEEPALIVE_LOST)

    def close(self) -> None:
        """Close from this side."""
        if self._keepalive is not None:
            self._keepalive.stop()
        super().close()
