"""A controller in a small world: what it sees of a script, what it sets, when, and what it writes down."""

from typing import Any

import pytest

from models.tuning.config import TuningConfig
from sim.units import MS, SECOND
from tests.models.protection.guarded import a_world
from tests.models.protocols.labs import an_http2_lab
from tests.models.worlds import Lab, a_client, a_lab

ALL = ("write_buffer_size", "max_idle_conns_per_host", "max_conns_per_host", "idle_conn_timeout")


def tuned(*knobs: str, transport: dict[str, Any] | None = None, **config: Any) -> Lab:
    """A lab whose client is tuned once a second by the last second, in ten slices."""
    settings: dict[str, Any] = {
        "period": SECOND,
        "window": SECOND,
        "slices": 10,
        "knobs": knobs or ALL,
        "headroom": 1.0,
    }
    return a_lab(client=a_client(transport=transport, tuning=TuningConfig(**(settings | config))))


def every(lab: Lab, step: int, n: int, service: float = 10, at: int = 0, **exchange: Any) -> Lab:
    for i in range(n):
        lab.ask(f"{at}-{i}", at + i * step, service, **exchange)
    return lab


def looks(lab: Lab) -> list[Any]:
    return lab._rows("tuning")


def test_it_sees_what_the_script_sends() -> None:
    lab = every(tuned(), 50, 20, 40, request_bytes=1000)

    (first, *_) = looks(lab.run(1_500))

    assert (first.t, first.client, first.qps, first.p99) == (1000, "c", 20, 40)
    assert (first.packet_size, first.burst_entropy, first.p99_volatility) == (1000, 1, 0)
    assert (first.concurrency, first.lull, first.lifetime_skewness) == (1, 10, 0)


def test_it_sees_requests_that_are_still_under_way() -> None:
    lab = tuned()
    for i in range(5):
        lab.ask(f"r{i}", 900, None)

    (first, *_) = looks(lab.run(1_100))

    assert (first.qps, first.p99, first.burst_entropy, first.concurrency) == (5, 0, 0, 5)


def test_it_forgets_what_lies_before_its_window() -> None:
    lab = every(tuned(), 50, 20, 40)

    rows = looks(lab.run(3_500))

    assert [row.qps for row in rows] == [20, 0, 0]
    assert [row.packet_size for row in rows] == [200, 0, 0]


def test_of_the_buffer_it_sets_what_the_formula_says_for_connections_that_are_dialled_then() -> None:
    lab = every(tuned("write_buffer_size"), 10, 100, 5, request_bytes=2048)
    lab.at(1_500, lab.transport.close_idle_connections)
    lab.ask("later", 1_600, 5)

    (first, *_) = looks(lab.run(1_900))

    assert (first.write_buffer_size, first.moved) == (360 * 1024, 1)
    assert [lab.level("buffer_pages", ms) for ms in (500, 1_400, 1_700)] == [2, 2, 91]


def test_idle_connections_are_kept_for_as_many_as_were_under_way() -> None:
    lab = tuned("max_idle_conns_per_host")
    for start in (100, 1_100):
        for i in range(8):
            lab.ask(f"{start}-{i}", start, 300)
    lab.look(900)
    lab.look(1_900)

    lab.run()

    assert [len(lab.views[ms].idle) for ms in (900, 1_900)] == [2, 8]


def test_a_limit_that_is_not_there_is_left_alone_and_one_that_is_there_moves() -> None:
    without, with_one = (tuned("max_conns_per_host", transport={"max_conns_per_host": n}) for n in (0, 50))

    assert looks(every(without, 50, 20).run(1_100))[0].max_conns_per_host == 0
    assert looks(every(with_one, 50, 20).run(1_100))[0].max_conns_per_host == 4


def test_streams_follow_the_entropy_of_the_arrivals_or_its_complement() -> None:
    set_to = []
    for burst in ("entropy", "complement"):
        tuning = TuningConfig(period=SECOND, window=SECOND, slices=10, burst=burst)
        lab = an_http2_lab(client={"tuning": tuning})
        set_to.append(looks(every(lab, 50, 20).run(1_100))[0].max_concurrent_streams)

    assert set_to == [64, 16]


def test_of_http1_alone_there_are_no_streams_to_be_set() -> None:
    lab = every(tuned("max_concurrent_streams"), 50, 20)

    assert (looks(lab.run(1_100))[0].max_concurrent_streams, lab.world.counters()["tune_changes"]) == (0, 0)


def rising(**config: Any) -> Lab:
    """100, 200 and 100 requests a second of 2 KiB: 360, 720 and 360 KiB."""
    lab = tuned("write_buffer_size", **config)
    for at, step in ((0, 10), (1_000, 5), (2_000, 10)):
        every(lab, step, 1_000 // step, 2, at=at, request_bytes=2048)
    return lab.run(3_100)


def test_changes_and_those_that_go_back_are_counted_and_noted() -> None:
    lab = rising()

    assert [row.write_buffer_size // 1024 for row in looks(lab)] == [360, 720, 360]
    counters = lab.world.counters()
    assert (counters["tune_changes"], counters["tune_reversals"]) == (3, 1)
    assert counters["tune_reversals:write_buffer_size"] == 1
    assert counters["tune_reversals_per_min"] == pytest.approx(60 / 20)
    assert [(row.t, row.event, row.client) for row in lab._rows("events")] == [
        (1000, "tune write_buffer_size up", "c"), (2000, "tune write_buffer_size up", "c"),
        (3000, "tune write_buffer_size down", "c"),
    ]  # fmt: skip


def noted(lab: Lab) -> list[str]:
    return [row.event for row in every(lab, 50, 20).run(1_100)._rows("events")]


@pytest.mark.parametrize("hysteresis", [0.0, 0.9])
def test_from_no_limit_to_a_number_is_down(hysteresis: float) -> None:
    client = {"tuning": TuningConfig(period=SECOND, window=SECOND, slices=10, hysteresis=hysteresis)}

    assert "tune max_concurrent_streams down" in noted(an_http2_lab(client=client))
    for transport, way in (({"idle_conn_timeout": 0}, "down"), ({"idle_conn_timeout": MS}, "up")):
        lab = tuned("idle_conn_timeout", transport=transport, hysteresis=hysteresis)
        assert noted(lab) == [f"tune idle_conn_timeout {way}"]


def test_what_never_came_to_the_transport_is_none_of_its_traffic() -> None:
    tuning = {"period": "500ms", "window": "500ms"}
    done = a_world(
        client={"tuning": tuning, "guards": [{"token_bucket": {"rate": "10/s", "burst": 5}}]},
        service={"service_time": "5ms"}, workload={"arrivals": {"constant": {"rate": "100/s"}}},
    )  # fmt: skip

    # of 50 in the first half of a second the bucket lets 5 and 4 more pass
    assert done.tables["tuning"]["qps"][0] == 2 * 9


def test_hysteresis_leaves_small_changes_out() -> None:
    assert [row.write_buffer_size // 1024 for row in looks(rising(hysteresis=0.6))] == [360, 720, 720]


def test_smoothing_goes_a_part_of_the_way() -> None:
    assert [row.write_buffer_size // 1024 for row in looks(rising(smoothing=0.5))] == [182, 451, 405]


def test_it_looks_no_more_when_arrivals_end() -> None:
    lab = tuned(period=7 * SECOND)

    assert [row.t for row in looks(lab.run(19_000))] == [7_000, 14_000]


def test_a_controller_without_knobs_is_refused() -> None:
    with pytest.raises(ValueError, match="knobs: nothing is set"):
        TuningConfig(knobs=())


def test_the_log_before_which_it_stands_has_every_row() -> None:
    lab, plain = tuned(period=500 * MS, window=SECOND), a_lab()
    for each in (lab, plain):
        every(each, 100, 5, 30)
        each.run()

    assert [row.t_done for row in lab.requests.values()] == [row.t_done for row in plain.requests.values()]
