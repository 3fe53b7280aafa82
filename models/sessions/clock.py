"""A clock that hits the devices of a fleet one by one, at random: messages, stalls. Not what it does to them."""

from collections.abc import Callable
from math import log1p
from typing import Any

from models.sessions.session import Session


def hit_at_random(crowd: Any, every: int, act: Callable[[Session], object], *, draw: Callable[[], float]) -> None:
    """Act on each device of the fleet again and again, `every` ns on average, by a Poisson process.

    One process for all: their sum is one of `count` times the rate, each event of which is a device's by lot. Whether a
    device has a connection changes no draw.
    """
    sessions, engine = crowd.sessions, crowd.engine
    mean = every / len(sessions)

    def hit(_: Any) -> None:
        engine.call_in(round(-log1p(-draw()) * mean), hit)
        act(sessions[int(draw() * len(sessions))])

    engine.call_in(round(-log1p(-draw()) * mean), hit)
