"""Interruptions: signals that end us count while we wait, and are held back while something is made or tidied away.

A signal that raised wherever it arrives could arrive between making a thing and the `finally` that removes it.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What a terminal, a supervisor and a lost connection send."""


class _Held:
    """Whether one came, and whether it may interrupt now."""

    def __init__(self) -> None:
        self.came = False
        self.waiting = False

    def take(self, number: int, frame: FrameType | None) -> None:
        """The handler of them all."""
        self.came = True
        if self.waiting:
            self.waiting = False  # what is unwound now is left in peace by a second one
            raise KeyboardInterrupt


_held = _Held()


@contextmanager
def interrupted_only_waiting() -> Iterator[None]:
    """Take every ending signal for Ctrl-C, and let it interrupt inside `waiting` alone, or at the end."""
    if threading.current_thread() is not threading.main_thread():  # Python lets the main thread alone set handlers
        yield
        return
    _held.came = False
    before = {number: signal.signal(number, _held.take) for number in ENDING}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
    if _held.came:
        raise KeyboardInterrupt


@contextmanager
def waiting() -> Iterator[None]:
    """Where a signal may interrupt; one that came before does so now."""
    _held.waiting = True
    try:
        if _held.came:
            raise KeyboardInterrupt
        yield
    finally:
        _held.waiting = False
