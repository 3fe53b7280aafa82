"""What a run shows over time besides its levels: rates, shares and latencies by windows, declared over its tables."""

from models.metrics import LATENCY, OK, OK_REQUESTS, REQUESTS
from sim.records.metric import Between, Is, Known, Not
from sim.records.window import Percentile, Rate, Share, Windowed

WINDOWS: dict[str, Windowed] = {
    "arrived_per_s": Rate(REQUESTS, "t_arrival"),
    "forwarded_per_s": Rate(REQUESTS.having(Known("t_gotconn")), "t_gotconn"),
    "ok_per_s": Rate(OK_REQUESTS, "t_done"),
    "failed_per_s": Rate(REQUESTS.having(Not(OK)), "t_done"),
    "failed_share": Share(REQUESTS.having(Not(OK)), REQUESTS, "t_done"),
    "lat_p50": Percentile(REQUESTS, LATENCY, 0.5, "t_done"),
    "lat_p99": Percentile(REQUESTS, LATENCY, 0.99, "t_done"),
}
"""Arrivals count where they arrive, connections where they are had, the rest where the request ends; latencies are of
all requests that end in the window, failed ones too: during an outage those of the others alone would flatter."""

MOST_SHARES = 16
"""Backends up to which each has a column of its own: more lines are no picture, and every column costs a pass."""

_CARRIED = REQUESTS.having(Known("t_gotconn"), Between("backend", 0))


def share_windows(n_backends: int) -> dict[str, Windowed]:
    """What each backend has of the requests that get a connection in the window, of a world with so many backends."""
    if not 2 <= n_backends <= MOST_SHARES:
        return {}
    return {f"share_b{i}": Share(_CARRIED.having(Is("backend", i)), _CARRIED, "t_gotconn") for i in range(n_backends)}
