"""Socket texts: what tcpstates, ftrace or ss printed, read line by line from a file or a pipe. Not what it means."""

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from sim.export.ss import Differences, SsReader
from sim.export.tcpstates import TcpstatesReader
from sim.export.tracefs import EVENT, TracefsReader
from sim.records.sockets import Change, NotALine, Snapshot
from sim.units import InputError

MOST_BROKEN = 0.01
"""Share of lines that may be broken: a pipe that is closed cuts one in half."""
LOOKED_AT = 64
"""Lines at the start from which a format is known."""
CHECKED_FROM = 10_000
"""Lines after which too many broken ones end the reading of a pipe that may never end."""


@dataclass(slots=True)
class Reading:
    """How the reading of a text went."""

    source: str
    """What the text is called in messages."""
    form: str = ""
    n_lines: int = 0
    n_broken: int = 0
    broken: list[str] = field(default_factory=list)
    """The first few broken lines: the line's number and what is wrong."""
    has_time: bool = True

    def refuse(self, line: str, reason: object) -> None:
        """A line is broken."""
        self.n_broken += 1
        if len(self.broken) < SHOWN:
            self.broken.append(f"{self.source}:{self.n_lines}: {reason}: {line.strip()[:80]!r}")
        if self.n_lines >= CHECKED_FROM:
            self.check()

    def check(self) -> None:
        """One broken line is nothing, and up to one in a hundred.

        Raises
        ------
        InputError
            There are more.
        """
        if self.n_broken > max(1, MOST_BROKEN * self.n_lines):
            share = self.n_broken / self.n_lines
            raise InputError(
                f"{self.broken[0]}; {self.n_broken:,} of {self.n_lines:,} lines ({share:.1%}) are no lines of"
                f" {self.form}; give the tool's whole output"
            )


SHOWN = 3


class SocketText:
    """Changes and lists in a text; `reading` tells how it goes."""

    def __init__(self, lines: Iterable[str], source: str, names: Collection[str]) -> None:
        self.reading = Reading(source)
        each = iter(lines)
        first = list(islice(each, LOOKED_AT))
        self._lines, self._names = chain(first, each), names
        self.reading.form = _form_of(first, source)
        self.snapshots: list[Snapshot] = []
        """Lists that were read, where it is ss."""

    def changes(self) -> Iterator[Change]:
        """All changes, as they come."""
        if self.reading.form == "ss":
            return self._of_lists()
        reader = TcpstatesReader(self._names) if self.reading.form == "tcpstates" else TracefsReader(self._names)
        return self._of_lines(reader)

    def _of_lines(self, reader: TcpstatesReader | TracefsReader) -> Iterator[Change]:
        reading, parse = self.reading, reader.parse
        number = 0
        for number, line in enumerate(self._lines, 1):
            try:
                yield parse(line)
            except NotALine as error:  # only what is no line is asked whether it is a header: most are lines
                if not reader.heads(line) and not line.isspace():
                    reading.n_lines = number
                    reading.refuse(line, error)
        reading.n_lines, reading.has_time = number, reader.has_time
        reading.check()

    def _of_lists(self) -> Iterator[Change]:
        reading, reader, differences = self.reading, SsReader(), Differences()
        for line in self._lines:
            if line.isspace():
                continue
            reading.n_lines += 1
            try:
                done = reader.feed(line)
            except NotALine as error:
                reading.refuse(line, error)
                continue
            if done is not None:
                self.snapshots.append(done)
                yield from differences.see(done)
        last = reader.finish()
        self.snapshots.append(last)
        yield from differences.see(last)
        reading.has_time = not math.isnan(last.t)
        reading.check()


def _form_of(lines: list[str], source: str) -> str:
    for line in lines:
        if "SKADDR" in line:
            return "tcpstates"
        if EVENT in line or line.startswith("# tracer:"):
            return "tracefs"
        if line.split()[:2] == ["State", "Recv-Q"]:
            return "ss"
    if not lines:
        raise InputError(f"{source}: is empty; give it the output of tcpstates -t, ss -tan, or a trace")
    raise InputError(
        f"{source}:1: {lines[0].strip()[:60]!r} is no line of tcpstates, ftrace or ss; give the output of tcpstates -t,"
        " of ss -tan, or of sock:inet_sock_set_state, with its header"
    )
