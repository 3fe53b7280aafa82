"""Resolver: Go's, without a cache, with one lookup for all who ask at once. The dial chooses an address.

Sources: net/lookup.go, Resolver.lookupIPAddr; internal/singleflight; net/addrselect.go, sortByRFC6724.
"""

from collections.abc import Callable

from models.backend.config import ResolveConfig
from models.dns.config import ResolvConf
from models.dns.lookup import Addresses, Lookup, Then
from models.dns.query import Fate, fate_of
from sim.engine.environment import Engine
from sim.engine.streams import Streams
from sim.records.levels import Levels

NO_SUCH_HOST = "no such host"
"""net/net.go, errNoSuchHost."""
IO_TIMEOUT = "i/o timeout"
"""internal/poll/fd.go, DeadlineExceededError; net/net.go, errTimeout: Dialer.Timeout, and a query without answer."""


class Resolver:
    """Answers for one name, as one client sees it: in the order of the answer, IPv6 before IPv4."""

    def __init__(  # parameters: a name in a world needs its clock, its records and its luck
        self, engine: Engine, config: ResolveConfig, backends: Addresses, streams: Streams, *, name: str, levels: Levels
    ) -> None:
        self.engine, self._config, self._backends = engine, config, backends
        self.conf = ResolvConf()
        self.ipv6 = frozenset(backends[i] for i in config.ipv6 if i < len(backends))
        """Addresses that are IPv6; the others are IPv4."""
        self.change: Callable[[int], object] = levels.change
        self._draw_time = {
            "A": streams.ints(f"{name}.lookup_time", config.lookup_time),
            "AAAA": streams.ints(f"{name}.lookup_time.aaaa", config.lookup_time),
        }
        self._draw_order = streams.integers(f"{name}.dns_order", 0, 1 << 30)
        self._draw_failure = streams.uniforms(f"{name}.dns_failure")
        self._draw_loss = streams.uniforms(f"{name}.dns_loss")
        self.lookup_codes = levels.rise("lookups"), levels.fall("lookups")
        self.left_codes = levels.rise("lookups_left"), levels.fall("lookups_left")
        self.queries = {"A": 0, "AAAA": 0}
        """Queries of lookups that are over, by type; each try counts."""
        self.down_until = 0
        """Queries that are sent before this instant get no answer (a fault)."""
        self.absent: set[int] = set()
        """Addresses that are left out of the answers (a fault)."""
        self._shared: Lookup | None = None
        self._turn = 0

    @property
    def is_literal(self) -> bool:
        """Whether the URL holds an address, so that nothing is looked up and no DNS hook fires."""
        return self._config.by in ("literal", "vip", "round_robin")

    def literal(self) -> Addresses:
        """The address in the URL."""
        return self._backends[:1]

    def resolve(self, then: Then) -> Lookup | None:
        """Call `then(addresses, error)`: from the hosts file at once, from DNS when the shared lookup ends."""
        if self._config.by == "hosts":
            then(self._sorted(self._backends), "")
            return None
        if self._shared is None:
            self._shared = Lookup(self)
        self._shared.join(then)
        return self._shared

    def queries_sent(self) -> dict[str, int]:
        """Queries that were sent so far, by type."""
        running = {} if self._shared is None else self._shared.tries()
        return {record: n + running.get(record, 0) for record, n in self.queries.items()}

    def forget(self, lookup: Lookup) -> None:
        """Whoever asks next starts a lookup of his own (singleflight.Group.ForgetUnshared)."""
        if self._shared is lookup:
            self._shared = None

    def ask(self, record: str, at: int) -> Fate:
        """Send a query for records of this type; its fate is certain then."""
        return fate_of(self.conf, at, answer_time=self._draw_time[record](), draw_is_lost=self._is_lost)

    def answer(self, *, a: bool, aaaa: bool) -> tuple[Addresses, str]:
        """What those queries found that were answered; an error where there is no address."""
        fails = self._config.fails > 0 and self._draw_failure() < self._config.fails
        addresses = () if fails else self._sorted(self._ordered())
        found = tuple(each for each in addresses if (aaaa if each in self.ipv6 else a))
        # the error is that of the first query that failed, A before AAAA (goLookupIPCNAMEOrder)
        return found, "" if found else (NO_SUCH_HOST if a else IO_TIMEOUT)

    def _is_lost(self, sent_at: int) -> bool:
        return sent_at < self.down_until or (self._config.loss > 0 and self._draw_loss() < self._config.loss)

    def _sorted(self, addresses: Addresses) -> Addresses:
        """RFC 6724 with a source address of each family: IPv6 first, and otherwise as answered.

        Simplified: several IPv6 addresses keep their order; Go prefers the one that shares most bits with the source.
        """
        return tuple(sorted(addresses, key=self._is_ipv4)) if self.ipv6 else addresses

    def _is_ipv4(self, address: int) -> bool:
        return address not in self.ipv6

    def _ordered(self) -> Addresses:
        addresses = self._backends
        if self.absent:
            addresses = tuple(each for each in addresses if each not in self.absent)
        if self._config.dns == "rotate" and addresses:
            turn, self._turn = self._turn % len(addresses), self._turn + 1
            return addresses[turn:] + addresses[:turn]
        if self._config.dns == "shuffle":
            rest, mixed = list(addresses), []
            while rest:
                mixed.append(rest.pop(self._draw_order() % len(rest)))
            return tuple(mixed)
        return addresses
