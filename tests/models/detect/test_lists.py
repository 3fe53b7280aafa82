"""Lists of ss: queues of listeners, and segments sent again."""

import pytest

from models.detect.finding import Thresholds
from models.detect.lists import is_error, listed_findings
from sim.records.sockets import Listed, Snapshot


def a_list(t: float, *sockets: Listed) -> Snapshot:
    return Snapshot(t, list(sockets))


def sent(again: int, segments: int) -> Listed:
    return Listed("ESTABLISHED", 0, 0, "10.0.0.5", 40_000, "10.0.1.7", 443, again, segments)


@pytest.mark.parametrize(("recv_q", "n"), [(13, 0), (14, 1), (17, 1)])
def test_an_accept_queue_is_full_at_four_fifths_of_what_it_holds(recv_q: int, n: int) -> None:
    listener = Listed("LISTEN", recv_q, 16, "0.0.0.0", 80, "0.0.0.0", 0)

    assert len(list(listed_findings([a_list(0.0, listener)], Thresholds()))) == n


def test_half_open_connections_that_fill_a_backlog_are_a_flood() -> None:
    listener = Listed("LISTEN", 0, 8, "10.0.1.7", 80, "0.0.0.0", 0)
    half_open = [Listed("SYN_RECV", 0, 0, "10.0.1.7", 80, "192.0.2.1", port) for port in range(4000, 4009)]

    (finding,) = listed_findings([a_list(3.0, listener, *half_open)], Thresholds())

    assert (finding.detector, finding.key, finding.value) == ("syn-flood", "10.0.1.7:80", 1.0), "B + 1 = 9"


@pytest.mark.parametrize(("again", "expected"), [(1, []), (20, [False]), (60, [True])])
def test_segments_sent_again_between_two_lists_are_a_share_of_those_sent(again: int, expected: list[bool]) -> None:
    before, after = a_list(0.0, sent(500, 100_000)), a_list(1.0, sent(500 + again, 101_000))

    findings = list(listed_findings([before, after], Thresholds()))

    assert [is_error(one) for one in findings] == expected


def test_counters_that_went_away_with_their_sockets_are_no_negative_storm() -> None:
    assert list(listed_findings([a_list(0.0, sent(500, 100_000)), a_list(1.0, sent(0, 1_000))], Thresholds())) == []
