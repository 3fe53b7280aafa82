"""Call: what a customer asked for, with all its tries. Not who makes them (Caller)."""

from collections.abc import Callable
from typing import Any

from models.request import Request

Again = Callable[[Request, int, Any], Request]
"""Makes one more request like a first one, at an instant, on a pool: with random inputs of its own."""


class Call:
    """One call, from its arrival until its customer has an answer or an error; times in ns."""

    __slots__ = (
        "again", "copies", "ends_at", "first", "is_over", "is_waiting", "last_wait", "on_done", "paid",
        "refused", "retries", "running", "step", "tries", "wait_ends", "waits",
    )  # fmt: skip

    def __init__(self, first: Request, again: Again, ends_at: int) -> None:
        self.first = first
        """The request of its first try, by whose number, workload and arrival it is known."""
        self.again = again
        self.ends_at = ends_at
        """When it is given up; far away where it never is."""
        self.on_done: Callable[[Request], object] | None = first.on_done
        self.running: dict[Try, None] = {}
        """Tries that are under way, or wait at a guard."""
        self.tries = self.retries = self.copies = self.refused = 0
        self.waits = 0
        """How long it waited in all, at guards and before retries, and will wait where its end does not come first."""
        self.wait_ends: list[int] = []
        """When each wait whose length was known ends."""
        self.last_wait = 0
        """Before the last retry."""
        self.step = 0
        """The number, in the backoff, of the next wait."""
        self.paid: int | None = None
        """What the last retry cost its budget; None before one."""
        self.is_over = self.is_waiting = False

    def wait(self, now: int, wait: int) -> None:
        """It waits from now on, and as long as it lasts."""
        if wait:
            self.waits += wait
            self.wait_ends.append(now + wait)

    def waited(self, now: int) -> int:
        """How long it has waited by now."""
        return self.waits - sum(ends_at - now for ends_at in self.wait_ends if ends_at > now)


class Try:
    """One try of a call: asked about by guards, then sent."""

    __slots__ = ("admitted", "call", "ends_at", "is_retry", "is_sent", "number", "request", "stands_since")

    def __init__(self, call: Call, request: Request, *, is_retry: bool) -> None:
        self.call, self.request, self.is_retry = call, request, is_retry
        self.admitted: list[tuple[int, int]] = []
        """Of each guard that let it pass, in order: its ticket, and the instant from which it counts."""
        self.ends_at = call.ends_at
        """When it is given up: as the call, or as the first of its guards says."""
        self.is_sent = False
        self.number = 0
        """Within its call, from 1."""
        self.stands_since: int | None = None
        """Since when it waits to be let in by a guard."""
