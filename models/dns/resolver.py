"""Resolver: Go's, without a cache, with one query for all who ask at once. The dial chooses an address.

Sources: net/lookup.go, Resolver.lookupIPAddr (singleflight); net/dnsclient_unix.go.
Addresses keep the order of the answer.
"""

from collections.abc import Callable

from models.backend.config import ResolveConfig
from sim.engine.environment import Engine
from sim.engine.streams import Streams
from sim.records.levels import Levels

Answer = tuple[int, ...]
"""Indices of backends in the order of the answer; empty: no such host."""


class Resolver:
    """Answers for one name, as one client sees it."""

    def __init__(  # parameters: a name in a world needs its clock, its records and its luck
        self, engine: Engine, config: ResolveConfig, backends: Answer, streams: Streams, *, name: str, levels: Levels
    ) -> None:
        self._engine, self._config, self._backends = engine, config, backends
        self._levels = levels
        self._draw_time = streams.ints(f"{name}.lookup_time", config.lookup_time)
        self._draw_order = streams.integers(f"{name}.dns_order", 0, 1 << 30)
        self._draw_failure = streams.uniforms(f"{name}.dns_failure")
        self._codes = levels.rise("lookups"), levels.fall("lookups")
        self._asking: list[Callable[[Answer], object]] = []
        self._turn = 0
        self.lookups = 0
        """Lookups that reached the DNS server; each is a query for A and one for AAAA."""

    @property
    def is_literal(self) -> bool:
        """Whether the URL holds an address, so that nothing is looked up and no DNS hook fires."""
        return self._config.by in ("literal", "vip", "round_robin")

    def literal(self) -> Answer:
        """The address in the URL."""
        return self._backends[:1]

    def resolve(self, then: Callable[[Answer], object]) -> None:
        """Call `then` with the answer: from the hosts file at once, from DNS after the lookup."""
        if self._config.by == "hosts":
            then(self._backends)
            return
        self._asking.append(then)
        if len(self._asking) == 1:
            self._levels.change(self._engine._now << 12 | self._codes[0])
            self.lookups += 1
            self._engine.call_in(self._draw_time(), self._answer)

    def _answer(self, _: object) -> None:
        self._levels.change(self._engine._now << 12 | self._codes[1])
        asking, self._asking = self._asking, []
        fails = self._config.fails > 0 and self._draw_failure() < self._config.fails
        answer = () if fails else self._ordered()
        for then in asking:
            then(answer)

    def _ordered(self) -> Answer:
        addresses = self._backends
        if self._config.dns == "rotate":
            turn, self._turn = self._turn % len(addresses), self._turn + 1
            return addresses[turn:] + addresses[:turn]
        if self._config.dns == "shuffle":
            rest, mixed = list(addresses), []
            while rest:
                mixed.append(rest.pop(self._draw_order() % len(rest)))
            return tuple(mixed)
        return addresses
