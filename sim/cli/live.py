"""The table that a terminal shows while a sweep runs. Beside `console`, through which it is reached, it knows rich."""

import time
from collections.abc import Mapping
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sim.execution.watch import Stage, Watcher, Widest

NARROW = 60
"""Columns below which a plain bar says enough."""
_PER_SECOND = 4


class LiveTable(Watcher):
    """Bar, rate, time left, failures and the widest interval, redrawn in place on standard error."""

    def __init__(self, what: str, after_s: float) -> None:
        self._what, self._after_s = what, after_s
        self._began = time.monotonic()
        self._stage: Stage | None = None
        self._first, self._kept = self._began, 0
        console = Console(stderr=True)
        self._live = Live(
            console=console, transient=True, refresh_per_second=_PER_SECOND, get_renderable=self._draw,
            vertical_overflow="crop",
        )  # fmt: skip

    def tell(self, stage: Stage) -> None:
        """Note where the sweep is; the table appears once it has gone on for a while."""
        if self._stage is None:  # from the first one on: before it, workers start; what came earlier was in the store
            self._first, self._kept = time.monotonic(), stage.done
        self._stage = stage
        if not self._live.is_started and time.monotonic() - self._began >= self._after_s:
            self._live.start()

    def stop(self) -> None:
        """Take the table away."""
        self._live.stop()

    def _draw(self) -> RenderableType:
        if self._stage is None:
            return Text("")
        told = lines(self._stage, time.monotonic() - self._first, self._kept)
        head = Table.grid(padding=(0, 1), expand=True)
        head.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        head.add_column(ratio=2)
        head.add_column(no_wrap=True, justify="right")
        bar = ProgressBar(total=max(1, self._stage.total), completed=self._stage.done)
        head.add_row(Text(self._what), bar, Text(f"{self._stage.done:,}/{self._stage.total:,}"))
        body = Table.grid(padding=(0, 2))
        body.add_column(style="dim", no_wrap=True)
        body.add_column(no_wrap=True, overflow="ellipsis")
        for name, value in told.items():
            body.add_row(name, Text(value, style="bold red" if name == "failed" else ""))
        return Group(head, body)


def lines(stage: Stage, spent_s: float, kept: int) -> Mapping[str, str]:
    """What the table says below its bar, by name.

    Parameters
    ----------
    spent_s : since the first trial of this sweep ended.
    kept : how many were done then; they say nothing of the rate.
    """
    ran = stage.done - kept
    rate = ran / spent_s if spent_s > 0 else 0.0
    told = {"rate": f"{_rate(rate)}, {_time((stage.total - stage.done) / rate)} left" if rate > 0 else "-"}
    if stage.failed:
        told["failed"] = f"{stage.failed:,}"
    if stage.widest is not None:
        told["widest"] = _widest(stage.widest)
    return told


def _rate(per_second: float) -> str:
    return f"{per_second:.2g} trials/s" if per_second >= 1 else f"{60 * per_second:.2g} trials/min"


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


def _widest(found: Widest) -> str:
    where = ", ".join([found.arm, *(f"{name} {value}" for name, value in found.point.items())])
    return f"{found.metric} ±{_width(found.half_width, found)} of {_goal(found)} ({where})"


def _width(half_width: float, found: Widest) -> str:
    """In the study's own terms: a percentage where it asks for one."""
    if not _is_relative(found.target):
        return f"{half_width:.2g}"
    asked = float(str(found.target).removesuffix("%"))
    return f"{asked * half_width / found.goal:.2g} %"


def _goal(found: Widest) -> str:
    return str(found.target).replace("%", " %") if _is_relative(found.target) else f"{found.goal:.2g}"


def _is_relative(target: Any) -> bool:
    return isinstance(target, str) and target.endswith("%")
