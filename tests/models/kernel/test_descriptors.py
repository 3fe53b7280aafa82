"""A server without a descriptor: who waits in its accept queue, and when they are accepted."""

from typing import Any

import polars as pl
import pytest

from sim import wiring

WORLD: dict[str, Any] = {
    "duration": "30s",
    "tail": "0s",
    "network": {"rtt": "40ms"},
    "services": {"chat": {"resolve": "literal", "overhead": "0s", "kernel": {"nofile": 10}}},
    "sessions": {
        "f": {"count": 15, "service": "chat", "websocket": {}, "start": {"over": "1s"}, "handshake_timeout": "10s",
              "reconnect": {"policy": "never"}}
    },
}  # fmt: skip


def lives(*overrides: str) -> pl.DataFrame:
    """The rows of the sessions of a run."""
    return wiring.run(wiring.load_tree(WORLD, overrides)).tables["sessions"].sort("t_dial")


def test_who_finds_no_descriptor_is_connected_and_never_served() -> None:
    rows = lives()

    served, unserved = rows.head(10), rows.tail(5)
    assert (served["why"] == "lab-end").all()
    assert unserved["t_connected"].is_not_null().all()
    assert (unserved["why"] == "dial: handshake timeout").all()


def test_they_are_accepted_within_a_second_of_one_that_is_free() -> None:
    rows = lives("sessions.f.lifetime=5s", "sessions.f.away=1h")

    late = rows.tail(5)["t_up"]
    first_free = rows.head(1)["t_server_noticed"][0]
    assert late.is_not_null().all()
    assert first_free < late.min() <= first_free + 1.1
    assert (rows["why"] == "left").all()


def test_a_restart_resets_who_waits() -> None:
    rows = lives("timeline=[{at: 5s, die: {for: 1s}}]")

    assert rows.tail(5)["why"].to_list() == ["dial: connection reset by peer"] * 5
    assert rows.tail(5)["t_noticed"].to_list() == pytest.approx([5.02] * 5)


def test_requests_of_a_pool_wait_as_well() -> None:
    tree: dict[str, Any] = {
        "duration": "10s", "tail": "0s", "clients": {"c": {"timeout": "3s"}},
        "services": {"s": {"resolve": "literal", "service_time": "1s", "kernel": {"nofile": 4}}},
        "workloads": {"w": {"client": "c", "service": "s", "arrivals": {"closed_loop": {"workers": 6, "think": "0s"}}}},
    }  # fmt: skip

    done = wiring.run(wiring.load_tree(tree))

    assert done.summary["n_err"] > 0
    assert done.samples["s_estab"].max() == 6
