"""Finding: what a detector says, and the thresholds of all detectors. Not how it comes to it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

EPHEMERAL_PORTS = 28_232
"""Ports of Linux' default ip_local_port_range, 32768 to 60999."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From when on something is wrong. Durations in seconds; defaults and sources: formats_lint_reports.md, 12.1."""

    entries: int = 65_536
    """Sockets that the watcher remembers; the one that changed least recently is forgotten for a new one. An exact
    LRU: the kernel's BPF_MAP_TYPE_LRU_HASH loses 0.15 to 0.9 % of the newest as well (measured on Linux 6.18)."""
    half_open: float = 3.0
    """A dial without an answer for so long: three SYNs lost (two before Linux 6.5)."""
    flash: float = 0.1
    """A connection that was open for less is a flash disconnect."""
    flash_resets: int = 5
    """So many of them, ended by RST within a window, are reported."""
    flash_share: float = 0.3
    """So much more of the connections of a window than of those before it are reported, ended how ever."""
    close_wait: float = 60.0
    """A socket that its program has not closed for so long after the peer did leaks."""
    close_wait_sockets: int = 3
    ports: int = EPHEMERAL_PORTS
    """Local ports towards one destination."""
    time_wait_share: float = 0.5
    """Share of the ports in TIME_WAIT."""
    time_wait_table: int = 131_072
    """tcp_max_tw_buckets; 80 % of it are reported."""
    exhaustion: float = 120.0
    """Ports that are gone sooner are reported."""
    retransmissions: float = 0.01
    """Share of segments sent again; five times as many are an error."""
    starved: float = 10.0
    """Requests that wait for a slot of the pool for so long without a break."""
    window: float = 10.0
    """In which rates and shares are taken; alarms closer together are one episode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """An episode: from the first alarm to the last."""

    detector: str
    key: str
    """Where: a destination, a listener, a state."""
    start: float
    """s"""
    end: float
    n: int
    """Records that were evidence."""
    value: float
    """The worst of it."""
    threshold: float
    text: str
    cure: str = ""
    """What cures it, where a setting does."""


Worst = Callable[[float, float], float]


class Episodes:
    """Alarms of one detector, put together by key where no more than `gap` seconds lie between two."""

    def __init__(  # parameters: the words of a detector
        self, detector: str, gap: float, *, threshold: float, text: str, cure: str = "", worst: Worst = max
    ) -> None:
        self._detector, self._gap, self._threshold = detector, gap, threshold
        self._text, self._cure, self._worst = text, cure, worst
        self._open: dict[str, list[float]] = {}
        self._closed: list[tuple[str, list[float]]] = []

    def alarm(self, key: str, t: float, value: float, *, n: int = 1) -> None:
        """Something is wrong at `key` since `t`; of an episode the worst value is told."""
        episode = self._open.get(key)
        if episode is not None and not t > episode[1] + self._gap:
            episode[1], episode[2] = max(t, episode[1]), episode[2] + n
            episode[3] = self._worst(value, episode[3])
            return
        if episode is not None:
            self._closed.append((key, episode))
        self._open[key] = [t, t, n, value]

    def findings(self) -> Iterator[Finding]:
        """All episodes, in order of their starts."""
        episodes: Iterable[tuple[str, list[float]]] = [*self._closed, *self._open.items()]
        for key, (start, end, n, value) in sorted(episodes, key=lambda one: (one[1][0], one[0])):
            text = self._text.format(key=key, n=int(n), value=value)
            yield Finding(
                detector=self._detector, key=key, start=start, end=end, n=int(n), value=value,
                threshold=self._threshold, text=text, cure=self._cure,
            )  # fmt: skip
