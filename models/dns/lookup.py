"""Lookup: one resolution of a name, its two queries, and all who wait for it.

Sources: net/lookup.go, lookupIPAddr and dnsWaitGroupDone; net/dnsclient_unix.go, goLookupIPCNAMEOrder.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from models.dns.query import Fate

if TYPE_CHECKING:
    from models.dns.resolver import Resolver

Addresses = tuple[int, ...]
"""Indices of backends in the order of the answer; empty: an error."""
Then = Callable[[Addresses, str], object]


class Lookup:
    """A singleflight call: three goroutines (lookup, A, AAAA), and one for each caller that has left."""

    __slots__ = ("_ends_at", "_fates", "_resolver", "n_joined", "n_left", "waiting")

    def __init__(self, resolver: "Resolver", ends_at: int, fates: Mapping[str, Fate] = MappingProxyType({})) -> None:
        self._resolver, self._ends_at = resolver, ends_at
        self._fates = fates
        """Of the queries for A and AAAA; empty where each is answered at its first try."""
        self.waiting: list[Then] = []
        """Who waits for the answer; `n_joined` counts those too who have left (singleflight's dups + 1)."""
        self.n_joined = self.n_left = 0
        engine = resolver.engine
        resolver.changes.append(engine._now << 12 | resolver.lookup_codes[0])
        engine.call_at(ends_at, self._end)

    def leave(self, then: Then) -> None:
        """A caller's deadline has come. The lookup goes on for others; who was always alone, cancels it."""
        resolver = self._resolver
        now = resolver.engine._now
        self.waiting.remove(then)
        self.n_left += 1
        resolver.changes.append(now << 12 | resolver.left_codes[0])  # dnsWaitGroupDone
        if self.n_joined == 1:
            resolver.forget(self)
            self.n_joined = 0  # cancelled: the running tries are still waited for
            running = [fate.try_ends_at(now) for fate in self._fates.values() if fate.sent_at <= now]
            resolver.engine.call_at(max(running, default=self._ends_at), self._goroutines_end)

    def tries(self) -> dict[str, int]:
        """Queries that were sent so far, by type."""
        now = self._resolver.engine._now
        return {record: fate.tries_before(now) for record, fate in self._fates.items()} or {"A": 1, "AAAA": 1}

    def _end(self, _: Any) -> None:
        if not self.n_joined:
            return
        resolver, fates = self._resolver, self._fates
        if fates or self.n_left:
            resolver.forget(self)
            self._goroutines_end(None)
        else:  # the same, written out
            resolver.shared = None
            resolver.n_plain += 1
            resolver.changes.append(resolver.engine._now << 12 | resolver.lookup_codes[1])
        a, aaaa = (fates["A"].is_answered, fates["AAAA"].is_answered) if fates else (True, True)
        found, error = resolver.answer(a=a, aaaa=aaaa)
        for then in self.waiting:
            then(found, error)

    def _goroutines_end(self, _: Any) -> None:
        resolver = self._resolver
        for record, tries in self.tries().items():
            resolver.queries[record] += tries
        now = resolver.engine._now << 12
        resolver.changes.append(now | resolver.lookup_codes[1])
        for _each in range(self.n_left):
            resolver.changes.append(now | resolver.left_codes[1])
