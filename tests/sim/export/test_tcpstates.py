"""tcpstates: the lines of bcc's tool, to the byte, and back."""

import math
from pathlib import Path
from typing import Any

import pytest

from models.sockets import NAMES
from sim import wiring
from sim.export.tcpstates import Layout, TcpstatesReader, write_tcpstates
from sim.records.folder import StoredRun
from sim.records.sockets import NotALine
from sim.units import InputError
from tests.sim.export.watched import Spoken, a_run, lines_of, pair

SAMPLE = """\
SKADDR           C-PID C-COMM     LADDR           LPORT RADDR           RPORT OLDSTATE    -> NEWSTATE    MS
ffff000000000200 4711  gateway    10.0.0.5        0     10.0.1.7        80    CLOSE       -> SYN_SENT    0.000
ffff000000000200 0     swapper/0  10.0.0.5        40210 10.0.1.7        80    SYN_SENT    -> ESTABLISHED 1.500
ffff000000000200 4711  gateway    10.0.0.5        40210 10.0.1.7        80    ESTABLISHED -> FIN_WAIT1   176.042
ffff000000000200 0     swapper/0  10.0.0.5        40210 10.0.1.7        80    FIN_WAIT1   -> FIN_WAIT2   0.536
ffff000000000200 0     swapper/0  10.0.0.5        40210 10.0.1.7        80    FIN_WAIT2   -> CLOSE       0.002
"""
"""Of formats_lint_reports.md, 11.3: columns computed from bcc's formats, the shape that of tcpstates_example.txt."""
STORY = (
    (0, 0, ("CLOSE", "SYN_SENT"), 0), (1_500, 40210, ("SYN_SENT", "ESTABLISHED"), 1_500),
    (177_542, 40210, ("ESTABLISHED", "FIN_WAIT1"), 176_042), (178_078, 40210, ("FIN_WAIT1", "FIN_WAIT2"), 536),
    (178_080, 40210, ("FIN_WAIT2", "CLOSE"), 2),
)  # fmt: skip


def spoken() -> Any:
    rows = [
        {
            "ns": us * 1000, "socket": 1, "us": lasted, "pair": pair(*states), "local": 0, "peer": 1,
            "local_port": port, "peer_port": 80,
        }
        for us, port, states, lasted in STORY
    ]  # fmt: skip
    return Spoken([("10.0.0.5", 4711, "gateway"), ("10.0.1.7", 5300, "orders")], rows)


def text(lines: Any, view: Any, flags: str = "") -> str:
    return b"".join(write_tcpstates(lines, view, Layout(flags))).decode()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    return a_run(tmp_path_factory.mktemp("watched"))


def test_the_lines_of_a_connection_are_those_of_the_tool(run: StoredRun) -> None:
    _, view = lines_of(run)

    assert text(spoken(), view) == SAMPLE


OPTIONS = {
    "w": "ffff000000000200 4711  gateway          4  10.0.0.5                                40210"
    " 10.0.1.7                                80    ESTABLISHED -> FIN_WAIT1   176.042",
    "s": "ffff000000000200,4711,gateway,4,10.0.0.5,40210,10.0.1.7,80,ESTABLISHED,FIN_WAIT1,176.042",
    "st": "0.177542,ffff000000000200,4711,gateway,4,10.0.0.5,40210,10.0.1.7,80,ESTABLISHED,FIN_WAIT1,176.042",
    "Tt": "00:00:00 0.177542  ffff000000000200 4711  gateway    10.0.0.5        40210 10.0.1.7        80   "
    " ESTABLISHED -> FIN_WAIT1   176.042",
}


@pytest.mark.parametrize(("flags", "line"), OPTIONS.items())
def test_the_options_of_the_tool_change_the_lines_as_there(run: StoredRun, flags: str, line: str) -> None:
    _, view = lines_of(run)

    assert text(spoken(), view, flags).splitlines()[3] == line


@pytest.mark.parametrize("flags", ["t", "tw", "st", "Tts"])
def test_what_is_written_is_read_again(run: StoredRun, flags: str) -> None:
    lines, view = lines_of(run)
    said = [change for window in lines.windows() for change in lines.changes(window)]
    header, *rows = text(lines_of(run)[0], view, flags).splitlines()

    reader = TcpstatesReader(NAMES)
    assert reader.heads(header)
    read = [reader.parse(row) for row in rows]

    assert [one[2:] for one in read] == [one[2:] for one in said]
    assert max(abs(ours.t - theirs.t) for ours, theirs in zip(read, said, strict=True)) < 1.001e-6, "whole microseconds"
    assert [int(str(one.socket), 16) & 0xFFFFFFFF for one in read] == [0x200 * int(str(one.socket)) for one in said]
    assert len(said) > 500


def test_no_line_comes_to_time_wait_and_each_begins_where_the_last_one_ended(run: StoredRun) -> None:
    lines, _ = lines_of(run)
    state: dict[object, str] = {}
    for window in lines.windows():
        for change in lines.changes(window):
            assert change.new not in {"TIME_WAIT", "NEW_SYN_RECV"}, "no tracepoint says so (linux_tcp.md, 3)"
            before = state.get(change.socket, "LISTEN" if change.new == "SYN_RECV" else "CLOSE")
            assert change.old == before, f"{change} follows {before}"
            state[change.socket] = change.new
    assert len(state) > 100


def test_windows_do_not_change_what_is_said(run: StoredRun, monkeypatch: pytest.MonkeyPatch) -> None:
    _, view = lines_of(run)
    whole = text(lines_of(run)[0], view, "t")

    monkeypatch.setattr("sim.export.socket_lines.WINDOW_ROWS", 37)

    assert text(lines_of(run)[0], view, "t") == whole


def test_a_name_with_a_space_does_not_shift_the_columns() -> None:
    reader = TcpstatesReader(NAMES)
    reader.heads(SAMPLE.splitlines()[0])

    change = reader.parse(
        "ffff9b2c00112233 1899  Chrome Chi 10.0.0.5        40210 10.0.1.7        443   CLOSE -> SYN_SENT 0.000"
    )

    assert (change.laddr, change.lport, change.rport, change.new) == ("10.0.0.5", 40210, 443, "SYN_SENT")
    assert math.isnan(change.t)


def test_the_lines_of_libbpf_tools_are_read_as_well() -> None:
    reader = TcpstatesReader(NAMES)
    reader.heads("TIME     SKADDR           PID     COMM       LADDR     LPORT RADDR     RPORT OLDSTATE -> NEWSTATE MS")

    first = reader.parse(
        "23:59:58 ffff9b2c00112233 23346   python     127.0.0.1 0     127.0.0.1 18081 CLOSE -> SYN_SENT 0.000"
    )
    second = reader.parse(
        "00:00:01 ffff9b2c00112233 0       swapper/1  127.0.0.1 41000 127.0.0.1 18081 SYN_SENT -> CLOSE 3000.125"
    )

    assert (first.socket, second.t - first.t, second.lasted) == ("ffff9b2c00112233", 3.0, 3000.125)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("ffff000000000200 4711  gateway    10.0.0.5        0     10.0.1.7        80    CLOSE -> SYN_SEND 0.000",
         "SYN_SEND is no state"),
        ("ffff000000000200 4711  gateway    10.0.0.5        0     10.0.1.7        http  CLOSE -> SYN_SENT 0.000",
         "invalid literal for int() with base 10: 'http'"),
        ("ffff000000000200 4711  gateway    10.0.0.5  ", "has 4 fields, which is too few"),
    ],
)  # fmt: skip
def test_a_broken_line_is_refused_with_its_reason(line: str, reason: str) -> None:
    reader = TcpstatesReader(NAMES)

    with pytest.raises(NotALine) as refused:
        reader.parse(line)

    assert str(refused.value) == reason


def test_a_run_without_its_sockets_says_which_option_records_them(tmp_path: Path) -> None:
    run = a_run(tmp_path / "plain", "records.sockets=false")

    with pytest.raises(
        InputError, match=r"plain/sockets.parquet: this run recorded no sockets; run it again with --set"
    ):
        lines_of(run)


def test_the_addresses_of_a_scenario_are_all_different() -> None:
    client = {"dialer": {"local_addr": True, "source_addresses": 4}}
    view = wiring.sockets_of({
        "clients": {"a": {"instances": 3}, "b": client}, "services": {"s": {"backends": 5}, "t": {"resolve": "vip"}},
        "workloads": {"w": {"client": "a", "service": "s", "arrivals": {"poisson": {"rate": "1/s"}}}},
    })  # fmt: skip

    remotes = [one.address for one, _ in view.remotes.values()]
    addresses = [one.address for client in view.clients for one in client] + remotes

    assert len(addresses) == len(set(addresses)) == 3 + 4 + 6 + 2
