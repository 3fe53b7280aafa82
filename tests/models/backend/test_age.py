"""Connections that grow old: when they end, and how that moves load to who is new."""

from collections.abc import Iterator
from itertools import chain

import numpy as np
import pytest

from sim.units import MS, SECOND
from tests.models.balanced import Balanced
from tests.models.worlds import a_lab, a_service

AGE_MS = 2000
WORKERS = 1000


def test_an_old_connection_ends_with_its_next_answer_and_no_request_is_lost() -> None:
    lab = a_lab(services={"h1": a_service(max_connection_age=SECOND)})
    for i, ms in enumerate((0, 500, 890, 1150, 1160)):
        lab.ask(str(i), ms)

    lab.run()

    assert [lab.requests[str(i)].conn for i in range(5)] == [1, 1, 1, 1, 2], "its age is 900 to 1100 ms"
    assert lab.connections[1].t_close == 1150
    assert {row.err for row in lab.requests.values()} == {""}


def test_after_the_grace_it_ends_whatever_is_under_way() -> None:
    lab = a_lab(services={"h1": a_service(max_connection_age=100 * MS, max_connection_age_grace=50 * MS)})
    lab.ask("A", 0, 500, method="POST")

    lab.run()

    assert lab.requests["A"].err == "EOF"
    assert 140 <= lab.requests["A"].t_done <= 160


def test_ages_are_drawn_evenly_from_a_tenth_less_to_a_tenth_more() -> None:
    done = Balanced(
        "services.s.max_connection_age=1s", "services.s.resolve=literal",
        "services.s.service_time={uniform: {low: 15ms, high: 25ms}}",
        "workloads.w.arrivals={closed_loop: {workers: 300, think: 0s}}", "duration=2s",
        "clients.c.transport.max_idle_conns_per_host=1000", "clients.c.transport.max_idle_conns=0",
    ).run()  # fmt: skip

    opened: dict[int, list[int]] = {}
    for row in done.rows:
        if row["conn_id"] < 300:
            opened.setdefault(row["conn_id"], []).append(row["t_done"] // MS)
    ends = np.array([max(times) for times in opened.values()])
    assert ends.min() > 890
    assert ends.max() < 1140
    assert ends.mean() == pytest.approx(1011, abs=12)
    assert ends.std() == pytest.approx(200 / 12**0.5, rel=0.1)


def test_http2_connections_are_told_to_go_away_and_no_stream_is_lost() -> None:
    done = Balanced(
        "services.s.scheme=https", "services.s.http2={}", "services.s.max_connection_age=1s", "services.s.backends=1",
    ).run()  # fmt: skip

    ids = [(row["conn_id"], row["ms"]) for row in done.rows]
    lasts = [max(ms for conn, ms in ids if conn == number) for number in sorted({conn for conn, _ in ids})]
    assert len(lasts) == 4, "4 s of traffic"
    assert all(870 <= ms <= 1110 for ms in np.diff([0, *lasts[:-1]]))
    assert set(done.counts(by="status")) == {200}


def share_of_the_new(first_ages: Iterator[float], *at: float) -> list[float]:
    """The share of a fifth backend at multiples of the age, over its target; it is ready when all have connected."""
    done = Balanced(
        "services.s.resolve=vip", "services.s.balancer=random", "services.s.backends=5", "network.rtt=0s",
        f"services.s.max_connection_age={AGE_MS}ms", "services.s.service_time={uniform: {low: 40ms, high: 60ms}}",
        "clients.c.transport.max_idle_conns_per_host=2000", "clients.c.transport.max_idle_conns=0",
        f"workloads.w.arrivals={{closed_loop: {{workers: {WORKERS}, think: 0s}}}}", "duration=2350ms",
    )  # fmt: skip
    done.endpoints.announce(4, is_ready=False)
    done.ready(20, 0, 1, 2, 3, 4)
    usual = done.world.streams.uniforms("s.connection_age")
    lots = chain(first_ages, iter(usual, None))
    for host in done.world.hosts:
        assert host.server.age is not None
        host.server.age.draw = lots.__next__
    done.run()
    shares = []
    for ratio in at:
        around = done.counts(round(ratio * AGE_MS) - 40, round(ratio * AGE_MS) + 40)
        shares.append(around.get(4, 0) / sum(around.values()) * 5)
    return shares


def test_a_new_backend_gets_its_share_in_one_age_when_ages_are_spread() -> None:
    """Share over target: t / A, and nearly all at 1.1 A (0.25, 0.50, 0.74, 0.90, 0.96, 0.99 in the reference)."""
    residual = np.random.default_rng(1).random(WORKERS) * (0.9 + 0.2 * np.random.default_rng(2).random(WORKERS))
    found = share_of_the_new(iter(((residual - 0.9) / 0.2).tolist()), 0.25, 0.5, 0.75, 0.9, 1.0, 1.1)

    assert found == pytest.approx([0.25, 0.50, 0.74, 0.90, 0.96, 0.99], abs=0.13)


def test_after_a_deploy_a_new_backend_gets_nothing_for_nine_tenths_of_an_age_and_then_everything() -> None:
    found = share_of_the_new(iter(()), 0.25, 0.5, 0.75, 0.87, 1.02, 1.15)

    assert found[:4] == [0, 0, 0, 0]
    assert found[4] == pytest.approx(0.5, abs=0.15)
    assert found[5] == pytest.approx(0.98, abs=0.15)


def test_without_an_age_a_new_backend_gets_nothing() -> None:
    done = Balanced("services.s.resolve=vip", "services.s.balancer=random", "services.s.backends=4")
    done.endpoints.announce(3, is_ready=False)
    done.ready(100, 0, 1, 2, 3).run()

    assert 3 not in done.counts()
