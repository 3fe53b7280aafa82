"""Buffers: what stands between a Transport and its sockets: how many system calls a request takes, how much memory.

Not what travels. Sources: net/http/transport.go, dialConn, persistConnWriter.ReadFrom; bufio, Writer.ReadFrom;
net/http/transfer.go, doBodyCopy; crypto/tls/conn.go, writeRecordLocked.
"""

from typing import Any, Final

from models.request import Request
from models.transport.config import ClientConfig
from models.transport.connection import PersistConn
from models.transport.nagle import held_for, hold
from sim.records.levels import Levels

DEFAULT_BUFFER_BYTES: Final = 4096
"""WriteBufferSize and ReadBufferSize where they are 0; of HTTP/2 in any case."""
COPY_BYTES: Final = 32 * 1024
"""io.Copy's buffer, in which a body goes past a write buffer that is full (net/http/transfer.go, getCopyBuf)."""
RECORD_BYTES: Final = 16 * 1024
"""Most bytes of a TLS record; each is a write of its own."""
PAGE_BYTES: Final = 4096
"""What the memory of buffers is counted in."""
LEVEL: Final = "buffer_pages"


def write_sizes(request: Request, buffer_bytes: int, *, is_secure: bool) -> list[int]:
    """The bytes of each of those writes, in order; headers of TLS records are left out."""
    size = request.exchange.request_bytes
    first = min(size, buffer_bytes)
    step = COPY_BYTES if request.exchange.has_body else buffer_bytes
    sizes = [first, *(min(step, size - at) for at in range(first, size, step))]
    if not is_secure:
        return sizes
    return [min(RECORD_BYTES, each - at) for each in sizes for at in range(0, each, RECORD_BYTES)]


def write_calls(size_bytes: int, buffer_bytes: int, *, has_body: bool, is_secure: bool) -> int:
    """How often a request of that size, headers included, calls write(2).

    What fits into the buffer goes out in one. Headers alone fill it again and again; a body fills it once and then goes
    past it, 32 KiB at a time.

    Simplified: the body is there at once and its length is known; TLS records are full from the start, where Go begins
    a connection with records of one segment.

    Examples
    --------
    >>> [write_calls(8392, size, has_body=True, is_secure=False) for size in (4096, 65536)]
    [2, 1]
    >>> [write_calls(100_200, size, has_body=True, is_secure=False) for size in (4096, 65536, 1 << 20)]
    [4, 3, 1]
    """
    first = min(size_bytes, buffer_bytes)
    rest = size_bytes - first
    if is_secure:
        return -(-first // RECORD_BYTES) + -(-rest // (RECORD_BYTES if has_body else min(buffer_bytes, RECORD_BYTES)))
    return 1 + -(-rest // (COPY_BYTES if has_body else buffer_bytes))


class BufferedConn(PersistConn):
    """A connection of HTTP/1 whose system calls take time."""

    __slots__ = ("_cost", "_overhead", "write_buffer")

    def __init__(self, owner: Any, dial: Any, *, write_buffer: int) -> None:
        super().__init__(owner, dial)
        self.write_buffer = write_buffer
        """Bytes, as they were set when it was dialled."""
        self._cost, self._overhead = owner.config.write_cost, owner.config.overhead

    def carry(self, request: Request, *, was_idle: bool) -> None:
        """GotConn; each write beyond the first takes its time before the request is out."""
        exchange = request.exchange
        calls = write_calls(
            exchange.request_bytes, self.write_buffer, has_body=exchange.has_body, is_secure=self.host.is_secure
        )
        owner = self.owner
        owner.overhead = self._overhead + (calls - 1) * self._cost
        super().carry(request, was_idle=was_idle)
        owner.overhead = self._overhead


class DelayedConn(BufferedConn):
    """One without TCP_NODELAY as well: a later write may wait for the ACK of an earlier one.

    Simplified: to the caller the request is written when its last bytes leave, though write(2) returned before.
    """

    __slots__ = ()

    def carry(self, request: Request, *, was_idle: bool) -> None:
        """GotConn; what is held back goes out when the ACK is here."""
        owner, overhead = self.owner, self._overhead
        waits_for = hold(write_sizes(request, self.write_buffer, is_secure=self.host.is_secure))
        written_at = max(owner.engine._now, owner.cpu.clear_at) + overhead
        self._overhead = overhead + held_for(waits_for, self.site, written_at)
        super().carry(request, was_idle=was_idle)
        self._overhead = overhead


class Buffers:
    """Those of one Transport: a Watch of its dials that counts their memory, and makes its connections."""

    def __init__(self, transport: Any, levels: Levels) -> None:
        self._engine, self._changes = transport.engine, levels.changes
        self._up, self._down = levels.rise(LEVEL), levels.fall(LEVEL)
        self.size = transport.config.transport.write_buffer_size or DEFAULT_BUFFER_BYTES
        """Bytes of the write buffers of connections that are dialled from now on."""
        self._made = BufferedConn if transport.config.dialer.no_delay else DelayedConn
        transport.new_conn, transport.watch = self._new_conn, self

    def dialed(self, dial: Any, conn: Any) -> None:
        """A connection has two buffers."""
        self._change(self._up, _pages(conn))

    def dial_failed(self, dial: Any, err: str) -> None:
        """It had none yet."""

    def conn_closed(self, conn: Any) -> None:
        """They go with it."""
        self._change(self._down, _pages(conn))

    def _new_conn(self, owner: Any, dial: Any) -> PersistConn:
        return self._made(owner, dial, write_buffer=self.size)

    def _change(self, code: int, pages: int) -> None:
        self._changes.extend([self._engine._now << 12 | code] * pages)


def is_buffered(client: ClientConfig) -> bool:
    """Whether its buffers are looked at: where nothing is said of them they are 4 KB and cost nothing."""
    return bool(client.transport.write_buffer_size or client.write_cost or not client.dialer.no_delay)


def _pages(conn: Any) -> int:
    """Of both buffers; the write buffer of HTTP/2 is bufio's 4 KB, whatever WriteBufferSize says."""
    write_buffer = conn.write_buffer if isinstance(conn, BufferedConn) else DEFAULT_BUFFER_BYTES
    return -(-write_buffer // PAGE_BYTES) + DEFAULT_BUFFER_BYTES // PAGE_BYTES
