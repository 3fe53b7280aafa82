"""Several tests at once: p values adjusted so that one wrong decision among all is as rare as promised."""

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p values, in the order given; a test decides where its own is at most alpha.

    Notes
    -----
    The i-th smallest of m is multiplied by m - i + 1, and none is smaller than one before it. Whatever the tests have
    in common, the probability of one or more wrong rejections is at most alpha.

    References
    ----------
    Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of Statistics 6 (1979).

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    m, least = len(p_values), 0.0
    adjusted = [0.0] * m
    for i, which in enumerate(sorted(range(m), key=lambda j: p_values[j])):
        least = max(least, min(1.0, (m - i) * p_values[which]))
        adjusted[which] = least
    return adjusted


def holm_levels(p_values: Sequence[float], alpha: float) -> list[float]:
    """The error rate at which each test is held, in the order given: an interval at it decides as `holm` does.

    Notes
    -----
    The i-th smallest of m has alpha / (m - i + 1). From the first that does not decide, all that follow have its
    rate: none of them decides either, and its own rate could say that it does.

    Examples
    --------
    >>> holm_levels([0.001, 0.04, 0.02], 0.06)
    [0.02, 0.06, 0.03]
    >>> holm_levels([0.001, 0.04, 0.035], 0.06)
    [0.02, 0.03, 0.03]
    """
    m, level = len(p_values), 0.0
    levels, decides = [0.0] * m, True
    for i, which in enumerate(sorted(range(m), key=lambda j: p_values[j])):
        if decides:
            level = alpha / (m - i)
            decides = p_values[which] <= level
        levels[which] = level
    return levels
