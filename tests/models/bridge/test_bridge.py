"""A bridge in a small world: what batching adds, order, back-pressure, and at least once from end to end."""

from math import exp
from typing import Any

import polars as pl
import pytest

from sim import wiring

WORLD: dict[str, Any] = {
    "duration": "20s",
    "warmup": "3s",
    "tail": "3s",
    "network": {"rtt": "2ms"},
    "clients": {"gw": {"grpc": {}, "overhead": "0s"}},
    "services": {
        "hub": {"keep_alive": "off", "broker": {"max_queued": 100_000}},
        "orders": {
            "scheme": "https",
            "resolve": "dns",
            "http2": {"preset": "grpc_go"},
            "overhead": "0s",
            "service_time": "2ms",
        },
    },
    "sessions": {
        "p": {"count": 20, "service": "hub", "start": {"over": "1s"}, "mqtt": {"publish": {"rate": "5/s"}}},
        "s": {
            "count": 1,
            "service": "hub",
            "start": {"over": "0s"},
            "reconnect": {"policy": "at_once"},
            "mqtt": {"receive_maximum": 1000, "subscribe": {"fleets": ["p"]}},
        },
    },
    "bridges": {"b": {"subscriber": "s", "client": "gw", "service": "orders"}},
}
UNORDERED = ("bridges.b.ordered=false", "bridges.b.calls=64")


def a_run(*overrides: str) -> wiring.Run:
    """A run of the small world."""
    return wiring.run(wiring.load_tree(WORLD, overrides))


@pytest.mark.parametrize(("rate", "linger_ms"), [(20, 5), (5, 5), (20, 20)])
def test_a_timer_from_the_first_message_adds_what_theory_says(rate: int, linger_ms: int) -> None:
    done = a_run(
        *UNORDERED, f"sessions.p.mqtt.publish.rate={rate}/s", "bridges.b.max_items=1000000",
        f"bridges.b.linger={linger_ms}ms",
    )  # fmt: skip

    linger, a = linger_ms / 1000, 20 * rate * linger_ms / 1000
    mean = linger * (1 + a / 2) / (1 + a)
    sd = (linger**2 * (1 + a / 3) / (1 + a) - mean**2) ** 0.5
    call = 0.002 + 0.002
    assert done.summary["bridge_own_delay_mean"] == pytest.approx(mean + call, rel=0.03), "protocols.md, 8.5"
    assert done.summary["bridge_own_delay_sd"] == pytest.approx(sd, rel=0.06)


def test_a_tick_adds_its_length_over_the_root_of_twelve() -> None:
    done = a_run(*UNORDERED, "bridges.b.poll=600ms", "duration=60s")

    assert done.summary["bridge_own_delay_mean"] == pytest.approx(0.3 + 0.004, rel=0.03)
    assert done.summary["bridge_own_delay_sd"] == pytest.approx(0.6 / 12**0.5, rel=0.03)


def test_one_call_at_a_time_is_a_queue_of_one_server() -> None:
    done = a_run("services.orders.service_time={exponential: {mean: 4ms}}", "duration=90s")

    rate, fixed, mean = 100.0, 0.002, 0.004
    square = (fixed + mean) ** 2 + mean**2
    waits = rate * square / (2 * (1 - rate * (fixed + mean)))
    assert done.summary["bridge_own_delay_mean"] == pytest.approx(waits + fixed + mean, rel=0.15), "M/G/1"


def test_messages_of_a_device_stay_in_order_in_their_lane_and_not_without() -> None:
    slow = ("services.orders.service_time={exponential: {mean: 20ms}}", "bridges.b.calls=8")

    ordered, free = a_run(*slow), a_run(*slow, "bridges.b.ordered=false", "sessions.p.mqtt.publish.burst=3")

    assert ordered.summary["bridge_overtaken"] == 0
    assert free.summary["bridge_overtaken"] > 50


def test_a_service_that_is_down_holds_messages_back_and_loses_none() -> None:
    done = a_run("timeline=[{at: 8s, die: {service: orders, for: 3s}}]", "clients.gw.grpc={}")

    rows = done.tables["bridged"]
    assert rows.filter(pl.col("tries") > 1).height > 0
    assert (rows.filter(pl.col("t_published") < 19)["err"] == "").all()
    assert rows.group_by("fleet", "device", "t_published").len()["len"].max() == 1
    assert done.summary["bridge_overtaken"] == 0


def test_without_acknowledgements_the_broker_stops_after_its_window() -> None:
    paused = ("timeline=[{at: 8s, pause: {service: orders, for: 4s}}]", "sessions.s.mqtt.receive_maximum=30")

    held, free = a_run(*paused), a_run(*paused, "bridges.b.acknowledge=received")

    assert held.summary["bridge_queue_max"] <= 30
    assert held.summary["mqtt_queued_max"] > 300, "the rest waits at the broker"
    assert free.summary["bridge_queue_max"] > 300, "nothing stops the broker"


def test_a_lane_that_is_full_drops() -> None:
    done = a_run("timeline=[{at: 8s, pause: {service: orders, for: 4s}}]", "bridges.b.max_waiting=50")

    assert done.summary["bridge_err:dropped: queue full"] > 200
    assert done.summary["bridge_queue_max"] <= 51


def test_a_bridge_that_loses_its_connection_gets_what_it_has_again() -> None:
    done = a_run(
        "sessions.s.lifetime=4s", "services.orders.service_time={exponential: {mean: 50ms}}", "bridges.b.calls=20",
    )  # fmt: skip

    again = done.tables["bridged"].filter(pl.col("copy") > 1)
    assert again.height > 0, "unacknowledged ones come again, with DUP"
    assert done.summary["bridge_duplicate_share"] == pytest.approx(
        again.height / done.tables["bridged"].height, abs=0.01
    )
    unique = done.tables["bridged"].filter(pl.col("err") == "").select("fleet", "device", "t_published").n_unique()
    assert unique >= done.summary["mqtt_passed_on"] - 30, "at least once"


def test_a_schema_that_is_not_known_holds_everything_up_once() -> None:
    done = a_run("bridges.b.schemas={count: 3, lookup: 100ms}", "warmup=0s")

    assert done.counters["bridge.lookups"] == 3
    slow = done.tables["bridged"].filter(pl.col("t_decoded") - pl.col("t_received") > 0.09)
    assert 3 <= slow.height <= 40


def test_decoding_is_one_server_too() -> None:
    done = a_run(*UNORDERED, "bridges.b.decode_time={exponential: {mean: 5ms}}", "duration=60s")

    waited = done.tables["bridged"].filter(pl.col("t_published") > 3)
    sojourn = (waited["t_decoded"] - waited["t_received"]).drop_nulls()
    assert sojourn.mean() == pytest.approx(0.005 / (1 - 0.5), rel=0.1), "M/M/1"
    assert (sojourn > 0.02).mean() == pytest.approx(exp(-0.02 / 0.010), rel=0.2)
