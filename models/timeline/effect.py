"""Effect: how a kind of fault begins and ends at one backend."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Hit(NamedTuple):
    """A fault at one backend."""

    world: Any
    site: Any
    """The backend, as one of its clients reaches it."""
    fault: Any
    """The configuration of the fault, of the class that its kind has."""
    until: int
    """When it ends, ns; beyond the run where it does not."""


Act = Callable[[Hit], None]


def nothing(_: Hit) -> None:
    """It ends by itself: the end was known when it began."""


class Effect(NamedTuple):
    """The two ends of a fault."""

    begin: Act
    end: Act = nothing
