"""Pinging: which of a world's clients ping what lies idle. Not when, nor what that does."""

from typing import Any

from models.transport.pings import Pings


class Pinging:
    """The pings of all instances of all clients that send any."""

    def __init__(self, world: Any) -> None:
        self._all = [
            Pings(transport, client.ping_schedule)
            for name, client in world.scenario.clients.items()
            for transport in (world.transports[name] if client.ping_schedule else ())
        ]

    def count(self) -> dict[str, float]:
        """How many were sent."""
        return {"pings_sent": sum(pings.sent for pings in self._all)} if self._all else {}
