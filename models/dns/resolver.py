"""Resolver: Go's, with one lookup for all who ask at once, and a host's cache before it. The dial chooses an address.

Sources: net/lookup.go, Resolver.lookupIPAddr; internal/singleflight; net/addrselect.go, sortByRFC6724.
"""

from collections.abc import Callable

from models.backend.config import ResolveConfig
from models.dns.config import ResolvConf
from models.dns.lookup import Addresses, Lookup, Then
from models.dns.query import fate_of
from sim.engine.agenda import Agenda
from sim.engine.streams import Streams
from sim.records.levels import Levels

NO_SUCH_HOST = "no such host"
"""net/net.go, errNoSuchHost."""
IO_TIMEOUT = "i/o timeout"
"""internal/poll/fd.go, DeadlineExceededError; net/net.go, errTimeout: Dialer.Timeout, and a query without answer."""


class Resolver:
    """Answers for one name, as one client sees it: in the order of the answer, IPv6 before IPv4."""

    def __init__(  # parameters: a name in a world needs its clock, its records and its luck
        self, engine: Agenda, config: ResolveConfig, backends: Addresses, streams: Streams, *, name: str,
        levels: Levels, conf: ResolvConf = ResolvConf(),  # noqa: B008 (frozen)
    ) -> None:  # fmt: skip
        self.engine, self._backends, self._conf = engine, backends, conf
        self.ipv6 = frozenset(backends[i] for i in config.ipv6 if i < len(backends))
        """Addresses that are IPv6; the others are IPv4."""
        self.changes = levels.changes
        self._draw_a = streams.ints(f"{name}.lookup_time", config.lookup_time)
        self._draw_aaaa = streams.ints(f"{name}.lookup_time.aaaa", config.lookup_time)
        self._draw_order = streams.integers(f"{name}.dns_order", 0, 1 << 30)
        self._draw_failure = streams.uniforms(f"{name}.dns_failure")
        self._draw_loss = streams.uniforms(f"{name}.dns_loss")
        self.lookup_codes = levels.rise("lookups"), levels.fall("lookups")
        self.left_codes = levels.rise("lookups_left"), levels.fall("lookups_left")
        self.queries = {"A": 0, "AAAA": 0}
        """Queries of the other lookups that are over, by type; each try counts."""
        self.down_until = 0
        """Queries that are sent before this instant get no answer (a fault)."""
        self.absent: set[int] = set()
        """Addresses that are left out of the answers (a fault)."""
        self._announced = backends
        self._is_in_hosts, self._is_turned = config.by == "hosts", config.dns in ("rotate", "same_subnet")
        self._is_shuffled, self._ttl = config.dns == "shuffle", config.ttl
        self._loss, self._fails = config.loss, config.fails
        self._slowest = -1 if config.loss or conf.single_request else conf.timeout
        """Up to which time both queries are answered at their first try; none is where that depends on more."""
        self.n_plain = 0
        """Lookups that are over and whose two queries were answered at once; `queries` leaves them out."""
        self.is_literal = config.by in ("literal", "vip", "each", "round_robin")
        """Whether the URL holds an address, so that nothing is looked up and no DNS hook fires."""
        self.shared: Lookup | None = None
        """The lookup that whoever asks now joins."""
        self._turn = 0
        self.nearest_first: Callable[[Addresses], Addresses] | None = None
        """How the client's libc sorts what was answered, where it does."""
        self._cached: Addresses = ()
        self._cached_until = 0

    def literal(self) -> Addresses:
        """The address in the URL."""
        return self._backends[:1]

    def resolve(self, then: Then) -> Lookup | None:
        """Call `then(addresses, error)`: from the hosts file or a cache at once, from DNS when the lookup ends."""
        if self._is_in_hosts:
            then(self._sorted(self._backends), "")
            return None
        if self.engine._now < self._cached_until:
            then(self._cached, "")
            return None
        lookup = self.shared
        if lookup is None:
            lookup = self.shared = self._look_up()
        lookup.waiting.append(then)
        lookup.n_joined += 1
        return lookup

    def _look_up(self) -> Lookup:
        """Send the queries; what becomes of them is certain then."""
        now, conf = self.engine._now, self._conf
        draw_a, draw_aaaa = self._draw_a, self._draw_aaaa
        a_time, aaaa_time = draw_a(), draw_aaaa()
        slower = max(aaaa_time, a_time)
        if slower <= self._slowest and now >= self.down_until:
            return Lookup(self, now + slower)
        a = fate_of(conf, now, answer_time=a_time, draw_is_lost=self._is_lost)
        sent_at = a.ends_at if conf.single_request else now
        aaaa = fate_of(conf, sent_at, answer_time=aaaa_time, draw_is_lost=self._is_lost)
        return Lookup(self, max(a.ends_at, aaaa.ends_at), {"A": a, "AAAA": aaaa})

    def queries_sent(self) -> dict[str, int]:
        """Queries that were sent so far, by type."""
        running = {} if self.shared is None else self.shared.tries()
        return {record: n + self.n_plain + running.get(record, 0) for record, n in self.queries.items()}

    def forget(self, lookup: Lookup) -> None:
        """Whoever asks next starts a lookup of his own (singleflight.Group.ForgetUnshared)."""
        if self.shared is lookup:
            self.shared = None

    def answer(self, *, a: bool, aaaa: bool) -> tuple[Addresses, str]:
        """What those queries found that were answered; an error where there is no address."""
        fails = self._fails > 0 and self._draw_failure() < self._fails
        addresses = () if fails else self._ordered()
        if self.nearest_first is not None:
            addresses = self.nearest_first(addresses)
        if self.ipv6:
            addresses = self._sorted(addresses)
        if not (a and aaaa and addresses):
            return self._answered_by(addresses, a=a, aaaa=aaaa)
        if self._ttl:
            self._cached, self._cached_until = addresses, self.engine._now + self._ttl
        return addresses, ""

    def _answered_by(self, addresses: Addresses, *, a: bool, aaaa: bool) -> tuple[Addresses, str]:
        found = tuple(each for each in addresses if (aaaa if each in self.ipv6 else a))
        # the error is that of the first query that failed, A before AAAA (goLookupIPCNAMEOrder)
        return found, "" if found else (NO_SUCH_HOST if a else IO_TIMEOUT)

    def _is_lost(self, sent_at: int) -> bool:
        return sent_at < self.down_until or (self._loss > 0 and self._draw_loss() < self._loss)

    def _sorted(self, addresses: Addresses) -> Addresses:
        """RFC 6724 with a source address of each family: IPv6 first, and otherwise as answered.

        Simplified: several IPv6 addresses keep their order; Go prefers the one that shares most bits with the source.
        """
        return tuple(sorted(addresses, key=self._is_ipv4)) if self.ipv6 else addresses

    def _is_ipv4(self, address: int) -> bool:
        return address not in self.ipv6

    def announce(self, addresses: Addresses) -> None:
        """The name has these addresses from now on, as the DNS server sees it; a hosts file keeps its own."""
        self._announced = addresses

    def _present(self) -> Addresses:
        return tuple(each for each in self._announced if each not in self.absent)

    def _ordered(self) -> Addresses:
        addresses = self._present() if self.absent else self._announced
        if self._is_turned and addresses:
            turn, self._turn = self._turn % len(addresses), self._turn + 1
            return addresses[turn:] + addresses[:turn]
        if self._is_shuffled:
            rest, mixed = list(addresses), []
            while rest:
                mixed.append(rest.pop(self._draw_order() % len(rest)))
            return tuple(mixed)
        return addresses
