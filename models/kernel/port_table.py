"""PortTable: what a kernel asks for ports, whatever addresses it has. Not how they are searched."""

from collections.abc import Callable

from mypy_extensions import mypyc_attr

from sim.engine.timers import NEVER


@mypyc_attr(allow_interpreted_subclasses=True)  # a bench of measurements listens at it
class PortTable:
    """Ports by (address and) destination, of one address or of several.

    Each kind derives from it, so that compiled callers find the kind's own method by its place in a table.
    """

    on_takeover: Callable[[int, int, int], object]
    """Told (destination, port, free_at) when connect() takes over a TIME_WAIT port before its end (TWRecycled)."""

    def bind(self, destination: int, now: int) -> tuple[int | None, int]:
        """A port, or None; and how many occupied ones were inspected."""
        raise NotImplementedError

    def linger(self, destination: int, port: int, free_at: int, *, reusable_at: int = NEVER) -> None:
        """Keep a port for TIME_WAIT."""
        raise NotImplementedError

    def release(self, destination: int, port: int) -> None:
        """Free a port."""
        raise NotImplementedError
