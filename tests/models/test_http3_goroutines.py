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


def test_callers_of_http3_wait_for_headers_and_no_state_is_below_nothing() -> None:
    samples = wiring.run(wiring.load_tree(MIXED), 1).samples
    states = [name for name in samples.columns if name.startswith("goroutines_")]

    assert {name: samples[name].min() for name in states if samples[name].min() < 0} == {}
    assert (samples["goroutines"] == sum(samples[name] for name in states)).all()
    assert samples["goroutines_caller_awaiting_headers"].max() > samples["goroutines_read_loop_awaiting_headers"].max()
    last = {name: samples[name][-1] for name in states}
    assert {name for name, n in last.items() if n} <= {"goroutines_read_loop_idle", "goroutines_write_loop"}, last
