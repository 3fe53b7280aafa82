"""Growth: which state of goroutines grows without end, which cause fits, and which setting cures it.

Source: formats_lint_reports.md, 12.1: a robust slope (Theil-Sen) that is more than chance (Mann-Kendall), on samples
thinned to about one per correlation time, of what the load does not explain. The causes: go_transport.md, 5.1.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.detect.finding import Finding

Samples = NDArray[np.float64]


class Cause(NamedTuple):
    """Why a state grows, and what ends that."""

    why: str
    cure: str


CAUSES: Mapping[str, Cause] = {
    "read_loop_idle": Cause(
        "idle connections are never closed: no IdleConnTimeout, or a new Transport for each request",
        "IdleConnTimeout (30 s), MaxIdleConns, one Transport for all requests",
    ),
    "read_loop_body_unread": Cause(
        "bodies are neither read to their end nor closed, so their connections never come back",
        "resp.Body.Close() on every path, after reading it (`read: full`)",
    ),
    "caller_awaiting_headers": Cause(
        "a server accepts requests and does not answer them", "ResponseHeaderTimeout, Client.Timeout, a deadline"
    ),
    "caller_awaiting_conn": Cause(
        "MaxConnsPerHost is reached, by requests that do not end or by bodies that are never closed",
        "Client.Timeout or a deadline, and whoever holds the connections; then MaxConnsPerHost",
    ),
    "dial_connecting": Cause("SYNs are not answered", "Dialer.Timeout (some seconds)"),
    "dial_handshaking": Cause("TLS handshakes do not end", "TLSHandshakeTimeout (10 s)"),
    "dial_resolving": Cause("the resolver does not answer", "resolv.conf: timeout and attempts; Dialer.Timeout"),
    "caller_reading_body": Cause(
        "bodies come slowly, or stop", "Client.Timeout: ResponseHeaderTimeout is over by then"
    ),
    "h2_caller_awaiting_headers": Cause(
        "a server of HTTP/2 accepts streams and does not answer them", "Client.Timeout, a deadline, ReadIdleTimeout"
    ),
    "h2_stream": Cause("streams of HTTP/2 do not end", "Client.Timeout, a deadline"),
}
"""By state of `models/transport/goroutines.py`. What comes with these has no row: a writeLoop with each readLoop."""

P = 0.01
LEAST_GROWTH, LEAST_SHARE = 50.0, 0.2
"""Goroutines, and share of what there was, that a state has to grow by."""
MOST_POINTS, LEAST_POINTS = 64, 10
_CORRELATED = 0.3


def growing(t: Samples, states: Mapping[str, Samples], load: Samples) -> Iterator[Finding]:
    """The states that grow over the whole of the samples, and go on growing in their second half.

    Parameters
    ----------
    t, load : instants (s) and requests that arrive per second then, shape (n,).
    states : goroutines of each state then.
    """
    for state, counts in states.items():
        cause = CAUSES.get(state)
        if cause is None:
            continue
        beyond = counts - _explained(counts, load)
        whole, half = _Trend(t, beyond), _Trend(t[len(t) // 2 :], beyond[len(t) // 2 :])
        least = max(LEAST_GROWTH, LEAST_SHARE * float(np.median(counts[: max(len(counts) // 10, 1)])))
        if whole.is_growth(least) and half.is_growth(least / 4):
            yield Finding(
                detector="goroutine-leak", key=state, start=float(t[0]), end=float(t[-1]), n=len(t), value=whole.slope,
                threshold=least, text=f"{state} grew by {whole.growth:,.0f} goroutines, {whole.slope:.2g} a second:"
                f" {cause.why}", cure=cause.cure,
            )  # fmt: skip


def _explained(counts: Samples, load: Samples) -> Samples:
    """What the load adds: in proportion (Little), as at first, when nothing had leaked yet."""
    first = slice(0, max(len(counts) // 8, 1))
    at_first = float(np.mean(load[first]))
    if at_first <= 0:
        return np.zeros_like(counts)
    explained: Samples = np.mean(counts[first]) / at_first * (load - at_first)
    return explained


class _Trend:
    """A robust slope, and whether it is more than chance."""

    def __init__(self, t: Samples, values: Samples) -> None:
        from scipy import stats  # takes half a second to import, which other commands need not wait for

        self.slope, self.growth, self.p = 0.0, 0.0, 1.0
        step = max(len(t) // MOST_POINTS, 1)
        while len(t) // step >= LEAST_POINTS:
            x, y = _means(t, step), _means(values, step)
            slope = float(stats.theilslopes(y, x).slope)
            if not _is_thin(y - slope * x):
                step *= 2
                continue
            if np.ptp(y) > 0:
                found: Any = stats.kendalltau(x, y, alternative="greater", method="asymptotic")
                self.slope, self.p, self.growth = slope, float(found.pvalue), slope * float(t[-1] - t[0])
            return

    def is_growth(self, least: float) -> bool:
        return self.growth > least and self.p < P


def _means(values: Samples, step: int) -> Samples:
    n = len(values) // step * step
    means: Samples = values[:n].reshape(-1, step).mean(axis=1)
    return means


def _is_thin(rest: Samples) -> bool:
    """Whether neighbours hardly correlate; those on a straight line but for rounding do not matter."""
    rest = rest - rest.mean()
    power = float(rest @ rest)
    return power < 1e-9 * len(rest) or float(rest[1:] @ rest[:-1]) / power < _CORRELATED or len(rest) < 2 * LEAST_POINTS
