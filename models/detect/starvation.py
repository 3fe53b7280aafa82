"""Starvation: requests that wait for a slot of the pool without a break, and whether slots come back at all."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from models.detect.finding import Finding, Thresholds


def starvation(
    t: NDArray[np.float64], waiting: NDArray[np.float64], ended: NDArray[np.float64], *, limits: Thresholds
) -> Iterator[Finding]:
    """Spells in which somebody waits, longer than `limits.starved`.

    Parameters
    ----------
    t : instants (s), shape (n,).
    waiting : requests that wait for a slot then.
    ended : requests that end well per second then.
    """
    is_waiting = np.concatenate(([False], waiting > 0, [False]))
    begins, ends = (
        np.flatnonzero(np.diff(is_waiting.astype(int)) == 1),
        np.flatnonzero(np.diff(is_waiting.astype(int)) == -1),
    )
    for begin, end in zip(begins, ends, strict=True):
        start, stop = float(t[begin]), float(t[end - 1])
        if stop - start < limits.starved:
            continue
        most, rate = float(waiting[begin:end].max()), float(np.median(ended[begin:end]))
        if rate > 0:
            why = f"all slots were busy, {rate:.3g} requests a second ended"
            cure = "faster answers, fewer requests, or a larger MaxConnsPerHost"
        else:
            why = "no slot came back: their requests do not end, or their bodies are not closed"
            cure = "Client.Timeout or a deadline; bodies read and closed"
        text = f"up to {most:,.0f} requests waited for a slot for {stop - start:.0f} s: {why}"
        yield Finding(
            detector="pool-starvation", key="leaked" if rate == 0 else "busy", start=start, end=stop,
            n=int(end - begin), value=most, threshold=limits.starved, text=text, cure=cure,
        )  # fmt: skip
