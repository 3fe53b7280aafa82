"""Isolation: how many calls of a Hystrix command may be under way, by threads or by permits. Not the breaker before it.

Sources: Hystrix HystrixThreadPool.java, HystrixContextScheduler.java (threads); AbstractCommand.java (semaphore).
"""

from collections import deque
from itertools import count

from models.protection.guard import AT_ONCE, UNTIL_LET_IN, Guard, Outcome, Pass


class Isolation(Guard):
    """What both kinds have."""

    decides_a_probe = True
    """Whether its refusal of a half-open breaker's probe ends that probe."""
    busy = 0
    """Calls under way."""


class ThreadPool(Isolation):
    """Threads of which each call holds one; with a queue, calls that find none wait for one in the order they came.

    Simplified: a call that times out or is given up leaves its thread or its place at that instant; in Hystrix the
    thread is interrupted (interruptOnTimeout), and a call that ignores that, such as a read of java.net, keeps it.

    Parameters
    ----------
    core_size
        Threads.
    max_queue_size, rejection_threshold
        Places in the queue, below 1 for none; and how many of them are taken when calls begin to be refused.
    """

    reason = "thread_pool_rejected"
    refusal_text = "could not be queued for execution"

    def __init__(self, core_size: int, max_queue_size: int = -1, rejection_threshold: int = 5) -> None:
        self._core_size = core_size
        self._has_queue = max_queue_size > 0
        self._places = min(max_queue_size, rejection_threshold) if self._has_queue else 0
        self._refuses_all = self._has_queue and not rejection_threshold
        self._tickets = count(1)
        self.queue: deque[int] = deque()
        """Tickets of who waits, the first in front."""

    def ask(self, now: int) -> Pass | None:
        """A pass at once where a thread is free, one that waits to be let in where the queue has a place."""
        if self._refuses_all:  # the queue is looked at first: 0 of 0 places are taken (isQueueSpaceAvailable)
            return None
        if self.busy < self._core_size:
            self.busy += 1
            return Pass(ticket=next(self._tickets))
        if len(self.queue) >= self._places:
            return None
        ticket = next(self._tickets)
        self.queue.append(ticket)
        return Pass(UNTIL_LET_IN, ticket)

    def ended(self, ticket: int, outcome: Outcome) -> None:
        self.withdrawn(ticket, outcome.now)

    def withdrawn(self, ticket: int, now: int) -> None:
        if ticket in self.queue:
            self.queue.remove(ticket)
        else:
            self.busy -= 1

    def let_in(self, now: int) -> bool:
        """A thread for who waits longest."""
        if not self.queue or self.busy >= self._core_size:
            return False
        self.queue.popleft()
        self.busy += 1
        return True


class Semaphore(Isolation):
    """Permits of which each call holds one; nobody waits.

    Simplified: a call that times out lets its caller go at once; Hystrix counts the time-out and takes the permit back
    at that instant, but its caller goes on only when the call has returned.
    """

    decides_a_probe = False  # a semaphore's refusal marks neither success nor its contrary (applyHystrixSemantics)
    reason = "semaphore_rejected"
    refusal_text = "could not acquire a semaphore for execution"

    def __init__(self, permits: int) -> None:
        self._permits = permits

    def ask(self, now: int) -> Pass | None:
        if self.busy >= self._permits:
            return None
        self.busy += 1
        return AT_ONCE

    def ended(self, ticket: int, outcome: Outcome) -> None:
        self.busy -= 1

    def withdrawn(self, ticket: int, now: int) -> None:
        self.busy -= 1
