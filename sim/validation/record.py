"""record: repetitions of one case, played for real by the recorder in namespaces of its own, one after the other.

What a case means, models declare; the recorder's own program (experiments/reality/recorder) plays and measures it.
"""

import gzip
import json
import math
import os
import platform
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from sim.records.disk import refusals, write_whole
from sim.units import InputError
from sim.validation.actor import Actor, sleep_until, stage
from sim.validation.interruption import interrupted_only_waiting
from sim.validation.laboratory import Blueprint, Namespaces, furnish, join, namespaces

ARRIVALS = "arrivals.csv.gz"
INPUT = "input.json"
SUMMARY = "summary.json"
REPETITIONS = "rep[0-9]*"
LEAD_NS = 300_000_000
"""From the last "ready" to T0: everybody is told before it comes."""
GRACE_S = 30.0
"""For writing what was recorded."""
FIRST = ("nice", "-n", "-20", "env", "GOMAXPROCS=1")
"""Everybody plays on one core and goes before other programs, which would otherwise be recorded as delays."""
LATE_S = 0.0125
"""What a recording on a quiet machine stays below: 0.1 to 12 ms in the recorded cases (reality/README.md, set-up)."""
STEP_S = 0.2
"""How often progress is shown and failures are looked for."""


class Assignment(Protocol):
    """One case as the recorder needs it."""

    @property
    def name(self) -> str: ...

    @property
    def input(self) -> Mapping[str, Any]:
        """input.json without what only the run knows."""

    @property
    def arrivals(self) -> str:
        """The arrivals as comma-separated values."""

    @property
    def blueprint(self) -> Blueprint: ...

    @property
    def seconds(self) -> float:
        """From T0 to the last sample."""

    @property
    def has_names(self) -> bool:
        """Whether a DNS server answers in the client's namespace."""

    @property
    def stops(self) -> Sequence[tuple[float, float]]:
        """When the servers' process is stopped, and for how long, in seconds."""


Progress = Callable[[float, float], object]
"""Told (seconds done, seconds in all)."""


def record(
    assignment: Assignment, program: Path, out: Path, *, reps: int, progress: Progress | None = None
) -> list[Path]:
    """Record `reps` repetitions into `out`; each is there whole or not at all.

    Raises
    ------
    InputError
        There is a recording already, or it cannot be made here.
    KeyboardInterrupt
        Ctrl-C, or a signal that ends us; what was whole is kept.
    """
    refuse_earlier(out)
    version = _version(program)
    with refusals(out):
        out.mkdir(parents=True, exist_ok=True)
    write_whole(out / ARRIVALS, gzip.compress(assignment.arrivals.encode(), mtime=0))
    with interrupted_only_waiting(), _given_up_if_empty(out):
        return [
            _repetition(
                assignment, program, out, {"Rep": rep, "GoVersion": version},
                _of_rep(progress, rep, reps, assignment.seconds),
            )
            for rep in range(1, reps + 1)
        ]  # fmt: skip


@contextmanager
def _given_up_if_empty(out: Path) -> Iterator[None]:
    """Remove `out` in the end if no repetition came into it."""
    try:
        yield
    finally:
        if not any(out.glob(REPETITIONS)):
            (out / ARRIVALS).unlink(missing_ok=True)
            with suppress(OSError):
                out.rmdir()


def input_document(assignment: Assignment, own: Mapping[str, Any]) -> str:
    """A repetition's input.json: what was asked for, and what only this run knows (Rep, Kernel, T0UnixNano ...)."""
    return json.dumps({**assignment.input, **own}, indent=1) + "\n"


def lateness(repetition: Path) -> float:
    """How late requests were sent, in seconds (p99): what else the machine was doing."""
    found = json.loads((repetition / SUMMARY).read_text(encoding="utf-8"))
    return float(found["arrival_lag"]["p99"])


def refuse_earlier(out: Path) -> None:
    """Raise InputError where `out` has a recording."""
    if any(out.glob(REPETITIONS)):
        raise InputError(f"{out}: has a recording already and was left alone; name another folder with --out")


def _version(program: Path) -> str:
    return subprocess.run([str(program), "version"], capture_output=True, text=True, check=True).stdout.strip()


def _of_rep(progress: Progress | None, rep: int, reps: int, seconds: float) -> Callable[[float], object]:
    if progress is None:
        return lambda _: None
    return lambda done: progress((rep - 1) * seconds + min(done, seconds), reps * seconds)


def _repetition(  # parameters: what is common to all repetitions, and what is this one's
    assignment: Assignment, program: Path, out: Path, own: Mapping[str, Any], told: Callable[[float], object]
) -> Path:
    """One repetition, played in a folder beside `out` and moved there when it is whole."""
    with refusals(out):
        folder = Path(tempfile.mkdtemp(prefix=f".{own['Rep']}.", dir=out))
    try:
        (folder / "rep").mkdir()
        (folder / ARRIVALS).write_bytes((out / ARRIVALS).read_bytes())
        (folder / INPUT).write_text(json.dumps(dict(assignment.input)), encoding="utf-8")
        t0_ns = _play(assignment, program, folder, told)
        written = input_document(assignment, {**own, "Kernel": platform.release(), "T0UnixNano": t0_ns})
        (folder / "rep" / INPUT).write_text(written, encoding="utf-8")
        place = out / f"rep{own['Rep']}"
        with refusals(place):
            (folder / "rep").replace(place)
        return place
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _play(assignment: Assignment, program: Path, folder: Path, told: Callable[[float], object]) -> int:
    """Build the laboratory, play, and return T0."""
    with namespaces(assignment.blueprint) as made, stage() as actors:
        _enter(assignment, program, folder, made, actors)
        t0_ns = time.time_ns() + LEAD_NS
        for actor in actors:
            actor.begin(t0_ns)
        server = next(actor for actor in actors if actor.role == "server")
        _watch(assignment, actors, server, t0_ns, told)
        last_ns = t0_ns + int((assignment.seconds + GRACE_S) * 1e9)
        for actor in reversed(actors):  # the client first: it needs the others to its end
            actor.dismiss()
            actor.wait((last_ns - time.time_ns()) / 1e9)
        return t0_ns


def _enter(  # parameters: a laboratory and who is to play in it
    assignment: Assignment, program: Path, folder: Path, made: Namespaces, actors: list[Actor]
) -> None:
    """Start everybody in the order in which they need each other: the link, the server, the names, the client."""

    def start(role: str, namespace: str, *rest: str) -> Actor:
        where = ["ip", "netns", "exec", namespace] if namespace else []
        one = [*FIRST, str(program.resolve()), role, str(folder.resolve()), *rest]
        actors.append(Actor(role, [*where, *one], folder / f"{role}.log"))
        actors[-1].wait_ready()
        return actors[-1]

    if assignment.blueprint.link == "tun":
        start("link", "", made.client, made.server)
    else:
        join(made)
    furnish(made, assignment.blueprint)
    server = start("server", made.server)
    if assignment.has_names:
        start("names", made.client)
    start("client", made.client, str(server.pid))


def _watch(  # parameters: a run and who looks at it
    assignment: Assignment, actors: Sequence[Actor], server: Actor, t0_ns: int, told: Callable[[float], object]
) -> None:
    """Show progress to the end of the run, and stop and continue the server where the case says so."""
    for at, do in _instants(assignment):
        sleep_until(t0_ns + int(at * 1e9))
        if do is not None:
            with suppress(ProcessLookupError):
                os.kill(server.pid, do)
            continue
        told(at)
        for actor in actors:
            actor.refuse_failure()


def _instants(assignment: Assignment) -> list[tuple[float, signal.Signals | None]]:
    """When to do what: look (None), stop the server, continue it."""
    steps = math.ceil(assignment.seconds / STEP_S)
    looks: list[tuple[float, signal.Signals | None]]
    looks = [(min(k * STEP_S, assignment.seconds), None) for k in range(1, steps + 1)]
    for at, length in assignment.stops:
        looks += [(at, signal.SIGSTOP), (at + length, signal.SIGCONT)]
    return sorted(looks, key=lambda look: look[0])
