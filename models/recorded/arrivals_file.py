"""arrivals_of: the input of a recording, drawn from the experiment's seed or read from another recording.

Times are quantised to 0.1 ms, so that what is written is exactly what is sent.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from models.recorded.experiment import Experiment
from models.workload.arrivals import open_arrivals
from models.workload.closed_loop import ClosedLoop, ThinkTimes
from models.workload.replay import NEVER_ANSWERS, NEVER_FROM_SECONDS, ReplayFile, read_replay
from sim.engine.streams import Streams
from sim.units import MS, SECOND

QUANTUM = MS // 10
MOST_ROWS = 500_000
MOST_PER_SECOND = 2000
"""One process on one core sends them; more would measure the recorder."""
MOST_WORKERS = 2000
_PURPOSE = "arrivals"


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """One request: when (open loop: t, closed loop: think), how long it is served (-1: never), whom it asks."""

    when: int
    service: int
    host: int
    worker: int


@dataclass(frozen=True, slots=True)
class Arrivals:
    """All rows of an input."""

    closed: bool
    rows: Sequence[ArrivalRow]

    @property
    def workers(self) -> int:
        """Callers of a closed loop; 0 of an open one."""
        return max(row.worker for row in self.rows) + 1 if self.closed else 0

    def text(self) -> str:
        """As comma-separated values: id,t|think,service,host,worker."""
        head = f"id,{'think' if self.closed else 't'},service,host,worker\n"
        return head + "".join(
            f"{i},{_seconds(row.when)},{_seconds(row.service)},{row.host},{row.worker}\n"
            for i, row in enumerate(self.rows)
        )


def arrivals_of(experiment: Experiment) -> Arrivals:
    """The rows that an experiment asks for.

    Raises
    ------
    ValueError
        "field: what is wrong": none, more than the recorder can send, or a host that is not there.
    InputError
        The file of a replay is wrong.
    """
    how = experiment.arrivals
    if isinstance(how, ReplayFile):
        found = _replayed(how)
    elif isinstance(how, ClosedLoop):
        found = Arrivals(True, list(_drawn_closed(experiment, how)))
    else:
        found = Arrivals(False, list(_drawn_open(experiment)))
    _refuse(experiment, found)
    return found


def _drawn_open(experiment: Experiment) -> Iterator[ArrivalRow]:
    streams = Streams(experiment.seed)
    service = _service(experiment, streams)
    hosts = _hosts(experiment, streams)
    hangs = streams.uniforms(f"{_PURPOSE}.never")
    how = experiment.arrivals
    assert not isinstance(how, ClosedLoop | ReplayFile)
    for t in islice(open_arrivals(how, streams, _PURPOSE, until=experiment.duration), MOST_ROWS + 1):
        served = _quantised(service()) if not _hangs(experiment, t, hangs()) else -1
        yield ArrivalRow(_quantised(t), served, next(hosts), 0)


def _drawn_closed(experiment: Experiment, how: ClosedLoop) -> Iterator[ArrivalRow]:
    """For each worker as many rows as it can need: until thinking and being served alone would take the duration."""
    if how.workers > MOST_WORKERS:
        raise ValueError(f"arrivals: {how.workers:,} workers; {MOST_WORKERS:,} are the most")
    streams = Streams(experiment.seed)
    service = _service(experiment, streams)
    think = ThinkTimes(how, streams, _PURPOSE)
    hosts = _hosts(experiment, streams)
    n_hosts, n_rows = len(experiment.asked()), 0
    for worker in range(how.workers):
        free = 0
        while free < experiment.duration and n_rows <= MOST_ROWS:
            row = ArrivalRow(_quantised(think.draw(worker)), _quantised(service()), next(hosts), worker)
            if experiment.host_choice == "in-turn":
                row = ArrivalRow(row.when, row.service, worker % n_hosts, worker)
            yield row
            free += row.when + row.service
            n_rows += 1


def _service(experiment: Experiment, streams: Streams) -> Callable[[], int]:
    assert experiment.service is not None, "an experiment that draws its arrivals has service times"
    return streams.ints(f"{_PURPOSE}.service", experiment.service)


def _hosts(experiment: Experiment, streams: Streams) -> Iterator[int]:
    n_hosts = len(experiment.asked())
    if experiment.host_choice == "in-turn":
        return cycle(range(n_hosts))
    return iter(streams.integers(f"{_PURPOSE}.host", 0, n_hosts - 1), -1)


def _hangs(experiment: Experiment, t: int, drawn: float) -> bool:
    never = experiment.never_answered
    return never is not None and never.begins <= t < never.ends and drawn < never.share


def _replayed(how: ReplayFile) -> Arrivals:
    replay = read_replay(how.file)
    rows = replay.rows()
    quantised = [
        ArrivalRow(_quantised(when), -1 if service == NEVER_ANSWERS else _quantised(service), host, worker)
        for when, service, host, worker in zip(*rows, strict=True)
    ]
    return Arrivals(replay.closed, quantised)


def _refuse(experiment: Experiment, found: Arrivals) -> None:
    n_rows, seconds = len(found.rows), experiment.duration / SECOND
    if n_rows == 0:
        raise ValueError(f"arrivals: none within {seconds:g} s; raise the rate, or Duration")
    if n_rows > MOST_ROWS:
        raise ValueError(f"arrivals: more than {MOST_ROWS:,} rows; lower the rate, the workers or Duration")
    if found.workers > MOST_WORKERS:
        raise ValueError(f"arrivals: more than {MOST_WORKERS:,} workers; lower them")
    if not found.closed and n_rows > MOST_PER_SECOND * seconds:
        raise ValueError(f"arrivals: {n_rows / seconds:,.0f} a second; the recorder sends {MOST_PER_SECOND:,} at most")
    if not found.closed and found.rows[-1].when > experiment.duration:
        raise ValueError(f"duration: the last arrival is at {_seconds(found.rows[-1].when)} s; raise Duration")
    highest = max(row.host for row in found.rows)
    if highest >= len(experiment.asked()):
        raise ValueError(f"hosts: the arrivals ask host {highest}; there are {len(experiment.asked())}, from 0")


def _quantised(ns: int) -> int:
    return (ns + QUANTUM // 2) // QUANTUM * QUANTUM


def _seconds(ns: int) -> str:
    """Without zeros at the end; 9999 for a service that never ends."""
    if ns < 0:
        return f"{NEVER_FROM_SECONDS:g}"
    whole, part = divmod(ns // QUANTUM, SECOND // QUANTUM)
    return f"{whole}.{part:04}".rstrip("0").rstrip(".")
