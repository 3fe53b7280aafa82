"""When a silent death is noticed, and when a stall is taken for one: against the closed forms, probe by probe.

The phase u of a probe is uniform, so detection is between two bounds with the mean in their middle. P(X) is the share
of sessions that a stall of length X ends though it is over by itself.
"""

from typing import Any

import polars as pl
import pytest

from sim import wiring

WORLD: dict[str, Any] = {
    "duration": "400s",
    "tail": "0s",
    "network": {"rtt": "40ms"},
    "services": {"chat": {"resolve": "literal", "keep_alive": "off", "overhead": "0s"}},
    "sessions": {
        "f": {"count": 400, "service": "chat", "websocket": {}, "reconnect": {"policy": "never"}, "start": {"at": "0s"}}
    },
}
CUT = "timeline=[{at: 200s, drop: {}}]"


def lives(*overrides: str) -> pl.DataFrame:
    """The rows of the sessions of a run."""
    return wiring.run(wiring.load_tree(WORLD, overrides)).tables["sessions"].sort("device")


def spread_over(seconds: int) -> str:
    """Devices dial over one period of their pings, so that all phases are equally likely."""
    return f"sessions.f.start.over={seconds}s"


def four_sigma(span: float, n: int) -> float:
    """Four standard deviations of the mean of n draws from a span."""
    return 4 * span / 12**0.5 / n**0.5


@pytest.mark.parametrize(
    ("end", "ping", "period", "low", "high"),
    [
        ("client", "{every: 15s, timeout: 10s}", 15, 10, 25),
        ("client", "websockets", 20, 20, 40),
        ("client", "{every: 30s, timeout: 30s}", 30, 30, 60),
        ("server", "gorilla_chat", 54, 6, 60),
    ],
)
def test_a_cut_path_is_noticed_in_time(end: str, ping: str, period: int, low: int, high: int) -> None:
    rows = lives(spread_over(period), f"sessions.f.websocket.{end}={ping}", CUT)

    noticed = rows["t_noticed" if end == "client" else "t_server_noticed"] - rows["t_broke"]
    assert (rows["why"] == "no pong").all()
    assert not rows["misjudged"].any()
    assert len(noticed.drop_nulls()) == 400
    assert low - 0.05 <= noticed.min() < noticed.max() <= high + 0.001  # type: ignore[operator]
    assert noticed.mean() == pytest.approx((low + high) / 2, abs=0.05 + four_sigma(period, 400))


def test_one_ticker_of_a_program_finds_all_of_them_in_one_instant() -> None:
    rows = lives(spread_over(30), "sessions.f.websocket.server=ws_readme", CUT)

    noticed = (rows["t_server_noticed"] - rows["t_broke"]).round(6).unique().to_list()
    assert len(noticed) == 1
    assert 30 <= noticed[0] <= 60


def test_keepalive_notices_a_cut_path_and_not_a_program_that_hangs() -> None:
    probes = "sessions.f.keep_alive={idle: 60s, interval: 10s, count: 3}"
    cut = lives(spread_over(60), probes, CUT)
    hangs = lives(spread_over(60), probes, "timeline=[{at: 200s, pause: {}}]")

    noticed = cut["t_noticed"] - cut["t_broke"]
    assert noticed.min() >= 30  # type: ignore[operator]
    assert noticed.max() <= 90 + 2.05 + 3 * 0.26  # type: ignore[operator]  # steps of the timer wheel
    assert noticed.mean() == pytest.approx(60 + 1.5, abs=1.5 + four_sigma(60, 400))
    assert (hangs["why"] == "lab-end").all()


def test_pings_notice_a_program_that_hangs() -> None:
    rows = lives(spread_over(15), "sessions.f.websocket.client={every: 15s, timeout: 10s}",
                 "timeline=[{at: 200s, pause: {}}]")  # fmt: skip

    assert (rows["why"] == "no pong").all()
    assert (rows["t_noticed"] - rows["t_broke"]).mean() == pytest.approx(17.5, abs=0.05 + four_sigma(15, 400))


@pytest.mark.parametrize(("length", "share"), [(8, 0.0), (16, 0.4), (22, 0.8), (40, 1.0)])
def test_pings_misjudge_a_program_that_stops_for_longer_than_their_timeout(length: int, share: float) -> None:
    """P(X) = min(1, (X - T)+ / P)."""
    rows = lives(spread_over(15), "sessions.f.websocket.client={every: 15s, timeout: 10s}",
                 f"timeline=[{{at: 200s, pause: {{for: {length}s}}}}]")  # fmt: skip

    sigma = (share * (1 - share) / 400) ** 0.5
    assert rows["misjudged"].mean() == pytest.approx(share, abs=4 * sigma + 0.004)


def test_a_ping_into_a_cut_path_waits_for_its_retransmission_as_well() -> None:
    """The kernel repeats a ping after 0.24, 0.5, 1, 2, 3.9, 7.9 and 15.8 s: who has 10 s needs the path back in 7.9."""
    rows = lives(spread_over(15), "sessions.f.websocket.client={every: 15s, timeout: 10s}",
                 "timeline=[{at: 200s, drop: {for: 16s}}]")  # fmt: skip

    assert rows["misjudged"].mean() == pytest.approx((16 - 7.9) / 15, abs=0.01 + 4 * (0.25 / 400) ** 0.5)


def test_keepalive_never_misjudges_a_program_that_stops() -> None:
    rows = lives("sessions.f.keep_alive={idle: 5s, interval: 5s, count: 2}", "timeline=[{at: 200s, pause: {for: 60s}}]")

    assert (rows["why"] == "lab-end").all()


@pytest.mark.parametrize(("length", "share"), [(20, 0.0), (40, 1 / 3), (100, 1.0)])
def test_keepalive_misjudges_a_path_that_is_cut_for_longer_than_its_probes(length: int, share: float) -> None:
    """P(X) = min(1, (X - c v)+ / idle)."""
    rows = lives(spread_over(30), "sessions.f.keep_alive={idle: 30s, interval: 10s, count: 3}",
                 f"timeline=[{{at: 200s, drop: {{for: {length}s}}}}]")  # fmt: skip

    assert rows["misjudged"].mean() == pytest.approx(share, abs=0.06 + 4 * (share * (1 - share) / 400) ** 0.5)


def test_stalls_of_devices_misjudge_at_the_rate_of_the_closed_form() -> None:
    """Exponential stalls of mean m at rate s: s (m / P) e^(-T / m) (1 - e^(-P / m)) for each connection."""
    rows = lives(
        "duration=4000s", spread_over(15), "sessions.f.reconnect.policy=at_once",
        "sessions.f.websocket.server={every: 15s, timeout: 10s}",
        "sessions.f.process_stalls={every: 1000s, lasts: {exponential: {mean: 10s}}}",
    )  # fmt: skip

    expected = 4000 * 400 / 1000 * (10 / 15) * 2.718281828**-1 * (1 - 2.718281828**-1.5)
    assert rows["misjudged"].sum() == pytest.approx(expected, abs=4 * expected**0.5)


def test_an_idle_fleet_sends_a_ping_for_each_device_and_period() -> None:
    rows = lives("sessions.f.websocket.client={every: 15s, timeout: 10s}", "duration=3600s", spread_over(15))

    up = float(sum(3600 - at for at in rows["t_up"]))
    assert rows["pings"].sum() == pytest.approx(up / 15 - 400 / 2, rel=0.002)


def test_pings_that_were_not_played_are_those_that_are() -> None:
    """The same fleet asleep and awake: a loss so small that it never comes keeps every ping in the queue."""
    changes = (
        "sessions.f.count=60", spread_over(20), "sessions.f.websocket={client: websockets, server: gorilla_chat}",
        "timeline=[{at: 111s, pause: {for: 12s}}, {at: 211s, drop: {for: 31s}}, {at: 321s, die: {for: 1s}}]",
        "sessions.f.reconnect={policy: fixed, delay: 7s}", "sessions.f.keep_alive=go",
    )  # fmt: skip
    asleep, awake = lives(*changes), lives(*changes, "network.loss=1e-15")

    assert asleep.sort("device", "t_dial").equals(awake.sort("device", "t_dial"))
