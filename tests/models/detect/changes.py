"""Changes of state as somebody tells them: what the tests of detectors share."""

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise

from models.detect.finding import Finding, Thresholds
from models.detect.sockets import SocketWatch
from sim.records.sockets import Change

LADDR, RADDR, RPORT = "10.0.0.5", "10.0.1.7", 80
DIAL = ("CLOSE", "SYN_SENT", "ESTABLISHED")
ACCEPT = ("LISTEN", "SYN_RECV", "ESTABLISHED")


def socket(  # parameters: a story
    number: int, states: Iterable[str], times: Iterable[float], *, lport: int = 40_000, raddr: str = RADDR
) -> Iterator[Change]:
    """The changes of one socket of a client: its states, and when it comes to each after the first."""
    before = math.nan
    for (old, new), t in zip(pairwise(states), times, strict=True):
        lasted = 0.0 if math.isnan(before) else (t - before) * 1e3
        port = 0 if new == "SYN_SENT" else lport
        yield Change(t, number, LADDR, port, raddr, RPORT, old, new, lasted)
        before = t


def accepted(number: int, states: Iterable[str], times: Iterable[float]) -> Iterator[Change]:
    """The same of a server's socket, at 10.0.1.7:80."""
    for change in socket(number, states, times):
        yield change._replace(laddr=RADDR, lport=RPORT, raddr=LADDR, rport=40_000 + number % 20_000)


def watched(changes: Iterable[Change], until: float = 0.0, **thresholds: float) -> SocketWatch:
    watch = SocketWatch(Thresholds(**thresholds))  # type: ignore[arg-type]  # of numbers all
    watch.see(sorted(changes, key=lambda one: one.t))
    watch.ends(until)
    return watch


def found(changes: Iterable[Change], until: float = 0.0, **thresholds: float) -> list[Finding]:
    return list(watched(changes, until, **thresholds).findings())


def kinds(findings: Iterable[Finding]) -> list[str]:
    return [one.detector for one in findings]
