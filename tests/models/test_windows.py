"""Figures over windows that depend on how many backends a world has."""

import pytest

from models.windows import MOST_SHARES, share_windows
from sim.wiring import load, run

SCENARIO = """
duration: 20s
clients: {c: {transport: {max_idle_conns_per_host: -1}}}
services: {s: {backends: 2, resolve: {dns: fixed}, service_time: 5ms}}
workloads: {w: {client: c, service: s, arrivals: {constant: {rate: 20/s}}}}
timeline: [{at: 10s, leave_dns: {backend: 0}}]
"""


def test_each_backend_has_its_share_of_what_gets_a_connection_in_the_window() -> None:
    windows = run(load(SCENARIO)).windows

    early, late = windows.filter(windows["t"] < 9), windows.filter((windows["t"] > 11) & (windows["t"] < 19))
    assert (early["share_b0"].unique().to_list(), late["share_b0"].unique().to_list()) == ([1.0], [0.0])
    assert late["share_b1"].unique().to_list() == [1.0]


def test_a_window_in_which_nobody_gets_a_connection_has_no_shares() -> None:
    windows = run(load(SCENARIO)).windows

    assert windows.filter(windows["t"] > 20.5)["share_b0"].is_null().all()


@pytest.mark.parametrize("n_backends", [1, MOST_SHARES + 1])
def test_one_backend_has_all_and_many_are_no_picture(n_backends: int) -> None:
    assert share_windows(n_backends) == {}
