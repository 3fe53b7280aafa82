"""Differences between several settings that saw the same random inputs, all pairs held to one confidence."""

from collections.abc import Sequence
from itertools import combinations

from sim.analysis.interval import Interval, mean_interval

CONFIDENCE = 0.95


def pairwise(columns: Sequence[Sequence[float]]) -> dict[tuple[int, int], Interval]:
    """The paired interval of ``columns[i] - columns[j]`` for all i < j; together they hold with 95 % confidence.

    Notes
    -----
    Bonferroni over all pairs, not over those with the best one: which is best shows only in the same data, and so
    the intervals hold whichever it turns out to be.
    """
    pairs = list(combinations(range(len(columns)), 2))
    confidence = 1 - (1 - CONFIDENCE) / max(len(pairs), 1)
    return {(i, j): _paired(columns[i], columns[j], confidence) for i, j in pairs}


def _paired(ours: Sequence[float], theirs: Sequence[float], confidence: float) -> Interval:
    gaps = [mine - other for mine, other in zip(ours, theirs, strict=True)]
    if len(set(gaps)) == 1:
        return Interval(gaps[0], gaps[0], gaps[0], confidence)
    return mean_interval(gaps, confidence)
