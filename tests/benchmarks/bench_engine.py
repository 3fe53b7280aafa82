"""How many calls a CPU-second does: a bare heapq loop, Engine.call_in, SimPy's processes.

Run by hand: ``python tests/benchmarks/bench_engine.py [--json]``. Each round measures every way once, one
after the other, so that a loud minute of the machine hits all of them; what counts is the median of the
ratios within one round.
"""

import argparse
import gc
import json
import statistics
import sys
import time
from collections.abc import Callable, Generator, Iterator
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import simpy

sys.path.insert(0, str(Path(__file__).parents[2]))

from sim.engine.environment import Engine
from sim.engine.timers import Timer
from sim.units import MS

MEAN_DELAY = MS
Measured = tuple[int, float]
"""Calls, and the CPU seconds that they took."""


def drawn(calls: int, pending: int) -> list[int]:
    """Delays for all calls, drawn beforehand: the same for every way."""
    rng = np.random.default_rng(7)
    return np.rint(rng.exponential(MEAN_DELAY, 2 * calls + pending)).astype(np.int64).tolist()


def timed(run: Callable[[], None]) -> float:
    gc.collect()
    before = time.process_time()
    run()
    return time.process_time() - before


def bare_heapq(delays: list[int], pending: int, until: int) -> Measured:
    queue: list[Any] = []
    ids, next_delay, now = count(), iter(delays).__next__, 0

    def hop(arg: None) -> None:
        heappush(queue, (now + next_delay(), next(ids), hop, arg))

    def run() -> None:
        nonlocal now
        while queue and queue[0][0] < until:
            now, _, fn, arg = heappop(queue)
            fn(arg)

    for _ in range(pending):
        hop(None)
    return measured(run, ids, pending)


def measured(run: Callable[[], None], ids: Iterator[int], pending: int) -> Measured:
    seconds = timed(run)
    return next(ids) - pending, seconds


def engine_calls(delays: list[int], pending: int, until: int) -> Measured:
    engine, next_delay = Engine(), iter(delays).__next__

    def hop(arg: None) -> None:
        engine.call_in(next_delay(), hop, arg)

    for _ in range(pending):
        hop(None)
    return measured(lambda: engine.run(until=until), iter(lambda: engine.scheduled, None), pending)


def engine_timers(delays: list[int], pending: int, until: int) -> Measured:
    """Timers that re-arm themselves when they fire: a call, a reserved place and two marks each."""
    engine, next_delay = Engine(), iter(delays).__next__

    def fired(which: int) -> None:
        timers[which].arm(engine._now + next_delay())

    timers = [Timer(engine, fired, which) for which in range(pending)]
    for which in range(pending):
        fired(which)
    return measured(lambda: engine.run(until=until), iter(lambda: engine.scheduled, None), pending)


def processes(env: simpy.Environment, delays: list[int], pending: int, until: int) -> Measured:
    next_delay, hops = iter(delays).__next__, count()

    def hop() -> Generator[simpy.Event, Any, None]:
        while True:
            yield env.timeout(next_delay())
            next(hops)

    for _ in range(pending):
        env.process(hop())
    return measured(lambda: env.run(until=until), hops, 0)


def simpy_processes(delays: list[int], pending: int, until: int) -> Measured:
    return processes(simpy.Environment(), delays, pending, until)


def engine_processes(delays: list[int], pending: int, until: int) -> Measured:
    return processes(Engine(), delays, pending, until)


WAYS = [bare_heapq, engine_calls, engine_timers, engine_processes, simpy_processes]


def compare(calls: int, pending: int, rounds: int) -> list[dict[str, Any]]:
    """Medians over all rounds: calls per CPU-second, and the ratio to bare heapq within each round."""
    delays, until = drawn(calls, pending), calls * MEAN_DELAY // pending
    rates: dict[str, list[float]] = {way.__name__: [] for way in WAYS}
    for _ in range(rounds):
        for way in WAYS:
            done, seconds = way(delays, pending, until)
            rates[way.__name__].append(done / seconds)
    bare = rates[bare_heapq.__name__]
    return [
        {
            "way": name,
            "calls_per_cpu_second": round(statistics.median(own)),
            "ratio_to_bare_heapq": round(statistics.median(a / b for a, b in zip(own, bare, strict=True)), 3),
        }
        for name, own in rates.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--calls", type=int, default=300_000, help="calls per way and round, about")
    parser.add_argument("--pending", type=int, default=1_000, help="entries in the queue at any time")
    parser.add_argument("--rounds", type=int, default=11, help="interleaved rounds")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    options = parser.parse_args()
    rows = compare(options.calls, options.pending, options.rounds)
    if options.json:
        print(json.dumps({**vars(options), "python": sys.version.split()[0], "rows": rows}, indent=2))
        return
    print(f"{options.pending} pending, about {options.calls} calls, medians of {options.rounds} interleaved rounds")
    print(f"{'way':<18}{'calls per CPU-second':>22}{'ratio to bare heapq':>22}")
    for row in rows:
        print(f"{row['way']:<18}{row['calls_per_cpu_second']:>22,}{row['ratio_to_bare_heapq']:>22.2f}")


if __name__ == "__main__":
    main()
