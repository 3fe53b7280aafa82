"""The resolver: no cache, one query for all who ask at once, addresses in the order of the answer."""

from typing import Any

from models.backend.config import ResolveConfig
from models.dns.config import ResolvConf
from models.dns.resolver import Resolver
from sim.engine.distributions import Bimodal, Constant
from sim.engine.environment import Engine
from sim.engine.streams import Streams
from sim.records.levels import Levels
from sim.units import MS, SECOND

ADDRESSES = (3, 4, 5)


class Asked:
    """A resolver and what it answered, with the instants in ms."""

    def __init__(self, *, seed: int = 1, conf: ResolvConf = ResolvConf(), **config: Any) -> None:  # noqa: B008
        self.engine = Engine(checked=True)
        self.levels = Levels(("lookups", "lookups_left"), MS, 60 * SECOND, lambda _: None)
        resolve = ResolveConfig(**({"lookup_time": Constant(value=20 * MS)} | config))
        self.resolver = Resolver(
            self.engine, resolve, ADDRESSES, Streams(seed), name="c.s", levels=self.levels, conf=conf
        )
        self.answers: list[tuple[int, tuple[int, ...]]] = []
        self.errors: list[str] = []
        self.lookups: list[Any] = []

    def ask(self, *instants_ms: int, until: int = SECOND) -> "Asked":
        for ms in instants_ms:
            self.engine.call_at(ms * MS, lambda _: self.lookups.append(self.resolver.resolve(self._answered)))
        self.engine.run(until=until)
        return self

    def leave(self, ms: int) -> None:
        """Whoever asked first gives up."""
        self.engine.call_at(ms * MS, lambda _: self.lookups[0].leave(self._answered))

    def _answered(self, addresses: tuple[int, ...], err: str) -> None:
        self.answers.append((self.engine.now // MS, addresses))
        self.errors.append(err)

    def goroutines(self, ms: int) -> int:
        """Three for each lookup, and one for each who has left it."""
        lookups, left = self.levels.on_grid()[1][:, ms]
        return int(3 * lookups + left)


def test_the_hosts_file_answers_at_once_and_always_in_the_same_order() -> None:
    asked = Asked(by="hosts").ask(0, 100)

    assert asked.answers == [(0, ADDRESSES), (100, ADDRESSES)]


def test_a_dns_answer_takes_the_lookup_time() -> None:
    assert Asked(by="dns", dns="fixed").ask(5).answers == [(25, ADDRESSES)]


def test_all_who_ask_meanwhile_share_one_query() -> None:
    asked = Asked(by="dns", dns="rotate").ask(0, 5, 15)

    assert asked.answers == [(20, (3, 4, 5))] * 3, "V12.1: singleflight"
    assert (asked.goroutines(10), asked.goroutines(25)) == (3, 0)
    assert asked.resolver.queries_sent() == {"A": 1, "AAAA": 1}, "V12.1: dns_queries"


def test_nothing_is_cached() -> None:
    asked = Asked(by="dns", dns="rotate").ask(0, 50)

    assert [ms for ms, _ in asked.answers] == [20, 70], "V12.2: every dial resolves"
    assert asked.resolver.queries_sent() == {"A": 2, "AAAA": 2}


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
    asked = Asked(by="dns", fails=1.0).ask(0)

    assert (asked.answers, asked.errors) == ([(20, ())], ["no such host"])


def test_an_address_in_the_url_needs_no_lookup() -> None:
    asked = Asked(by="literal")

    assert (asked.resolver.is_literal, asked.resolver.literal()) == (True, (3,))


def test_ipv6_comes_first_and_each_family_keeps_its_order() -> None:
    assert Asked(by="hosts", ipv6=(1, 2)).ask(0).answers == [(0, (4, 5, 3))], "RFC 6724, stable"


def test_both_queries_are_waited_for() -> None:
    slow_at_times = Bimodal(low=10 * MS, high=90 * MS, high_share=0.5)
    asked = Asked(by="dns", lookup_time=slow_at_times).ask(*range(0, 900, 100))

    waits = [(ms % 100) for ms, _ in asked.answers]
    assert set(waits) == {10, 90}
    assert waits.count(90) > len(waits) / 2, "the slower of two answers is slow more often than one answer"


def test_with_single_request_one_query_follows_the_other() -> None:
    asked = Asked(by="dns", conf=ResolvConf(single_request=True)).ask(0)

    assert [ms for ms, _ in asked.answers] == [40]


def test_a_lost_query_costs_five_seconds() -> None:
    asked = Asked(by="dns", loss=0.5, seed=6).ask(0, until=30 * SECOND)

    assert asked.answers == [(5_020, ADDRESSES)]
    assert sorted(asked.resolver.queries_sent().values()) == [1, 2], "one of the two was sent again"


def test_when_no_server_ever_answers_the_lookup_times_out_after_two_rounds() -> None:
    asked = Asked(by="dns", loss=1.0, conf=ResolvConf(nameservers=2)).ask(0, until=60 * SECOND)

    assert (asked.answers, asked.errors) == ([(20_000, ())], ["i/o timeout"]), "2 attempts x 2 servers x 5 s"
    assert asked.resolver.queries_sent() == {"A": 4, "AAAA": 4}


def test_an_answer_that_comes_too_late_is_no_answer() -> None:
    conf = ResolvConf(timeout=SECOND, attempts=1)
    asked = Asked(by="dns", conf=conf, lookup_time=Constant(value=1_500 * MS)).ask(0, until=5 * SECOND)

    assert (asked.answers, asked.errors) == ([(1_000, ())], ["i/o timeout"])


def test_a_lookup_that_one_of_two_leaves_goes_on_for_the_other() -> None:
    asked = Asked(by="dns", lookup_time=Constant(value=200 * MS))
    asked.leave(100)
    asked.ask(0, 50)

    assert asked.answers == [(200, ADDRESSES)]
    assert [asked.goroutines(ms) for ms in (60, 150, 250)] == [3, 4, 0], "one goroutine drains the channel"


def test_a_lookup_that_its_only_caller_leaves_is_forgotten_and_its_goroutines_stay_until_the_answer() -> None:
    asked = Asked(by="dns", lookup_time=Constant(value=200 * MS))
    asked.leave(100)
    asked.ask(0, 150)

    assert asked.answers == [(350, ADDRESSES)], "a lookup of its own (singleflight, ForgetUnshared)"
    assert [asked.goroutines(ms) for ms in (50, 120, 180, 220, 400)] == [3, 4, 7, 3, 0]


def test_a_forgotten_lookup_does_not_try_again() -> None:
    asked = Asked(by="dns", loss=1.0)
    asked.leave(2_000)
    asked.ask(0, until=30 * SECOND)

    assert asked.answers == []
    assert [asked.goroutines(ms) for ms in (4_900, 5_100)] == [4, 0], "until the query times out"
    assert asked.resolver.queries_sent() == {"A": 1, "AAAA": 1}


def test_a_cache_gives_one_answer_again_in_its_order_until_its_time_is_over() -> None:
    asked = Asked(by="dns", ttl=100 * MS).ask(0, 50, 119, 120)

    assert asked.answers == [(20, (3, 4, 5)), (50, (3, 4, 5)), (119, (3, 4, 5)), (140, (4, 5, 3))], "from the answer on"
    assert asked.resolver.queries_sent() == {"A": 2, "AAAA": 2}


def test_a_cache_does_not_keep_failures() -> None:
    assert [ms for ms, _ in Asked(by="dns", fails=1.0, ttl=SECOND).ask(0, 50).answers] == [20, 70]


def test_addresses_come_and_go_with_the_next_answer() -> None:
    asked = Asked(by="dns", dns="fixed")
    asked.engine.call_at(30 * MS, lambda _: asked.resolver.announce((3, 4, 5, 9)))
    asked.engine.call_at(90 * MS, lambda _: asked.resolver.announce(()))
    asked.ask(0, 50, 100)

    assert [addresses for _, addresses in asked.answers] == [(3, 4, 5), (3, 4, 5, 9), ()]
    assert asked.errors[-1] == "no such host"
