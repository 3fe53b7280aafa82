"""Bridge: one instance on its way from messages to requests: look, decode, put into a lane, batch, send, acknowledge.

Order and at-least-once follow from two rules: a lane has one request under way, which is sent until it succeeds, and a
message is acknowledged when that has been answered. Not the requests, nor the window of the broker.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from models.batching.batcher import Batch, Batcher, no_place
from models.bridge.config import BridgeConfig
from sim.engine.environment import Engine
from sim.records.rows import ABSENT

QUEUED, CALLS = "bridge_queued", "bridge_calls"
BRIDGE_LEVELS = (QUEUED, CALLS)
"""Messages that a bridge has and no request carries; its requests under way."""


class Piece:
    """A message in a bridge; to a batcher, an item."""

    __slots__ = (
        "copy", "decoded_at", "done", "err", "is_overtaken", "key", "message", "received_at", "request", "t_flushed",
        "t_joined", "tries",
    )  # fmt: skip

    def __init__(self, message: Any, copy: int, done: Callable[[], object], *, now: int) -> None:
        self.message, self.copy, self.done, self.received_at = message, copy, done, now
        self.key = (message.fleet, message.device)
        self.t_joined = self.t_flushed = self.decoded_at = self.request = ABSENT
        self.tries = 0
        self.is_overtaken = False
        self.err = ""


class Surroundings(Protocol):
    """What an instance has around it."""

    engine: Engine

    def send(self, batch: Batch, answered: Callable[[int, bool], object]) -> None:
        """Make a request of a batch; `answered` gets its number and whether it went well."""

    def rises(self, level: str, n: int) -> None:
        """So many more."""

    def falls(self, level: str, n: int) -> None:
        """So many less."""

    def record(self, piece: Piece, done_at: int) -> None:
        """Write the row of a message."""


class Schemas:
    """Those that an instance knows, and what one that it does not know costs."""

    def __init__(self, config: BridgeConfig, draw: Callable[[], int] | None) -> None:
        self._told, self._draw = config.schemas, draw
        self._fetched_at: dict[int, int] = {}
        self.lookups = 0

    def wait(self, device: int, now: int) -> int:
        """How long (ns) it takes until the schema of a device's messages is there."""
        told, draw = self._told, self._draw
        if told is None or draw is None:
            return 0
        number = device % told.count
        fetched_at = self._fetched_at.get(number)
        if fetched_at is not None and (not told.kept_for or now - fetched_at < told.kept_for):
            return 0
        took = draw()
        self._fetched_at[number] = now + took
        self.lookups += 1
        return took


class Bridge:
    """One instance."""

    def __init__(
        self,
        config: BridgeConfig,
        around: Surroundings,
        schemas: Schemas,
        *,
        draw_decode: Callable[[], int],
        phase: int,
    ) -> None:
        """Begin now; `phase` is where in its period `poll` stands."""
        self._config, self._around, self._engine = config, around, around.engine
        self._schemas, self._draw_decode = schemas, draw_decode
        self._busy_until = 0
        self._come: list[Piece] = []
        self._pieces: dict[Piece, None] = {}
        self._answered: dict[tuple[int, int], int] = {}
        """By device, the latest of its messages that was answered."""
        batch = config.batch
        self._lanes = [self._lane(batch, number) for number in range(config.lanes)]
        if config.poll:
            self._engine.call_in(phase, self._look)

    def take(self, piece: Piece) -> None:
        """A message has come from the broker."""
        self._pieces[piece] = None
        self._around.rises(QUEUED, 1)
        if self._config.acknowledge == "received":
            piece.done()
        if self._config.poll:
            self._come.append(piece)
        else:
            self._decode(piece)

    def cut_off(self) -> None:
        """The run ends: record what it still has."""
        for piece in self._pieces:
            piece.err = piece.err or "lab-end"
            self._around.record(piece, ABSENT)

    def _lane(self, batch: Any, number: int) -> Batcher:
        return Batcher(self._engine, batch, partial(self._send, number), drop=self._dropped, place=no_place)

    def _look(self, _: Any) -> None:
        come, self._come = self._come, []
        self._engine.call_in(self._config.poll, self._look)
        for piece in come:
            self._decode(piece)

    def _decode(self, piece: Piece) -> None:
        begins_at = max(self._busy_until, self._engine._now)
        wait = self._schemas.wait(piece.message.device, begins_at)
        self._busy_until = begins_at + wait + self._draw_decode()
        self._engine.call_at(self._busy_until, self._decoded, piece)

    def _decoded(self, piece: Piece) -> None:
        piece.decoded_at = self._engine._now
        self._lanes[piece.message.device % len(self._lanes)].join(piece)

    def _send(self, lane: int, batch: Batch) -> None:
        around = self._around
        around.falls(QUEUED, len(batch.items))
        around.rises(CALLS, 1)
        self._ask((lane, batch))

    def _ask(self, due: tuple[int, Batch]) -> None:
        for piece in due[1].items:
            piece.tries += 1  # type: ignore[attr-defined]  # a Piece
        self._around.send(due[1], partial(self._answer, due))

    def _answer(self, due: tuple[int, Batch], request: int, is_ok: bool) -> None:
        lane, batch = due
        for piece in batch.items:
            piece.request = request  # type: ignore[attr-defined]
        if not is_ok:
            self._engine.call_in(self._config.retry_wait, self._ask, due)
            return
        self._around.falls(CALLS, 1)
        self._lanes[lane].answered(batch)
        for piece in batch.items:
            self._passed_on(piece)  # type: ignore[arg-type]

    def _passed_on(self, piece: Piece) -> None:
        latest, number = self._answered.get(piece.key, -1), piece.message.number
        piece.is_overtaken = piece.copy == 1 and number < latest
        self._answered[piece.key] = max(latest, number)
        self._end(piece, self._engine._now)

    def _dropped(self, item: Any) -> None:
        self._around.falls(QUEUED, 1)
        self._end(item, ABSENT)

    def _end(self, piece: Piece, done_at: int) -> None:
        del self._pieces[piece]
        self._around.record(piece, done_at)
        if self._config.acknowledge == "answered":
            piece.done()
