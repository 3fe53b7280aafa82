"""An access log of production traffic as a workload: when requests arrived and how long they took.

Recorded experiments have exact arrivals and service times: see `replay`.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from models.workload.log_format import JsonKeys, Parser, Unit, parser_of, recognise
from models.workload.recording import read_lines
from sim.units import MS, NS, SECOND, US, FileName, InputError

MOST_MALFORMED = 0.01
"""Share of unreadable lines above which the format is taken to be another one."""
RESOLUTIONS = (SECOND, MS, US, NS)

Times = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessLogFile:
    """Arrivals, and where the format has them response times, from an access log, gzipped or not."""

    file: FileName
    """The log."""
    format: Literal["auto", "combined", "nginx_timed", "envoy", "json"] = "auto"
    """combined has no response times; nginx_timed is combined and $request_time; auto goes by the first line."""
    stamp: Literal["auto", "start", "end"] = "auto"
    """What a line's time stamp tells: auto is the request's start for envoy and its end otherwise."""
    time_key: str = "time"
    """json: the key of the time stamp, ISO 8601 or seconds or milliseconds since 1970."""
    duration_key: str = "request_time"
    """json: the key of the response time."""
    duration_unit: Unit = "s"
    """json: the unit of the response time."""

    @classmethod
    def __fill__(cls, written: Any) -> Any:
        """Read the short form: a bare text is the file."""
        return {"file": written} if isinstance(written, str) else written


class Stamped(NamedTuple):
    """The readable lines in order of their stamps; times in ns, arrays of shape (n_requests,)."""

    stamps: Times
    """Time stamps, from t = 0 on."""
    durations: Times | None
    """Response times."""
    ends: bool
    """True: a stamp is a request's end, and its arrival lies one response time earlier."""
    resolution: int
    """A stamp stands for every instant from itself to itself + resolution."""

    def arranged(self, places: Times) -> tuple[Times, Times | None]:
        """Return (t, service) in order of arrival, for `places` (ns) of the events within their stamps."""
        t = self.stamps + places
        if self.durations is None:
            return t, None
        if self.ends:
            t = t - self.durations
        order = np.argsort(t, kind="stable")
        return t[order], self.durations[order]

    def even_places(self) -> Times:
        """Return n places in the middle of n equal parts for n lines of one stamp."""
        _, group, sizes = np.unique(self.stamps, return_inverse=True, return_counts=True)
        index = np.arange(len(group)) - (sizes.cumsum() - sizes)[group]
        return ((2 * index + 1) * self.resolution // (2 * sizes[group])).astype(np.int64)

    def random_places(self, rng: np.random.Generator) -> Times:
        """Return uniform places, ascending within each stamp."""
        drawn = rng.random(len(self.stamps))
        return (drawn[np.lexsort((drawn, self.stamps))] * self.resolution).astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AccessLog:
    """A log's requests in order of arrival; times in ns from the log's start, arrays of shape (n_requests,).

    Notes
    -----
    Simplified: the response time is taken for the service time, with nothing subtracted, so network and queueing
    of the recorded day count twice where the simulated server queues as well. The log's first seconds show only
    those of their requests that ended after the log began; its last seconds miss those that were under way.
    """

    t: Times
    """Arrivals, with those of one time stamp spread over it."""
    service: Times | None
    """Response times as service times; None where the format has none: the workload must state service_time."""
    malformed: tuple[tuple[int, str], ...]
    """The unreadable lines that were left out, as (line number, reason)."""
    first_at: int
    """The wall-clock time of t = 0: ns since 1970, UTC. The first arrival follows within one resolution."""
    format: str
    """The format that was read."""
    lines: Stamped
    """What the lines said."""

    @property
    def host(self) -> Times:
        """All 0: a line does not say which of the workload's services answered."""
        return np.zeros(len(self.t), dtype=np.int64)

    @property
    def resolution(self) -> int:
        """The resolution of the time stamps: 1 s, 1 ms, 1 us or 1 ns."""
        return self.lines.resolution

    def spread(self, rng: np.random.Generator) -> "AccessLog":
        """Return the log with the events of one time stamp at random, not at even, places within it.

        That is how Poisson traffic looks inside a stamp; even places understate its bursts. Lines of one stamp keep
        their order. `rng` is the stream `{name}.spread`.
        """
        t, service = self.lines.arranged(self.lines.random_places(rng))
        return replace(self, t=t, service=service)


def read_access_log(config: AccessLogFile) -> AccessLog:
    """Read an access log; the lines of one time stamp are spread evenly over it.

    Raises
    ------
    InputError
        The file cannot be read, or more than 1 % of its lines cannot; the text names the first three.
    """
    lines = read_lines(config.file)
    name = config.format if config.format != "auto" else recognise(next(line for line in lines if line.strip()))
    keys = JsonKeys(config.time_key, config.duration_key, config.duration_unit)
    rows, malformed = _parse(lines, parser_of(name, keys))
    _refuse_malformed(config.file, name, len(rows), malformed)
    stamp = config.stamp if config.stamp != "auto" else ("start" if name == "envoy" else "end")
    first_at, stamped = _stamped(np.array(rows, dtype=np.int64), timed=name != "combined", ends=stamp == "end")
    t, service = stamped.arranged(stamped.even_places())
    return AccessLog(t=t, service=service, malformed=tuple(malformed), first_at=first_at, format=name, lines=stamped)


def _parse(lines: list[str], parse: Parser) -> tuple[list[tuple[int, int]], list[tuple[int, str]]]:
    rows: list[tuple[int, int]] = []
    malformed: list[tuple[int, str]] = []
    for number, line in enumerate(lines, start=1):
        try:
            rows.append(parse(line))
        except ValueError as cause:
            if line.strip():
                malformed.append((number, str(cause)))
    return rows, malformed


def _refuse_malformed(path: str, name: str, n_read: int, malformed: list[tuple[int, str]]) -> None:
    total = n_read + len(malformed)
    if len(malformed) <= MOST_MALFORMED * total:
        return
    count = f"{len(malformed):,} of {total:,} lines ({100 * len(malformed) / total:.3g} %) are not {name}"
    first = ", ".join(f"line {line}: {reason}" for line, reason in malformed[:3])
    way_out = "state time_key and duration_key" if name == "json" else "state another format"
    raise InputError(
        f"{path}: {count}, the limit is {100 * MOST_MALFORMED:.3g} %: {first}; {way_out}, or leave them out"
    )


def _stamped(rows: npt.NDArray[np.int64], *, timed: bool, ends: bool) -> tuple[int, Stamped]:
    """Return the wall-clock time of t = 0, and the rows in order of their stamps, counted from it."""
    order = np.argsort(rows[:, 0], kind="stable")
    stamps, durations = rows[order].T
    resolution = next(ns for ns in RESOLUTIONS if not (stamps % ns).any())
    first_at = int((stamps - durations if ends else stamps).min())
    return first_at, Stamped(stamps - first_at, durations if timed else None, ends, resolution)
