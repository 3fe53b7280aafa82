"""What holds for every breaker whatever comes: legal changes, waits, probes, generations, limits."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.protection.breaker import Breaker, State
from models.protection.breakers.envoy_limits import EnvoyLimits
from models.protection.breakers.gobreaker import Gobreaker
from models.protection.breakers.isolation import Semaphore, ThreadPool
from models.protection.guard import Guard, Outcome, Pass
from sim.units import MS, SECOND, US
from tests.models.protection.breakers.scripted import a_breaker, a_guard

CLOSED, OPEN, HALF_OPEN = State
LEGAL = {(CLOSED, OPEN), (OPEN, HALF_OPEN), (HALF_OPEN, OPEN), (HALF_OPEN, CLOSED)}
SENTINEL = {"strategy": "error_ratio", "threshold": 0.4, "min_request_amount": 3, "retry_timeout": "1s"}
GO = SENTINEL | {"flavour": "go", "stat_interval": "1s"}
R4J = {"sliding_window_size": 4, "permitted_number_of_calls_in_half_open_state": 2, "wait_duration_in_open_state": "1s"}
GOBREAKER = {"timeout": "1s", "max_requests": 2, "interval": "3s", "ready_to_trip": {"consecutive_failures": 1}}
HYSTRIX = {"request_volume_threshold": 3, "sleep_window": "1s"}

KINDS: dict[str, tuple[Any, int]] = {
    "hystrix": ({"hystrix": HYSTRIX | {"isolation": "none"}}, 1),
    "hystrix-threads": ({"hystrix": HYSTRIX | {"isolation": {"thread": {"core_size": 2}}}}, 1),
    "resilience4j": ({"resilience4j": R4J}, 2),
    "resilience4j-timed": (
        {"resilience4j": R4J | {"automatic_transition_from_open_to_half_open_enabled": True}}, 2,
    ),
    "sentinel-java": ({"sentinel": SENTINEL}, 1),
    "sentinel-go": ({"sentinel": GO}, 1),
    "sentinel-go-buckets": ({"sentinel": GO | {"bucket_count": 4}}, 1),
    "gobreaker": ({"gobreaker": GOBREAKER | {"max_requests": 1}}, 1),
    "gobreaker-rolling": ({"gobreaker": GOBREAKER | {"bucket_period": "1s"}}, 2),
}  # fmt: skip
"""A breaker that opens for a second, and how many probes it lets pass."""
KIND = pytest.mark.parametrize("kind", KINDS)
FEW = settings(max_examples=40)

Events = list[tuple[int, str, int]]

PAUSES = (0, 0, 1, 200 * US, 300 * MS, SECOND, SECOND + MS, 4 * SECOND)
WHAT = ("ask", "ask", "failed call", "failed call", "ok", "err", "ignored", "withdraw")
EVENTS = st.binary(min_size=200, max_size=240).map(
    lambda drawn: [(PAUSES[one & 7], WHAT[one >> 3 & 7], which) for one, which in zip(*[iter(drawn)] * 2, strict=False)]
)
"""How much later, what, and to which of the calls that are under way. Bytes are drawn much faster than lists, and a
hundred events are enough for every change to happen in most of the stories."""


class Watched:
    """A guard to which things happen, and the calls that it has let pass."""

    def __init__(self, guard: Guard) -> None:
        self.guard, self.now = guard, 0
        self.under_way: list[tuple[Pass, int]] = []

    def happen(self, events: Events) -> None:
        for pause, what, which in events:
            self.now += pause
            self.act("ask" if what == "failed call" else what, which)
            if what == "failed call":
                self.act("err", -1)

    def act(self, what: str, which: int) -> None:
        if what == "ask":
            passed = self.guard.ask(self.now)
            if passed is not None:
                self.under_way.append((passed, self.now))
                self.passed()
        elif self.under_way:
            passed, began_at = self.under_way.pop(which % len(self.under_way))
            self.before(passed)
            if what == "withdraw":
                self.guard.withdrawn(passed.ticket, self.now)
            else:
                told = {"is_failure": what != "ok", "is_ignored": what == "ignored"}
                self.guard.ended(passed.ticket, Outcome(self.now, began_at, **told))
            self.left(what)

    def before(self, passed: Pass) -> None:
        """A call is about to be over."""

    def passed(self) -> None:
        """A call has just been let pass."""

    def left(self, what: str) -> None:
        """A call is over."""


class Followed(Watched):
    """A breaker whose changes and probes are followed."""

    def __init__(self, breaker: Breaker) -> None:
        super().__init__(breaker)
        self.breaker = breaker
        self.changes: list[tuple[int, State, State]] = []
        self.probes = self.most_probes = self.given_back = 0
        breaker.on_change = self.changed

    def changed(self, now: int, old: State, new: State) -> None:
        assert now <= self.now, "a change is never told before it is"
        assert not self.changes or now >= self.changes[-1][0], "changes come in order"
        self.changes.append((now, old, new))
        self.probes = self.given_back = 0

    def passed(self) -> None:
        if self.breaker.state is HALF_OPEN:
            self.probes += 1
            self.most_probes = max(self.most_probes, self.probes - self.given_back)

    def left(self, what: str) -> None:
        self.given_back += what in {"ignored", "withdraw"}


@KIND
@FEW
@given(events=EVENTS)
def test_only_legal_changes_happen(kind: str, events: Events) -> None:
    followed = Followed(a_breaker(KINDS[kind][0]))

    followed.happen(events)

    assert {(old, new) for _, old, new in followed.changes} <= LEGAL
    assert [old for _, old, _ in followed.changes[1:]] == [new for _, _, new in followed.changes[:-1]]


@KIND
@FEW
@given(events=EVENTS)
def test_open_is_left_after_its_wait_only(kind: str, events: Events) -> None:
    followed = Followed(a_breaker(KINDS[kind][0]))

    followed.happen([one for one in events if one[1] != "withdraw"])

    opened = [now for now, _, new in followed.changes if new is OPEN]
    left = [now for now, old, _ in followed.changes if old is OPEN]
    # where the clock has milliseconds, both ends are cut to one
    slack = MS if kind.startswith(("hystrix", "sentinel")) else 0
    assert [one for one in zip(opened, left, strict=False) if one[1] - one[0] < SECOND - slack] == []


@KIND
@FEW
@given(events=EVENTS)
def test_no_more_probes_pass_than_are_allowed(kind: str, events: Events) -> None:
    tree, allowed = KINDS[kind]
    followed = Followed(a_breaker(tree))

    followed.happen(events)

    assert followed.most_probes <= allowed, "of those that count; what is given back may be taken again"


@KIND
@FEW
@given(events=EVENTS)
def test_a_refusal_says_why_and_a_look_changes_nothing_twice(kind: str, events: Events) -> None:
    followed = Followed(a_breaker(KINDS[kind][0]))
    followed.happen(events)

    refused = followed.breaker.ask(followed.now) is None
    state = followed.breaker.look(followed.now)

    assert followed.breaker.look(followed.now) is state is followed.breaker.state
    assert not refused or (followed.breaker.reason and followed.breaker.refusal_text)


class Generations(Watched):
    """A gobreaker whose counts are the same before and after the result of a call of an earlier generation."""

    known: tuple[Any, ...] | None = None

    def __init__(self, breaker: Breaker) -> None:
        super().__init__(breaker)
        assert isinstance(breaker, Gobreaker)
        self.breaker = breaker

    def before(self, passed: Pass) -> None:
        self.breaker.look(self.now)
        self.known = None if passed.ticket >> 40 == self.breaker.generation else self.all_that_is_known()

    def left(self, what: str) -> None:
        assert self.known is None or self.all_that_is_known() == self.known

    def all_that_is_known(self) -> tuple[Any, ...]:
        breaker, counts = self.breaker, self.breaker.counts
        return (
            breaker.state, breaker.generation, counts.requests, counts.successes, counts.failures, counts.exclusions,
            counts.successes_in_a_row, counts.failures_in_a_row,
        )  # fmt: skip


@pytest.mark.parametrize("kind", ["gobreaker", "gobreaker-rolling"])
@given(events=EVENTS)
def test_a_generation_that_is_over_changes_nothing_any_more(kind: str, events: Events) -> None:
    generations = Generations(a_breaker(KINDS[kind][0]))

    generations.happen(events)

    assert generations.breaker.generation > 0


class Limited(Watched):
    """A guard that lets pass while fewer than `most` are under way, and refuses when they are as many."""

    def __init__(self, guard: Guard, most: int) -> None:
        super().__init__(guard)
        self.most = most

    def act(self, what: str, which: int) -> None:
        before = len(self.under_way)
        super().act(what, which)
        assert what != "ask" or len(self.under_way) == min(before + 1, self.most)


@pytest.mark.parametrize(
    ("guard", "most"),
    [
        (lambda: a_guard({"envoy": {"max_requests": 3}}), 3),
        (lambda: ThreadPool(2), 2),
        (lambda: ThreadPool(2, 4, 3), 5),
        (lambda: Semaphore(3), 3),
    ],
    ids=["envoy", "threads", "threads with a queue", "semaphore"],
)
@given(events=EVENTS)
def test_a_limit_is_never_exceeded_and_refuses_only_when_it_is_reached(
    guard: Callable[[], Guard], most: int, events: Events
) -> None:
    limited = Limited(guard(), most)

    limited.happen(events)

    told = limited.guard
    assert isinstance(told, EnvoyLimits | ThreadPool | Semaphore)
    busy = told.requests.active if isinstance(told, EnvoyLimits) else told.busy
    waiting = len(told.queue) if isinstance(told, ThreadPool) else 0
    assert busy + waiting == len(limited.under_way)
