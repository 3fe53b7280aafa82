"""A circuit breaker of a rule: what opens it, what closes it, what it forgets."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models.protection.breaker import State
from models.protection.guard import Outcome
from models.protection.rules.action import BreakAction
from models.protection.rules.match_breaker import MatchBreaker
from sim.units import SECOND

PROBES_AT = 10 * SECOND + 1
"""Its time-out is over strictly later, as gobreaker's (currentState: expiry.Before(now))."""


def a_breaker(**fields: Any) -> MatchBreaker:
    return MatchBreaker(BreakAction(**({"consecutive": 2, "timeout": 10 * SECOND} | fields)), 0, "down")


def call(breaker: MatchBreaker, now: int, *, matches: bool) -> bool:
    """One try, over at once; whether it passed."""
    passed = breaker.ask(now)
    if passed is not None:
        breaker.ended(passed.ticket, Outcome(now, now, rule=0 if matches else -1))
    return passed is not None


def opened(**fields: Any) -> MatchBreaker:
    """A breaker that opened at 0."""
    breaker = a_breaker(**fields)
    for _ in range(2):
        call(breaker, 0, matches=True)
    return breaker


def test_matches_in_a_row_open_it() -> None:
    breaker = a_breaker()

    states = []
    for matches in (True, False, True, True):
        call(breaker, 0, matches=matches)
        states.append(breaker.state)

    assert states == [State.CLOSED, State.CLOSED, State.CLOSED, State.OPEN]
    assert breaker.ask(0) is None
    assert (breaker.reason, breaker.refusal_text) == ("open", "circuit breaker of rule down is open")


def test_it_stays_open_for_its_time_out_then_probes() -> None:
    breaker = opened()

    assert not call(breaker, PROBES_AT - 1, matches=False)
    assert breaker.ask(PROBES_AT) is not None
    assert breaker.ask(PROBES_AT) is None, "one probe at a time"
    assert (breaker.state, breaker.reason) == (State.HALF_OPEN, "too_many_requests")


def test_probes_that_end_well_close_it_and_one_that_matches_opens_it_again() -> None:
    good, bad = opened(max_requests=2), opened(max_requests=2)

    call(good, PROBES_AT, matches=False)
    assert good.state is State.HALF_OPEN
    call(good, PROBES_AT, matches=False)
    call(bad, PROBES_AT, matches=True)

    assert (good.state, bad.state) == (State.CLOSED, State.OPEN)
    assert bad.ask(PROBES_AT + 10 * SECOND) is None


def test_an_end_of_an_earlier_generation_is_dropped() -> None:
    breaker = a_breaker()
    early = breaker.ask(0)
    assert early is not None
    for _ in range(2):
        call(breaker, 0, matches=True)
    probe = breaker.ask(PROBES_AT)
    assert probe is not None

    breaker.ended(early.ticket, Outcome(PROBES_AT, 0, rule=0))

    assert breaker.state is State.HALF_OPEN


def test_a_probe_that_leaves_gives_its_place_to_another() -> None:
    breaker = opened()
    probe = breaker.ask(PROBES_AT)
    assert probe is not None

    breaker.ended(probe.ticket, Outcome(PROBES_AT, 0, is_ignored=True))
    again = breaker.ask(PROBES_AT)
    assert again is not None
    breaker.withdrawn(again.ticket, PROBES_AT)

    assert breaker.ask(PROBES_AT) is not None


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), max_size=60), st.integers(1, 4), st.integers(1, 3))
def test_it_opens_by_matches_in_a_row_alone(story: list[tuple[int, bool]], row: int, probes: int) -> None:
    breaker = a_breaker(consecutive=row, max_requests=probes)
    now, matches_in_a_row, opened_at = 0, 0, None
    for gap, matches in story:
        now += gap * SECOND
        before = breaker.look(now)
        passed = call(breaker, now, matches=matches)
        if passed:
            matches_in_a_row = matches_in_a_row + 1 if matches else 0
        if before is not State.OPEN and breaker.state is State.OPEN:
            assert before is State.HALF_OPEN or matches_in_a_row >= row
            opened_at = now
        if before is State.OPEN:
            assert not passed
            assert opened_at is not None
            assert now - opened_at < PROBES_AT
