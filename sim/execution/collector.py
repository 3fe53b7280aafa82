"""Keeping a process that runs trial after trial as small as after the first. It runs none itself."""

import gc
import time
from collections.abc import Callable

from sim.study.trial import Outcome, RunTrial, Trial, attempt

LEAST_S = 1.0
"""Of running trials, between two collections."""
WORTH = 50
"""So many times what the last one took passes until the next: collecting costs 2 % at most."""


class Collector:
    """Collects what trials leave behind, once they have run for long enough.

    Notes
    -----
    What a run was made of refers to itself in circles. Python frees those by collections, and collects the oldest
    generation when it has grown by a quarter: with 110,000 objects of imported libraries after 500 trials of a second,
    by when a worker holds 40 MB of them, which the allocator keeps. Collected every second or so, it stays flat.
    """

    def __init__(
        self, collect: Callable[[], object] = gc.collect, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._collect, self._clock = collect, clock
        self._spent, self._enough = 0.0, LEAST_S

    def attempt(self, run: RunTrial, trial: Trial, keep_samples: bool) -> Outcome:
        """Run the trial as `attempt` of `sim.study.trial` does; then collect where it is time."""
        began = self._clock()
        outcome = attempt(run, trial, keep_samples)
        ended = self._clock()
        self._spent += ended - began
        if self._spent >= self._enough:
            self._collect()
            self._spent, self._enough = 0.0, max(LEAST_S, WORTH * (self._clock() - ended))
        return outcome


_OF_THIS_PROCESS = Collector()


def attempt_and_collect(run: RunTrial, trial: Trial, keep_samples: bool) -> Outcome:
    """Run the trial in whatever process this is called in, and keep that small."""
    return _OF_THIS_PROCESS.attempt(run, trial, keep_samples)
