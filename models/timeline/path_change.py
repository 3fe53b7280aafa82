"""PathChange: a client's path becomes another: a new network, or a NAT that has forgotten its ports."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Literal

from models.moving import move
from sim.engine.distributions import Delay


@dataclass(frozen=True, slots=True, kw_only=True)
class PathChange:
    """Which client moves: each of its instances by itself. TCP connections die in silence, QUIC ones may go on.

    It is done at once, so there is no `for`.
    """

    client: str = ""
    """The client, with all its instances; may be left out where there is one."""
    kind: Literal["address", "port"] = "address"
    """address: it has another one, and knows it; port: a NAT on the way gives its packets another port, and it does not
    know. TCP is told from neither."""
    every: Delay | None = None
    """Time from one change to the next, drawn for each instance, to the end of the run; absent means that it happens
    once, at `at`."""


def change_path(world: Any, at: int, told: PathChange, *, number: int) -> Generator[Any, Any, None]:
    """The script of one instance of the client, which is instance `number`."""
    name = world.scenario.client_of(told)
    transport = world.transports[name][number]
    yield world.engine.timeout(at)
    if told.every is None:
        _change(world, transport, told)
        return
    draw = world.streams.ints(f"{name}.{number}.path_change", told.every)
    while True:
        yield world.engine.timeout(max(draw(), 1))
        _change(world, transport, told)


def _change(world: Any, transport: Any, told: PathChange) -> None:
    world.note("path_change", client=transport.log.label)
    move(world, transport, host=told.kind == "address")
