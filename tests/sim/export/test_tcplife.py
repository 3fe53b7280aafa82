"""tcplife: a line for each connection that has ended, with whose it was and what it carried."""

from typing import Any

import pytest

from sim import wiring
from sim.export.tcplife import bytes_of, header, parse_tcplife, write_tcplife
from sim.export.tcpstates import Layout
from sim.records.folder import StoredRun
from sim.records.sockets import NotALine
from tests.sim.export.watched import Spoken, a_run, lines_of, pair

PROGRAMS = [("10.0.0.5", 4711, "gateway"), ("10.0.1.7", 5300, "orders")]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    return a_run(tmp_path_factory.mktemp("watched"))


def of(*steps: tuple[int, str], local: int = 0, carried: Any = None, flags: str = "") -> list[str]:
    """The lines of one socket that goes through these states; instants in microseconds."""
    states = [state for _, state in steps]
    rows = [
        {
            "ns": us * 1000, "socket": 1, "us": 0, "pair": pair(old, new), "local": local, "peer": 1 - local,
            "local_port": 40210 if not local else 80, "peer_port": 80 if not local else 40210,
        }
        for (us, new), old in zip(steps[1:], states, strict=False)
    ]  # fmt: skip
    spoken: Any = Spoken(PROGRAMS, rows)
    return b"".join(write_tcplife(spoken, carried or {}, Layout(flags))).decode().splitlines()


def test_a_connection_is_the_program_s_that_dialed_it_and_lasts_from_established_on() -> None:
    steps = ((0, "CLOSE"), (0, "SYN_SENT"), (1_500, "ESTABLISHED"), (177_542, "FIN_WAIT1"), (178_078, "FIN_WAIT2"),
             (178_080, "CLOSE"))  # fmt: skip

    assert of(*steps, carried={("gateway", 40210, 1_500_000): (2048, 5000)}) == [
        "PID   COMM       LADDR           LPORT RADDR           RPORT TX_KB RX_KB MS",
        "4711  gateway    10.0.0.5        40210 10.0.1.7        80        2     4 176.58",
    ]


def test_an_accepted_connection_is_the_program_s_only_if_that_closed_it_second() -> None:
    opened = ((0, "LISTEN"), (0, "SYN_RECV"), (0, "ESTABLISHED"))

    second = of(*opened, (9_000, "CLOSE_WAIT"), (9_500, "LAST_ACK"), (10_000, "CLOSE"), local=1)
    first = of(*opened, (9_000, "FIN_WAIT1"), (9_500, "FIN_WAIT2"), (10_000, "CLOSE"), local=1)

    assert second[1] == "5300  orders     10.0.1.7        80    10.0.0.5        40210     0     0 10.00"
    assert first[1].startswith("0     swapper/0 "), "whoever had the processor when the last ACK came"


def test_a_refused_dial_is_a_line_too() -> None:
    assert of((0, "CLOSE"), (0, "SYN_SENT"), (20_255, "CLOSE"))[1].endswith(" 20.25")


@pytest.mark.parametrize(
    ("flags", "head", "row"),
    [
        (
            "s",
            "PID,COMM,IP,LADDR,LPORT,RADDR,RPORT,TX_KB,RX_KB,MS",
            "4711,gateway,4,10.0.0.5,40210,10.0.1.7,80,0,0,0.50",
        ),
        ("t", "TIME(s)   PID   COMM  ", "0.000500  4711  gateway    10.0.0.5"),
        ("w", "PID   COMM             IP LADDR  ", "4711  gateway          4  10.0.0.5   "),
    ],
)
def test_the_options_of_the_tool_change_the_lines_as_there(flags: str, head: str, row: str) -> None:
    found = of((0, "CLOSE"), (0, "SYN_SENT"), (500, "CLOSE"), flags=flags)

    assert found[0] == header(Layout(flags))
    assert (found[0][: len(head)], found[1][: len(row)]) == (head, row)


def test_the_bytes_of_a_run_s_connections_are_those_of_its_requests(run: StoredRun) -> None:
    lines, _ = lines_of(run)
    carried = bytes_of(run, wiring.message_sizes(run.manifest["scenario"]))

    text = b"".join(write_tcplife(lines, carried, Layout())).decode().splitlines()[1:]
    lives = [parse_tcplife(line) for line in text]

    ours = [one for one in lives if one.comm == "gateway"]
    theirs = {(one.raddr, one.rport, one.laddr): one for one in lives if one.comm != "gateway"}
    assert sum(one.rx_kb for one in ours) > 50, "answers of 3 kB"
    both = [
        (one, theirs[one.laddr, one.lport, one.raddr]) for one in ours if (one.laddr, one.lport, one.raddr) in theirs
    ]
    assert len(both) > 20
    assert all((one.tx_kb, one.rx_kb) == (other.rx_kb, other.tx_kb) for one, other in both)


def test_a_line_with_a_spaced_name_is_read_from_the_right() -> None:
    life = parse_tcplife("1899  Chrome Chi 10.0.0.5        40210 10.0.1.7        443       1    24 176.58")

    assert (life.comm, life.lport, life.rx_kb, life.ms) == ("Chrome Chi", 40210, 24, 176.58)


def test_a_cut_line_is_refused() -> None:
    with pytest.raises(NotALine, match="has 5 fields"):
        parse_tcplife("1899  gateway 10.0.0.5        40210 10.0.1.7")
