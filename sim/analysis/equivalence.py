"""Whether two things are as good as equal, by two one-sided tests. That a difference is not seen shows nothing."""

from sim.analysis.interval import Interval
from sim.analysis.student import Sample


def equivalence_interval(sample: Sample, alpha: float = 0.05) -> Interval:
    """The interval that lies within the margin just where both one-sided tests reject: that of ``1 - 2 alpha``.

    References
    ----------
    Schuirmann, A Comparison of the Two One-Sided Tests Procedure and the Power Approach for Assessing the Equivalence
    of Average Bioavailability, Journal of Pharmacokinetics and Biopharmaceutics 15 (1987).
    """
    return sample.interval(1 - 2 * alpha)


def equivalence_p(sample: Sample, low: float, high: float) -> float:
    """The least alpha for which the mean is shown to lie between the bounds: the larger p of the two tests.

    Examples
    --------
    >>> equivalence_p(Sample(0.0, 1.0, 11), -1.0, 1.0) < 0.2
    True
    """
    return max(sample.p_above(low), sample.p_below(high))
