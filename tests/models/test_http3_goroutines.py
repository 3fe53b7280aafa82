"""Goroutines where clients speak HTTP/3: states that add up, none of them below nothing."""

from sim import wiring

MIXED = {
    "duration": "4s",
    "network": {"rtt": "10ms"},
    "clients": {"phone": {"http3": {}}, "browser": {}},
    "services": {"a": {"scheme": "https", "http3": {}, "service_time": "50ms", "resolve": "literal"}},
    "workloads": {
        "w": {"client": "phone", "service": "a", "arrivals": {"poisson": {"rate": "40/s"}}},
        "v": {"client": "browser", "service": "a", "arrivals": {"poisson": {"rate": "20/s"}}},
    },
}
IDLE = {"goroutines_read_loop_idle", "goroutines_write_loop"}


def test_callers_of_http3_wait_for_headers_and_no_state_is_below_nothing() -> None:
    samples = wiring.run(wiring.load_tree(MIXED), 1).samples
    states = {name: samples[name].to_numpy() for name in samples.columns if name.startswith("goroutines_")}
    waiting, loops = (states[f"goroutines_{name}_awaiting_headers"] for name in ("caller", "read_loop"))

    assert {name for name, counts in states.items() if counts.min() < 0} == set()
    assert (samples["goroutines"].to_numpy() == sum(states.values())).all()
    assert waiting.max() > loops.max(), "callers of HTTP/3 have no read loop of their own"
    assert {name for name, counts in states.items() if counts[-1]} <= IDLE
