"""A fleet of devices in small worlds: when they come up, what a fault does to them, when they are back."""

from typing import Any

import polars as pl
import pytest

from sim import wiring

WORLD: dict[str, Any] = {
    "duration": "30s",
    "tail": "0s",
    "network": {"rtt": "40ms"},
    "services": {"chat": {"resolve": "vip", "backends": 2, "keep_alive": "off", "overhead": "0s"}},
    "sessions": {"f": {"count": 40, "service": "chat", "websocket": {}, "start": {"over": "1s"}}},
}


def lives(*overrides: str) -> pl.DataFrame:
    """The rows of the sessions of a run."""
    return wiring.run(wiring.load_tree(WORLD, overrides)).tables["sessions"].sort("t_dial")


@pytest.mark.parametrize(("scheme", "round_trips"), [("http", 2), ("https", 3)])
def test_tcp_and_the_upgrade_take_a_round_trip_each_and_tls_another(scheme: str, round_trips: int) -> None:
    rows = lives(f"services.chat.scheme={scheme}")

    setup = (rows["t_up"] - rows["t_dial"]).to_list()
    cpu = 0.0 if scheme == "http" else 0.0012
    assert min(setup) >= round_trips * 0.040 + cpu / 4 - 1e-9
    assert max(setup) <= round_trips * 0.040 + cpu + 1e-9


def test_a_restart_closes_what_it_had_and_its_devices_come_back() -> None:
    rows = lives("timeline=[{at: 10s, die: {backend: 0, for: 1s}}]")

    ended = rows.filter(pl.col("why") == "server ended")
    assert len(ended) == 20
    assert ended["t_noticed"].unique().to_list() == [10.02]
    assert ended["t_server_noticed"].unique().to_list() == [10.0]
    back = rows.filter(pl.col("t_lost").is_not_null(), pl.col("t_up").is_not_null())
    assert sorted(back["device"]) == sorted(ended["device"])
    assert (rows.filter(pl.col("t_lost").is_not_null())["t_dial"] >= 10.02).all()


def test_who_waits_up_to_five_seconds_waits_half_of_that_on_average() -> None:
    rows = lives("sessions.f.count=2000", "timeline=[{at: 10s, die: {backend: all, for: 1ms}}]")

    waits = (rows["t_dial"] - rows["t_lost"]).drop_nulls()
    assert len(waits) == 2000
    assert 0 <= waits.min() <= waits.max() <= 5  # type: ignore[operator]
    assert waits.mean() == pytest.approx(2.5, abs=4 * 5 / 12**0.5 / 2000**0.5)


@pytest.mark.parametrize("policy", ["at_once", "fixed", "never"])
def test_policies_without_chance(policy: str) -> None:
    rows = lives(f"sessions.f.reconnect.policy={policy}", "timeline=[{at: 10s, die: {backend: 0, for: 1ms}}]")

    waits = (rows["t_dial"] - rows["t_lost"]).drop_nulls().round(6).unique().to_list()
    assert waits == {"at_once": [0], "fixed": [5], "never": []}[policy]


def test_full_jitter_doubles_with_each_dial_that_fails() -> None:
    rows = lives(
        "sessions.f.count=500", "timeline=[{at: 10s, die: {backend: all}}]", "services.chat.resolve=literal",
        "sessions.f.reconnect={policy: backoff, delay: 1s, cap: 4s}",
    ).sort("device", "t_dial")  # fmt: skip

    waits = rows.with_columns(
        (pl.col("t_dial") - pl.col("t_closed").shift(1).over("device")).alias("wait")
    ).filter(pl.col("tries") > 0, pl.col("t_lost").is_not_null())  # fmt: skip
    for tries, longest in ((1, 1), (2, 2), (3, 4), (4, 4)):
        each = waits.filter(pl.col("tries") == tries)["wait"]
        assert each.max() <= longest  # type: ignore[operator]
        assert each.mean() == pytest.approx(longest / 2, rel=0.12)


def test_what_cannot_come_up_in_time_is_given_up() -> None:
    rows = lives("timeline=[{at: 0s, header_stall: {backend: all}}]", "sessions.f.handshake_timeout=3s")

    first = rows.filter(pl.col("tries") == 1)
    assert (first["why"] == "dial: handshake timeout").all()
    assert (first["t_noticed"] - first["t_dial"]).round(6).unique().to_list() == [3]


def test_go_s_keepalive_finds_a_cut_path_after_135_to_150_seconds() -> None:
    rows = lives(
        "duration=300s", "sessions.f.count=300", "sessions.f.start.over=30s", "sessions.f.keep_alive=go",
        "timeline=[{at: 60s, drop: {backend: all}}]",
    )  # fmt: skip

    found = rows.filter(pl.col("why") == "connection timed out")
    detection = (found["t_noticed"] - found["t_broke"]).to_list()
    assert len(detection) == 300
    assert min(detection) >= 135
    assert max(detection) <= 150 + 10 * 0.52  # each of ten steps late by up to a granule of the timer wheel
    assert sum(detection) / 300 == pytest.approx(142.5 + 1.6, abs=1.6 + 4 * 15 / 12**0.5 / 300**0.5)


def test_a_session_whose_user_leaves_ends_tcp_at_the_server_first() -> None:
    rows = lives("sessions.f.lifetime=5s", "sessions.f.away=1h")

    assert (rows["why"] == "left").all()
    assert (rows["t_server_noticed"] - rows["t_up"] - 5).round(6).unique().to_list() == [0.02]
    assert (rows["t_closed"] - rows["t_up"] - 5).round(6).unique().to_list() == [0.04]


def test_a_shutdown_leaves_sessions_alone_until_the_program_is_gone() -> None:
    rows = lives("timeline=[{at: 10s, shutdown: {backend: 0, for: 2s}}]")

    assert rows.filter(pl.col("why") == "server ended")["t_server_noticed"].min() == 10  # nothing else keeps it


def test_a_run_is_the_same_twice() -> None:
    scenario = wiring.load_tree(WORLD, ["timeline=[{at: 10s, die: {backend: 0, for: 1s}}]"])

    assert wiring.run(scenario).manifest["fingerprint"] == wiring.run(scenario).manifest["fingerprint"]
