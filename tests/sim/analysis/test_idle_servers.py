"""The chain of idle servers at its limits, against a second solution of its equations and against a simulation."""

import doctest

import numpy as np
import pytest

from sim.analysis import idle_servers
from sim.analysis.idle_servers import fresh_share


def test_the_example_of_the_docstring_holds() -> None:
    assert doctest.testmod(idle_servers).failed == 0


def test_with_room_for_every_idle_server_hardly_anybody_needs_a_fresh_one() -> None:
    assert fresh_share(4.0, 30) < 1e-12
    assert fresh_share(4.0, 400) == 0


def test_a_larger_cap_never_needs_more_fresh_servers() -> None:
    shares = [fresh_share(4.0, cap) for cap in range(12)]

    assert shares[0] == pytest.approx(1)
    assert np.all(np.diff(shares) < 0)


def test_with_rare_customers_and_one_idle_server_those_who_meet_another_need_a_fresh_one() -> None:
    assert fresh_share(0.001, 1) == pytest.approx(0.001, rel=0.01), "to first order the share that meets a busy server"


@pytest.mark.parametrize(("load", "cap"), [(0.7, 1), (4.0, 2), (9.0, 3)])
def test_a_walk_along_the_chain_sees_the_same_share(load: float, cap: int) -> None:
    rng = np.random.default_rng(3)
    busy, idle, fresh, arrivals = 0, 0, 0, 0
    for u in rng.random(400_000).tolist():
        if u * (load + busy) < load:  # the next event is an arrival
            arrivals += 1
            fresh += idle == 0
            busy, idle = busy + 1, max(idle - 1, 0)
        else:
            busy, idle = busy - 1, min(idle + 1, cap)

    assert fresh / arrivals == pytest.approx(fresh_share(load, cap), rel=0.03)


def test_no_load_describes_no_servers() -> None:
    with pytest.raises(ValueError, match="load: 0"):
        fresh_share(0.0, 2)
