"""Chaos: rounds of faults drawn from a stream, each recorded."""

from itertools import pairwise

import polars as pl
import pytest

from models.timeline.chaos import CHAOS_KINDS
from models.timeline.play import EFFECTS
from sim.units import InputError
from sim.wiring import Run, load, run

SCENARIO = """
duration: 60s
clients: {{c: {{timeout: 1s}}}}
services: {{s: {{scheme: https, backends: {backends}, resolve: each, service_time: 5ms}}}}
workloads: {{w: {{client: c, service: s, arrivals: {{poisson: {{rate: {rate}/s}}}}}}}}
timeline: [{{at: 5s, chaos: {{{told}}}}}]
"""
TOLD = "every: {{exponential: {{mean: 2s}}}}, for: 3s, kinds: {{{kinds}}}"


def a_run(kinds: str = "pause: 0.5, die: 0.5", more: str = "", *, backends: int = 4, rate: int = 5) -> Run:
    told = TOLD.format(kinds=kinds) + more
    return run(load(SCENARIO.format(told=told, backends=backends, rate=rate)))


def rounds(done: Run) -> list[tuple[float, str, int]]:
    return [(t, event, backend) for t, event, backend, _ in done.events.rows() if event in CHAOS_KINDS]


def test_each_round_is_recorded_with_its_end() -> None:
    done = a_run(more=", rounds: 5")

    events = done.events["event"].to_list()
    assert len(rounds(done)) == 5
    assert sum(event.endswith(" ends") for event in events) == 5
    assert rounds(done)[0][0] > 5


def test_without_a_number_it_goes_on_to_the_end() -> None:
    assert len(rounds(a_run())) == pytest.approx(27, abs=12), "57 s at one in 2 s, two standard deviations"


def test_kinds_come_by_their_shares() -> None:
    kinds = [kind for _, kind, _ in rounds(a_run("slow: 0.9, refuse: 0.1"))]

    assert kinds.count("slow") > 3 * kinds.count("refuse")


def test_no_backend_is_hit_twice_at_a_time() -> None:
    found = rounds(a_run(backends=2))

    for backend in (0, 1):
        instants = [t for t, _, hit in found if hit == backend]
        assert all(later - earlier >= 3 for earlier, later in pairwise(instants))


def test_rounds_do_not_depend_on_the_load() -> None:
    assert rounds(a_run(rate=5)) == rounds(a_run(rate=50))


@pytest.mark.parametrize("kind", CHAOS_KINDS)
def test_every_kind_can_happen(kind: str) -> None:
    done = a_run(f"{kind}: 1", ", rounds: 1")

    assert kind in EFFECTS
    assert [event for _, event, _ in rounds(done)] == [kind]
    assert done.requests.filter(pl.col("t_arrival") < 5)["err"].eq("").all()


def test_shares_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(InputError, match=r"timeline.0.chaos.kinds: their shares add up to 0.9, not to 1"):
        a_run("pause: 0.5, die: 0.4")
