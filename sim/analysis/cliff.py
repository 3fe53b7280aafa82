"""Where along an axis a response turns from good to bad: what to look at next, and what the looks say. It runs nothing.

The axis is a grid of levels 0 to n; somebody else knows what a level means and what a look at it costs. Looks at one
level are independent; each says bad or not. The cliff is where half of the looks are bad.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import log
from typing import Literal

Kind = Literal["bracket", "bad at low", "good at high", "open"]

FIRST_LOOKS = 2
"""Of a level that the bisection comes by; a lead of so many says which way to go on."""
SETTLING = 8
"""The most looks that the way of the bisection is worth; they may be wrong, as nothing is claimed from them."""
RECHECK = 3
"""Looks that each end has in the end, whether or not they were needed to find the cliff."""
CLOSE = 4
"""A side of the bracket is near enough to the cliff when it is known to a quarter of its distance."""
_BETS = ((0.1, 0.3), (0.1, 0.6), (0.8, 1.0))
"""Weight and stake, the weights making 1. The last decides unanimous looks: 6 of 6 at 95 %, as in a sign test."""
_BEYOND_DOUBT = 1e100


@lru_cache(maxsize=65536)
def evidence(looks: tuple[bool, ...], bad: bool) -> float:
    """The log of what a gambler has at best won who bets that a level is bad (or good), against even odds.

    Whatever the share of bad looks on the other side of one half, and whenever one stops: it comes to ``log(1 / a)``
    with a probability of at most a.

    References
    ----------
    Ville's inequality: Howard, Ramdas, McAuliffe and Sekhon, Time-uniform Chernoff bounds via nonnegative
    supermartingales, Probability Surveys 17 (2020), section 2.
    """
    (first, low), (second, middle), (third, high) = _BETS
    best = total = first + second + third
    for look in looks:
        sign = 1 if look is bad else -1
        first, second, third = first * (1 + sign * low), second * (1 + sign * middle), third * (1 + sign * high)
        total = first + second + third
        best = max(best, total)
        if best > _BEYOND_DOUBT:
            break
    return log(best)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cliff:
    """What a search has found, in levels of its grid."""

    kind: Kind
    """bracket; bad at low and good at high: the cliff is not between the ends; open: one side stayed unclear."""
    good: int | None
    """The largest level that is known to be good; None where none is."""
    bad: int | None
    """The smallest level above `good` that is known to be bad; None where none is."""
    confidence: float
    """That the cliff lies from `good` to `bad`, both together; each side may be wrong with half of the rest."""
    looks: Mapping[int, Sequence[bool]]
    """Level to whether each look at it was bad."""
    against: tuple[int, ...]
    """Levels that look good above the bracket or bad below it: the response is not monotone there, or noisy."""

    @property
    def total(self) -> int:
        """All looks together."""
        return sum(len(looks) for looks in self.looks.values())


class Search:
    """Bisection of a grid with looks that may differ, and certainty about its result.

    Parameters
    ----------
    n : the last level; the first is 0.
    confidence : of the result, above 0 and below 1.
    most : looks at one level.
    budget : looks in all, after which the bracket stays as wide as it is.

    Notes
    -----
    Two looks at a level lead the bisection on; what they say is not relied upon. In the end both sides of the gap are
    looked at until each is known to be on its side (`evidence`); with a response that never differs these are six looks
    at 95 %. Where a level is so near the cliff that `most` looks leave it open, the next one outwards is taken, found
    by bisection too: the bracket becomes wider, its confidence stays. As the tests hold at any time, which level is
    looked at may depend on all that was seen. Looks at several levels may share their random numbers: with a response
    that is monotone for each of them, one false level means that the nearest to the cliff is false, so the levels'
    errors do not add up. The bisection with noise follows Waeber, Frazier and Henderson, Bisection Search with Noisy
    Responses, SIAM J. Control Optim. 51 (2013), in asking where the odds are even; its interval is replaced by a test.
    """

    def __init__(self, n: int, *, confidence: float = 0.95, most: int = 24, budget: int = 400) -> None:
        self.n, self.confidence, self.most, self.budget = n, confidence, most, budget
        self.looks: dict[int, list[bool]] = {}
        self._enough = log(2 / (1 - confidence))

    def tell(self, level: int, looks: Sequence[bool]) -> None:
        """All looks at a level so far, in their order; true where it was bad."""
        self.looks[level] = list(looks)

    def wants(self) -> dict[int, int]:
        """Levels to the number of looks that they should have; empty when the search is over."""
        if sum(len(looks) for looks in self.looks.values()) >= self.budget:
            return {}
        return self._ends() or self._between() or self._recheck() if self.n > 0 else {}

    def found(self) -> Cliff:
        """What is known by now."""
        sure_good = [level for level in self.looks if self._is_sure(level, bad=False)]
        sure_bad = [level for level in self.looks if self._is_sure(level, bad=True)]
        bad = min(sure_bad, default=None)
        good = max((level for level in sure_good if bad is None or level < bad), default=None)
        edge, following = self._step()
        below, above = edge if good is None else good, following if bad is None else bad
        against = [level for level in self.looks if (self._lead(level) > 0) != (level > below)]
        outside = tuple(sorted(level for level in against if not below < level < above))
        kind = self._missed() or ("bracket" if good is not None and bad is not None else "open")
        return Cliff(
            kind=kind, good=good, bad=bad, confidence=self.confidence,
            looks={level: tuple(self.looks[level]) for level in sorted(self.looks)}, against=outside,
        )  # fmt: skip

    def _missed(self) -> Literal["bad at low", "good at high"] | None:
        if 0 in self.looks and self._is_bad(0):
            return "bad at low"
        return "good at high" if self.n in self.looks and not self._is_bad(self.n) else None

    def _ends(self) -> dict[int, int]:
        """Both ends first: a cliff that is not between them is an answer, too."""
        wanted = {end: n for end in (0, self.n) if (n := self._to_settle(end))}
        if wanted:
            return wanted
        wrong = [end for end, is_wrong in ((0, self._is_bad(0)), (self.n, not self._is_bad(self.n))) if is_wrong]
        return {end: n for end in wrong if (n := self._to_be_sure(end, bad=end == 0))}

    def _between(self) -> dict[int, int]:
        if self._missed():
            return {}
        good, bad = self._step()
        wanted = {level: n for level in (good, bad) if (n := self._to_settle(level))}
        if wanted:
            return wanted
        if bad - good > 1:
            return {(good + bad) // 2: FIRST_LOOKS}
        return self._outwards(good, bad=False) | self._outwards(bad, bad=True)

    def _outwards(self, edge: int, bad: bool) -> dict[int, int]:
        """What makes one side of the gap sure, as near to it as the looks allow."""
        end, away = (self.n, 1) if bad else (0, -1)
        side = [level for level in self.looks if (level - edge) * away >= 0]
        sure = min((abs(level - edge) for level in side if self._is_sure(level, bad)), default=None)
        last = abs(end - edge)
        nearest = last + 1 if sure is None else sure
        given_up = max((abs(x - edge) for x in side if abs(x - edge) < nearest and self._is_used_up(x)), default=-1)
        if given_up == last or nearest - given_up <= max(1, nearest // CLOSE):
            return {}
        doubled = min(4 * given_up or 2, last) if given_up >= 0 else 0
        further = doubled if doubled < nearest else (nearest + given_up) // 2
        return self._asked(edge + away * further, bad)

    def _asked(self, level: int, bad: bool) -> dict[int, int]:
        n = self._to_be_sure(level, bad)
        return {level: n} if n else {}

    def _recheck(self) -> dict[int, int]:
        """A response that falls again would show at the ends, or at a level that is not on its side."""
        ends = () if self._missed() else (0, self.n)
        wanted = {end: RECHECK for end in ends if len(self.looks[end]) < min(RECHECK, self.most)}
        if ends:
            wanted |= dict.fromkeys(self._unseen(), FIRST_LOOKS)
        for level in self.found().against:
            if n := self._to_be_sure(level, self._is_bad(level)):
                wanted[level] = n
        return wanted

    def _unseen(self) -> list[int]:
        """The middle of a gap that makes more than half of the way from the cliff to an end."""
        good, bad = self._step()
        gaps = [
            (low, high, good if high <= good else self.n - bad) for low, high in pairwise(sorted(self.looks))
            if high <= good or low >= bad
        ]  # fmt: skip
        return [(low + high) // 2 for low, high, side in gaps if 2 * (high - low) > side and high - low > 1]

    def _step(self) -> tuple[int, int]:
        """The neighbouring levels between which the response turns bad, with the fewest looks against it."""
        levels = sorted(self.looks)
        leads = [self._lead(level) for level in levels]
        misfits = [
            sum(max(lead, 0) for lead in leads[: i + 1]) + sum(max(-lead, 0) for lead in leads[i + 1 :])
            for i in range(len(levels) - 1)
        ]
        i = misfits.index(min(misfits)) if misfits else 0
        return (levels[i], levels[i + 1]) if misfits else (0, self.n)

    def _lead(self, level: int) -> int:
        looks = self.looks[level]
        return 2 * sum(looks) - len(looks)

    def _is_bad(self, level: int) -> bool:
        return self._lead(level) >= 0

    def _is_sure(self, level: int, bad: bool) -> bool:
        return evidence(tuple(self.looks[level]), bad) >= self._enough

    def _is_used_up(self, level: int) -> bool:
        """Whether more looks are in vain: at a share from a quarter to three quarters `most` would not suffice."""
        n = len(self.looks[level])
        return n >= self.most or (n >= SETTLING and 2 * abs(self._lead(level)) < n)

    def _to_settle(self, level: int) -> int:
        """The looks that it should have to lead the bisection on; 0 where it has them."""
        have = len(self.looks.get(level, ()))
        if have < FIRST_LOOKS:
            return min(FIRST_LOOKS, self.most)
        lacks = FIRST_LOOKS - abs(self._lead(level))
        return min(have + lacks, SETTLING, self.most) if lacks > 0 and have < min(SETTLING, self.most) else 0

    def _to_be_sure(self, level: int, bad: bool) -> int:
        """The looks that it should have if all further ones agree; 0 where it is sure or used up."""
        looks = list(self.looks.get(level, ()))
        have = len(looks)
        if have and self._is_used_up(level):
            return 0
        while evidence(tuple(looks), bad) < self._enough and len(looks) < self.most:
            looks.append(bad)
        return len(looks) if len(looks) > have else 0
