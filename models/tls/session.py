"""SessionCache: what a client remembers of its last handshakes, by server name (tls.NewLRUClientSessionCache)."""

Ticket = tuple[int, int]
"""Who can read it: a backend and the life of its program, or everybody who shares the key."""


class SessionCache:
    """The last session of each server name; the one that was not used for longest makes room.

    Source: crypto/tls/common.go, lruSessionCache. A session may be used any number of times.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._tickets: dict[str, Ticket] = {}

    def get(self, name: str) -> Ticket | None:
        """The session of `name`, which is the most recently used now."""
        ticket = self._tickets.pop(name, None)
        if ticket is not None:
            self._tickets[name] = ticket
        return ticket

    def put(self, name: str, ticket: Ticket) -> None:
        """Keep the newest session of `name`."""
        self._tickets.pop(name, None)
        if len(self._tickets) >= self._capacity:
            del self._tickets[next(iter(self._tickets))]
        self._tickets[name] = ticket
