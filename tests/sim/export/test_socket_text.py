"""Texts of tools: which one it is, what is broken in them, and when that is too much."""

from collections.abc import Iterable

import pytest

from models.sockets import NAMES
from sim.export.socket_text import SocketText
from sim.records.sockets import Change
from sim.units import InputError
from tests.sim.export.test_tcpstates import SAMPLE
from tests.sim.export.watched import DATA

HEADER, *ROWS = SAMPLE.splitlines(keepends=True)


def text(lines: Iterable[str]) -> SocketText:
    return SocketText(lines, "states.txt", NAMES)


def read(lines: Iterable[str]) -> tuple[list[Change], SocketText]:
    found = text(lines)
    return list(found.changes()), found


def test_the_format_is_known_from_the_first_lines() -> None:
    forms = [text([line]).reading.form for line in (HEADER, "# tracer: nop\n", "State Recv-Q Send-Q\n")]

    assert forms == ["tcpstates", "tracefs", "ss"]


def test_a_header_in_the_middle_is_passed_over() -> None:
    changes, found = read([HEADER, *ROWS, HEADER, *ROWS, "\n"])

    assert (len(changes), found.reading.n_broken) == (10, 0)


def test_files_of_different_options_may_be_put_together() -> None:
    changes, found = read([HEADER, ROWS[0], f"TIME(s)   {HEADER}", f"0.250000  {ROWS[1]}"])

    assert (changes[1].t, found.reading.n_broken) == (0.25, 0)


def test_a_last_line_that_a_closed_pipe_cuts_is_counted_and_no_more() -> None:
    changes, found = read([HEADER, *ROWS, ROWS[0][:40]])

    assert (len(changes), found.reading.n_broken) == (5, 1)
    assert found.reading.broken == [f"states.txt:7: has 4 fields, which is too few: {ROWS[0][:40].strip()!r}"]


@pytest.mark.parametrize(("n_broken", "is_fatal"), [(2, False), (10, False), (12, True)])
def test_up_to_one_line_in_a_hundred_may_be_broken(n_broken: int, is_fatal: bool) -> None:
    lines = [HEADER, *ROWS * 200, *["lost 12 events\n"] * n_broken]

    if is_fatal:
        with pytest.raises(InputError) as refused:
            read(lines)
        assert str(refused.value) == (
            "states.txt:1002: has 3 fields, which is too few: 'lost 12 events'; 12 of 1,013 lines (1.2%) are no lines"
            " of tcpstates; give the tool's whole output"
        )
    else:
        assert read(lines)[1].reading.n_broken == n_broken


def test_a_pipe_that_never_ends_is_given_up_as_soon_as_too_much_is_broken() -> None:
    def endless() -> Iterable[str]:
        yield HEADER
        while True:
            yield from [ROWS[0]] * 9
            yield "?\n"

    with pytest.raises(InputError, match=r"of 10,00"):
        read(endless())


def test_an_empty_text_and_a_foreign_one_are_refused() -> None:
    with pytest.raises(InputError, match=r"states\.txt: is empty; give it the output of tcpstates -t"):
        text([])
    with pytest.raises(InputError, match=r"states\.txt:1: 'hello' is no line of tcpstates, ftrace or ss"):
        text(["hello\n"])


def test_lists_of_ss_become_changes() -> None:
    changes, found = read((DATA / "ss-6.1.txt").read_text().splitlines(keepends=True))

    assert found.reading.has_time
    assert [one.new for one in changes if one.socket].count("SYN_SENT") == 5, "two of them were open by the first list"
