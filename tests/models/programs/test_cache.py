"""A cache against its store: exact instants of a script, and the rate of misses by theory."""

from typing import Any

import pytest

from models.programs.cache import CacheConfig
from models.programs.config import ProgramConfig
from sim.engine.distributions import Constant
from sim.units import MS, SECOND, InputError
from sim.wiring import Run, load_tree, run
from tests.models.worlds import Lab, a_lab, a_service

ONE_KEY: dict[str, Any] = {"keys": 1, "is_warm": False, "pool": 1, "time": Constant(value=20 * MS), "life": SECOND}


def a_cache(*, honours_cancel: bool = False, **fields: Any) -> Lab:
    config = ProgramConfig(cache=CacheConfig(**(ONE_KEY | fields)))
    return a_lab(services={"h1": a_service(program=config, honours_cancel=honours_cancel)})


def ends(lab: Lab, names: str) -> list[tuple[int, float]]:
    lab.run()
    return [(lab.requests[name].status, lab.requests[name].t_done) for name in names]


def test_what_is_there_needs_no_store_as_long_as_it_lives() -> None:
    lab = a_cache()
    for name, at in (("A", 0), ("B", 30), ("C", 1019), ("D", 1021)):
        lab.ask(name, at)

    assert ends(lab, "ABCD") == [(200, 20), (200, 30), (200, 1019), (200, 1041)]
    assert (lab.world.counters()["cache_hits"], lab.world.counters()["cache_questions"]) == (2, 2)


def test_each_miss_asks_and_the_store_answers_in_turn() -> None:
    lab = a_cache()
    for name in "ABC":
        lab.ask(name, 0)

    assert ends(lab, "ABC") == [(200, 20), (200, 40), (200, 60)]
    assert lab.level("cache_wait_b0", 10) == 2
    assert lab.level("cache_held_b0", 10) == 1
    assert lab.level("cache_held_b0", 61) == 0


def test_misses_of_one_key_may_share_a_question() -> None:
    lab = a_cache(coalesces=True)
    for name, at in (("A", 0), ("B", 5), ("C", 15)):
        lab.ask(name, at)

    assert ends(lab, "ABC") == [(200, 20)] * 3
    assert lab.world.counters()["cache_questions"] == 1


def test_a_full_queue_fails_at_once() -> None:
    lab = a_cache(queue=1)
    for name in "ABC":
        lab.ask(name, 0)

    assert ends(lab, "ABC") == [(200, 20), (200, 40), (500, 0)]
    assert lab.world.counters()["cache_refused"] == 1


@pytest.mark.parametrize(("late_fills", "second"), [(False, 30 + 20), (True, 30)])
def test_an_answer_that_comes_too_late_may_fill(late_fills: bool, second: float) -> None:
    lab = a_cache(timeout=10 * MS, late_fills=late_fills, pool=2)
    lab.ask("A", 0)
    lab.ask("B", 30)

    assert ends(lab, "AB") == [(500, 10), (200 if late_fills else 500, second if late_fills else 40)]
    assert lab.world.counters()["cache_late"] == (1 if late_fills else 2) - late_fills


def test_a_question_whose_asker_has_left_is_answered_all_the_same() -> None:
    lab = a_cache(honours_cancel=True)
    lab.ask("A", 0)
    lab.ask("B", 1)
    lab.cancel("A", 5)

    assert ends(lab, "B") == [(200, 40)]
    assert lab.world.counters()["cache_late"] == 1


def test_a_flush_forgets_everything() -> None:
    lab = a_cache()
    lab.ask("A", 0)
    cache = lab.world.programs[0].cache
    assert cache is not None
    lab.at(25, cache.flush)
    lab.ask("B", 30)

    assert ends(lab, "AB") == [(200, 20), (200, 50)]


def test_a_stopped_program_reads_the_answer_afterwards_while_the_store_goes_on() -> None:
    lab = a_cache()
    server = lab.world.hosts[0].server
    for name in "AB":
        lab.ask(name, 0)
    lab.at(10, server.pause)
    lab.at(100, server.resume)

    assert ends(lab, "AB") == [(200, 100), (200, 100)]


def test_a_program_that_starts_again_is_cold_and_its_store_free() -> None:
    lab = a_cache(is_warm=True)
    lab.at(5, lab.world.hosts[0].server.exit)
    lab.at(6, lab.world.hosts[0].server.start_again)
    lab.ask("A", 10)

    assert ends(lab, "A") == [(200, 30)]


def served(rate: float, cache: dict[str, Any], **more: Any) -> Run:
    return run(load_tree({
        "duration": "60s", "tail": "5s", "network": {"rtt": "0s"},
        "clients": {"c": {"overhead": "0s", "transport": {"max_idle_conns_per_host": 1000}}},
        "services": {"s": {"resolve": "literal", "overhead": "0s", "service_time": "0s", "program": {"cache": cache}}},
        "workloads": {"w": {"client": "c", "service": "s", "arrivals": {"poisson": {"rate": f"{rate}/s"}}}}, **more,
    }))  # fmt: skip


def test_the_store_of_a_warm_cache_is_asked_once_per_life_and_wait_for_the_next_request() -> None:
    done = served(200, {"keys": 200, "life": "4s", "time": "0s"})

    assert done.counters["cache_questions"] / 60 == pytest.approx(200 / (4 + 200 / 200), rel=0.05)


def test_a_flush_of_what_has_no_cache_is_refused() -> None:
    tree = {
        "clients": {"c": {}}, "services": {"s": {}}, "timeline": [{"at": "1s", "flush": {}}],
        "workloads": {"w": {"client": "c", "service": "s", "arrivals": {"constant": {"rate": "1/s"}}}},
    }  # fmt: skip
    with pytest.raises(InputError, match=r"timeline\.0\.flush: s has no cache"):
        load_tree(tree)
