"""The resolver: no cache, one query for all who ask at once, addresses in the order of the answer."""

from typing import Any

from models.backend.config import ResolveConfig
from models.dns.resolver import Resolver
from sim.engine.distributions import Constant
from sim.engine.environment import Engine
from sim.engine.streams import Streams
from sim.records.levels import Levels
from sim.units import MS, SECOND

ADDRESSES = (3, 4, 5)


class Asked:
    """A resolver and what it answered, with the instants in ms."""

    def __init__(self, *, seed: int = 1, **config: Any) -> None:
        self.engine = Engine(checked=True)
        self.levels = Levels(("lookups",), MS, SECOND, lambda _: None)
        resolve = ResolveConfig(**({"lookup_time": Constant(value=20 * MS)} | config))
        self.resolver = Resolver(self.engine, resolve, ADDRESSES, Streams(seed), name="c.s", levels=self.levels)
        self.answers: list[tuple[int, tuple[int, ...]]] = []

    def ask(self, *instants_ms: int) -> "Asked":
        for ms in instants_ms:
            self.engine.call_at(ms * MS, lambda _: self.resolver.resolve(self._answered))
        self.engine.run(until=SECOND)
        return self

    def _answered(self, addresses: tuple[int, ...]) -> None:
        self.answers.append((self.engine.now // MS, addresses))

    def queries(self, ms: int) -> int:
        return int(self.levels.on_grid()[1][0, ms])


def test_the_hosts_file_answers_at_once_and_always_in_the_same_order() -> None:
    asked = Asked(by="hosts").ask(0, 100)

    assert asked.answers == [(0, ADDRESSES), (100, ADDRESSES)]


def test_a_dns_answer_takes_the_lookup_time() -> None:
    assert Asked(by="dns", dns="fixed").ask(5).answers == [(25, ADDRESSES)]


def test_all_who_ask_meanwhile_share_one_query() -> None:
    asked = Asked(by="dns", dns="rotate").ask(0, 5, 15)

    assert asked.answers == [(20, (3, 4, 5))] * 3, "V12.1: singleflight"
    assert (asked.queries(10), asked.queries(25)) == (1, 0)


def test_nothing_is_cached() -> None:
    asked = Asked(by="dns", dns="rotate").ask(0, 50)

    assert [ms for ms, _ in asked.answers] == [20, 70], "V12.2: every dial resolves"


def test_rotation_moves_on_by_one_with_every_answer() -> None:
    asked = Asked(by="dns", dns="rotate").ask(0, 100, 200, 300)

    assert [addresses for _, addresses in asked.answers] == [(3, 4, 5), (4, 5, 3), (5, 3, 4), (3, 4, 5)]


def test_a_shuffled_answer_holds_every_address_once() -> None:
    asked = Asked(by="dns", dns="shuffle").ask(*range(0, 900, 30))

    orders = [addresses for _, addresses in asked.answers]
    assert {tuple(sorted(order)) for order in orders} == {ADDRESSES}
    assert len(set(orders)) == 6, "30 answers show all six orders"


def test_a_fixed_answer_never_changes() -> None:
    asked = Asked(by="dns", dns="fixed").ask(0, 100)

    assert [addresses for _, addresses in asked.answers] == [ADDRESSES, ADDRESSES]


def test_a_failed_lookup_answers_with_no_address() -> None:
    assert Asked(by="dns", fails=1.0).ask(0).answers == [(20, ())]


def test_an_address_in_the_url_needs_no_lookup() -> None:
    asked = Asked(by="literal")

    assert (asked.resolver.is_literal, asked.resolver.literal()) == (True, (3,))
