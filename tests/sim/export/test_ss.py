"""ss: lists of sockets as iproute2 prints them, written, read, and compared with the real tool."""

import shutil
import socket
import subprocess
from contextlib import ExitStack
from typing import Any

import polars as pl
import pytest

from sim import wiring
from sim.export.socket_list import sockets_at
from sim.export.ss import STATES, Differences, SsReader, list_text
from sim.records.folder import StoredRun
from sim.records.sockets import Listed, NotALine, Snapshot
from tests.sim.export.watched import DATA, a_run

SAMPLE = """\
LISTEN     1      16         127.0.0.1:18080      0.0.0.0:*
ESTAB      0      0          127.0.0.1:57318    127.0.0.1:18080 users:(("python",pid=19024,fd=4)) timer:(keepalive,119min,0)
TIME-WAIT  0      0          127.0.0.1:57340    127.0.0.1:18080 timer:(timewait,59sec,0)
CLOSE-WAIT 1      0          127.0.0.1:18080    127.0.0.1:57330
"""  # noqa: E501  as it was printed
"""Of formats_lint_reports.md, 11.5."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    return a_run(tmp_path_factory.mktemp("watched"))


def lists(text: str) -> list[Snapshot]:
    reader = SsReader()
    found = [done for line in text.splitlines(keepends=True) if (done := reader.feed(line)) is not None]
    return [*found, reader.finish()]


def printed(text: str) -> str:
    """The rows of a list, printed again by us."""
    rows: list[Any] = []
    for line in text.splitlines()[1:]:
        state, recv_q, send_q, local, peer, *_ = line.split()
        more = line[line.index(peer, line.index(local) + len(local)) + len(peer) :].strip()
        rows.append((STATES[state], int(recv_q), int(send_q), local, peer, f" {more}" if more else ""))
    return "".join(list_text(rows))


def test_the_sample_is_printed_as_it_was() -> None:
    head = "State      Recv-Q Send-Q Local Address:Port  Peer Address:Port Process\n"

    lines = printed(head + SAMPLE).splitlines()

    assert [line.rstrip() for line in lines] == [line.rstrip() for line in (head + SAMPLE).splitlines()]
    assert len({len(line) for line in lines}) == 1, "ss fills every line up"


def test_the_sample_is_read() -> None:
    (snapshot,) = lists(SAMPLE)

    assert [(one.state, one.recv_q, one.lport, one.rport) for one in snapshot.sockets] == [
        ("LISTEN", 1, 18080, 0), ("ESTABLISHED", 0, 57318, 18080), ("TIME_WAIT", 0, 57340, 18080),
        ("CLOSE_WAIT", 1, 18080, 57330),
    ]  # fmt: skip


@pytest.mark.skipif(shutil.which("ss") is None, reason="needs ss of iproute2")
@pytest.mark.parametrize("flags", ["-tan", "-tanop"])
def test_the_real_tool_prints_its_sockets_as_we_do(flags: str) -> None:
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=7))
        port = listener.getsockname()[1]
        stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        accepted = stack.enter_context(listener.accept()[0])
        closed = socket.create_connection(("127.0.0.1", port))
        stack.enter_context(listener.accept()[0])
        closed.close()
        theirs = subprocess.run(
            ["ss", flags, f"sport = :{port} or dport = :{port}"], capture_output=True, text=True, check=True
        ).stdout

    assert printed(theirs) == theirs
    (snapshot,) = lists(theirs)
    assert Listed("LISTEN", 0, 7, "127.0.0.1", port, "0.0.0.0", 0) in snapshot.sockets
    assert ("CLOSE_WAIT", 1) in [(one.state, one.recv_q) for one in snapshot.sockets]
    assert accepted.fileno() == -1


def test_lists_with_clocks_between_them_have_times() -> None:
    found = [one for one in lists((DATA / "ss-6.1.txt").read_text()) if one.sockets]

    assert [one.t - found[0].t for one in found] == [0, 1, 2, 3, 4]
    assert [one.state for one in found[0].sockets].count("SYN_SENT") == 3


def test_details_on_lines_of_their_own_belong_to_the_socket_before() -> None:
    (snapshot,) = lists(
        "State Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n"
        "ESTAB 0      0      10.0.0.5:40210     10.0.1.7:443\n"
        "\t bbr rto:204 mss:1448 bytes_sent:99 segs_out:1200 segs_in:9 retrans:1/60 lastsnd:216\n"
    )

    assert (snapshot.sockets[0].retransmitted, snapshot.sockets[0].segments) == (60, 1200)


def test_changes_between_two_lists_are_those_that_a_kernel_would_have_reported() -> None:
    differences = Differences()
    first, second, third = (Snapshot(float(t)) for t in range(3))
    ends = ("10.0.0.5", 40210, "10.0.1.7", 80)
    first.sockets.append(Listed("ESTABLISHED", 0, 0, *ends))
    second.sockets.append(Listed("TIME_WAIT", 0, 0, *ends))

    changes = [[(one.old, one.new) for one in differences.see(each) if one.socket] for each in (first, second, third)]

    assert changes == [
        [("CLOSE", "SYN_SENT"), ("SYN_SENT", "ESTABLISHED")], [("ESTABLISHED", "TIME_WAIT")], [("TIME_WAIT", "CLOSE")]
    ]  # fmt: skip


def test_a_run_s_list_has_as_many_sockets_as_its_levels_say(run: StoredRun) -> None:
    view = wiring.sockets_of(run.manifest["scenario"])
    samples = run.table("samples")
    for t in (0.5, 1.1, 2.2, 3.0):
        listed = [state for state, *_ in sockets_at(run, view, t)]
        row = samples.row(by_predicate=(pl.col("t") - t).abs() < 1e-9, named=True)
        for level, state in (("estab", "ESTABLISHED"), ("time_wait", "TIME_WAIT"), ("syn_sent", "SYN_SENT")):
            assert listed.count(state) == row[f"c_{level}"] + row.get(f"s_{level}", 0), (t, state)


def test_the_text_of_a_run_is_read_again(run: StoredRun) -> None:
    rows = sockets_at(run, wiring.sockets_of(run.manifest["scenario"]), 2.5, flags="op")

    (snapshot,) = lists("".join(list_text(rows)))

    assert [(one.state, f"{one.laddr}:{one.lport}") for one in snapshot.sockets] == [(row[0], row[3]) for row in rows]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("ESTABLISHED 0 0 10.0.0.5:1 10.0.1.7:80\n", "ESTABLISHED is no state"),
        ("ESTAB 0 0 10.0.0.5:1\n", "has 4 fields, which is too few"),
        ("ESTAB 0 0 10.0.0.5:http 10.0.1.7:80\n", "invalid literal for int() with base 10: 'http'"),
        ("\t bbr cwnd:10\n", "belongs to no socket"),
    ],
)
def test_a_broken_line_is_refused_with_its_reason(line: str, reason: str) -> None:
    with pytest.raises(NotALine) as refused:
        SsReader().feed(line)

    assert str(refused.value) == reason
