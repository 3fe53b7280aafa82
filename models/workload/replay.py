"""A replay: arrivals, service times and hosts recorded elsewhere, to be sent again exactly.

The columns are those of a recorded case's arrivals.csv.gz; logs of production traffic are read by `access_log`.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from models.workload.recording import read_lines
from sim.units import SECOND, FileName, InputError

NEVER_ANSWERS = 1 << 62
"""The service time (ns) of a request that the server never answers: 146 years."""
NEVER_FROM_SECONDS = 9999.0
"""A recorded service time of 9999 s or more means that the server never answers."""
COLUMNS = ("t", "think", "service", "host", "worker")
_LARGEST_SECONDS = 4e9
"""Times beyond this (126 years) would not fit into the 62 bits below NEVER_ANSWERS."""

Times = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayFile:
    """Arrivals from a CSV file, gzipped or not, in seconds.

    Open loop: columns t (arrival, in order) and service; closed loop: think (before the request), service, worker.
    Optional: host, a number that stands for an entry of the workload's services (0 when missing), and in an open loop
    worker; left empty in all rows, they count as missing. Further columns are ignored. A service of 9999 or more is
    never answered.
    """

    file: FileName
    """The CSV file."""

    @classmethod
    def __fill__(cls, written: Any) -> Any:
        """Read the short form: a bare text is the file."""
        return {"file": written} if isinstance(written, str) else written


class ReplayRows(NamedTuple):
    """A replay's columns as lists, which Python reads faster one by one than arrays."""

    when: list[int]
    service: list[int]
    host: list[int]
    worker: list[int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replay:
    """Recorded requests, one per row, in the order of the file; times in ns, all arrays of shape (n_requests,)."""

    closed: bool
    """True: each worker runs its own rows in order, think then request. False: each row arrives at its own t."""
    t: Times
    """Arrival instants, nondecreasing; empty for a closed loop."""
    think: Times
    """Time from the worker's last answer (or the start) to this request; empty for an open loop."""
    service: Times
    """Service times; NEVER_ANSWERS for a request that gets no answer."""
    host: Times
    """Index into the workload's services."""
    worker: Times
    """The closed loop's worker; 0 in an open loop that has no such column."""

    @property
    def n_hosts(self) -> int:
        """The number of services that the rows name: their largest host + 1."""
        return int(self.host.max()) + 1

    def rows(self) -> ReplayRows:
        """Return the columns as lists; `when` is t, or think in a closed loop."""
        when = self.think if self.closed else self.t
        return ReplayRows(when.tolist(), self.service.tolist(), self.host.tolist(), self.worker.tolist())

    def by_worker(self) -> dict[int, list[int]]:
        """Return the row numbers of each worker, in the order of the file."""
        order = np.argsort(self.worker, kind="stable")
        names, starts = np.unique(self.worker[order], return_index=True)
        return {int(name): part.tolist() for name, part in zip(names, np.split(order, starts[1:]), strict=True)}


def read_replay(path: str) -> Replay:
    """Read recorded arrivals.

    Raises
    ------
    InputError
        With file:line: a file or column is missing; a field is not a number, not finite, negative or, for host and
        worker, not whole; the arrivals are out of order.
    """
    table = _Table(path, read_lines(path))
    closed = "think" in table.places
    when = table.seconds("think" if closed else "t")
    service = table.seconds("service")
    never = service >= int(NEVER_FROM_SECONDS * SECOND)
    host, worker = table.whole("host"), table.whole("worker")
    if not closed:
        table.refuse_disorder(when)
    none = np.empty(0, dtype=np.int64)
    return Replay(
        closed=closed,
        t=none if closed else when,
        think=when if closed else none,
        service=np.where(never, NEVER_ANSWERS, service),
        host=host,
        worker=worker,
    )


class _Table:
    """The file's numbers, and the way back from a row to its line, for messages."""

    __slots__ = ("_lines", "_numbers", "_path", "places")

    def __init__(self, path: str, lines: list[str]) -> None:
        self._path = path
        self._lines = lines
        header = [name.strip() for name in lines[0].split(",")]
        self.places = {name: header.index(name) for name in COLUMNS if name in header}
        self._require_columns(header)
        if not any(line.strip() for line in lines[1:]):
            raise InputError(f"{path}:1: a header and no row; record at least one request")
        for name in ("host", "worker") if "t" in self.places else ("host",):
            if name in self.places and self._is_left_empty(self.places[name]):
                del self.places[name]
        self._numbers = self._read_numbers()
        for name in self.places:
            self._require_sound(name)

    def seconds(self, name: str) -> Times:
        """Return a column of seconds as ns."""
        return np.rint(self._numbers[:, self._column(name)] * SECOND).astype(np.int64)

    def whole(self, name: str) -> Times:
        """Return a column of whole numbers, or zeros where the file has no such column."""
        if name not in self.places:
            return np.zeros(len(self._numbers), dtype=np.int64)
        numbers = self._numbers[:, self._column(name)]
        self._refuse(name, numbers != np.floor(numbers), "is not a whole number; number them 0, 1, 2")
        return numbers.astype(np.int64)

    def refuse_disorder(self, t: Times) -> None:
        """Raise InputError at the first row that lies before its predecessor."""
        early = np.flatnonzero(t[1:] < t[:-1]) + 1
        if early.size:
            row = int(early[0])
            before, line = self._line_of(row - 1), self._line_of(row)
            what = f"t={self._text(line, 't')} lies before t={self._text(before, 't')} of line {before}"
            raise InputError(f"{self._path}:{line}: {what}; sort the file")

    def _column(self, name: str) -> int:
        return list(self.places).index(name)

    def _require_columns(self, header: list[str]) -> None:
        where, has = f"{self._path}:1", ", ".join(header)[:80]
        if "t" in self.places and "think" in self.places:
            raise InputError(f"{where}: both t (open loop) and think (closed loop); leave one of them out")
        if "t" not in self.places and "think" not in self.places:
            raise InputError(
                f"{where}: no column t (open loop) or think (closed loop) among {has}; write a header line"
            )
        for name in ("service", "worker") if "think" in self.places else ("service",):
            if name not in self.places:
                raise InputError(f"{where}: no column {name} among {has}; add it")

    def _is_left_empty(self, place: int) -> bool:
        """Whether no row says anything in this column; a row that is too short is another matter."""
        rows = (line.split(",") for line in self._lines[1:] if line.strip())
        return all(place < len(fields) and not fields[place].strip() for fields in rows)

    def _read_numbers(self) -> npt.NDArray[np.float64]:
        places = list(self.places.values())
        try:
            rows = [line for line in self._lines[1:] if line.strip()]
            return np.loadtxt(rows, delimiter=",", usecols=places, ndmin=2, comments=None)
        except ValueError:
            raise self._first_unreadable() from None

    def _first_unreadable(self) -> InputError:
        """Say which field numpy could not read: slowly, since it happens once."""
        for line, text in enumerate(self._lines[1:], start=2):
            fields = text.split(",")
            for name, place in self.places.items() if text.strip() else ():
                if place >= len(fields):
                    return InputError(f"{self._path}:{line}: no field for {name}; write one field per column")
                if not fields[place].strip():
                    return InputError(f"{self._path}:{line}: {name} is empty; write a number such as 1")
                if not _is_number(fields[place]):
                    return InputError(
                        f"{self._path}:{line}: {name}={fields[place]} is not a number; write one such as 0.5"
                    )
        return InputError(f"{self._path}: a field is not a plain number; write one such as 0.5")

    def _require_sound(self, name: str) -> None:
        numbers = self._numbers[:, self._column(name)]
        self._refuse(
            name, ~np.isfinite(numbers), f"is not a finite number; leave the row out, or write {_INSTEAD[name]}"
        )
        self._refuse(name, numbers < 0, "is negative; it must lie at or above 0")
        self._refuse(name, numbers > _LARGEST_SECONDS, "is beyond 126 years; write seconds")

    def _refuse(self, name: str, wrong: npt.NDArray[np.bool_], why: str) -> None:
        if wrong.any():
            line = self._line_of(int(wrong.argmax()))
            raise InputError(f"{self._path}:{line}: {name}={self._text(line, name)} {why}")

    def _line_of(self, row: int) -> int:
        """Return the 1-based line of a row; blank lines are no rows."""
        return [line for line, text in enumerate(self._lines, start=1) if line > 1 and text.strip()][row]

    def _text(self, line: int, name: str) -> str:
        return self._lines[line - 1].split(",")[self.places[name]].strip()


_INSTEAD = {
    "t": "the second at which it arrives, such as 0.5",
    "think": "the seconds before it, such as 0.5",
    "service": "9999 for never",
    "host": "a number such as 0",
    "worker": "a number such as 0",
}
"""What stands in each column in the place of what is no finite number."""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text  # Python reads 1_000, numpy does not
