"""SessionCache: what a client remembers of its last handshakes, by server name (tls.NewLRUClientSessionCache)."""

from typing import Any, NamedTuple

from models.certificates.certificate import Certificate, Flaw

Ticket = tuple[int, int]
"""Who can read it: a backend and the life of its program, or everybody who shares the key."""


class Session(NamedTuple):
    """What a handshake leaves: a ticket, how old it is, and what the two ends have shown."""

    ticket: Ticket
    began_at: int = 0
    """From when its lifetime is counted."""
    client: Certificate | None = None
    server: Certificate | None = None

    def is_good(self, now: int, lifetime: int, client: Any, server: Any) -> bool:  # parameters: who looks, and when
        """Whether it may be resumed: the ticket is young, and what was shown would still be accepted by either end.

        Sources: crypto/tls, Conn.loadSession; handshake_server_tls13.go, checkForResumption; RFC 8446, 4.6.1.
        """
        if now - self.began_at > lifetime:
            return False
        good_to_client = client is None or self.server is None or client.judges(self.server) is Flaw.NONE
        return good_to_client and (server is None or self.client is None or server.judges(self.client) is Flaw.NONE)


class SessionCache:
    """The last session of each server name; the one that was not used for longest makes room.

    Source: crypto/tls/common.go, lruSessionCache. A session may be used any number of times.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._sessions: dict[str, Session] = {}

    def get(self, name: str) -> Session | None:
        """The session of `name`, which is the most recently used now."""
        session = self._sessions.pop(name, None)
        if session is not None:
            self._sessions[name] = session
        return session

    def put(self, name: str, session: Session) -> None:
        """Keep the newest session of `name`."""
        self._sessions.pop(name, None)
        if len(self._sessions) >= self._capacity:
            del self._sessions[next(iter(self._sessions))]
        self._sessions[name] = session
