"""A path that is down while an end closes: what is repeated, and what is given up."""

from typing import Any

import pytest

from models.kernel.socket import Tcp
from models.kernel.sysctl import HostConfig
from models.kernel.timer_wheel import TimerWheel
from sim.units import MS, SECOND
from tests.models.kernel.test_socket import APath, Pair

HOUR = 3600 * SECOND
FIN_IS_UNDER_WAY = 5 * MS


class AnOutage(APath):
    """What is sent before it still arrives, during it too."""

    def __init__(self, until: int) -> None:
        self.begins_at, self.until = FIN_IS_UNDER_WAY, until

    def bind(self, pair: Pair) -> None:
        self._engine = pair.engine
        for end in (pair.client, pair.server):
            side: Any = end.side
            side.config, side.wheel = HostConfig(), TimerWheel(250, 0)
            end.link = self

    @property
    def blocked_until(self) -> int:  # type: ignore[override]  # a path's attribute, which changes by the clock here
        return self.until if self._engine.now >= self.begins_at else 0


def a_pair(*, until: int, server_closes_at_eof: bool = True) -> Pair:
    pair = Pair(server_closes_at_eof=server_closes_at_eof)
    AnOutage(until).bind(pair)
    return pair


@pytest.mark.parametrize("server_closes_at_eof", [True, False])
def test_a_closer_whose_fin_is_never_acknowledged_vanishes(server_closes_at_eof: bool) -> None:
    pair = a_pair(until=HOUR, server_closes_at_eof=server_closes_at_eof)

    pair.client.close()
    pair.run(50_000)
    meanwhile = pair.client.state
    pair.run(100_000)

    assert meanwhile is Tcp.FIN_WAIT1, "tcp_orphan_retries=0 means 8: 107.9 s were measured"
    assert pair.client.state is Tcp.CLOSED


def test_an_answer_to_a_fin_is_lost_for_good_only_if_the_peer_stops_repeating_it() -> None:
    pair = a_pair(until=20 * SECOND)

    pair.client.close()
    pair.run(60_000)

    assert pair.states == (Tcp.TIME_WAIT, Tcp.CLOSED)


def test_last_ack_ends_though_the_last_ack_is_never_there() -> None:
    pair = a_pair(until=HOUR)
    pair.client.link.begins_at = FIN_IS_UNDER_WAY + 10 * MS

    pair.client.close()
    pair.run(1000)
    meanwhile = pair.states
    pair.run(150_000)

    assert meanwhile == (Tcp.TIME_WAIT, Tcp.LAST_ACK)
    assert pair.states == (Tcp.TIME_WAIT, Tcp.CLOSED), "its FIN is repeated in vain, as any orphan's"


def test_an_ack_stays_behind_a_fin_that_waits_for_the_path() -> None:
    pair = a_pair(until=325 * MS)
    late: Any = pair.client.link
    late.arrival = lambda now, *_: now + 120 * MS

    pair.client.close()
    pair.engine.call_at(7 * MS, lambda _: pair.server.close())
    pair.run(1000)

    assert pair.states == (Tcp.TIME_WAIT, Tcp.TIME_WAIT), "a simultaneous close, though half of it came late"
