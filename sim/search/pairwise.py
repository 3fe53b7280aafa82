"""Differences between several settings that saw the same random inputs, all pairs judged together."""

from collections.abc import Sequence
from itertools import combinations

from sim.analysis.holm import holm_levels
from sim.analysis.interval import Interval
from sim.analysis.student import Sample
from sim.study.decision import ALPHA, Decision
from sim.study.estimate import differences


def pairwise(columns: Sequence[Sequence[float]]) -> dict[tuple[int, int], Interval]:
    """The paired interval of ``columns[i] - columns[j]`` for all i < j, at the confidence that Holm leaves the pair.

    Notes
    -----
    With 5 % at most, any of them leaves out 0 where there is no difference. Holm over all pairs, not over those with
    the best one: which is best shows only in the same data, and so this holds whichever it turns out to be. It tells
    apart what Bonferroni's correction does, and more; how far apart is less sure than that they are.

    References
    ----------
    Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of Statistics 6 (1979).
    """
    pairs = list(combinations(range(len(columns)), 2))
    gaps = [Sample.of(differences(columns[i], columns[j])) for i, j in pairs]
    levels = holm_levels([Decision("!=", (0.0, 0.0), gap).p for gap in gaps], ALPHA)
    return {pair: gap.interval(1 - level) for pair, gap, level in zip(pairs, gaps, levels, strict=True)}
