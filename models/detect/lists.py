"""Lists: detectors over what ss shows beside states: queues of listeners, segments sent again. Not states over time.

Half-open requests are no sockets, so no tracepoint reports them; lists do (formats_lint_reports.md, 12.1).
"""

import math
from collections.abc import Iterable, Iterator

from models.detect.finding import Episodes, Finding, Thresholds
from sim.records.sockets import Snapshot

FULL = 0.8
"""Share of a backlog."""
LEAST_SEGMENTS = 100
"""Fewer sent between two lists tell nothing."""
ERROR = 5
"""So many times the share that is a warning are an error."""


def listed_findings(snapshots: Iterable[Snapshot], limits: Thresholds) -> Iterator[Finding]:
    """What lists show: full accept queues, floods of requests, storms of retransmissions."""
    queues = Episodes(
        "accept-queue", limits.window, threshold=FULL,
        text="the accept queue of {key} was up to {value:.0%} full",
        cure="a program that accepts faster, or a longer backlog (listen(), somaxconn)",
    )  # fmt: skip
    floods = Episodes(
        "syn-flood", limits.window, threshold=FULL,
        text="half-open connections of {key} filled up to {value:.0%} of its backlog",
        cure="tcp_syncookies=1, a longer backlog, or a limit per source in front of it",
    )  # fmt: skip
    storms = Episodes(
        "retransmissions", limits.window, threshold=limits.retransmissions,
        text="up to {value:.1%} of the segments to {key} were sent again",
        cure="the path: loss, a full queue, a policer; the kernel only shows it",
    )  # fmt: skip
    sent: dict[str, tuple[int, int]] = {}
    for snapshot in snapshots:
        _look_at_listeners(snapshot, queues, floods)
        sent = _look_at_segments(snapshot, sent, storms, limits)
    for each in (queues, floods, storms):
        yield from each.findings()


def _look_at_listeners(snapshot: Snapshot, queues: Episodes, floods: Episodes) -> None:
    half_open: dict[int, int] = {}
    for one in snapshot.sockets:
        if one.state == "SYN_RECV":
            half_open[one.lport] = half_open.get(one.lport, 0) + 1
    for one in snapshot.sockets:
        if one.state == "LISTEN":
            key, room = f"{one.laddr}:{one.lport}", one.send_q + 1  # both queues hold one more than the backlog
            if one.recv_q >= FULL * room:
                queues.alarm(key, snapshot.t, one.recv_q / room)
            if half_open.get(one.lport, 0) >= FULL * room:
                floods.alarm(key, snapshot.t, half_open[one.lport] / room)


def _look_at_segments(
    snapshot: Snapshot, before: dict[str, tuple[int, int]], storms: Episodes, limits: Thresholds
) -> dict[str, tuple[int, int]]:
    """What was sent since the list before, by peer; of the first list, what was sent so far."""
    now: dict[str, tuple[int, int]] = {}
    for one in snapshot.sockets:
        if one.segments:
            key = f"{one.raddr}:{one.rport}"
            again, sent = now.get(key, (0, 0))
            now[key] = again + one.retransmitted, sent + one.segments
    for key, (again, sent) in now.items():
        again_before, sent_before = before.get(key, (0, 0))
        newly, again_newly = sent - sent_before, again - again_before
        if newly < LEAST_SEGMENTS or again_newly < 0:  # sockets went, and took their counts with them
            newly, again_newly = sent, again
        if newly >= LEAST_SEGMENTS and again_newly > limits.retransmissions * newly:
            storms.alarm(key, snapshot.t, again_newly / newly, n=again_newly)
    return now


def is_error(finding: Finding) -> bool:
    """Whether a storm of retransmissions is an error, not a warning."""
    return not math.isnan(finding.value) and finding.value >= ERROR * finding.threshold
