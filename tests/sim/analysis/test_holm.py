"""Holm's procedure against its definition, a worked example and the promise that it makes."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from sim.analysis.holm import holm, holm_levels

P = st.lists(st.floats(0, 1), max_size=12)


def test_the_worked_example() -> None:
    # Holm (1979), as in Shaffer, Annual Review of Psychology 46 (1995)
    assert np.allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])


@given(p_values=P)
def test_nothing_is_decided_more_easily_and_the_order_stays(p_values: list[float]) -> None:
    adjusted = holm(p_values)

    assert all(raw <= found <= 1 for raw, found in zip(p_values, adjusted, strict=True))
    order = np.argsort(p_values, kind="stable")
    assert np.all(np.diff(np.array(adjusted)[order]) >= 0)


@given(p_values=P, alpha=st.floats(0.001, 0.5))
def test_what_is_decided_is_what_stepping_down_decides(p_values: list[float], alpha: float) -> None:
    m, stepped = len(p_values), 0
    for i, p in enumerate(sorted(p_values)):
        if p * (m - i) > alpha:
            break
        stepped = i + 1

    assert sum(found <= alpha for found in holm(p_values)) == stepped


@given(p_values=P, alpha=st.floats(0.001, 0.5))
def test_a_test_decides_at_its_level_exactly_where_its_adjusted_p_does(p_values: list[float], alpha: float) -> None:
    adjusted = holm(p_values)
    assume(all(abs(one - alpha) > 1e-9 for one in adjusted))  # on the edge itself rounding decides

    levels = holm_levels(p_values, alpha)

    assert [p <= level for p, level in zip(p_values, levels, strict=True)] == [one <= alpha for one in adjusted]


def test_one_wrong_decision_among_many_is_as_rare_as_promised() -> None:
    p = np.random.default_rng(31).random((2000, 10))

    wrong = np.mean([min(holm(list(row))) <= 0.05 for row in p])

    assert 0.03 <= wrong <= 0.065, "without correction it would be 40 %"
