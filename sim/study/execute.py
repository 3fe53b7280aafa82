"""Running trials: on an executor of the standard library's kind, what is done being kept at once."""

import itertools
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from sim.study.store import Store
from sim.study.trial import Outcome, RunTrial, Trial, attempt
from sim.study.watch import Progress


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
    all trials at once and stays open.
    """
    if isinstance(workers, Executor):
        yield workers, 1 << 30
        return
    n = workers or os.cpu_count() or 1
    if n == 1:
        yield Inline(), 1
        return
    # spawn: a fork of a process with threads, as polars starts them, may hang in the child
    processes = ProcessPoolExecutor(n, mp_context=get_context("spawn"), initializer=_leave_interrupts_to_the_parent)
    with processes:
        yield processes, n + 1


class Execution:
    """A sweep's trials under way on one executor."""

    def __init__(self, run: RunTrial, store: Store, executor: tuple[Executor, int], keep_samples: bool) -> None:
        self._run, self._store, self._keep_samples = run, store, keep_samples
        self._executor, self._window = executor
        self._under_way: dict[Future[Outcome], Trial] = {}
        self.failed = 0

    def finish(self, trials: Iterable[Trial], progress: Progress | None = None) -> None:
        """Run those that the store lacks; returns when all are kept.

        When interrupted, trials that have not begun are dropped, those under way end and are kept as well.
        """
        by_key = {trial.key: trial for trial in trials}
        waiting = iter(missing := self._store.missing(by_key, self._keep_samples))
        done = itertools.count(len(by_key) - len(missing) + 1)
        try:
            while self._fill(by_key[key] for key in waiting):
                self._wait_for_one(lambda: progress and progress(next(done), len(by_key)))
        finally:
            cut_off = [future for future in self._under_way if not future.cancel()]
            for future in cut_off:
                if future.exception() is None:  # else the executor itself broke; that is already on its way up
                    self._keep(future)
            self._under_way.clear()

    def _wait_for_one(self, tell: Callable[[], object]) -> None:
        """Keep the next that ends, and those that ended with it."""
        for future in wait(self._under_way, return_when=FIRST_COMPLETED).done:
            self._keep(future)
            tell()

    def _fill(self, waiting: Iterator[Trial]) -> bool:
        """Hand out trials up to the window; false where nothing is left to wait for."""
        for trial in itertools.islice(waiting, self._window - len(self._under_way)):
            future = self._executor.submit(attempt, self._run, trial, self._keep_samples)
            self._under_way[future] = trial
        return bool(self._under_way)

    def _keep(self, future: "Future[Outcome]") -> None:
        outcome = future.result()
        self.failed += bool(outcome.error)
        self._store.put(self._under_way.pop(future), outcome)


def _leave_interrupts_to_the_parent() -> None:
    """A worker that dies of Ctrl-C would break the executor and lose its trial."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
