"""CloseIdle: clients close their idle connections."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseIdle:
    """Which client does it. It is done at once, so there is no `for`."""

    client: str = ""
    """The client, with all its instances; may be left out where there is one."""


def close_idle(world: Any, at: int, transports: list[Any]) -> Generator[Any, Any, None]:
    """The script of `close_idle`, which every instance of the client does in the same instant."""
    yield world.engine.timeout(at)
    for transport in transports:
        world.note("close_idle", client=transport.log.label)
        transport.close_idle_connections()
