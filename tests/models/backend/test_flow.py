"""Windows of HTTP/2: what fits costs nothing, what does not takes a round trip for each; slow readers block."""

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.backend.bdp import LIMIT_BYTES, Bdp
from models.backend.flow import INITIAL_WINDOW_BYTES, Flow, Windows
from models.backend.frame import Data, Frame
from models.kernel.sysctl import ListenConfig
from models.request import FAR_AWAY, Read
from models.transport.config import Http2Config
from sim.engine.environment import Engine
from sim.units import MS, SECOND
from tests.models.protocols.labs import an_http2_lab, conns
from tests.models.worlds import Lab

RTT = 100 * MS
KIB = 1 << 10


class Path:
    """A path of one delay whose windows of TCP are open wide: what is left are those of HTTP/2."""

    rtt, half_rtt = RTT, RTT // 2


class Sending:
    """A sender's end on such a path; it keeps what arrives when."""

    link = Path()

    def __init__(self) -> None:
        self.engine = Engine(checked=True)
        self.sent: list[tuple[int, Any, int]] = []

    def send(self, frame: Any, size_bytes: int, delay: int = 0) -> int:
        """As `Endpoint.send`."""
        at = self.engine.now + delay + RTT // 2
        self.sent.append((at, frame, size_bytes))
        return at

    def flow(self, **windows: Any) -> Flow:
        return Flow(self.engine, self, Windows(**windows))

    @property
    def whole(self) -> dict[int, int]:
        """When the last part of each stream's message arrived."""
        return {frame.stream_id: at for at, frame, _ in self.sent if isinstance(frame, Frame)}


@pytest.mark.parametrize("n_windows", [1, 2, 5, 16])
@pytest.mark.parametrize("window", [65_535, 256 * KIB])
def test_a_message_takes_a_round_trip_for_each_window(n_windows: int, window: int) -> None:
    end = Sending()
    flow = end.flow(stream=window, connection=1 << 30)

    flow.send(1, "m", n_windows * window, size_bytes=n_windows * window)
    end.engine.run()

    assert end.whole[1] == RTT // 2 + (n_windows - 1) * RTT, "so a stream carries W / RTT (protocols.md, 5.2)"
    assert sum(size for _, _, size in end.sent) == n_windows * window


def test_streams_share_the_window_of_their_connection() -> None:
    end = Sending()
    flow = end.flow(stream=64 * KIB, connection=128 * KIB)

    for stream_id in (1, 3, 5, 7):
        flow.send(stream_id, "m", 256 * KIB, size_bytes=256 * KIB)
    end.engine.run()

    assert max(end.whole.values()) == RTT // 2 + (4 * 256 // 128 - 1) * RTT, "min(n W_stream, W_connection) / RTT"
    assert len(set(end.whole.values())) <= 2, "in turn, not one after the other"


def test_what_fits_costs_no_event() -> None:
    end = Sending()
    flow = end.flow(stream=1 << 20, connection=1 << 30)
    before = end.engine.scheduled

    arrives_at = flow.send(1, "m", 1 << 20, size_bytes=1 << 20)

    assert end.engine.scheduled == before
    assert arrives_at == RTT // 2
    assert flow.n_blocked == 0


def test_small_returns_wait_until_they_are_worth_a_frame() -> None:
    end = Sending()
    flow = end.flow(stream=1 << 20, connection=65_535)
    flow.send(1, "m", 3 * KIB, size_bytes=3 * KIB)
    end.engine.run(until=SECOND)
    flow.send(3, "m", 1, size_bytes=1)
    assert flow.credit == 65_535 - 3 * KIB - 1, "inflowMinRefresh is 4 KiB"

    flow.send(5, "m", 2 * KIB, size_bytes=2 * KIB)
    end.engine.run(until=2 * SECOND)
    flow.send(7, "m", 1, size_bytes=1)

    assert flow.credit == 65_535 - 1


def test_a_reader_who_waits_blocks_his_stream_alone_where_the_connection_has_room() -> None:
    end = Sending()
    flow = end.flow(stream=64 * KIB, connection=1 << 20)

    flow.send(1, "slow", 128 * KIB, size_bytes=128 * KIB, reads_at=2 * SECOND)
    flow.send(3, "quick", 64 * KIB, size_bytes=64 * KIB)
    end.engine.run()

    assert end.whole == {3: RTT // 2, 1: 2 * SECOND + RTT}


def test_and_all_streams_where_he_holds_the_window_of_the_connection() -> None:
    end = Sending()
    flow = end.flow(stream=64 * KIB, connection=128 * KIB)

    for stream_id in (1, 3):
        flow.send(stream_id, "slow", 64 * KIB, size_bytes=64 * KIB, reads_at=2 * SECOND)
    flow.send(5, "quick", 1 * KIB, size_bytes=1 * KIB)
    end.engine.run()

    assert end.whole[5] == 2 * SECOND + RTT


def test_grpc_gives_the_connection_back_whoever_reads() -> None:
    end = Sending()
    flow = end.flow(stream=64 * KIB, connection=128 * KIB, reads_whole=True)

    for stream_id in (1, 3):
        flow.send(stream_id, "slow", 64 * KIB, size_bytes=64 * KIB, reads_at=FAR_AWAY)
    flow.send(5, "quick", 1 * KIB, size_bytes=1 * KIB)
    flow.send(7, "whole", 128 * KIB, size_bytes=128 * KIB)
    end.engine.run()

    assert end.whole[5] == RTT + RTT // 2
    assert end.whole[7] < 3 * RTT, "who reads a message lets the whole of it come (maybeAdjust)"


def test_what_nobody_read_comes_back_with_the_end_of_its_stream() -> None:
    end = Sending()
    flow = end.flow(stream=64 * KIB, connection=65_535)
    flow.send(1, "unread", 65_535, size_bytes=65_535, reads_at=FAR_AWAY)
    flow.send(3, "waits", 5_000, size_bytes=5_000)
    end.engine.run(until=SECOND)
    assert 3 not in end.whole

    flow.drop(1)
    end.engine.run(until=2 * SECOND)

    assert end.whole[3] == SECOND + RTT // 2


def test_settings_move_the_windows_of_open_streams() -> None:
    end = Sending()
    flow = end.flow()
    flow.send(1, "m", 1 << 20, size_bytes=1 << 20)
    assert [type(frame) for _, frame, _ in end.sent] == [Data]

    flow.announce(Windows(stream=1 << 20, connection=1 << 20))

    assert end.whole[1] == RTT // 2


SENDS = st.lists(
    st.tuples(
        st.integers(0, 400), st.integers(0, 5), st.integers(1, 200_000), st.sampled_from([0, 0, 0, 300, FAR_AWAY // MS])
    ),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(sends=SENDS, connection=st.integers(65_535, 300_000), reads_whole=st.booleans())
def test_no_window_is_ever_overdrawn_and_nothing_is_lost_or_doubled(
    sends: list[tuple[int, int, int, int]], connection: int, reads_whole: bool
) -> None:
    end = Sending()
    flow = end.flow(connection=connection, reads_whole=reads_whole)
    wanted: dict[int, int] = {}
    for at, stream, n, reads_at in sorted(sends):
        wanted[2 * stream + 1] = wanted.get(2 * stream + 1, 0) + n

        def send(_: None, stream_id: int = 2 * stream + 1, n: int = n, reads_at: int = reads_at) -> None:
            flow.send(stream_id, "m", n, size_bytes=n, reads_at=reads_at * MS)
            assert 0 <= flow.credit <= connection

        end.engine.call_at(at * MS, send)
    end.engine.run(until=60 * SECOND)

    sent: dict[int, int] = {}
    for _, frame, size in end.sent:
        sent[frame.stream_id] = sent.get(frame.stream_id, 0) + size
    assert 0 <= flow.credit <= connection
    assert all(sent.get(stream, 0) <= n for stream, n in wanted.items())
    if reads_whole or all(reads_at < FAR_AWAY // MS for *_, reads_at in sends):
        readers = {2 * stream + 1 for _, stream, _, reads_at in sends if reads_at >= FAR_AWAY // MS}
        assert {k: n for k, n in sent.items() if k not in readers} == {
            k: n for k, n in wanted.items() if k not in readers
        }


# the estimate of gRPC


def test_the_estimate_doubles_until_the_window_is_no_longer_full() -> None:
    bdp = Bdp(INITIAL_WINDOW_BYTES, RTT)
    limits = []
    for i in range(40):
        bdp.arrives(i * RTT, bdp.limit)
        limits.append(bdp.limit)

    assert limits[-1] == LIMIT_BYTES
    assert all(after in (before, min(2 * before, LIMIT_BYTES)) for before, after in itertools.pairwise(limits))


def test_it_stays_where_little_comes() -> None:
    bdp = Bdp(INITIAL_WINDOW_BYTES, RTT)
    for i in range(100):
        bdp.arrives(i * RTT // 2, 10 * KIB)

    assert bdp.limit == INITIAL_WINDOW_BYTES


def test_a_large_message_costs_grpc_two_round_trips_for_each_doubling() -> None:
    end = Sending()
    flow = end.flow(grows=True, reads_whole=True)
    size = 16 * 65_535

    flow.send(1, "m", size, size_bytes=size)
    end.engine.run()

    # a PING that begins with a full window measures the window before it, so every other round trip doubles:
    # 1 + 1 + 2 + 2 + 4 + 4 windows have come after the sixth flight, and the last two come with the seventh
    assert end.whole[1] == RTT // 2 + 6 * RTT


# in a world


def a_wide_lab(size: int, **rest: Any) -> Lab:
    """A lab whose connection is warm: no slow start."""
    kernel = ListenConfig(tcp_slow_start_after_idle=0)
    lab = an_http2_lab(rtt=RTT, service={"response_size": size, "kernel": kernel, **rest.pop("service", {})}, **rest)
    lab.ask("first", 0)

    def widen() -> None:
        for conn in conns(lab):
            conn.end.window = conn.end.peer.window = 1 << 20

    lab.at(900, widen)
    return lab


def test_a_response_above_the_clients_window_takes_a_round_trip_for_each() -> None:
    size = 10 * 64 * KIB
    lab = a_wide_lab(size, http2=Http2Config(max_receive_buffer_per_stream=64 * KIB))
    lab.ask("A", 1000)

    lab.run(5_000)

    assert lab.requests["A"].t_done == pytest.approx(1000 + 100 + 9 * 100, abs=1)


def test_a_response_below_it_is_there_after_one() -> None:
    lab = a_wide_lab(640 * KIB)
    lab.ask("A", 1000)

    lab.run(5_000)

    assert lab.requests["A"].t_done == pytest.approx(1000 + 100, abs=1)


def test_unread_bodies_that_fill_the_connection_block_a_stream_that_reads() -> None:
    windows = Http2Config(max_receive_buffer_per_stream=64 * KIB, max_receive_buffer_per_connection=128 * KIB)
    lab = a_wide_lab(64 * KIB, http2=windows)
    for name in ("B", "C"):
        lab.ask(name, 1000, read=Read.NONE, deadline=2 * SECOND)
    lab.ask("A", 1200)

    lab.run(5_000)

    assert lab.requests["A"].t_done > 3_000, "their contexts end at 3 s"
