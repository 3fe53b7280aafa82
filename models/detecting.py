"""Detecting: what the detectors need of a scenario, and what they find in the levels and counts of its run.

Not the detectors themselves (`models/detect`), which know records alone.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from models.detect.finding import Episodes, Finding, Thresholds
from models.detect.growth import growing
from models.detect.lists import FULL
from models.detect.starvation import starvation
from models.scenario import Scenario

Column = NDArray[np.float64]
MSS = 1448
"""Bytes of data in a segment, with timestamps."""
SEGMENTS_OF_A_CONNECTION = 7
"""SYN, SYN-ACK, ACK; FIN, FIN and ACK, ACK; an ACK of the last answer."""


def thresholds_of(scenario: Scenario, entries: int) -> Thresholds:
    """The thresholds for a run of the scenario: its own range of ports and table of TIME_WAITs."""
    kernels = [client.kernel for client in scenario.clients.values()]
    if not kernels:
        return Thresholds(entries=entries)
    ranges = [kernel.ip_local_port_range for kernel in kernels]
    return Thresholds(
        entries=entries,
        ports=min(high - low + 1 for low, high in ranges),
        time_wait_table=max(min(kernel.tcp_max_tw_buckets for kernel in kernels), 1),
    )


def level_findings(
    scenario: Scenario, columns: Mapping[str, Column], rates: Mapping[str, Column], *, limits: Thresholds
) -> Iterator[Finding]:
    """What the levels of a run say.

    Parameters
    ----------
    columns : the samples: t (s), goroutines by state, dials, sockets by state.
    rates : the windows: t, and requests that arrive and that end well per second.
    """
    t = columns["t"]
    load = np.interp(t, rates["t"], rates["arrived_per_s"])
    after = (t >= scenario.warmup / 1e9) & (t <= scenario.duration / 1e9)
    states = {
        name.removeprefix("goroutines_"): values[after]
        for name, values in columns.items()
        if name.startswith("goroutines_")
    }
    if after.any():
        yield from growing(t[after], states, load[after])
    # callers without a connection, less those whose own dial is under way; Go's queue keeps who was served otherwise
    waiting = np.maximum(columns["goroutines_caller_awaiting_conn"] - columns["dialing"], 0)
    yield from starvation(t, waiting, np.interp(t, rates["t"], rates["ok_per_s"]), limits=limits)
    yield from _floods(scenario, t, columns["s_syn_recv"], limits)


def _floods(scenario: Scenario, t: Column, half_open: Column, limits: Thresholds) -> Iterator[Finding]:
    """Requests that wait for the final ACK, of all backends together, against their backlogs."""
    backlog = sum(
        service.backends * min(service.backlog, service.kernel.somaxconn) for service in scenario.services.values()
    )
    episodes = Episodes(
        "syn-flood", limits.window, threshold=FULL,
        text="half-open connections of {key} filled up to {value:.0%} of their backlogs",
        cure="tcp_syncookies=1, a longer backlog, or a limit per source in front of it",
    )  # fmt: skip
    for instant, n in zip(t[half_open >= FULL * backlog], half_open[half_open >= FULL * backlog], strict=True):
        episodes.alarm("all services", float(instant), float(n / backlog))
    yield from episodes.findings()


def retransmissions(scenario: Scenario, summary: Mapping[str, float], limits: Thresholds) -> Iterator[Finding]:
    """Segments sent again against those sent, of the whole run: kernels here count the former alone.

    The latter are reckoned from the sizes of requests and answers and from the connections.
    """
    again = sum(summary.get(f"{side}.Tcp.RetransSegs", 0) for side in ("client", "server"))
    sizes = [
        -(-workload.request_size // MSS)
        + max(-(-scenario.services[name].response_size // MSS) for name in workload.targets())
        for workload in scenario.workloads.values()
    ]
    each = max(sizes, default=0) + 1
    dials = summary.get("dials_per_request", 0.0) * summary.get("n_requests", 0)
    sent = each * summary.get("n_requests", 0) + SEGMENTS_OF_A_CONNECTION * dials
    if sent and again > limits.retransmissions * sent:
        share = again / sent
        yield Finding(
            detector="retransmissions", key="all paths", start=0.0, end=(scenario.duration + scenario.tail) / 1e9,
            n=int(again), value=share, threshold=limits.retransmissions,
            text=f"about {share:.1%} of all segments were sent again",
            cure="the path: loss, a full queue, a policer; the kernel only shows it",
        )  # fmt: skip
