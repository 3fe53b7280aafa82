"""Query: one question of a lookup (A or AAAA) and its tries, server by server. Not who waits for it.

Source: net/dnsclient_unix.go, Resolver.tryOneName and exchange.
"""

from collections.abc import Callable
from typing import NamedTuple

from models.dns.config import ResolvConf


class Fate(NamedTuple):
    """How a query ends: when each of its tries is over, and whether the last of them was answered."""

    sent_at: int
    tries_end_at: tuple[int, ...]
    is_answered: bool

    @property
    def ends_at(self) -> int:
        """The answer, or the end of the last try."""
        return self.tries_end_at[-1]

    def try_ends_at(self, instant: int) -> int:
        """The end of the try that runs at `instant`, if one does: later ones need a context that is not cancelled."""
        return next((end for end in self.tries_end_at if end > instant), instant)

    def tries_before(self, instant: int) -> int:
        """How many tries have been sent by then; the next follows at once where one ends without an answer."""
        return 0 if instant < self.sent_at else 1 + sum(end < instant for end in self.tries_end_at[:-1])


def fate_of(conf: ResolvConf, at: int, *, answer_time: int, draw_is_lost: Callable[[int], bool]) -> Fate:
    """The fate of a query that is first sent at `at` to a server that takes `answer_time`.

    Each try has `timeout`; an answer that comes later meets a socket that is closed.

    Notes
    -----
    Simplified: an outage that begins after `at` does not hit the later tries of a query.
    """
    ends: list[int] = []
    sent_at = at
    for _ in range(conf.attempts * conf.nameservers):
        if answer_time <= conf.timeout and not draw_is_lost(at):
            ends.append(at + answer_time)
            return Fate(sent_at, tuple(ends), is_answered=True)
        at += conf.timeout
        ends.append(at)
    return Fate(sent_at, tuple(ends), is_answered=False)
