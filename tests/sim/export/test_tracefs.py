"""ftrace's text of sock:inet_sock_set_state: as a kernel of 6.18 printed it, written and read."""

from pathlib import Path
from typing import Any

import pytest

from models.sockets import NAMES
from sim.export.tracefs import TracefsReader, write_tracefs
from sim.records.folder import StoredRun
from sim.records.sockets import Change, NotALine
from tests.sim.export.watched import DATA, Spoken, a_run, lines_of, pair

LINE = (
    "          python-23346   [000] .....  3359.546335: inet_sock_set_state: family=AF_INET protocol=IPPROTO_TCP"
    " sport=0 dport=18081 saddr=127.0.0.1 daddr=127.0.0.1 saddrv6=::ffff:127.0.0.1 daddrv6=::ffff:127.0.0.1"
    " oldstate=TCP_CLOSE newstate=TCP_SYN_SENT"
)
"""Of formats_lint_reports.md, 11.4."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    return a_run(tmp_path_factory.mktemp("watched"))


def written(lines: Any, view: Any) -> list[str]:
    return b"".join(write_tracefs(lines, view)).decode().splitlines()


def read(lines: list[str]) -> list[Change]:
    reader = TracefsReader(NAMES)
    return [reader.parse(line) for line in lines if not reader.heads(line)]


def test_a_line_is_that_of_the_kernel(run: StoredRun) -> None:
    row = {
        "ns": 3_359_546_335_000, "socket": 1, "us": 0, "pair": pair("CLOSE", "SYN_SENT"), "local": 0, "peer": 1,
        "local_port": 0, "peer_port": 18081,
    }  # fmt: skip
    spoken: Any = Spoken([("127.0.0.1", 23346, "python"), ("127.0.0.1", 1, "x")], [row])

    assert written(spoken, lines_of(run)[1])[-1] == LINE


def test_what_is_written_is_read_again_socket_by_socket(tmp_path: Path) -> None:
    run = a_run(tmp_path / "calm", "timeline=[]")  # of dials that hang beside others nobody could tell which one ended
    lines, view = lines_of(run)
    said = [change for window in lines.windows() for change in lines.changes(window)]

    back = read(written(lines_of(run)[0], view))

    assert [one[2:8] for one in back] == [one[2:8] for one in said]
    pairs = {(ours.socket, theirs.socket) for ours, theirs in zip(back, said, strict=True)}
    assert len(pairs) == len({one.socket for one in said}), "each of our sockets is one of theirs"


def test_a_real_trace_tells_sockets_apart_without_their_addresses() -> None:
    changes = read((DATA / "trace-6.18.txt").read_text().splitlines())

    by_socket: dict[object, list[str]] = {}
    for one in changes:
        by_socket.setdefault(one.socket, [one.old]).append(one.new)
    stories = sorted(">".join(states) for states in by_socket.values())
    assert stories.count("CLOSE>SYN_SENT>ESTABLISHED>FIN_WAIT1>FIN_WAIT2>CLOSE") == 1
    assert stories.count("LISTEN>SYN_RECV>ESTABLISHED>CLOSE") == 6, "six were reset"
    assert stories.count("CLOSE>SYN_SENT>CLOSE") == 4, "one was refused, three had no answer"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (LINE[:150], "is cut off, or not as inet_sock_set_state prints it"),
        (LINE.replace("IPPROTO_TCP", "IPPROTO_SCTP"), "is of SCTP"),
        (LINE.replace("TCP_SYN_SENT", "TCP_SYN"), "SYN is no state"),
    ],
)
def test_a_broken_line_is_refused_with_its_reason(line: str, reason: str) -> None:
    with pytest.raises(NotALine) as refused:
        TracefsReader(NAMES).parse(line)

    assert str(refused.value) == reason


def test_other_events_of_a_trace_are_passed_over() -> None:
    assert TracefsReader(NAMES).heads("  sh-1   [000] .....  1.000000: sched_switch: prev_comm=sh prev_pid=1")
