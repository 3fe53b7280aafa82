from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.analysis.holm import holm
from sim.analysis.interval import Interval
from sim.analysis.student import Sample
from sim.study.cell import Cell
from sim.study.claim import Claim, Condition, Versus, bounds_of
from sim.study.estimate import estimate
from sim.study.results import Replicated, Results
from sim.study.trial import Outcome
from sim.study.verdict import apart, judge, word_of

OPS = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
WHOLE = st.integers(-6, 6)


def satisfies(op: str, value: Any, one: float) -> bool:
    """The comparison at one value, the obvious way."""
    if op == "in":
        return bool(value[0] <= one <= value[1])
    compare = {"<": one < value, "<=": one <= value, ">": one > value, ">=": one >= value, "==": one == value}
    return bool(one != value) if op == "!=" else bool(compare[op])


def expected(op: str, value: Any, low: int, high: int) -> str:
    """By asking every quarter between whole bounds: no comparison with a whole number changes between them."""
    answers = {satisfies(op, value, quarter / 4) for quarter in range(4 * low, 4 * high + 1)}
    return {frozenset({True}): "SUPPORTED", frozenset({False}): "REFUTED"}.get(frozenset(answers), "UNDECIDED")


@given(op=OPS, value=WHOLE, ends=st.tuples(WHOLE, WHOLE))
def test_a_verdict_is_what_all_of_the_interval_or_none_of_it_says(op: Any, value: int, ends: tuple[int, int]) -> None:
    low, high = sorted(ends)

    assert word_of(op, value, Interval((low + high) / 2, low, high, 0.95)) == expected(op, value, low, high)


@given(value=st.tuples(WHOLE, WHOLE).map(sorted), ends=st.tuples(WHOLE, WHOLE))
def test_in_takes_both_bounds_in(value: list[int], ends: tuple[int, int]) -> None:
    low, high = sorted(ends)

    assert word_of("in", value, Interval((low + high) / 2, low, high, 0.95)) == expected("in", value, low, high)


def test_without_a_value_nothing_is_decided() -> None:
    assert word_of("<", 3, None) == "UNDECIDED"


def test_a_claims_value_may_carry_a_unit() -> None:
    assert bounds_of("<", "300ms") == (0.3, 0.3)
    assert bounds_of("in", ["440/s", "470/s"]) == (440, 470)


VALUES = st.lists(st.floats(-5, 5), min_size=3, max_size=12)


def results_of(**arms: Sequence[float | None]) -> Results:
    """Each arm's replications of the metric m."""
    return Results(
        "s",
        [
            Replicated(
                Cell(arm=arm, point={}, scenario={}, seed=1, version="0"),
                [Outcome(summary={} if value is None else {"m": value}, seconds=1.0) for value in values],
            )
            for arm, values in arms.items()
        ],
    )


def a_claim(**changes: Any) -> Claim:
    given: dict[str, Any] = {"id": "C", "statement": "s", "metric": "m", "op": "<", "value": 1, "arm": "a"}
    return Claim(**given | changes)


@given(op=OPS, value=WHOLE, values=VALUES)
def test_a_claim_alone_is_judged_by_its_95_percent_interval(op: Any, value: int, values: list[float]) -> None:
    claim, results = a_claim(op=op, value=value), results_of(a=values)

    alone = judge([claim], results)[0]

    assert alone.found == estimate(values)
    assert alone.word == word_of(op, value, alone.found)
    assert (alone.word == "UNDECIDED") == (alone.p is not None and alone.p > 0.05) or op == "=="


@given(columns=st.lists(VALUES, min_size=1, max_size=5), value=WHOLE)
def test_claims_together_are_decided_by_holms_adjusted_p(columns: list[list[float]], value: int) -> None:
    results = results_of(**{f"a{i}": column for i, column in enumerate(columns)})
    claims = [a_claim(arm=f"a{i}", value=value) for i in range(len(columns))]

    together, apart_ = judge(claims, results), judge(claims, results, "none")

    assert [one.p for one in together] == holm([one.p for one in apart_ if one.p is not None])
    for one, alone in zip(together, apart_, strict=True):
        assert one.word == (alone.word if one.p is not None and one.p <= 0.05 else "UNDECIDED")
        assert one.found == alone.found, "the printed interval is of 95 % either way"


def test_a_claim_that_is_clear_alone_may_be_undecided_among_others() -> None:
    results = results_of(a=[0.7, 0.85, 0.95, 0.8, 0.9], b=[0.5, 1.4, 0.9, 1.1, 0.7])
    claims = [a_claim(), *[a_claim(arm="b")] * 9]

    assert judge(claims[:1], results)[0].word == "SUPPORTED"
    assert judge(claims, results, "none")[0].word == "SUPPORTED"
    assert judge(claims, results)[0].word == "UNDECIDED"


def test_a_condition_is_judged_among_the_claims() -> None:
    claim = a_claim(condition=Condition(text="on b", arm="b"))
    results = results_of(a=[2.0, 2.1, 2.05], b=[0.5, 0.9, 0.7, 0.8], c=[0.5, 1.4, 0.9, 1.1, 0.7])

    assert judge([claim], results)[0].word == "HOLDS IF"
    # the condition has p = 0.035 alone
    assert [one.word for one in judge([claim, a_claim(arm="c")], results, "none")] == ["HOLDS IF", "UNDECIDED"]
    assert [one.word for one in judge([claim, a_claim(arm="c")], results)] == ["REFUTED", "UNDECIDED"]


def test_an_undecided_claim_says_how_many_more_replications_would_decide_it() -> None:
    values = [0.7, 1.2, 0.9, 1.1, 0.6]
    verdict = judge([a_claim()], results_of(a=values))[0]
    assert verdict.word == "UNDECIDED"
    assert verdict.more is not None

    # as many more with the same mean and scatter
    n, sample = len(values) + verdict.more, Sample.of(values)
    decided = replace(sample, n=n, error=sample.error * (len(values) / n) ** 0.5).interval(0.95)

    assert decided.high < 1
    assert 10 <= n <= 40


def test_a_decided_claim_and_one_without_a_value_ask_for_no_more() -> None:
    assert judge([a_claim(value=9)], results_of(a=[1.0, 2.0, 3.0]))[0].more is None
    lost = judge([a_claim()], results_of(a=[1.0, None, 3.0]))[0]
    assert (lost.word, lost.found, lost.p, lost.more) == ("UNDECIDED", None, None, None)


@pytest.mark.parametrize(
    ("ours", "word"),
    [
        ([1.001, 1.002, 0.999, 0.998, 1.0], "SUPPORTED"),
        ([1.101, 1.102, 1.099, 1.098, 1.1], "REFUTED"),
        ([1.04, 1.06, 1.02, 1.08, 1.05], "UNDECIDED"),
        ([1.0, 1.4, 0.6, 1.2, 0.8], "UNDECIDED"),
    ],
)
def test_equivalence_has_to_be_shown(ours: list[float], word: str) -> None:
    claim = a_claim(op="within", value=0, margin=0.05, versus=Versus(arm="b", by="difference"))

    assert judge([claim], results_of(a=ours, b=[1.0] * 5))[0].word == word


def test_equivalence_is_decided_by_the_90_percent_interval() -> None:
    values = [0.0, 1.0, -1.0, 0.5, -0.5, 0.7]
    sample = Sample.of(values)
    reach = (sample.interval(0.90).high + sample.interval(0.95).high) / 2

    verdict = judge([a_claim(op="within", value=0, margin=reach)], results_of(a=values))[0]

    assert verdict.word == "SUPPORTED"
    assert verdict.decides == sample.interval(0.90)
    assert verdict.found == sample.interval(0.95), "the printed one stays"


@pytest.mark.parametrize(
    ("value", "margin", "bounds"),
    [
        ("300ms", "5%", (0.285, 0.315)),
        ("300ms", "5ms", (0.295, 0.305)),
        ("20%", "5%", (0.19, 0.21)),
        ("20%", "5pp", (0.15, 0.25)),
        (1, "2%", (0.98, 1.02)),
        (-2, "50%", (-3, -1)),
    ],
)
def test_a_margin_is_absolute_or_a_share_of_the_value(value: Any, margin: Any, bounds: tuple[float, float]) -> None:
    assert a_claim(op="within", value=value, margin=margin).bounds == pytest.approx(bounds)


def test_pairs_that_move_together_have_a_correlation_and_those_against_are_warned_of() -> None:
    noise = [0.1, -0.2, 0.3, 0.05, -0.15, 0.2]
    claim = a_claim(value=0, versus=Versus(arm="b", by="difference"))

    along = judge([claim], results_of(a=[1 + x for x in noise], b=[2 + 2 * x for x in noise]))[0]
    against = judge([claim], results_of(a=[1 + x for x in noise], b=[2 - x for x in noise]))[0]

    assert along.rho == pytest.approx(1)
    assert not along.is_apart
    assert against.rho == pytest.approx(-1)
    assert against.is_apart
    assert "claims.C: the pairs are negatively correlated (rho -1.00)" in apart(against)


def test_few_pairs_that_move_apart_by_chance_are_not_warned_of() -> None:
    claim = a_claim(value=0, versus=Versus(arm="b", by="difference"))

    verdict = judge([claim], results_of(a=[1.0, 2.0, 1.5, 1.2], b=[2.0, 1.6, 2.2, 1.4]))[0]

    assert verdict.rho is not None
    assert verdict.rho < 0
    assert not verdict.is_apart


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"value": "soon"}, "value: soon is not a quantity"),
        ({"op": "in", "value": 3}, r"value: in compares with a list of two; write \[low, high\]"),
        ({"op": "in", "value": [3, 2]}, "value: 3 lies above 2"),
        ({"margin": "5ms"}, "margin: only within has one, not <; leave it out"),
        ({"op": "within"}, "margin: is missing"),
        ({"op": "within", "margin": "wide"}, "margin: wide is not a quantity"),
        ({"op": "within", "value": 0, "margin": "5%"}, "margin: 5% leaves no room around 0"),
        ({"op": "within", "value": "0s", "margin": "5/s"}, "margin: 5/s is in /s and 0s in s; write both in one unit"),
        ({"absent": "never"}, "absent: never is not a quantity"),
    ],
)
def test_a_claim_that_cannot_be_judged_is_refused(changes: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Claim(**{"id": "C", "statement": "s", "metric": "m", "op": "<", "value": 1} | changes)
