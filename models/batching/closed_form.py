"""Closed form: batches of Poisson arrivals that go at a size or a time, by arithmetic. Nothing here is simulated.

Source: reference/protocols.md, 14.2. With a = rate x linger and K Poisson of mean a: a batch begins with an item, which
starts the timer, and K counts what would arrive after it in that time. Without bounds on what is under way.
"""

from math import exp
from typing import NamedTuple


class Expected(NamedTuple):
    """What batches come to in the mean."""

    size: float
    """Items of a batch."""
    delay: float
    """From an item's arrival until its batch goes, in s, over items."""
    by_size: float
    """Share of the batches that go because they are full."""
    flush_rate: float
    """Batches per second."""


def expected(rate: float, linger: float, max_items: int | None = None) -> Expected:
    """Batches of items that arrive at a rate (per s) and wait at most `linger` (s), at most `max_items` together.

    Examples
    --------
    >>> unbounded, small = expected(1000, 0.005), expected(1000, 0.005, 4)
    >>> round(unbounded.size, 2), round(unbounded.delay * 1000, 3), unbounded.by_size
    (6.0, 2.917, 0.0)
    >>> round(small.size, 3), round(small.delay * 1000, 3), round(small.by_size, 3)
    (3.828, 1.447, 0.875)
    """
    a = rate * linger
    most = max_items if max_items is not None else int(a + 40 * (1 + a**0.5))  # beyond that nothing is left
    term = exp(-a)  # P(K = 0)
    below, size, waits = 0.0, 0.0, 0.0  # P(K < m), sum of P(K >= m) and of m P(K >= m), m from 1 to most - 1
    for m in range(1, most):
        below += term
        size += 1 - below
        waits += m * (1 - below)
        term *= a / m
    size += 1
    by_size = max(1 - below, 0.0) if max_items is not None else 0.0
    return Expected(size, waits / (rate * size), by_size, rate / size)


def stale_share(relocation_rate: float, refresh: float) -> float:
    """Share of items that a client sends to a node that has no longer their shard; rate in moves per s of each shard.

    Source: 14.5, which gives the first term; moves back are left out.

    Examples
    --------
    >>> round(stale_share(1 / 60, 10), 4), round(1 / 60 * 10 / 2, 4)
    (0.0789, 0.0833)
    """
    moves = relocation_rate * refresh
    return 1 - (1 - exp(-moves)) / moves if moves else 0.0
