"""MQTT on fleets in small worlds: openings, windows over round trips, what is sent again, who is taken for dead."""

from typing import Any

import polars as pl
import pytest

from sim import wiring

WORLD: dict[str, Any] = {
    "duration": "30s",
    "tail": "2s",
    "network": {"rtt": "40ms"},
    "services": {"hub": {"keep_alive": "off", "overhead": "0s", "broker": {}}},
    "sessions": {
        "p": {
            "count": 10,
            "service": "hub",
            "start": {"over": "1s"},
            "reconnect": {"policy": "at_once"},
            "mqtt": {"publish": {"rate": "5/s"}},
        },
        "s": {
            "count": 1,
            "service": "hub",
            "start": {"over": "0s"},
            "reconnect": {"policy": "at_once"},
            "mqtt": {"subscribe": {"fleets": ["p"]}},
        },
    },
}
ONE = ("sessions.p.count=1", "sessions.p.start.over=0s")


def a_run(*overrides: str) -> wiring.Run:
    """A run of the small world."""
    return wiring.run(wiring.load_tree(WORLD, overrides))


def way(done: wiring.Run, leg: str) -> pl.DataFrame:
    """The messages of one way."""
    return done.tables["messages"].filter(pl.col("leg") == leg)


@pytest.mark.parametrize(("scheme", "round_trips"), [("http", 2), ("https", 3)])
def test_tcp_and_connack_take_a_round_trip_each_and_tls_another(scheme: str, round_trips: int) -> None:
    rows = a_run(f"services.hub.scheme={scheme}").tables["sessions"]

    setup = rows["t_up"] - rows["t_dial"]
    cpu = 0.0 if scheme == "http" else 0.0012
    assert round_trips * 0.040 - 1e-9 <= setup.min() <= setup.max() <= round_trips * 0.040 + cpu + 1e-9  # type: ignore[operator]


@pytest.mark.parametrize(("window", "rtt_ms"), [(20, 50), (20, 200), (5, 50), (1, 40)])
def test_a_window_over_the_round_trip_is_all_that_goes_through(window: int, rtt_ms: int) -> None:
    done = a_run(
        *ONE, f"network.rtt={rtt_ms}ms", f"sessions.p.mqtt.inflight={window}", "sessions.p.mqtt.publish.rate=3000/s",
        "duration=8s", "warmup=2s", "sessions.p.mqtt.max_queued=100",
    )  # fmt: skip

    assert done.summary["mqtt_acked_per_s"] == pytest.approx(window / (rtt_ms / 1000), rel=0.01), "W / RTT"


def test_the_broker_s_time_belongs_to_the_round_trip() -> None:
    done = a_run(
        *ONE, "services.hub.broker.store_time=60ms", "sessions.p.mqtt.publish.rate=1000/s", "duration=12s",
        "warmup=2s", "sessions.p.mqtt.max_queued=100",
    )  # fmt: skip

    assert done.summary["mqtt_acked_per_s"] == pytest.approx(20 / 0.100, rel=0.01)


@pytest.mark.parametrize(
    ("settings", "under_way"),
    [
        ((), 20),
        (("sessions.s.mqtt.receive_maximum=5",), 5),
        (("sessions.s.mqtt.receive_maximum=100",), 100),
        (("sessions.s.mqtt.version=v3.1.1",), 20),
        (("services.hub.broker=emqx",), 32),
    ],
)
def test_a_subscriber_s_receive_maximum_stands_in_the_place_of_the_broker_s(
    settings: tuple[str, ...], under_way: int
) -> None:
    stops = ("sessions.s.process_stalls={every: 1s, lasts: 1h}", "sessions.p.start.at=5s")

    rows = way(a_run(*settings, *stops, "sessions.s.mqtt.keep_alive=0s"), "deliver")

    assert rows["sends"].sum() == under_way, "measured on mosquitto 2.0.11: 20, 5, 100 (protocols.md, 8.1)"


def test_a_full_queue_of_a_broker_loses_without_a_word() -> None:
    rows = way(a_run("sessions.s.process_stalls={every: 1s, lasts: 1h}", "sessions.s.mqtt.keep_alive=0s",
                     "services.hub.broker.max_queued=100", "sessions.p.start.at=5s"), "deliver")  # fmt: skip

    assert rows["err"].value_counts().sort("err").rows() == [("lab-end", 120), ("queue full", len(rows) - 120)]
    published = way(a_run("sessions.p.start.at=5s"), "publish")
    assert (published["err"] == "").sum() >= len(published) - 2, "who publishes is acknowledged all the same"


@pytest.mark.parametrize("version", ["v3.1.1", "v5"])
def test_nothing_goes_again_on_a_living_connection(version: str) -> None:
    done = a_run(f"sessions.p.mqtt.version={version}", "services.hub.broker.store_time=5s")

    assert done.summary["mqtt_resend_ratio"] == 0
    assert done.counters.get("mqtt.duplicates", 0) == 0


@pytest.mark.parametrize(("qos", "duplicates"), [("at_least_once", True), ("exactly_once", False)])
def test_after_a_reconnect_what_has_no_acknowledgement_goes_again(qos: str, duplicates: bool) -> None:
    done = a_run("sessions.p.lifetime=3s", f"sessions.p.mqtt.publish.qos={qos}", "services.hub.broker.store_time=100ms",
                 "sessions.p.mqtt.publish.rate=50/s")  # fmt: skip

    rows = way(done, "publish")
    assert rows.filter(pl.col("sends") > 1).height > 50
    assert (done.summary["mqtt_duplicate_share"] > 0) == duplicates
    delivered = way(done, "deliver").group_by("device", "t_published").len()
    assert (delivered["len"].max() == 2) == duplicates
    assert rows.filter(pl.col("err") == "")["deliveries"].min() == 1, "none is lost"


def test_duplicates_are_the_reconnect_rate_times_the_delay_of_the_acknowledgement() -> None:
    done = a_run(
        "duration=600s", "sessions.p.count=100", "sessions.p.mqtt.publish.rate=0.2/s", "network.rtt=200ms",
        "services.hub.broker.store_time={exponential: {mean: 2s}}", "sessions.p.lifetime={exponential: {mean: 100s}}",
    )  # fmt: skip

    nu, delay = 1 / 100, 2.2
    assert done.summary["mqtt_duplicate_share"] == pytest.approx(nu * delay, rel=0.15), "nu d (protocols.md, 8.2)"


def test_a_resend_timer_sends_again_what_takes_longer() -> None:
    done = a_run(
        "duration=900s", "sessions.p.count=100", "sessions.p.mqtt.publish.rate=0.02/s", "network.rtt=200ms",
        "services.hub.broker.store_time={exponential: {mean: 2s}}", "sessions.p.mqtt.version=v3.1.1",
        "sessions.p.mqtt.resend_after=5s",
    )  # fmt: skip

    late = way(done, "publish").filter(pl.col("t_acked") - pl.col("t_sent") > 5)
    assert (late["sends"] > 1).all()
    assert done.summary["mqtt_resent_share"] == pytest.approx(2.718281828 ** -(4.8 / 2), rel=0.2), "P(d > 5 s)"


def test_a_clean_start_loses_what_was_under_way() -> None:
    done = a_run("sessions.p.lifetime=3s", "sessions.p.mqtt.clean=true", "services.hub.broker.store_time=200ms")

    assert way(done, "publish").filter(pl.col("err") == "session discarded").height > 0
    assert done.counters.get("mqtt.resends", 0) == 0


@pytest.mark.parametrize(("keep_alive", "soonest", "latest"), [(2, 3, 9), (5, 7.5, 13.5), (10, 15, 21)])
def test_a_broker_gives_a_silent_client_up_after_one_and_a_half_keep_alives(
    keep_alive: int, soonest: float, latest: float
) -> None:
    done = a_run(
        f"sessions.p.mqtt.keep_alive={keep_alive}s", "sessions.p.count=200", "duration=60s",
        "sessions.p.start.over=10s",
        "sessions.p.reconnect.policy=never", "timeline=[{at: 20s, drop: {backend: 0}}]",
        "sessions.p.mqtt.publish=null", "sessions.s.mqtt.subscribe=null",
    )  # fmt: skip

    rows = done.tables["sessions"].filter(pl.col("fleet") == "p")
    silent = (rows["t_server_noticed"] - rows["t_broke"]).drop_nulls()
    assert len(silent) == 200
    assert soonest - keep_alive <= silent.min() <= silent.max() <= latest  # type: ignore[operator]
    assert silent.mean() == pytest.approx(1.5 * keep_alive - keep_alive / 2 + 3, abs=0.6), "1.5 K - u + U(0, 6 s)"


def test_a_device_gives_a_silent_broker_up_after_a_ping_and_its_time() -> None:
    done = a_run(
        "sessions.p.mqtt.keep_alive=10s", "sessions.p.mqtt.ping_timeout=4s", "sessions.p.mqtt.publish=null",
        "sessions.s.mqtt.subscribe=null", "duration=60s", "timeline=[{at: 20s, drop: {backend: 0}}]",
        "sessions.p.reconnect.policy=never", "sessions.p.count=100",
    )  # fmt: skip

    rows = done.tables["sessions"].filter(pl.col("why") == "no pong")
    waited = rows["t_noticed"] - rows["t_broke"]
    assert len(waited) == 100
    assert 4 <= waited.min() <= waited.max() <= 14  # type: ignore[operator]


def test_who_pings_in_time_is_never_given_up_and_costs_nothing() -> None:
    done = a_run("sessions.p.mqtt.publish=null", "sessions.s.mqtt.subscribe=null", "duration=1h", "tail=0s",
                 "sessions.p.count=500", "sessions.p.mqtt.keep_alive=10s")  # fmt: skip

    assert done.summary["session_end:lab-end"] == 501
    assert done.summary["session_pings"] > 170_000
    assert done.manifest["engine_events"] < 20_000, "pings are counted from their schedule"


def test_a_loss_of_segments_loses_no_message_and_keeps_their_order() -> None:
    done = a_run("network.loss=0.02", *ONE, "sessions.p.mqtt.publish.rate=50/s", "sessions.p.mqtt.keep_alive=5s")

    rows = way(done, "deliver").filter(pl.col("t_received").is_not_null()).sort("t_published")
    assert (rows["t_received"].diff().drop_nulls() >= 0).all(), "one TCP connection, one order"
    assert done.counters["client.Tcp.RetransSegs"] > 10
    assert done.summary["mqtt_resend_ratio"] == 0, "TCP repairs; an application need not"


def test_a_broker_with_room_for_three_refuses_the_fourth() -> None:
    done = a_run("services.hub.broker.max_connections=3", "sessions.p.reconnect.policy=never", "sessions.s.count=1")

    assert done.summary["sessions_up_max"] == 3
    assert done.summary["session_end:CONNACK: quota exceeded"] == 8
    assert done.counters["mqtt.connections_refused"] == 8


def test_a_subscriber_that_was_away_gets_what_its_session_has_kept() -> None:
    settings = ("sessions.s.lifetime=4s", "sessions.s.away=3s", "duration=20s", "tail=10s")

    kept, gone = a_run(*settings), a_run(*settings, "sessions.s.mqtt.session_expiry=1s")

    assert kept.summary["mqtt_delivered"] > gone.summary["mqtt_delivered"] * 1.3
    assert kept.summary["mqtt_delay_max"] > 2.5
    assert gone.summary["mqtt_passed_on_err:session discarded"] > 0


def test_a_run_is_the_same_twice() -> None:
    settings = ("sessions.p.network_stalls={every: 5s, lasts: 2s}", "sessions.p.mqtt.keep_alive=1s")

    assert a_run(*settings).manifest["fingerprint"] == a_run(*settings).manifest["fingerprint"]
