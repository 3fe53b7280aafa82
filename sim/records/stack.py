"""A stack of calls, as a profile shows it: what somebody does who is counted. Not how many do it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """One stack, from the top."""

    reason: str
    """What it waits for."""
    above: tuple[str, ...]
    """The runtime's own frames on top, which profiles show and dumps leave out."""
    frames: tuple[str, ...]
    created_by: str
