"""Maglev: a table that every balancer fills alike, in which each backend has its share of the entries.

Sources: Eisenbud et al., Maglev (NSDI '16), 3.4; weights as Envoy's maglev_lb.cc, where a backend takes an entry when
its weight says so.
"""

from functools import lru_cache

from models.balancer.hashing import mix
from models.balancer.member import Member, WeightOf
from models.balancer.policy import Policy

Share = tuple[int, float]
"""The number of a backend and its weight."""


def is_prime(n: int) -> bool:
    """Whether `n` has no divisor but 1 and itself."""
    return n > 1 and all(n % divisor for divisor in range(2, int(n**0.5) + 1))


@lru_cache(maxsize=64)
def table_of(size: int, salt: int, shares: tuple[Share, ...]) -> tuple[int, ...]:
    """Which of `shares`, by place, has each of the `size` entries; a prime `size` lets every backend reach all.

    The table follows from its arguments alone, so all clients of a service share one.
    """
    hashes = [mix(salt + index) for index, _ in shares]
    nexts = [each % size for each in hashes]
    skips = [mix(each) % (size - 1) + 1 for each in hashes]
    largest = max(weight for _, weight in shares)
    targets = [0.0] * len(shares)
    table = [-1] * size
    left, turn = size, 0
    while True:
        turn += 1
        for place, (_, weight) in enumerate(shares):
            if turn * weight < targets[place]:
                continue
            targets[place] += largest
            at, skip = nexts[place], skips[place]
            while table[at] >= 0:
                at = (at + skip) % size
            table[at] = place
            nexts[place] = (at + skip) % size
            left -= 1
            if not left:
                return tuple(table)


class Maglev(Policy):
    """The entry that a key falls on."""

    def __init__(self, weight_of: WeightOf, size: int, salt: int) -> None:
        self._weight_of, self._size, self._salt = weight_of, size, salt
        self._table: tuple[int, ...] = ()

    def changed(self, now: int, *, is_even: bool) -> None:
        """Fill the table again: most entries keep their backend."""
        shares = tuple((each.endpoint.index, 1.0 if is_even else self._weight_of(each, now)) for each in self.members)
        self._table = table_of(self._size, self._salt, shares)

    def pick(self, now: int, key: int) -> Member:
        """Whose entry it is."""
        return self.members[self._table[key % self._size]]
