"""A middlebox that forgets what is silent: what it does to sessions and pooled connections, what keeps it from that."""

from typing import Any

import polars as pl
import pytest

from sim import wiring

WORLD: dict[str, Any] = {
    "duration": "400s",
    "tail": "0s",
    "network": {"rtt": "40ms", "middlebox": {"idle_timeout": "100s"}},
    "services": {"chat": {"resolve": "literal", "keep_alive": "off", "overhead": "0s"}},
    "sessions": {"f": {"count": 20, "service": "chat", "websocket": {}, "reconnect": {"policy": "never"}}},
}
POOL: dict[str, Any] = {
    "duration": "400s",
    "network": {"rtt": "40ms", "middlebox": {"idle_timeout": "100s"}},
    "clients": {"c": {"dialer": {"keep_alive": "off"}, "transport": {"idle_conn_timeout": "0s"}}},
    "services": {"s": {"resolve": "literal", "keep_alive": "off"}},
    "workloads": {
        "w": {
            "client": "c",
            "service": "s",
            "method": "POST",
            "arrivals": {"closed_loop": {"workers": 1, "think": "150s"}},
        }
    },
}


def lives(*overrides: str) -> pl.DataFrame:
    """The rows of the sessions of a run."""
    return wiring.run(wiring.load_tree(WORLD, overrides)).tables["sessions"]


def test_a_ping_faster_than_the_box_keeps_a_session() -> None:
    rows = lives("sessions.f.websocket.client={every: 90s, timeout: 10s}")

    assert (rows["why"] == "lab-end").all()


@pytest.mark.parametrize(
    ("on_expiry", "why", "after"), [("drop", "no pong", 20 + 10), ("reset", "connection reset by peer", 20.02)]
)
def test_a_slower_ping_finds_out_what_the_box_has_done(on_expiry: str, why: str, after: float) -> None:
    rows = lives("sessions.f.websocket.client={every: 120s, timeout: 10s}", f"network.middlebox.on_expiry={on_expiry}")

    assert (rows["why"] == why).all()
    assert not rows["misjudged"].any()
    assert (rows["t_broke"] - rows["t_up"]).mean() == pytest.approx(100, abs=0.1)
    assert (rows["t_noticed"] - rows["t_broke"]).mean() == pytest.approx(after, abs=0.1)


def test_nobody_notices_a_connection_that_was_dropped_while_nobody_speaks() -> None:
    assert (lives()["why"] == "lab-end").all()


def test_a_proxy_ends_both_sides_as_soon_as_its_time_is_over() -> None:
    rows = lives("network.middlebox.on_expiry=close")

    assert (rows["why"] == "EOF").all()
    assert (rows["t_noticed"] - rows["t_up"]).mean() == pytest.approx(100, abs=0.1)
    assert (rows["t_server_noticed"] - rows["t_up"]).mean() == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize(("on_expiry", "is_kept"), [("drop", True), ("reset", True), ("close", False)])
def test_keepalive_of_either_end_keeps_a_box_of_packets_and_no_proxy(on_expiry: str, is_kept: bool) -> None:
    for probes in ("sessions.f.keep_alive=go", "services.chat.keep_alive=15s"):
        rows = lives(probes, f"network.middlebox.on_expiry={on_expiry}")

        assert (rows["why"] == "lab-end").all() == is_kept


def test_a_probe_after_the_time_finds_out_too() -> None:
    slow = "sessions.f.keep_alive={idle: 120s, interval: 10s, count: 3}"
    dropped, reset = lives(slow), lives(slow, "network.middlebox.on_expiry=reset")

    assert (dropped["why"] == "connection timed out").all()
    assert (dropped["t_noticed"] - dropped["t_broke"]).mean() == pytest.approx(50, abs=6)
    assert (reset["t_noticed"] - reset["t_broke"]).mean() == pytest.approx(20, abs=4.2)


def test_messages_keep_it_as_well() -> None:
    rows = lives("sessions.f.websocket.messages.from_server=0.5/s")

    assert (rows["why"] == "lab-end").all()
    assert rows["received"].sum() == pytest.approx(20 * 395 * 0.5, rel=0.1)


@pytest.mark.parametrize(
    ("on_expiry", "counts", "err"),
    [
        ("reset", {"n_ok": 1, "n_err": 1}, "connection reset by peer"),
        ("close", {"n_ok": 2, "n_err": 0}, ""),
        ("drop", {"n_ok": 1}, "lab-end"),
    ],
)
def test_pooled_connections_are_forgotten_as_well(on_expiry: str, counts: dict[str, int], err: str) -> None:
    done = wiring.run(wiring.load_tree(POOL, [f"network.middlebox.on_expiry={on_expiry}"]))

    for name, n in counts.items():
        assert done.summary[name] == n, done.summary
    assert set(done.requests.filter(pl.col("err") != "")["err"]) <= {err}
    assert (done.requests["err"] == err).any()


def test_go_s_own_keepalive_keeps_pooled_connections() -> None:
    done = wiring.run(wiring.load_tree(POOL, ["clients.c.dialer.keep_alive=30s"]))

    assert done.summary["n_err"] == 0
    assert done.summary["dials_ok"] == 1
