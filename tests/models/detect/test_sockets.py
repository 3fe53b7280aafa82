"""Detectors over changes of state: each rule with what just is and what just is not a finding."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.records.sockets import Change, only_time
from tests.models.detect.changes import ACCEPT, DIAL, accepted, found, kinds, socket, watched


@pytest.mark.parametrize(("answered_at", "n"), [(2.99, 0), (3.01, 1)])
def test_a_dial_without_an_answer_for_three_seconds_is_half_open(answered_at: float, n: int) -> None:
    findings = found(socket(1, DIAL, (0.0, answered_at)), until=10.0)

    assert kinds(findings) == ["half-open"] * n


def test_a_half_open_dial_is_found_when_it_is_three_seconds_old_not_when_it_ends() -> None:
    (finding,) = found([*socket(1, DIAL[:2], (0.5,)), only_time(3.6)])

    assert (finding.key, finding.start, finding.n) == ("10.0.1.7:80", 3.5, 1)


def test_dials_that_hang_one_after_the_other_are_one_episode() -> None:
    changes = chain.from_iterable(socket(i, DIAL[:2], (float(i),)) for i in range(20))

    (finding,) = found(changes, until=40.0)

    assert (finding.start, finding.end, finding.n) == (3.0, 22.0, 20)


def test_records_without_times_tell_half_open_dials_by_their_own_durations() -> None:
    changes = [one._replace(t=float("nan")) for one in socket(1, (*DIAL[:2], "CLOSE"), (0.0, 3.2))]

    assert kinds(found(changes)) == ["half-open"]


def test_a_handshake_that_a_server_waits_for_is_a_flood() -> None:
    half_open = Change(0.0, 7, "10.0.1.7", 80, "192.0.2.1", 4000, "CLOSE", "SYN_RECV", 0.0)

    (finding,) = found([half_open], until=5.0)

    assert (finding.detector, finding.key) == ("syn-flood", "10.0.1.7:80 (listener)")


def ends(n: int, lasted: float, how: tuple[str, ...], begin: float = 0.0) -> list[Change]:
    """So many connections, ten a second, each open for so long."""
    changes: list[Change] = []
    for i in range(n):
        t = begin + i / 10
        times = (t, t + 0.001, *(t + 0.001 + lasted for _ in how))
        changes += socket(int(begin * 1000) + i, (*DIAL, *how), times)
    return changes


@pytest.mark.parametrize(("n", "lasted", "expected"), [(5, 0.05, 1), (4, 0.05, 0), (50, 0.15, 0)])
def test_resets_within_100_ms_are_flash_disconnects(n: int, lasted: float, expected: int) -> None:
    findings = found(ends(n, lasted, ("CLOSE",)), until=20.0)

    assert kinds(findings) == ["flash-disconnect"] * expected


def test_a_client_without_keep_alive_is_no_flash_disconnect() -> None:
    assert found(ends(400, 0.01, ("FIN_WAIT1", "FIN_WAIT2", "CLOSE")), until=60.0) == []


def test_short_connections_that_were_long_before_are_flash_disconnects() -> None:
    before = ends(200, 0.5, ("CLOSE_WAIT", "LAST_ACK", "CLOSE"))
    after = ends(200, 0.02, ("CLOSE_WAIT", "LAST_ACK", "CLOSE"), begin=20.0)

    (finding,) = found(before + after, until=60.0)

    assert finding.detector == "flash-disconnect"
    assert 20.0 <= finding.start <= 40.0


def leaking(n: int, every: float) -> list[Change]:
    """A server that does not close what its clients have closed."""
    return list(
        chain.from_iterable(
            accepted(i, (*ACCEPT, "CLOSE_WAIT"), (i * every, i * every, i * every + 0.5)) for i in range(n)
        )
    )


def test_close_wait_that_grows_and_does_not_end_is_a_leak() -> None:
    (finding,) = found([*leaking(100, 2.0), *(only_time(float(t)) for t in range(200))])

    assert (finding.detector, finding.key) == ("close-wait", "10.0.1.7:80 (listener)")
    assert 60.0 <= finding.start < 70.0, "three of them are a minute old"
    assert finding.value == 100


def test_close_wait_that_ends_is_none() -> None:
    ended = (
        accepted(i, (*ACCEPT, "CLOSE_WAIT", "LAST_ACK", "CLOSE"), (t, t, t + 0.5, t + 30, t + 30))
        for i, t in ((i, i * 2.0) for i in range(100))
    )

    assert found([*chain.from_iterable(ended), *(only_time(float(t)) for t in range(300))]) == []


def test_a_few_old_sockets_in_close_wait_that_grow_no_more_are_none() -> None:
    assert found([*leaking(5, 1.0), *(only_time(float(t)) for t in range(90, 300))]) == []


def test_the_map_forgets_who_changed_least_recently() -> None:
    changes = [
        *socket(1, DIAL[:2], (0.0,)),
        *socket(2, DIAL[:2], (0.1,)),
        *socket(1, DIAL[1:], (0.2,)),
        *socket(3, DIAL[:2], (0.3,)),
    ]

    watch = watched(changes, until=10.0, entries=2)

    assert watch.forgotten == {"SYN_SENT": 1}, "2: 1 has changed since"
    assert [one.n for one in watch.findings()] == [1], "3 is found, 2 is not"


@pytest.mark.parametrize(("rate", "share"), [(600, 1.0), (720, 0.0)])
def test_new_flows_blind_the_rule_when_they_fill_the_map_within_its_time(rate: int, share: float) -> None:
    changes = chain.from_iterable(socket(i, DIAL[:2], (i / rate,)) for i in range(rate * 6))

    watch = watched(changes, until=6.0, entries=2048)

    n_old_enough = rate * 3
    assert sum(one.n for one in watch.findings()) == pytest.approx(share * n_old_enough, abs=rate / 100 + 1), (
        f"2048 entries last {2048 / rate:.2f} s of {rate} flows per second; the rule needs 3 s"
    )


def test_sockets_that_end_make_no_room_necessary() -> None:
    changes = chain.from_iterable(
        socket(i, (*DIAL, "CLOSE"), (i / 1000, i / 1000 + 0.01, i / 1000 + 0.5)) for i in range(10_000)
    )

    assert watched(changes, entries=600).forgotten == {}, "1,000 a second for half a second are 500 (Little)"


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.floats(0.01, 2.0)), max_size=60), st.integers(1, 6))
def test_the_map_holds_the_most_recent_sockets_whatever_happens(
    steps: list[tuple[int, bool, float]], entries: int
) -> None:
    t, state, recent, forgotten = 0.0, dict.fromkeys(range(10), "CLOSE"), list[int](), 0
    changes = []
    for number, closes, passed in steps:
        t += passed
        old = state[number]
        new = "CLOSE" if closes and old != "CLOSE" else "SYN_SENT" if old == "CLOSE" else "ESTABLISHED"
        changes.append(Change(t, number, "a", 1, "b", 2, old, new, 0.0))
        state[number] = new
        recent = [one for one in recent if one != number] + [number] * (new != "CLOSE")
        if len(recent) > entries:
            recent.pop(0)
            forgotten += 1

    assert sum(watched(changes, entries=entries).forgotten.values()) == forgotten
