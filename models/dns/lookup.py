"""Lookup: one resolution of a name, its two queries, and all who wait for it.

Sources: net/lookup.go, lookupIPAddr and dnsWaitGroupDone; net/dnsclient_unix.go, goLookupIPCNAMEOrder.
"""

from collections.abc import Callable
from typing import Any, Protocol

from models.dns.config import ResolvConf
from models.dns.query import Fate
from sim.engine.environment import Engine

Addresses = tuple[int, ...]
"""Indices of backends in the order of the answer; empty: an error."""
Then = Callable[[Addresses, str], object]


class Asker(Protocol):
    """The resolver that a lookup belongs to."""

    engine: Engine
    conf: ResolvConf
    change: Callable[[int], object]
    queries: dict[str, int]
    lookup_codes: tuple[int, int]
    left_codes: tuple[int, int]

    def ask(self, record: str, at: int) -> Fate:
        """Send a query."""

    def answer(self, *, a: bool, aaaa: bool) -> tuple[Addresses, str]:
        """What was found."""

    def forget(self, lookup: "Lookup") -> None:
        """Nobody may join any more."""


class Lookup:
    """A singleflight call: three goroutines (lookup, A, AAAA), and one for each caller that has left."""

    __slots__ = ("_a", "_aaaa", "_resolver", "_waiting", "n_joined", "n_left")

    def __init__(self, resolver: Asker) -> None:
        self._resolver = resolver
        now = resolver.engine._now
        self._a = resolver.ask("A", now)
        self._aaaa = resolver.ask("AAAA", self._a.ends_at if resolver.conf.single_request else now)
        self._waiting: list[Then] = []
        self.n_joined = self.n_left = 0
        resolver.change(now << 12 | resolver.lookup_codes[0])
        resolver.engine.call_at(max(self._a.ends_at, self._aaaa.ends_at), self._end)

    def join(self, then: Then) -> None:
        """Wait for the answer, however long ago it was asked for."""
        self._waiting.append(then)
        self.n_joined += 1

    def leave(self, then: Then) -> None:
        """A caller's deadline has come. The lookup goes on for others; who was always alone, cancels it."""
        resolver = self._resolver
        now = resolver.engine._now
        self._waiting.remove(then)
        self.n_left += 1
        resolver.change(now << 12 | resolver.left_codes[0])  # dnsWaitGroupDone
        if self.n_joined == 1:
            resolver.forget(self)
            self.n_joined = 0  # cancelled: the running tries are still waited for
            ends_at = max(query.try_ends_at(now) for query in (self._a, self._aaaa) if query.sent_at <= now)
            resolver.engine.call_at(ends_at, self._goroutines_end)

    def tries(self) -> dict[str, int]:
        """Queries that were sent so far, by type."""
        now = self._resolver.engine._now
        return {"A": self._a.tries_before(now), "AAAA": self._aaaa.tries_before(now)}

    def _end(self, _: Any) -> None:
        if not self.n_joined:
            return
        resolver = self._resolver
        resolver.forget(self)
        self._goroutines_end(None)
        found, error = resolver.answer(a=self._a.is_answered, aaaa=self._aaaa.is_answered)
        for then in self._waiting:
            then(found, error)

    def _goroutines_end(self, _: Any) -> None:
        resolver = self._resolver
        for record, tries in self.tries().items():
            resolver.queries[record] += tries
        now = resolver.engine._now << 12
        resolver.change(now | resolver.lookup_codes[1])
        for _each in range(self.n_left):
            resolver.change(now | resolver.left_codes[1])
