"""Work: one request in its program, from its worker to its answer."""

from collections.abc import Callable
from typing import Any

from models.programs.cpu import Task

Done = Callable[[Any, int], object]
"""Called with the owner of a work and the status of its answer."""


class Work:
    """What a program knows of a request that it works on."""

    __slots__ = (
        "connection", "cost", "done", "holds", "is_over", "number", "owner", "step", "task", "waits_for"
    )  # fmt: skip

    def __init__(self, number: int, cost: int, owner: Any, done: Done) -> None:
        self.number, self.cost, self.owner, self.done = number, cost, owner, done
        self.step = 0
        """The step that comes next."""
        self.task: Task | None = None
        """Its work on the processors, while there is some."""
        self.connection: Any = None
        self.waits_for: Any = None
        """The call whose connection it has, or waits for."""
        self.holds: Any = None
        """What it holds of the heap."""
        self.is_over = False
