"""Guard: what may let a call pass, delay or refuse it. What all guards have; each kind has a file of its own.

A guard is pure state: time is an argument, and it schedules nothing. Instants and durations are ns.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Pass(NamedTuple):
    """A call may go."""

    wait: int = 0
    """How long it has to wait first."""
    ticket: int = 0
    """What the guard wants to be told again when the call ends, such as a generation."""


AT_ONCE = Pass()
"""May go, and there is nothing to remember."""
UNTIL_LET_IN = -1
"""A wait that ends when the guard lets in who waits longest (`let_in`), as others end."""


class Outcome(NamedTuple):
    """How a call ended that a guard had let pass."""

    now: int
    began_at: int
    """When it began: when the guard let it pass, and after the wait, if there was one."""
    is_failure: bool = False
    """Whether it counts as failed: an error, a status that its owner counts so, a time-out."""
    is_timeout: bool = False
    """A failure that its own side's time-out made."""
    is_ignored: bool = False
    """An end that says nothing of what was called: its caller left, or its owner excludes errors of that kind."""
    is_throttled: bool = False
    """A failure by which what was called says that there are too many calls: a 429, a ThrottlingException."""
    rule: int = -1
    """Number of the protocol rule that it meets; -1 is none."""

    @property
    def took(self) -> int:
        """From its begin to its end."""
        return self.now - self.began_at


class Guard:
    """Asked before every call and told how those ended that it let pass."""

    reason = ""
    """Why the last call was refused, in few words: a key of what is counted."""
    refusal_text = ""
    """What the caller was told that was refused last, in the words of the library or proxy that refuses."""
    refusal_status = 0
    """The HTTP status of that answer; 0 where the caller gets an error and no answer."""
    is_final = False
    """Whether whom it refuses is never tried again, whatever asks for that."""
    blocks = False
    """Whether it refuses by a BlockException, by which Sentinel's breakers tell a refusal of Sentinel's from an error.
    """
    timeout = 0
    """How long a call that it let pass may take, with all that it waits from then on, in ns: its caller gives it up
    then, and tells all guards of a time-out; 0 means for ever."""
    tick = 0
    """How often it has to be looked at because time alone changes what it is, in ns; 0 means never."""

    @property
    def limit(self) -> int:
        """Calls that may be under way at a time, of those guards that limit that; 0 of all others."""
        return 0

    @property
    def counters(self) -> Mapping[str, int]:
        """What it counts by itself, by names of its own."""
        return {}

    def look(self, now: int) -> object:
        """Notice what the passing of time alone has changed."""

    def ask(self, now: int) -> Pass | None:
        """Whether a call may go now; None refuses it, and `reason` says why."""
        raise NotImplementedError

    def let_in(self, now: int) -> bool:
        """Let in one of those that it told to wait until then; whether there was room. Asked when another has gone."""
        return False

    def ended(self, ticket: int, outcome: Outcome) -> None:
        """A call that it let pass has ended."""

    def withdrawn(self, ticket: int, now: int) -> None:
        """A call that it let pass never began: another guard refused it, or its caller left while it waited."""

    def turned_back(self, ticket: int, outcome: Outcome, by: "Guard") -> None:
        """A call that it let pass was refused by a guard further in: to those that count errors of any kind, one."""
        self.withdrawn(ticket, outcome.now)
