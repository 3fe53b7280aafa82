"""Source hash: IPVS' sh, a table of 256 slots that the backends take in turn.

Source: net/netfilter/ipvs/ip_vs_sh.c, ip_vs_sh_reassign, IP_VS_SH_TAB_BITS.
"""

from models.balancer.member import Member, WeightOf
from models.balancer.policy import Policy
from models.balancer.round_robin import Edf

SLOTS = 256
"""1 << IP_VS_SH_TAB_BITS."""


class SourceHash(Policy):
    """The slot of a client. Few clients reach few backends, and evenly by luck alone.

    Simplified: with weights the slots go round by the earliest deadline, not in runs of each backend's weight; how many
    each has is the same.
    """

    def __init__(self, weight_of: WeightOf) -> None:
        self._weight_of = weight_of
        self._slots: list[Member] = []

    def changed(self, now: int, *, is_even: bool) -> None:
        """Hand out the slots."""
        edf = Edf(self.members, self._weight_of, now, _one)
        self._slots = [edf.pick(now) for _slot in range(SLOTS)]

    def pick(self, now: int, key: int) -> Member:
        """Whose slot it is."""
        return self._slots[key % SLOTS]


def _one() -> float:
    return 1.0
