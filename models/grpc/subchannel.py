"""Subchannel: one address of a channel: its state, its one connection, and the wait before it is tried again.

Not which of several is used. Source: grpc-go clientconn.go, addrConn: connect, resetTransportAndUnlock,
createTransport, adjustParams; doc/connectivity-semantics-and-api.md.
"""

from enum import IntEnum
from typing import Any

from models.backend.http2_config import Http2ServerConfig
from models.grpc.backoff import Backoff
from models.grpc.connection import GrpcConn
from models.grpc.errors import HANDSHAKE_LATE, NO_PREFACE, SERVER_PREFACE_LATE
from models.protocols.conn_table import On as Ends
from models.request import Exchange, Request
from models.transport.errors import IO_TIMEOUT
from models.transport.phase import HANDSHAKING
from models.transport.pool import HostPool
from models.transport.want import Want
from sim.engine.machine import Machine, Table, ignore
from sim.engine.timers import Timer

_ERRAND = Exchange(workload="")


class State(IntEnum):
    """gRPC's connectivity states."""

    IDLE, CONNECTING, READY, TRANSIENT_FAILURE, SHUTDOWN = range(5)


class On(IntEnum):
    """What moves a subchannel."""

    CONNECT, CONNECTED, FAILED, RETRY, LOST, CLOSE = range(6)


def _connect(sub: "Subchannel", _: Any) -> None:
    sub.dial()


def _tell(sub: "Subchannel", _: Any) -> None:
    sub.channel.changed(sub)


def _wait(sub: "Subchannel", err: str) -> None:
    sub.wait(err)


def _end(sub: "Subchannel", _: Any) -> None:
    sub.end()


SUBCHANNEL_TABLE: Table = {
    State.IDLE: {
        On.CONNECT: (State.CONNECTING, _connect),
        On.CLOSE: (State.SHUTDOWN, _end),
    },
    State.CONNECTING: {
        On.CONNECT: (State.CONNECTING, ignore),
        On.CONNECTED: (State.READY, _tell),
        On.FAILED: (State.TRANSIENT_FAILURE, _wait),
        On.CLOSE: (State.SHUTDOWN, _end),
    },
    State.READY: {
        On.CONNECT: (State.READY, ignore),
        On.LOST: (State.IDLE, _tell),
        On.CLOSE: (State.SHUTDOWN, _end),
    },
    State.TRANSIENT_FAILURE: {
        On.CONNECT: (State.TRANSIENT_FAILURE, ignore),
        On.RETRY: (State.IDLE, _tell),
        On.CLOSE: (State.SHUTDOWN, _end),
    },
    State.SHUTDOWN: {
        # what was under way when it was closed
        On.CONNECT: (State.SHUTDOWN, ignore),
        On.FAILED: (State.SHUTDOWN, ignore),
        On.RETRY: (State.SHUTDOWN, ignore),
        On.LOST: (State.SHUTDOWN, ignore),
        On.CLOSE: (State.SHUTDOWN, ignore),
    },
}


class Subchannel(Machine, table=SUBCHANNEL_TABLE):
    """One address."""

    __slots__ = (
        "_backoff", "_deadline", "_dial", "_retry_at", "_wait", "channel", "conn", "err", "host", "http2", "index",
        "server",
    )  # fmt: skip

    def __init__(self, channel: Any, index: int, host: HostPool, backoff: Backoff) -> None:
        self.state: State = State.IDLE
        self.channel, self.index, self.host = channel, index, host
        self.http2 = channel.http2
        host.http2 = self
        self.server: Http2ServerConfig = channel.server
        self.conn: GrpcConn | None = None
        self.err = ""
        """Why the last attempt failed."""
        self._backoff, self._wait = backoff, 0
        self._dial: Any = None
        engine = self.http2.engine
        self._deadline, self._retry_at = Timer(engine, self._too_late), Timer(engine, self._retry)

    @property
    def keepalive_time(self) -> int:
        """How long its next connection may be silent before a PING."""
        return self.channel.keepalive_time  # type: ignore[no-any-return]

    def dial(self) -> None:
        """Try the address: the connection, TLS and SETTINGS have to be there in time."""
        http2 = self.http2
        self._wait = self._backoff.next()
        limit = max(http2.grpc.reconnect.min_connect_timeout, self._wait)
        self._deadline.arm(http2.engine._now + limit)
        request = Request(-1, _ERRAND, self.host, 0, http2.engine._now)
        errand = Want(request)  # of nobody: no request of the pool, and done before it begins
        errand.done, errand.on_failed = True, self._dial_failed
        http2.t1.start_dial(errand)
        self._dial = errand.dial
        self.channel.changed(self)

    def dialed(self, dial: Any) -> None:
        """TLS is there: say hello and wait for SETTINGS."""
        self._dial = None
        conn = GrpcConn(self, dial)
        self.http2.t1.opened(dial, conn)
        if self.state is State.CONNECTING:
            self.conn = conn
            conn.start(self.server)
        else:
            conn.feed(Ends.UNWANTED)

    def connected(self, conn: GrpcConn) -> None:
        """SETTINGS are there."""
        if conn is self.conn:
            self._deadline.cancel()
            self._backoff.reset()
            self.err = ""
            self.http2.rises_ready(1)
            self.feed(On.CONNECTED)

    def wait(self, err: str) -> None:
        """An attempt has failed: the next may begin after the wait that belongs to it."""
        self.err = err
        self._deadline.cancel()
        self._retry_at.arm(self.http2.engine._now + self._wait)
        self.channel.changed(self)

    def end(self) -> None:
        """Nobody needs the address any longer; calls on its connection finish."""
        self._deadline.cancel()
        self._retry_at.cancel()
        dial, self._dial = self._dial, None
        if dial is not None:
            dial.cancel()
        conn, self.conn = self.conn, None
        if conn is not None:
            if conn.is_ready:
                self.http2.rises_ready(-1)
            conn.retire()

    def _dial_failed(self, _: Any, err: str) -> None:
        self._dial = None
        self.feed(On.FAILED, err)

    def _too_late(self, _: Any) -> None:
        dial, conn = self._dial, self.conn
        if dial is not None:
            dial.fail(HANDSHAKE_LATE if dial.phase is HANDSHAKING else IO_TIMEOUT)
        elif conn is not None:
            conn.feed(Ends.LOST, NO_PREFACE.format(SERVER_PREFACE_LATE))

    def _retry(self, _: Any) -> None:
        self.feed(On.RETRY)

    # what its connection asks of its pool

    def mark_dead(self, conn: GrpcConn) -> None:
        """No more calls for this one: GOAWAY, or the end."""
        if conn is not self.conn:
            return
        self.conn = None
        if conn.is_ready:
            self.http2.rises_ready(-1)
            self.feed(On.LOST)
        else:
            self.feed(On.FAILED, NO_PREFACE.format(conn.read_err or SERVER_PREFACE_LATE))

    def failed(self, stream: Any, err: str, *, was_touched: bool) -> None:
        """A call that the server has not seen may go elsewhere."""
        self.channel.again(stream, err, was_sent=was_touched)

    def pinged_too_much(self) -> None:
        """The server has had enough PINGs: later connections wait twice as long (adjustParams)."""
        self.channel.slow_down()
