"""Who is announced, since when, and who hears of it."""

from models.balancer.endpoints import LONG_AGO, Endpoint, Endpoints
from sim.engine.environment import Engine
from sim.units import SECOND


def three() -> tuple[Engine, Endpoints]:
    engine = Engine()
    return engine, Endpoints(engine, [Endpoint(4), Endpoint(5), Endpoint(6, is_ready=False)])


def indices(endpoints: Endpoints) -> list[int]:
    return [one.index for one in endpoints.ready]


def test_who_becomes_ready_is_there_since_then() -> None:
    engine, endpoints = three()
    assert indices(endpoints) == [4, 5]
    engine.call_at(3 * SECOND, lambda _: endpoints.announce(6, is_ready=True))

    engine.run(until=4 * SECOND)

    assert indices(endpoints) == [4, 5, 6]
    assert [one.since for one in endpoints.ready] == [LONG_AGO, LONG_AGO, 3 * SECOND]


def test_watchers_hear_of_changes_and_of_nothing_else() -> None:
    _, endpoints = three()
    heard: list[list[int]] = []
    endpoints.watch(lambda: heard.append(indices(endpoints)))

    endpoints.announce(4, is_ready=False)
    endpoints.announce(4, is_ready=False)
    endpoints.weigh(5, 0.25)

    assert heard == [[5], [5]]
    assert endpoints.ready[0].weight == 0.25
