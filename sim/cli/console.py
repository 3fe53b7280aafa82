"""What people see: the answer on standard output, the talk on standard error. Only live.py knows rich too."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from shutil import get_terminal_size
from textwrap import fill
from typing import Any

from sim.units import InputError

BAR_AFTER_S = 2.0
"""Shorter work shows no bar: it would only flicker."""

Progress = Callable[..., None]
"""Called with what is done and, if it is not 1, with the whole."""


def answer(text: str = "") -> None:
    """Print a line of the answer."""
    with _standard_output():
        print(text)


def say(text: str) -> None:
    """Print a line of talk."""
    print(text, file=sys.stderr)


def warn(warnings: Sequence[str]) -> None:
    """Say the first few warnings and how many more there are."""
    for line in warnings[:_MOST_WARNINGS]:
        say(f"warning: {line}")
    if len(warnings) > _MOST_WARNINGS:
        say(f"warning: {len(warnings) - _MOST_WARNINGS:,} more like these")


def document(value: Any) -> None:
    """Print one JSON document; what JSON cannot say (NaN, infinity) becomes null."""
    with _standard_output():
        print(json.dumps(jsonable(value), indent=2, ensure_ascii=False))


def jsonable(value: Any) -> Any:
    """The same in JSON's terms: containers copied, NumPy's numbers plain, infinite and undefined ones null."""
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(item) for item in value]
    if hasattr(value, "item"):
        return jsonable(value.item())
    if isinstance(value, float) and (value != value or value in {float("inf"), float("-inf")}):  # noqa: PLR0124  NaN
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def columns_wide() -> int:
    """The columns of a line: those of the terminal, or what COLUMNS says; wide where there is neither."""
    return get_terminal_size((_WIDE, 24)).columns if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDE


def paragraph(head: str, lines: Sequence[str]) -> None:
    """Print a line and, indented below it, texts that are folded to the width."""
    answer(head)
    for line in lines:
        answer(fill(line, columns_wide(), initial_indent="    ", subsequent_indent="    "))


def table_or_paragraphs(columns: Sequence[str], found: Sequence[Sequence[str]], numeric: Sequence[int] = ()) -> None:
    """A table, or on a narrow terminal, which would fold its cells, a paragraph per row."""
    widths = [max(map(len, cells)) for cells in zip(columns, *found, strict=True)]
    if columns_wide() >= min(TABLE_FROM, sum(widths) + 3 * (len(widths) - 1)):
        table(columns, found, numeric)
        return
    for row in found:
        paragraph(row[0], [f"{head} {cell}" for head, cell in zip(columns[1:], row[1:], strict=True) if cell])


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[int] = ()) -> None:
    """Print rows under their heads, the columns of `numeric` flush right; colour only on a terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=sys.stdout, highlight=False, width=columns_wide())
    drawn = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for i, column in enumerate(columns):
        drawn.add_column(column, justify="right" if i in numeric else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*[Text(cell, style=_STYLES.get(cell, "")) for cell in row])
    with console.capture() as capture:
        console.print(drawn)
    for line in capture.get().splitlines():
        answer(line.rstrip())


def finish() -> None:
    """Bring what was printed to its reader: only then a full disk shows."""
    with _standard_output():
        sys.stdout.flush()


@contextmanager
def _standard_output() -> Iterator[None]:
    """Turn what the disk behind standard output refuses into one line; a reader who has left is no fault."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is still buffered would be refused again at the end
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"standard output: {reason}; the answer is cut off, the results are on the disk") from error


@contextmanager
def interruption(text: str) -> Iterator[None]:
    """Say a line at once when Ctrl-C comes: what follows on it may take a while."""
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield
        return

    def hear(_: int, frame: Any) -> None:
        say(text)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, hear)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def progress(what: str) -> Iterator[Progress]:
    """A bar with rate and time left for work of more than two seconds, on standard error, only on a terminal."""
    if not sys.stderr.isatty():
        yield _unseen
        return
    bar = _Bar(what)
    try:
        yield bar.show
    finally:
        bar.stop()


@contextmanager
def watching(what: str) -> Iterator[Progress]:
    """The table of a sweep that goes on for more than two seconds, on a wide terminal; elsewhere as `progress`."""
    from sim.cli.live import NARROW, LiveTable

    if not sys.stderr.isatty() or get_terminal_size().columns < NARROW:
        with progress(what) as show:
            yield show
        return
    table = LiveTable(what, BAR_AFTER_S)
    try:
        yield table
    finally:
        table.stop()


_STYLES = {"SUPPORTED": "green", "HOLDS IF": "cyan", "REFUTED": "magenta", "UNDECIDED": "yellow", "MISSED": "bold red"}
_MOST_WARNINGS = 10
TABLE_FROM = 100
"""Columns of a terminal from which on rows of many cells are a table, below it paragraphs."""
_WIDE = 160
"""Columns of a table where no terminal says how many there are."""


def _unseen(done: float, total: float = 1.0) -> None:
    """Nobody watches."""


class _Bar:
    def __init__(self, what: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Drawn

        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
        counted = (*columns, MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
        self._drawn = Drawn(*counted, console=Console(stderr=True), transient=True)
        self._task = self._drawn.add_task(what, rate="")
        self._began = time.monotonic()

    def show(self, done: float, total: float = 1.0) -> None:
        spent = time.monotonic() - self._began
        if spent < BAR_AFTER_S:
            return
        self._drawn.update(self._task, completed=done, total=total, rate=f"{done / spent:.3g}/s")
        self._drawn.start()

    def stop(self) -> None:
        self._drawn.stop()
