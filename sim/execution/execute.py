"""Running trials: on an executor of the standard library's kind, what is done being kept at once."""

import itertools
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from typing import Any

from sim.execution.collector import attempt_and_collect
from sim.execution.watch import Progress
from sim.store.reservations import Reservations
from sim.store.store import Store
from sim.study.trial import Outcome, RunTrial, Trial
from sim.units import InputError

MOST_UNDER_WAY = 1000
"""Of a given executor: more would keep a scheduler's books full, and other sweeps from sharing the rest."""
MOST_ASKED = 200
"""Keys that one transaction looks at."""
LOOK_AGAIN_S = 0.2
"""How often a sweep with nothing left but what others run looks for their results."""


class Inline(Executor):
    """Runs each call at once, in this process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """A future that is done; what the call raises is raised here."""
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@contextmanager
def executor_of(workers: int | Executor | None) -> Iterator[tuple[Executor, int]]:
    """The executor and how many trials to hand it at a time.

    None means a process per CPU, 1 this process, another number so many processes; an executor is used as it is, gets
    as many as its `window` says, MOST_UNDER_WAY without one, and stays open.
    """
    if isinstance(workers, Executor):
        yield workers, getattr(workers, "window", MOST_UNDER_WAY)
        return
    if workers is not None and workers < 1:
        raise InputError(f"workers {workers}: is not at least 1; leave it out for one per core")
    n = workers or os.cpu_count() or 1
    if n == 1:
        yield Inline(), 1
        return
    # spawn: a fork of a process with threads, as polars starts them, may hang in the child
    processes = ProcessPoolExecutor(n, mp_context=get_context("spawn"), initializer=_belong_to_the_parent)
    with processes:
        yield processes, n + 1


@contextmanager
def workers_of(
    executor: str | Executor | None, scheduler: str | None, workers: int | None
) -> Iterator[int | Executor | None]:
    """What a sweep is given as its workers: processes of this machine, a Dask cluster, or an executor as it is.

    A scheduler's address alone asks for the cluster.

    Raises
    ------
    InputError
        Where the three do not go together, or the cluster cannot be used.
    """
    named = executor or ("dask" if scheduler else "processes")
    if named not in {"processes", "dask"} and not isinstance(named, Executor):
        raise InputError(f"executor {named}: is neither processes nor dask")
    if named != "dask":
        if scheduler:
            raise InputError(f"scheduler {scheduler}: goes with executor dask alone; leave out one of the two")
        yield workers if named == "processes" else named  # type: ignore[misc]  # the only text left is processes
        return
    if not scheduler:
        raise InputError("executor dask: needs the address of a scheduler, such as --scheduler tcp://10.0.0.1:8786")
    if workers is not None:
        raise InputError(f"workers {workers}: a cluster has its own; leave it out")
    from sim.execution.cluster import cluster

    with cluster(scheduler) as found:
        yield found


class Left:
    """What is left to do: keys that wait, keys that are under way here, keys that were found with other sweeps."""

    def __init__(self, missing: Iterable[str], total: int, progress: Progress | None) -> None:
        self.waiting = deque(missing)
        self.elsewhere: list[str] = []
        self._n, self._total, self._progress = len(self.waiting), total, progress

    def __bool__(self) -> bool:
        return self._n > 0

    def hand_out(self, mine: Sequence[str], passed: Sequence[str]) -> None:
        """The first of those that wait are under way here, or with another sweep, or done."""
        for _ in range(len(mine) + len(passed)):
            self.waiting.popleft()
        self.elsewhere.extend(passed)

    def look_again(self, missing: Sequence[str]) -> None:
        """Of those that were elsewhere these still lack a result: they wait again, as their sweep may have died."""
        done = len(self.elsewhere) - len(missing)
        self.elsewhere = []
        self.waiting.extend(missing)
        for _ in range(done):
            self.tell(1)

    def tell(self, n: int) -> None:
        """So many more are done."""
        self._n -= n
        if self._progress is not None:
            self._progress(self._total - self._n, self._total)


class Execution:
    """A sweep's trials under way on one executor."""

    def __init__(  # parameters: what a sweep is given
        self,
        run: RunTrial,
        store: Store,
        executor: tuple[Executor, int],
        keep_samples: bool,
        *,
        retry_failed: bool = False,
    ) -> None:
        self._run, self._store, self._keep_samples = run, store, keep_samples
        self._executor, self._window = executor
        self._retry_before = time.time() if retry_failed else 0.0
        self._under_way: dict[Future[Outcome], Trial] = {}
        self.ran = self.failed = 0

    def finish(self, trials: Iterable[Trial], progress: Progress | None = None) -> None:
        """Run those that the store lacks; returns when all are kept, here or by another sweep.

        When interrupted, trials that have not begun are dropped, those under way end and are kept as well.
        """
        by_key = {trial.key: trial for trial in trials}
        if not (missing := self._missing(by_key)):
            return
        left = Left(missing, len(by_key), progress)
        with self._store.sweeping(by_key[missing[0]].version) as reservations:
            try:
                while left:
                    self._fill(left, reservations, by_key)
                    self._wait(left)
            finally:
                self._end()

    def _missing(self, keys: Iterable[str]) -> list[str]:
        return self._store.missing(keys, self._keep_samples, retry_before=self._retry_before)

    def _fill(self, left: Left, reservations: Reservations, by_key: Mapping[str, Trial]) -> None:
        """Hand out trials up to the window; what other sweeps have is looked at again when nothing else is left."""
        if not left.waiting and left.elsewhere and len(self._under_way) < self._window:
            left.look_again(self._missing(left.elsewhere))
        while left.waiting and len(self._under_way) < self._window:
            asked = list(itertools.islice(left.waiting, MOST_ASKED))
            room = self._window - len(self._under_way)
            mine, passed = self._store.take(reservations, asked, room, self._keep_samples, self._retry_before)
            left.hand_out(mine, passed)
            for key in mine:
                future = self._executor.submit(attempt_and_collect, self._run, by_key[key], self._keep_samples)
                self._under_way[future] = by_key[key]

    def _wait(self, left: Left) -> None:
        """Keep the next that ends, and those that ended with it; no longer than until other sweeps may have gone on."""
        pause = LOOK_AGAIN_S if left.elsewhere else None
        if not self._under_way:
            if pause:
                time.sleep(pause)
            return
        for future in wait(self._under_way, pause, FIRST_COMPLETED).done:
            self._keep(future)
            left.tell(1)

    def _end(self) -> None:
        """Drop what has not begun, keep what is under way; nothing is left of either where all went well."""
        cut_off = [future for future in self._under_way if not future.cancel()]
        for future in cut_off:
            if future.exception() is None:  # else the executor itself broke; that is already on its way up
                self._keep(future)
        self._under_way.clear()

    def _keep(self, future: "Future[Outcome]") -> None:
        outcome = future.result()
        self.ran += 1
        self.failed += bool(outcome.error)
        self._store.put(self._under_way.pop(future), outcome)


def _belong_to_the_parent() -> None:
    """In a worker: leave Ctrl-C to the parent, and end with it."""
    # a worker that dies of Ctrl-C would break the executor and lose its trial
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # each worker holds both ends of the pipe that trials come through, so a killed parent would never be noticed
    threading.Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
