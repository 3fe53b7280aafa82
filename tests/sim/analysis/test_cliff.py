"""The search for a cliff on responses that are known: where it looks, what it claims, how often that is right."""

import random
from collections.abc import Callable
from math import exp, inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.analysis.cliff import Cliff, Search, evidence

Look = Callable[[int, int], bool]


def played(search: Search, look: Look) -> Cliff:
    while wanted := search.wants():
        for level, n in wanted.items():
            have = search.looks.get(level, [])
            assert n > len(have), "a search that asks for what it has goes on for ever"
            search.tell(level, [look(level, i) for i in range(n)])
    return search.found()


def a_step(at: float) -> Look:
    return lambda level, _: level > at


def noisy(at: float, width: float, seed: int) -> Look:
    """Half of the looks are bad at `at`; each replication has one random number, as common ones are."""
    draws: dict[int, float] = {}
    rng = random.Random(seed)

    def look(level: int, i: int) -> bool:
        share = 1 / (1 + exp(-max(-50.0, min(50.0, (level - at) / width))))
        return draws.setdefault(i, rng.random()) < share

    return look


@given(n=st.integers(1, 2000), data=st.data())
def test_a_step_is_found_between_neighbours_in_few_looks(n: int, data: st.DataObject) -> None:
    step = data.draw(st.integers(0, n - 1))

    found = played(Search(n), a_step(step + 0.5))

    assert (found.kind, found.good, found.bad) == ("bracket", step, step + 1)
    assert found.total <= 2 * (n.bit_length() + 4) + 10, (
        "two looks a step, six at the two sides, three at the ends, two on the way"
    )
    assert found.against == ()


@pytest.mark.parametrize(("at", "kind"), [(-1.0, "bad at low"), (inf, "good at high")])
def test_a_cliff_outside_is_an_answer_of_the_ends_alone(at: float, kind: str) -> None:
    found = played(Search(100), a_step(at))

    assert found.kind == kind
    assert set(found.looks) == {0, 100}


def test_a_cliff_outside_is_said_with_the_same_certainty() -> None:
    found = played(Search(100), a_step(-1))

    assert found.bad == 0
    assert len(found.looks[0]) == 6


@pytest.mark.parametrize("width", [0.5, 3.0, 10.0])
def test_the_bracket_holds_the_cliff_as_often_as_it_says(width: float) -> None:
    rng = random.Random(20)
    cliffs = [rng.uniform(20, 180) for _ in range(200)]

    found = [played(Search(200), noisy(at, width, i)) for i, at in enumerate(cliffs)]

    holds = [
        (one.good is None or one.good <= at) and (one.bad is None or at <= one.bad)
        for one, at in zip(found, cliffs, strict=True)
    ]
    assert sum(holds) >= 0.93 * len(holds), "of 95 %, less what 200 runs may differ by"


def test_less_confidence_takes_fewer_looks() -> None:
    sure, rash = (played(Search(100, confidence=share), a_step(31.5)).total for share in (0.99, 0.8))

    assert rash < sure


def test_where_runs_differ_the_bracket_is_wider_and_no_level_gets_more_than_the_most() -> None:
    found = played(Search(200, most=16), noisy(100, 4, seed=3))

    assert found.good is not None
    assert found.bad is not None
    assert found.bad - found.good > 1
    assert max(len(looks) for looks in found.looks.values()) <= 16


def test_a_response_that_turns_good_again_is_reported() -> None:
    """Bad from 41 to 69 only, and beyond 95."""
    found = played(Search(100), lambda level, _: 40 < level < 70 or level > 95)

    assert found.against, "levels of 70 to 95 are good, though they lie above the bracket"


def test_the_budget_ends_a_search_that_would_go_on() -> None:
    found = played(Search(10_000, budget=50), noisy(5_000, 1_000, seed=4))

    assert 50 <= found.total <= 50 + 2 * 24


def test_nothing_known_is_an_open_search() -> None:
    assert Search(10).found().kind == "open"


@settings(max_examples=25)
@given(share=st.floats(0, 0.5), seed=st.integers(0, 1000))
def test_evidence_against_what_is_true_is_rare(share: float, seed: int) -> None:
    """Ville: a level that is bad half of the time or less looks bad at 1 in 20 1 time in 20 at most."""
    rng = random.Random(seed)

    won = [evidence(tuple(rng.random() < share for _ in range(24)), True) >= 2.9957 for _ in range(100)]

    assert sum(won) <= 15, "100 tries at 5 %: 15 or more come once in 10,000 times"


def test_six_looks_that_agree_are_enough_and_five_are_not() -> None:
    assert evidence((True,) * 6, True) > 3.689 > evidence((True,) * 5, True)
    assert evidence((False,) * 6, False) == evidence((True,) * 6, True)
