"""Limits of a pool that move while it is used act where Go reads them next: at returns, dials and closes."""

import pytest

from sim.units import MS, SECOND
from tests.models.transport.test_pool import three_at_once
from tests.models.worlds import Lab, a_lab


def limits(lab: Lab, **changed: int) -> None:
    pool = lab.transport.pool
    pool.limit(pool.limits._replace(**changed))


def test_a_lower_idle_cap_closes_connections_when_they_come_back() -> None:
    lab = three_at_once(max_idle_conns_per_host=10)
    lab.at(80, lambda: limits(lab, max_idle_per_host=1))

    lab.run()

    assert lab.views[260].idle == [1], "the first came back before; nobody closed it"
    assert {number: row.t_close for number, row in lab.connections.items()} == {2: 110, 3: 170}


def test_a_lower_idle_cap_leaves_alone_what_lies_idle() -> None:
    lab = three_at_once(max_idle_conns_per_host=10)
    lab.at(200, lambda: limits(lab, max_idle_per_host=1))

    assert lab.run().views[260].idle == [1, 2, 3]


def test_a_new_idle_timeout_counts_from_the_return() -> None:
    lab = three_at_once(max_idle_conns_per_host=10, idle_conn_timeout=90 * SECOND)
    lab.at(200, lambda: limits(lab, idle_timeout=100 * MS))

    lab.run()

    assert {number: row.t_close for number, row in lab.connections.items()} == {1: 200, 2: 210, 3: 270}


def test_without_an_idle_timeout_nothing_expires_any_more() -> None:
    lab = three_at_once(max_idle_conns_per_host=10, idle_conn_timeout=500 * MS)
    lab.at(200, lambda: limits(lab, idle_timeout=0))

    assert lab.run().connections == {}


def test_a_higher_limit_of_connections_wakes_nobody_who_waits_but_admits_who_comes_next() -> None:
    lab = a_lab(max_conns_per_host=1)
    lab.ask("A", 0, 500)
    lab.ask("B", 10, 500)
    lab.at(100, lambda: limits(lab, max_conns=2))
    lab.ask("C", 200, 500)

    requests = lab.run().requests

    assert {name: row.t_gotconn for name, row in requests.items()} == {"A": 0, "B": 500, "C": 200}


def test_a_lower_limit_of_connections_lets_those_above_it_finish() -> None:
    lab = a_lab(max_conns_per_host=2)
    lab.ask("A", 0, 300)
    lab.ask("B", 0, 300)
    lab.at(100, lambda: limits(lab, max_conns=1))
    lab.ask("C", 200, 300)
    lab.look(250)

    done = lab.run()

    assert done.views[250].conns_per_host == 2
    assert done.requests["C"].t_gotconn == 300


def test_a_limit_of_connections_neither_begins_nor_ends_while_a_pool_is_in_use() -> None:
    with pytest.raises(ValueError, match="max_conns_per_host: 0 cannot become 5"):
        limits(a_lab(), max_conns=5)
