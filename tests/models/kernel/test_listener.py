"""The two queues of a listener, against bursts measured on Linux 6.18."""

import pytest

from models.kernel.listener import Listener, Verdict
from models.kernel.sysctl import ListenConfig


def a_listener(backlog: int, **settings: object) -> Listener:
    return Listener(backlog, ListenConfig(**settings))  # type: ignore[arg-type]


def connect(listener: Listener) -> bool:
    """A whole handshake without delay; True if the server has the connection."""
    return listener.syn() is Verdict.ACCEPT and listener.ack() is Verdict.ACCEPT


@pytest.mark.parametrize(("backlog", "connected"), [(0, 1), (1, 2), (8, 9), (64, 65)])
def test_the_accept_queue_holds_one_more_than_the_backlog(backlog: int, connected: int) -> None:
    listener = a_listener(backlog)

    results = [connect(listener) for _ in range(backlog + 20)]

    assert sum(results) == listener.accept_queue == connected
    assert listener.counters == {"ListenOverflows": 19, "ListenDrops": 19}


def test_abort_on_overflow_does_not_change_what_happens_to_a_syn() -> None:
    listener = a_listener(8, tcp_abort_on_overflow=1)

    results = [connect(listener) for _ in range(30)]

    assert sum(results) == 9
    assert listener.counters == {"ListenOverflows": 21, "ListenDrops": 21}


def test_somaxconn_bounds_the_backlog() -> None:
    listener = a_listener(4096, somaxconn=8)

    assert sum(connect(listener) for _ in range(20)) == 9


# backlog, tcp_max_syn_backlog, tcp_syncookies, SYN-ACKs to 60 SYNs, half-open, counters
MEASURED_SYN_QUEUE = [
    (8, 2048, 0, 9, 9, {"ListenDrops": 51, "TCPReqQFullDrop": 51}),
    (8, 2048, 1, 60, 9, {"SyncookiesSent": 51, "TCPReqQFullDoCookies": 51}),
    (40, 2048, 0, 41, 41, {"ListenDrops": 19, "TCPReqQFullDrop": 19}),
    (40, 16, 0, 13, 13, {"ListenDrops": 47}),
    (40, 16, 1, 60, 41, {"SyncookiesSent": 19, "TCPReqQFullDoCookies": 19}),
    (4096, 32, 0, 25, 25, {"ListenDrops": 35}),
]


@pytest.mark.parametrize(("backlog", "most", "cookies", "synacks", "half_open", "counters"), MEASURED_SYN_QUEUE)
def test_sixty_syns_without_final_acks_are_treated_as_measured(
    backlog: int, most: int, cookies: int, synacks: int, half_open: int, counters: dict[str, int]
) -> None:
    listener = a_listener(backlog, tcp_max_syn_backlog=most, tcp_syncookies=cookies)

    verdicts = [listener.syn() for _ in range(60)]

    assert 60 - verdicts.count(Verdict.DROP) == synacks
    assert listener.requests == half_open
    assert listener.counters == counters


# tcp_abort_on_overflow, tcp_syncookies, resets, still half-open, counters; three connections are queued at backlog 4
MEASURED_LIMBO = [
    (0, 0, 0, 3, {"ListenOverflows": 3, "ListenDrops": 4, "TCPReqQFullDrop": 1}),
    (
        0,
        1,
        0,
        3,
        {
            "SyncookiesSent": 1,
            "SyncookiesRecv": 1,
            "ListenOverflows": 4,
            "ListenDrops": 4,
            "TCPReqQFullDoCookies": 1,
        },
    ),
    (1, 0, 3, 0, {"ListenOverflows": 3, "ListenDrops": 4, "TCPReqQFullDrop": 1}),
    (
        1,
        1,
        3,
        0,
        {
            "SyncookiesSent": 1,
            "SyncookiesRecv": 1,
            "ListenOverflows": 4,
            "ListenDrops": 4,
            "TCPReqQFullDoCookies": 1,
        },
    ),
]


@pytest.mark.parametrize(("abort", "cookies", "resets", "half_open", "counters"), MEASURED_LIMBO)
def test_six_simultaneous_syns_leave_three_in_limbo(
    abort: int, cookies: int, resets: int, half_open: int, counters: dict[str, int]
) -> None:
    listener = a_listener(4, tcp_abort_on_overflow=abort, tcp_syncookies=cookies)
    queued = [connect(listener) for _ in range(3)]

    syns = [listener.syn() for _ in range(6)]
    acks = [listener.ack() for verdict in syns if verdict is Verdict.ACCEPT]
    late = [listener.ack_cookie() for verdict in syns if verdict is Verdict.COOKIE]

    assert (sum(queued), syns.count(Verdict.ACCEPT), acks.count(Verdict.ACCEPT)) == (3, 5, 2)
    assert (listener.accept_queue, listener.requests, acks.count(Verdict.RESET)) == (5, half_open, resets)
    assert set(late) <= {Verdict.DROP}
    assert listener.counters == counters


def test_a_dropped_cookie_is_healed_by_a_data_segment_that_finds_room() -> None:
    listener = a_listener(4)
    syns = [listener.syn() for _ in range(20)]
    acks = [listener.ack() if verdict is Verdict.ACCEPT else listener.ack_cookie() for verdict in syns]

    accepted = sum(listener.accept() for _ in range(20))
    healed = [(listener.ack_cookie(), listener.accept()) for _ in range(15)]

    assert (syns.count(Verdict.DROP), acks.count(Verdict.ACCEPT), accepted) == (0, 5, 5)
    assert healed == [(Verdict.ACCEPT, True)] * 15


def test_accepting_from_an_empty_queue_finds_nothing() -> None:
    assert not a_listener(4).accept()


def test_before_6_14_the_request_queue_holds_no_more_than_the_backlog() -> None:
    listener = a_listener(8, release="6.12", tcp_syncookies=0)

    assert [listener.syn() for _ in range(20)].count(Verdict.ACCEPT) == 8


def test_syncookies_2_never_remembers_a_syn() -> None:
    listener = a_listener(8, tcp_syncookies=2)

    assert {listener.syn() for _ in range(5)} == {Verdict.COOKIE}
    assert listener.requests == 0


def test_a_forgotten_request_makes_room() -> None:
    listener = a_listener(0, tcp_syncookies=0)
    first, refused = listener.syn(), listener.syn()

    listener.forget()

    assert (first, refused, listener.syn()) == (Verdict.ACCEPT, Verdict.DROP, Verdict.ACCEPT)


def test_closing_resets_what_was_not_accepted() -> None:
    listener = a_listener(8)
    for _ in range(3):
        connect(listener)

    assert listener.close() == 3
    assert not listener.accept()
