"""Pace: how long a program works on a request, where that is not what was drawn with the request."""

from collections.abc import Callable

from models.request import NEVER_ANSWERS

Draw = Callable[[], int]


class Pace:
    """What a slow host and another version make of service times. Only backends that may get one have it."""

    __slots__ = ("draw", "factor")

    def __init__(self) -> None:
        self.factor = 1.0
        """By how much everything takes longer (a fault)."""
        self.draw: Draw | None = None
        """Service times of the version that runs here, instead of those that came with the requests."""

    def service_time(self, drawn: int) -> int:
        """The service time of a request that begins now, `drawn` when it was made; what never ends stays so."""
        if drawn >= NEVER_ANSWERS:
            return drawn
        time = drawn if self.draw is None else self.draw()
        return time if self.factor == 1 else round(time * self.factor)
