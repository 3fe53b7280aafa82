"""The words in which a way from begin to end is cut into phases: frozen data. Not how long they take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a phase with a length of its own, wherever in the phase it lies."""

    name: str
    length: str = ""
    """A column with how long it takes; or `later` and `earlier`."""
    later: str = ""
    earlier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """From the end of the phase before to an instant; where that never came, the phase goes on to the end."""

    name: str
    """What happens in it; of a phase with parts, in what they leave."""
    until: str
    """The column with the instant at which it ends."""
    parts: tuple[Part, ...] = ()
    """In the order in which they may use up the phase."""
    unless: str = ""
    """A column of truth values: where it is true, no part belongs to the row."""
