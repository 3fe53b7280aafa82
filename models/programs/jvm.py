"""Jvm: a Java program's memory in time: what asks for a collection, how long it stops, and what becomes of the errors.

The counters are jstat's: YGC and FGC are collections, YGCT, FGCT and GCT the seconds that they took.
"""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from models.programs.g1_heap import G1Heap
from models.programs.heap import Collection, Heap, Held
from models.programs.jvm_config import GB, JvmConfig
from models.programs.metaspace import Metaspace
from models.programs.overhead_limit import OverheadLimit
from models.programs.single_space import SingleSpace
from models.programs.work import Work
from sim.engine.distributions import Constant, Exponential
from sim.units import MS, SECOND

if TYPE_CHECKING:
    from models.programs.program import Program

HEAP_SPACE, OVERHEAD, METASPACE = "Java heap space", "GC overhead limit exceeded", "Metaspace"
"""Texts of java.lang.OutOfMemoryError."""
YOUNG, FULL, FULL_FOR_METADATA = "Pause Young", "Pause Full", "Pause Full (Metadata GC Threshold)"
"""What the log of the collector (-Xlog:gc) calls its stops."""
MARK = "Concurrent Mark Cycle"
MARKING_SHARE = 0.25
"""Of the processors (ConcGCThreads is a quarter of ParallelGCThreads)."""
LOAD_CHUNKS = 100
"""In so many pieces a load at the start is read."""
LEAK_EVERY = 100 * MS
"""How often what the program keeps without being asked is added up."""


_HEAPS: dict[str, type[Heap]] = {"g1": G1Heap, "single_space": SingleSpace}


class Wish:
    """An allocation, until it is made or has failed."""

    __slots__ = (
        "arg",
        "failed",
        "granted",
        "held",
        "held_bytes",
        "is_last_try",
        "kept",
        "metadata",
        "size",
        "was_collected",
    )

    def __init__(self, size: int, kept: int, granted: Callable[[Any], object], failed: Callable[[Any], object]) -> None:
        self.size, self.kept, self.granted, self.failed = size, kept, granted, failed
        self.held_bytes = self.metadata = 0
        self.held: Held | None = None
        self.arg: Any = None
        self.was_collected = self.is_last_try = False
        """Whether there was a collection for its sake; whether it was a full one."""


class Jvm:
    """The memory of one Java program."""

    def __init__(self, config: JvmConfig, program: "Program") -> None:
        self._config, self._program, self._home = config, program, program.home
        mean = config.allocation
        spread = Constant(value=mean) if config.allocation_spread == "constant" else Exponential(mean=max(mean, 1))
        self._sizes = self._home.draws("allocation", spread)
        self._eden, self._old, self._used = (self._home.gauge(kind) for kind in ("eden", "old", "heap"))
        self._life = 0
        self._waiting: deque[Held | None] = deque()
        """What requests hold that wait for a worker, in order."""
        self._has_begun = False
        """Whether the next request to be served has waited, and so has allocated a part before."""
        self._marks = False
        self.young = self.full = self.young_ns = self.full_ns = 0
        self.errors: dict[str, int] = {}
        self.allocated = 0

    def start(self) -> None:
        """The program begins, with an empty heap but for what lives."""
        config, now = self._config, self._home.engine._now
        self._life += 1
        self.heap = _HEAPS.get(config.collected_by, Heap)(config)
        self._metaspace = Metaspace(config.metaspace)
        self._waiting.clear()
        self._limit = OverheadLimit(config.gc_time_limit / 100, config.gc_heap_free_limit / 100, now)
        self._show()
        if config.load_at_start is not None:
            if config.load_at_start.before_listening:
                self._home.process.listen(yes=False)
            self._read(self._life, LOAD_CHUNKS)
        if config.leak.per_second:
            self._leak_later(self._life)

    def die(self) -> None:
        """The process has ended."""
        self._life += 1
        if self._marks:
            self._stop_marking()
        for gauge in (self._eden, self._old, self._used):
            gauge.set(0)

    # requests

    def serve(self, work: Work) -> None:
        """Allocate what a request needs; then it goes on, or fails."""
        size, config = self._sizes.of(work.number), self._config
        left = size - min(size, config.held_waiting) * self._has_begun
        self._has_begun = False
        wish = Wish(left + config.leak.per_request, config.leak.per_request, self._serve_on, self._program.fail)
        wish.held_bytes, wish.metadata, wish.arg = round(size * config.held), config.metaspace.per_request, work
        work.holds = wish
        self._try(wish)

    def _serve_on(self, work: Work) -> None:
        self._program.go_on(work)

    def release(self, work: Work) -> None:
        """The request is over."""
        wish = work.holds
        if wish is not None:
            if wish.held is not None:
                self.heap.release(wish.held)
            work.holds = None

    def queued(self, waiting: int) -> None:
        """So many requests wait for a worker now. Simplified: what they hold is read in without a collection."""
        size, held = self._config.held_waiting, self._waiting
        while size and len(held) < waiting:
            held.append(self.heap.take(size, held_bytes=size))
        while size and len(held) > waiting:
            first = held.popleft()
            self._has_begun = True
            if first is not None:
                self.heap.release(first)

    # allocations and collections

    def _try(self, wish: Wish) -> None:
        if isinstance(wish.arg, Work) and wish.arg.is_over:
            return
        if not self._metaspace.fits(wish.metadata):
            self._make_room_for_metadata(wish)
        elif self.heap.fits(wish.size):
            self._take(wish)
        elif wish.is_last_try:
            self._error(HEAP_SPACE, wish)
        else:
            collection = self.heap.collect(full=wish.was_collected)
            wish.was_collected, wish.is_last_try = True, collection.is_full
            is_the_end = self._stop(collection, FULL if collection.is_full else YOUNG)
            self._home.process.later(self._give_up if is_the_end else self._try, wish)

    def _take(self, wish: Wish) -> None:
        self._metaspace.take(wish.metadata)
        wish.held = self.heap.take(wish.size, held_bytes=wish.held_bytes, kept_bytes=wish.kept)
        self.allocated += wish.size
        self._show()
        wish.granted(wish.arg)

    def _make_room_for_metadata(self, wish: Wish) -> None:
        before = self._metaspace.mark
        if wish.was_collected:
            self._error(METASPACE, wish)
            return
        self._stop(self.heap.collect(full=True), FULL_FOR_METADATA)
        self._metaspace.raise_mark()
        wish.was_collected = self._metaspace.mark == before
        self._home.process.later(self._try, wish)

    def _give_up(self, wish: Wish) -> None:
        self._error(OVERHEAD, wish)

    def _stop(self, collection: Collection, name: str) -> bool:
        """Stop the world for a collection; whether the collector gives the program up."""
        now, config, is_the_end = self._home.engine._now, self._config, False
        if collection.is_full:
            pause = collection.moved_bytes * config.full_cost_per_gb // GB
            self.full += 1
            self.full_ns += pause
            shares = self.heap.shares
            is_the_end = self._limit.full(now, pause, free=1 - min(shares.eden, shares.old))
        else:
            pause = config.young_pause + collection.moved_bytes * config.young_pause_per_gb // GB
            self.young += 1
            self.young_ns += pause
            self._limit.young(now, pause)
        if self.heap.wants_mark and not self._marks:
            self._mark()
        self._show()
        self._program.stop_the_world(pause, name)
        return is_the_end and config.has_overhead_limit

    def _mark(self) -> None:
        """Mark beside the program, with a quarter of the processors (ConcGCThreads)."""
        cpu, home = self._program.cpu, self._home
        self._marks = True
        self.heap.begin_mark()
        home.note(MARK)
        cpu.give(cpu.cores * (1 - MARKING_SHARE))
        length = self.heap.live * self._config.mark_per_gb // GB
        home.engine.call_in(length, self._marked, self._life)

    def _marked(self, life: int) -> None:
        if life != self._life:
            return
        if self._home.process.is_paused:
            self._home.process.later(self._marked, life)
            return
        self.heap.end_mark()
        self._home.note(f"{MARK} ends")
        self._stop_marking()

    def _stop_marking(self) -> None:
        self._marks = False
        self._program.cpu.give(self._program.cpu.cores / (1 - MARKING_SHARE))

    def _error(self, text: str, wish: Wish) -> None:
        """An OutOfMemoryError: the thread that met it ends, or the program."""
        self.errors[text] = self.errors.get(text, 0) + 1
        self._home.note(f"OutOfMemoryError: {text}")
        if not self._config.exit_on_oom:
            wish.failed(wish.arg)
            return
        self._home.process.exit()
        if self._config.restart_after:
            self._home.engine.call_in(self._config.restart_after, self._start_again)

    def _start_again(self, _: Any) -> None:
        self._home.note("started again")
        self._home.process.start_again()

    # what nobody asked for

    def _read(self, life: int, left: int) -> None:
        """Read the next piece of what is loaded at the start, with one thread's CPU time."""
        load = self._config.load_at_start
        assert load is not None, "who calls has looked"
        if life != self._life:
            return
        if not left:
            self._home.note("loaded")
            if load.before_listening:
                self._home.process.listen(yes=True)
            return
        size = load.size * (LOAD_CHUNKS - left + 1) // LOAD_CHUNKS - load.size * (LOAD_CHUNKS - left) // LOAD_CHUNKS
        wish = Wish(size, size, lambda _: self._read(life, left - 1), _stop_reading)
        self._program.cpu.run(load.time // LOAD_CHUNKS, self._try_in, (life, wish))

    def _leak_later(self, life: int) -> None:
        size = self._config.leak.per_second * LEAK_EVERY // SECOND
        wish = Wish(size, size, lambda _: self._leak_later(life), lambda _: self._leak_later(life))
        self._home.engine.call_in(LEAK_EVERY, self._try_in, (life, wish))

    def _try_in(self, lived: tuple[int, Wish]) -> None:
        life, wish = lived
        if life != self._life:
            return
        if self._home.process.is_paused:
            self._home.process.later(self._try_in, lived)
        else:
            self._try(wish)

    # what is seen

    def _show(self) -> None:
        shares = self.heap.shares
        self._eden.set(round(100 * shares.eden))
        self._old.set(round(100 * shares.old))
        self._used.set(round(100 * shares.heap))

    def count(self) -> dict[str, float]:
        """Jstat's counters, and errors by text."""
        return {
            "YGC": self.young,
            "YGCT": self.young_ns / SECOND,
            "FGC": self.full,
            "FGCT": self.full_ns / SECOND,
            "GCT": (self.young_ns + self.full_ns) / SECOND,
            **{f"oom:{text}": n for text, n in self.errors.items()},
        }


def _stop_reading(_: Any) -> None:
    """The thread that reads has met an error, and ends."""
