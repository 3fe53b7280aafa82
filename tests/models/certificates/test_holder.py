"""Holders: what is shown when, with an issuer that is there, away, distrusted, and with clocks that are wrong."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.certificates.certificate import Certificate, Flaw
from models.certificates.config import IssuerConfig
from models.certificates.holder import Holder, RenewedHolder
from models.certificates.issuer import Issuer
from sim.engine.environment import Engine
from sim.engine.streams import Streams
from sim.units import HOUR, MINUTE, MS, SECOND

N = 400


class Fleet:
    """Holders of one issuer's certificates."""

    def __init__(self, n: int = N, **config: Any) -> None:
        self.engine = Engine()
        self.shown: list[tuple[int, Certificate]] = []
        self.replaced: list[tuple[Certificate, Certificate]] = []
        self.issuer = Issuer("mesh", IssuerConfig(**config))
        self.draw = Streams(1).uniforms("back")
        self.holders = [
            RenewedHolder(self.engine, self.issuer, Streams(1).uniforms(f"h{i}"), self._note) for i in range(n)
        ]

    def _note(self, shown: Certificate, before: Certificate | None) -> None:
        self.shown.append((self.engine.now, shown))
        if before is not None:
            self.replaced.append((before, shown))

    def expired(self) -> float:
        """Share of those whose certificate's time is over."""
        judge = Holder(self.engine)
        return sum(judge.judges(each.shows()) is Flaw.EXPIRED for each in self.holders) / len(self.holders)

    def run(self, until: int) -> None:
        """Go on to that instant."""
        self.engine.run(until=until)


def test_a_fleet_that_reaches_its_issuer_never_shows_what_is_over() -> None:
    fleet = Fleet(50)

    seen = []
    for minute in range(1, 241):
        fleet.run(minute * MINUTE)
        seen.append(fleet.expired())

    assert seen == [0.0] * 240


def test_a_fleet_asks_for_a_certificate_each_every_27_8_minutes() -> None:
    fleet = Fleet(100)

    fleet.run(10 * HOUR)

    assert fleet.issuer.counts["issued"] == pytest.approx(100 * 600 / 27.8, rel=0.02), "reference/protocols.md, 9.5"


@pytest.mark.parametrize("minutes", [25, 35, 40, 45, 50, 55, 61])
def test_in_an_outage_the_share_that_is_over_grows_as_its_closed_form(minutes: int) -> None:
    fleet = Fleet(N)
    fleet.run(2 * HOUR)
    fleet.issuer.fail(2 * HOUR)

    fleet.run(2 * HOUR + minutes * MINUTE)

    f = 27.8 / 60
    wanted = min(max((minutes / 60 - (1 - f)) / f, 0), 1)
    assert fleet.expired() == pytest.approx(wanted, abs=0.08), "F(t) = (t - (1 - f) L) / (f L), 9.6; 3 standard errors"


def test_the_first_failure_comes_when_the_oldest_certificate_is_over() -> None:
    fleet = Fleet(N)
    fleet.run(2 * HOUR)
    fleet.issuer.fail(2 * HOUR)
    at = 2 * HOUR
    while not fleet.expired():
        at += 10 * SECOND
        fleet.run(at)

    assert (at - 2 * HOUR) / MINUTE == pytest.approx(32, abs=1.5), "(1 - f) L: SPIRE 32 min, 9.6"


def test_behind_an_outage_all_renew_within_the_longest_pause() -> None:
    fleet = Fleet(N)
    fleet.run(2 * HOUR)
    fleet.issuer.fail(2 * HOUR)
    fleet.run(4 * HOUR)
    issued = fleet.issuer.counts["issued"]
    fleet.issuer.come_back(4 * HOUR, fleet.draw)

    fleet.run(4 * HOUR + 265 * SECOND)

    assert fleet.issuer.counts["issued"] - issued == N, "a storm: N certificates within 4 min and their jitter"
    assert fleet.expired() == 0


def test_a_program_that_starts_while_the_issuer_is_away_has_nothing_until_it_is_back() -> None:
    fleet = Fleet(1)
    (holder,) = fleet.holders
    fleet.run(MINUTE)
    fleet.issuer.fail(MINUTE)

    assert holder.shows(1) is None
    fleet.run(2 * MINUTE)
    fleet.issuer.come_back(2 * MINUTE, fleet.draw)
    fleet.run(7 * MINUTE)

    assert holder.shows(1) is not None


def test_a_program_that_starts_anew_has_a_new_certificate_at_once() -> None:
    fleet = Fleet(1)
    (holder,) = fleet.holders
    fleet.run(MINUTE)

    shown = holder.shows(1)

    assert shown is not None
    assert shown.not_after == HOUR + MINUTE
    assert holder.shows(1) is shown


def test_secrets_that_are_mounted_come_late_and_what_is_pushed_at_once() -> None:
    late = {}
    for delivery in ("push", "mounted_secret", "watch"):
        fleet = Fleet(100, delivery=delivery, ages="new")
        fleet.run(40 * MINUTE)
        late[delivery] = [(at - (one.not_after - HOUR)) / SECOND for at, one in fleet.shown if at]

    assert set(late["push"]) == {0}
    assert set(late["watch"]) == {0.1}
    assert 0.1 <= min(late["mounted_secret"]) < max(late["mounted_secret"]) <= 90.1
    assert sum(late["mounted_secret"]) / 100 == pytest.approx(45.1, abs=9)


@pytest.mark.parametrize(("delivery", "is_over"), [("push", 1.0), ("mounted_secret", 0.0), ("watch", 0.0)])
def test_while_nothing_is_pushed_those_that_watch_their_secrets_go_on(delivery: str, is_over: float) -> None:
    fleet = Fleet(50, delivery=delivery)
    fleet.run(MINUTE)
    fleet.issuer.push_no_more()

    fleet.run(2 * HOUR)
    assert fleet.expired() == is_over

    fleet.issuer.push_again()
    assert fleet.expired() == 0, "what was signed meanwhile is pushed now"


def test_what_an_old_authority_has_signed_is_refused_until_it_is_renewed() -> None:
    fleet = Fleet(50)
    judge = Holder(fleet.engine)
    fleet.run(MINUTE)
    fleet.issuer.change_authority()

    assert {judge.judges(each.shows()) for each in fleet.holders} == {Flaw.UNKNOWN_AUTHORITY}
    fleet.run(35 * MINUTE)
    assert {judge.judges(each.shows()) for each in fleet.holders} == {Flaw.NONE}


def test_a_clock_that_is_slow_by_more_than_the_backdating_refuses_what_is_new() -> None:
    fleet = Fleet(1, ages="new")
    judge = Holder(fleet.engine)
    judge.turn_clock(-11 * SECOND)

    assert judge.judges(fleet.holders[0].shows()) is Flaw.EXPIRED, "not yet valid: NotBefore is 10 s back (SPIRE)"
    fleet.run(2 * SECOND)
    assert judge.judges(fleet.holders[0].shows()) is Flaw.NONE


@pytest.mark.parametrize(("minutes", "age"), [(-10, 37.8), (10, 17.8), (-40, 67.8)])
def test_an_agent_renews_by_its_own_clock(minutes: int, age: float) -> None:
    fleet = Fleet(1, ages="new")
    fleet.holders[0].turn_clock(minutes * MINUTE)

    fleet.run(3 * HOUR)

    first = next(at for at, _ in fleet.shown if at)
    assert first / MINUTE == pytest.approx(age, abs=2), "one that is 40 min slow renews after its certificate is over"


def test_a_clock_that_is_set_right_again_moves_the_renewal_back() -> None:
    fleet = Fleet(1, ages="new")
    fleet.holders[0].turn_clock(-40 * MINUTE)
    fleet.run(20 * MINUTE)
    fleet.holders[0].turn_clock(40 * MINUTE)

    fleet.run(2 * HOUR)

    assert next(at for at, _ in fleet.shown if at) / MINUTE == pytest.approx(27.8, abs=2)


def test_a_certificate_is_good_from_not_before_to_not_after() -> None:
    certificate = Certificate(10 * MS, 20 * MS)

    assert [certificate.flaw(ms * MS) for ms in (9, 10, 20, 21)] == [Flaw.EXPIRED, Flaw.NONE, Flaw.NONE, Flaw.EXPIRED]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 90), st.integers(1, 90)), max_size=4),
    st.sampled_from(["push", "mounted_secret", "watch"]),
)
def test_whatever_outages_there_were_all_is_well_a_few_minutes_after_the_last(
    outages: list[tuple[int, int]], delivery: str
) -> None:
    fleet = Fleet(5, delivery=delivery)
    now = 0
    for gap, length in outages:
        now += gap * MINUTE
        fleet.run(now)
        fleet.issuer.fail(now)
        now += length * MINUTE
        fleet.run(now)
        fleet.issuer.come_back(now, fleet.draw)

    fleet.run(now + 264 * SECOND + 91 * SECOND)

    assert fleet.expired() == 0, "the longest pause with its jitter, and the delivery"
    assert all(one.not_after > before.not_after for before, one in fleet.replaced), "nothing old takes its place"
