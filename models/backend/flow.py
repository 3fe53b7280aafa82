"""Flow: flow control of one direction of an HTTP/2 connection: what its sender may send, and when it gets that back.

Windows limit DATA, not HEADERS. What fits costs no event: when a window is given back is certain when the data leaves,
so it is looked up by the next who sends. Who has to wait is woken by the first return.
Simplified: WINDOW_UPDATEs are half a mean round trip under way and never lost; a program that is paused is taken to
read on; a message that has to wait goes in pieces as large as the window allows, each as one message of TCP.

Sources: RFC 9113, 5.2 and 6.9; Go internal/http2/flow.go, inflow.add; grpc-go internal/transport/flowcontrol.go,
trInFlow.onData, inFlow.maybeAdjust, http2_server.go and http2_client.go, handleData, updateFlowControl.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Any, Final

from models.backend.bdp import Bdp
from models.backend.frame import Data, Frame
from models.request import FAR_AWAY

INITIAL_WINDOW_BYTES: Final = 65_535
"""Before SETTINGS say otherwise (RFC 9113, 6.9.2)."""
LARGEST_WINDOW_BYTES: Final = (1 << 31) - 1
MIN_REFRESH_BYTES: Final = 4 << 10
"""Less than this is not given back alone, unless it doubles what the sender has (inflowMinRefresh)."""
CLAIM: Final = object()
"""In the place of a message: bytes of the window that are kept and not sent."""
GRPC_REFRESH: Final = 4
"""gRPC gives the connection's window back by quarters (trInFlow.onData)."""
_NOBODY: Final = 0
"""The stream of what is given back to the connection alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """What a receiver announces, in bytes."""

    stream: int = INITIAL_WINDOW_BYTES
    connection: int = INITIAL_WINDOW_BYTES
    grows: bool = False
    """By gRPC's estimate of the bandwidth-delay product."""
    reads_whole: bool = False
    """gRPC: the connection's window is given back when data comes, whoever reads it; and who reads a message lets the
    whole of it come (maybeAdjust)."""

    def fits(self, message_bytes: int, at_once: int) -> bool:
        """Whether so many messages at a time never fill a window."""
        return message_bytes <= self.stream and message_bytes * at_once <= self.connection


class Piece:
    """DATA that waits for its window."""

    __slots__ = ("left", "message", "reads_at", "stream_id")

    def __init__(self, stream_id: int, message: Any, left: int, reads_at: int) -> None:
        self.stream_id, self.message, self.left, self.reads_at = stream_id, message, left, reads_at


class Flow:
    """The sender's view of one direction."""

    __slots__ = (
        "_bdp", "_claims", "_credits", "_due", "_end", "_engine", "_held", "_initial", "_is_over", "_queues",
        "_refresh", "_sent", "_unsent", "_wakes_at", "_windows", "credit", "n_blocked",
    )  # fmt: skip

    def __init__(self, engine: Any, end: Any, windows: Windows) -> None:
        self._engine, self._end, self._windows = engine, end, windows
        self.credit = windows.connection
        """Bytes that the connection may send now, as far as looked up."""
        self._initial = windows.stream
        self._credits: dict[int, list[int]] = {}
        """Of streams that go on: what each may send, and what its receiver keeps back until it is worth a frame."""
        self._unsent = 0
        self._refresh = windows.connection // GRPC_REFRESH if windows.reads_whole else MIN_REFRESH_BYTES
        """The same of the connection."""
        self._due: list[tuple[int, int, int]] = []
        """Instant of a return, stream, bytes."""
        self._held: dict[int, int] = {}
        """Bytes that nobody will read before their stream is over."""
        self._queues: dict[int, deque[Piece]] = {}
        """What waits, by stream, in the order of their turns."""
        self._claims: dict[int, int] = {}
        self._sent: dict[int, Callable[[], object]] = {}
        self._wakes_at = -1
        self._is_over = False
        self._bdp = Bdp(windows.connection, end.link.rtt) if windows.grows else None
        self.n_blocked = 0
        """Messages that had to wait."""

    @property
    def stream_window(self) -> int:
        """Bytes that one stream may have under way or unread."""
        return self._initial

    def announce(self, windows: Windows) -> None:
        """SETTINGS, and the WINDOW_UPDATE behind them: the windows of open streams move with it."""
        for credit in self._credits.values():
            credit[0] += windows.stream - self._initial
        self.credit += windows.connection - self._windows.connection
        self._initial, self._windows = windows.stream, windows
        self._refresh = windows.connection // GRPC_REFRESH if windows.reads_whole else MIN_REFRESH_BYTES
        if windows.grows:
            self._bdp = Bdp(windows.connection, self._end.link.rtt)
        self._push()

    def is_waiting(self, stream_id: int) -> bool:
        """Whether something of a stream waits."""
        return stream_id in self._queues

    def fits(self, stream_id: int, data_bytes: int, reads_at: int) -> bool:
        """Whether so much would leave at once."""
        self._collect()
        return stream_id not in self._queues and data_bytes <= self._most(Piece(stream_id, None, data_bytes, reads_at))

    def when_sent(self, stream_id: int, then: Callable[[], object]) -> None:
        """Call `then` when nothing of the stream waits any longer."""
        self._sent[stream_id] = then

    def send(  # parameters: a message on a stream, and when it leaves and is read
        self, stream_id: int, message: Any, data_bytes: int, *, size_bytes: int, delay: int = 0, reads_at: int = 0
    ) -> int:
        """Send DATA, now or as windows allow; when it arrives, FAR_AWAY where that is not certain yet.

        Parameters
        ----------
        size_bytes : what is under way with it, headers and what left with the same write before it.
        reads_at : from when on the receiver's program reads; 0 at once, FAR_AWAY not before the stream is over.
        """
        if self._due and self._due[0][0] <= self._engine._now:
            self._collect()
        piece = Piece(stream_id, message, data_bytes, reads_at)
        if stream_id not in self._queues and data_bytes <= self._most(piece):
            arrives_at = self._end.send(Frame(stream_id, message), size_bytes, delay)
            self._spend(piece, data_bytes, arrives_at)
            return arrives_at  # type: ignore[no-any-return]
        self.n_blocked += 1
        self._queues.setdefault(stream_id, deque()).append(piece)
        self._push()
        return FAR_AWAY

    def claim(self, whose: int, data_bytes: int) -> None:
        """A defect of some clients: who has no stream yet gets a part of the connection's window, and keeps it."""
        self._queues[whose] = deque([Piece(whose, CLAIM, data_bytes, 0)])
        self._push()

    def unclaim(self, whose: int) -> None:
        """It has a stream now, or has left: what it kept is there for all."""
        self._queues.pop(whose, None)
        self.credit += self._claims.pop(whose, 0)
        self._push()

    def drop(self, stream_id: int) -> None:
        """A stream is over before its end: what waits is not sent, what was unread is given back to the connection."""
        self._queues.pop(stream_id, None)
        self._sent.pop(stream_id, None)
        self.end(stream_id)
        self.release(stream_id)

    def end(self, stream_id: int) -> None:
        """All of a stream is sent, read or not."""
        self._credits.pop(stream_id, None)

    def release(self, stream_id: int) -> None:
        """What lay unread is given back to the connection."""
        held = self._held.pop(stream_id, 0)
        if held and not self._is_over:
            self.credit += held
            self._push()

    def stop(self) -> None:
        """The connection is gone."""
        self._is_over = True
        self._queues.clear()
        self._sent.clear()

    # windows

    def _most(self, piece: Piece) -> int:
        if self._windows.reads_whole and piece.reads_at <= self._engine._now:
            return self.credit
        credit = self._credits.get(piece.stream_id)
        return min(self.credit, self._initial if credit is None else credit[0])

    def _spend(self, piece: Piece, n: int, arrives_at: int) -> None:
        stream_id, reads_at = piece.stream_id, piece.reads_at
        self.credit -= n
        credit = self._credits.get(stream_id)
        if credit is None:
            credit = self._credits[stream_id] = [self._initial, 0]
        credit[0] -= n
        back = self._end.link.half_rtt
        if self._bdp is not None and arrives_at < FAR_AWAY:
            self._measure(arrives_at, n)
        if self._windows.reads_whole:
            heappush(self._due, (arrives_at + back, _NOBODY, n))
            if reads_at < FAR_AWAY:
                heappush(self._due, (max(arrives_at, reads_at) + back, -stream_id, n))
        elif reads_at >= FAR_AWAY:
            self._held[stream_id] = self._held.get(stream_id, 0) + n
        else:
            heappush(self._due, (max(arrives_at, reads_at) + back, stream_id, n))

    def _measure(self, arrives_at: int, n: int) -> None:
        assert self._bdp is not None, "who calls has looked"
        before = self._bdp.limit
        grew_at = self._bdp.arrives(arrives_at, n)
        if grew_at:
            self._engine.call_at(
                max(grew_at + self._end.link.half_rtt, self._engine._now), self._grow, self._bdp.limit - before
            )

    def _grow(self, by: int) -> None:
        for credit in self._credits.values():
            credit[0] += by
        self.credit += by
        self._initial += by
        self._push()

    def _collect(self) -> None:
        """Take back what has come back by now. Below 0 stands a stream alone, at 0 the connection, above 0 both."""
        due, now = self._due, self._engine._now
        while due and due[0][0] <= now:
            _, whose, n = heappop(due)
            if whose >= 0:
                self._unsent += n
                if self._unsent >= self._refresh or self._unsent >= self.credit:
                    self.credit += self._unsent
                    self._unsent = 0
            credit = self._credits.get(abs(whose))
            if credit is not None:
                credit[1] += n
                if credit[1] >= MIN_REFRESH_BYTES or credit[1] >= credit[0]:
                    credit[0] += credit[1]
                    credit[1] = 0

    # who waits

    def _wake(self, at: int) -> None:
        if at == self._wakes_at and not self._is_over:
            self._wakes_at = -1
            self._push()

    def _push(self) -> None:
        """Send of what waits as much as windows allow, in turn; and be woken by the next return."""
        self._collect()
        if self._is_over or not self._queues:
            return
        for stream_id in list(self._queues):
            if self.credit <= 0:
                break
            self._serve(stream_id)
        if self._queues and self._due:
            at = self._due[0][0]
            if self._wakes_at < 0 or at < self._wakes_at:
                self._wakes_at = at
                self._engine.call_at(at, self._wake, at)

    def _serve(self, stream_id: int) -> None:
        """Send of one stream what is possible; who got only a part is behind the others next time."""
        queue = self._queues.get(stream_id)
        while queue:
            piece = queue[0]
            n = min(self._most(piece), piece.left)
            if n <= 0:
                return
            self._send_piece(piece, n)
            if piece.left:
                self._queues[stream_id] = self._queues.pop(stream_id)
                return
            queue.popleft()
        self._queues.pop(stream_id, None)
        then = self._sent.pop(stream_id, None)
        if then is not None:
            then()

    def _send_piece(self, piece: Piece, n: int) -> None:
        if piece.message is CLAIM:
            piece.left -= n
            self.credit -= n
            self._claims[piece.stream_id] = self._claims.get(piece.stream_id, 0) + n
            return
        is_last = n == piece.left
        frame = Frame(piece.stream_id, piece.message) if is_last else Data(piece.stream_id)
        arrives_at = self._end.send(frame, n)
        piece.left -= n
        self._spend(piece, n, arrives_at)
