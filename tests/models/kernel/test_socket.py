"""The table of an end, event by event, and the stories of closing between two ends."""

from collections import Counter
from typing import Any

import pytest

from models.kernel.socket import END_TABLE, Endpoint, On, Tcp
from models.kernel.timer_wheel import TimerWheel
from sim.engine.environment import Engine
from sim.engine.machine import IllegalEvent
from sim.units import MS

PAIRS = [(state, event) for state in Tcp for event in On]
LEGAL = [(state, event) for state, event in PAIRS if event in END_TABLE[state]]
ILLEGAL = [(state, event) for state, event in PAIRS if event not in END_TABLE[state]]

HALF_RTT = 10 * MS


class APath:
    """Half a round trip each way, nothing lost."""

    half_rtt, rtt, is_plain, is_whole, blocked_until, repeats = HALF_RTT, 2 * HALF_RTT, True, False, 0, 0
    beyond = box = None

    def arrival(self, now: int, size_bytes: int, window: int = 10, *, sender: object = None) -> int:
        return now + HALF_RTT


class AKernel:
    """Writes down what it is told; a level is a number by state."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.levels = engine, self
        self.wheel = TimerWheel(1000, 0)
        self.codes = tuple((state << 1, state << 1 | 1) for state in Tcp)
        self.count = dict.fromkeys(Tcp, 0)
        self.counters: Counter[str] = Counter()
        self.acks_fin_at_once = False
        self.told: list[str] = []

    def change(self, coded: int) -> None:
        self.count[Tcp((coded & 4095) >> 1)] += 1 - 2 * (coded & 1)

    def __getattr__(self, what: str) -> Any:
        return lambda *_: self.told.append(what)


class AReader:
    """Writes down what it reads; closes at EOF if it is told to."""

    def __init__(self, *, closes_at_eof: bool = False) -> None:
        self.end: Any = None
        self.read: list[Any] = []
        self._closes = closes_at_eof

    def received(self, message: Any) -> None:
        self.read.append(message)

    def peer_closed(self) -> None:
        self.read.append("EOF")
        if self._closes:
            self.end.close()

    def was_reset(self) -> None:
        self.read.append("ECONNRESET")

    def timed_out(self) -> None:
        self.read.append("ETIMEDOUT")

    def hold(self, *_: Any) -> None:
        self.read.append("held")

    def forget(self, _: Any) -> None:
        self.read.append("forgotten")


class Pair:
    """Two connected ends, a client's and a server's, 10 ms apart."""

    def __init__(self, *, client_closes_at_eof: bool = True, server_closes_at_eof: bool = True) -> None:
        self.engine = Engine(checked=True)
        self.client, self.client_reader = self._end(client_closes_at_eof)
        self.server, self.server_reader = self._end(server_closes_at_eof)
        self.client.peer, self.server.peer = self.server, self.client

    def _end(self, closes: bool) -> tuple[Endpoint, AReader]:
        kernel: Any = AKernel(self.engine)
        end = Endpoint(kernel, APath(), state=Tcp.ESTABLISHED)
        reader = AReader(closes_at_eof=closes)
        end.app, reader.end = reader, end
        return end, reader

    def run(self, ms: int = 1000) -> None:
        self.engine.run(until=self.engine.now + ms * MS)

    @property
    def states(self) -> tuple[Tcp, Tcp]:
        return self.client.state, self.server.state


def an_end(state: Tcp) -> Endpoint:
    end = Pair(client_closes_at_eof=False).client
    end.state = state
    return end


@pytest.mark.parametrize(("state", "event"), LEGAL, ids=lambda value: value.name)
def test_an_event_that_the_table_knows_leads_where_the_table_says(state: Tcp, event: On) -> None:
    end = an_end(state)
    target, _ = END_TABLE[state][event]

    end.feed(event)

    assert end.state is target


@pytest.mark.parametrize(("state", "event"), ILLEGAL, ids=lambda value: value.name)
def test_an_event_that_the_table_does_not_know_is_a_bug_and_changes_nothing(state: Tcp, event: On) -> None:
    end = an_end(state)

    with pytest.raises(IllegalEvent):
        end.feed(event)

    assert end.state is state


@pytest.mark.parametrize("state", [state for state in Tcp if state is not Tcp.CLOSED], ids=lambda value: value.name)
def test_a_reset_ends_every_state_but_time_wait(state: Tcp) -> None:
    end = an_end(state)

    end.feed(On.RST)

    assert end.state is (Tcp.TIME_WAIT if state is Tcp.TIME_WAIT else Tcp.CLOSED), "RFC 1337: TIME_WAIT ignores resets"


def test_the_client_that_closes_first_ends_in_time_wait_and_the_server_is_gone() -> None:
    pair = Pair()

    pair.client.close()
    pair.run()

    assert pair.states == (Tcp.TIME_WAIT, Tcp.CLOSED)
    assert pair.server_reader.read == ["EOF"]


def test_the_server_that_closes_first_ends_in_time_wait_and_the_client_is_gone() -> None:
    pair = Pair()

    pair.server.close()
    pair.run()

    assert pair.states == (Tcp.CLOSED, Tcp.TIME_WAIT)


def test_the_port_of_a_client_that_closes_second_is_free_when_the_last_ack_comes() -> None:
    pair = Pair()
    kernel: Any = pair.client.side

    pair.server.close()  # FIN 10 ms, the client's FIN 20 ms, its ACK 30 ms
    pair.run(29)
    before = kernel.told.count("closed")
    pair.run(2)

    assert (before, kernel.told.count("closed")) == (0, 1)


def test_a_simultaneous_close_leaves_time_wait_at_both_ends() -> None:
    pair = Pair()

    pair.client.close()
    pair.server.close()
    pair.run(15)
    both_crossed = pair.states
    pair.run()

    assert both_crossed == (Tcp.CLOSING, Tcp.CLOSING)
    assert pair.states == (Tcp.TIME_WAIT, Tcp.TIME_WAIT)


def test_a_peer_that_does_not_close_leaves_the_closer_in_fin_wait2() -> None:
    pair = Pair(server_closes_at_eof=False)

    pair.client.close()
    pair.run()

    assert pair.states == (Tcp.FIN_WAIT2, Tcp.CLOSE_WAIT)
    assert "fin_wait2" in pair.client.side.told  # type: ignore[attr-defined]


def test_a_late_answer_meets_a_reset_and_nobody_keeps_time_wait() -> None:
    pair = Pair(server_closes_at_eof=False)

    pair.client.close()
    pair.run()
    pair.server.send("answer", 100)
    pair.run()

    assert pair.states == (Tcp.CLOSED, Tcp.CLOSED), "recording E15: each time-out closes with FIN, and no TIME_WAIT"
    assert pair.server_reader.read == ["EOF", "ECONNRESET"]
    assert pair.client_reader.read == [], "the answer is not delivered to a closed socket"


def test_an_answer_that_crosses_the_clients_fin_is_reset_too() -> None:
    pair = Pair(server_closes_at_eof=False)

    pair.server.send("answer", 100)
    pair.client.close()
    pair.run()

    assert pair.states == (Tcp.CLOSED, Tcp.CLOSED)


def test_closing_with_unread_data_resets() -> None:
    pair = Pair()
    pair.client.has_unread = True

    pair.client.close()
    pair.run()

    assert pair.states == (Tcp.CLOSED, Tcp.CLOSED), "net/ipv4/tcp.c, __tcp_close"
    assert pair.server_reader.read == ["ECONNRESET"]


def test_a_fin_stays_behind_the_data_that_was_sent_before_it() -> None:
    pair = Pair()

    pair.client.send("request", 100, delay=5 * MS)
    pair.client.close()
    pair.run()

    assert pair.server_reader.read == ["request", "EOF"]


def test_messages_arrive_in_the_order_of_their_sending() -> None:
    pair = Pair()

    pair.client.send("first", 100, delay=5 * MS)
    pair.client.send("second", 100)
    pair.run()

    assert pair.server_reader.read == ["first", "second"]


def test_closing_twice_is_closing_once() -> None:
    pair = Pair()

    pair.client.close()
    pair.client.close()
    pair.run()

    assert pair.states == (Tcp.TIME_WAIT, Tcp.CLOSED)


def test_an_end_is_counted_in_exactly_the_state_that_it_is_in() -> None:
    pair = Pair()

    pair.client.close()
    pair.run()

    counted: dict[Tcp, int] = pair.client.side.count  # type: ignore[attr-defined]
    assert {state for state, n in counted.items() if n} == {Tcp.TIME_WAIT}


def test_an_ack_does_not_overtake_a_fin_that_had_to_be_sent_again() -> None:
    pair = Pair()
    delays = iter([300 * MS, HALF_RTT])
    slow: Any = APath()
    slow.arrival = lambda now, size_bytes, window=10: now + next(delays, HALF_RTT)
    pair.server.link = slow

    pair.server.close()
    pair.client.close()
    pair.run()

    assert pair.states == (Tcp.TIME_WAIT, Tcp.TIME_WAIT), (
        "the server's FIN is late, its ACK of the client's comes after it"
    )
