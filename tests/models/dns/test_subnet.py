"""Near addresses first, as glibc sorts them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.dns.subnet import Subnet
from tests.models.balanced import Balanced

SEEDS = st.integers(0, 1 << 32)


def common_bits(one: int, other: int) -> int:
    return next((i for i in range(16) if (one ^ other) >> (15 - i) & 1), 16)


@given(SEEDS, st.integers(2, 40), st.integers(0, 39))
def test_who_shares_more_leading_bits_comes_first_and_equals_keep_their_places(seed: int, n: int, turn: int) -> None:
    subnet = Subnet(np.random.default_rng(seed), n + 1)
    answered = tuple(range(n))[turn % n :] + tuple(range(n))[: turn % n]

    ordered = subnet.nearest_first(answered, n)

    bits = [common_bits(subnet.number(each), subnet.number(n)) for each in ordered]
    assert sorted(ordered) == list(range(n))
    assert bits == sorted(bits, reverse=True)
    assert all(
        answered.index(one) < answered.index(next_)
        for one, next_, same in zip(ordered, ordered[1:], np.diff(bits) == 0, strict=False)
        if same
    )


def test_rotating_answers_spread_nothing_where_one_backend_is_nearest() -> None:
    churn = "clients.c.transport.disable_keep_alives=true"
    first = [Balanced("services.s.resolve={dns: same_subnet}", churn, seed=seed).run().counts() for seed in range(6)]

    alone = [len(counts) == 1 for counts in first]
    assert any(alone), "three numbers: most often one shares more bits than the others"
    assert len({next(iter(counts)) for counts in first if len(counts) == 1}) > 1, "another one for other addresses"
