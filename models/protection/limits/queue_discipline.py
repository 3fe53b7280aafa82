"""Queue discipline: who of those that wait is served next, and who is dropped then. Not how many may wait.

A discipline is pure state: time is an argument, and it schedules nothing. All is decided when a server becomes free.
Each kind has a file of its own.
"""

from collections import deque
from typing import Any, NamedTuple

from models.status import SERVICE_UNAVAILABLE

Waiting = deque[tuple[int, Any]]
"""Who waits: since when (ns), and what; in the order of arrival."""


class Next(NamedTuple):
    """What becomes of a queue when somebody is free to serve."""

    served: Any | None
    """Who is next; None where nobody is left."""
    dropped: list[Any]
    """Who is sent away, in the order of arrival; callers see `refusal_status`."""


class QueueDiscipline:
    """Takes from a queue to whose end others come, and from which some may leave by themselves."""

    refusal_text, refusal_status = "Service Unavailable", SERVICE_UNAVAILABLE

    def take(self, queue: Waiting, now: int) -> Next:
        """Take the next one from the queue, and those that are dropped."""
        raise NotImplementedError

    def emptied(self) -> None:
        """The last one that waited has left by himself, so that nobody waits any more."""


class Fifo(QueueDiscipline):
    """In the order of arrival; nobody is dropped."""

    def take(self, queue: Waiting, now: int) -> Next:
        return Next(queue.popleft()[1] if queue else None, [])


class Lifo(QueueDiscipline):
    """The newest first; nobody is dropped, and who is old may wait for ever."""

    def take(self, queue: Waiting, now: int) -> Next:
        return Next(queue.pop()[1] if queue else None, [])
