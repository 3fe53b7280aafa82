"""There and back: load(dump(x)) == x."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario import Loader, dump, resolve
from sim.units import LARGEST, MS, SECOND
from tests.sim.scenario import sample as s

LOADER = Loader(s.Sample)

times = st.integers(0, LARGEST)
names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8) | st.sampled_from(
    ["yes", "null", "1", "0x1F", "1e3", "2024-01-02", "~", "for", "for_", "a: b", "- a", "#", "=", "<<", " a "]
)
constants = st.builds(s.Constant, value=times)
lognormals = st.builds(s.Lognormal, mean=times, p99=times)
delays = st.recursive(
    constants | lognormals,
    lambda inner: st.builds(s.Mixed, parts=st.lists(inner, max_size=3).map(tuple)),
    max_leaves=4,
)
transports = st.builds(
    s.Transport,
    preset=st.sampled_from(["default_transport", "zero_transport"]),
    max_idle_conns=st.integers(0, LARGEST),
    max_idle_conns_per_host=st.integers(-LARGEST, LARGEST),
    tls_handshake_timeout=times,
    idle_conn_timeout=st.integers(MS, 600 * SECOND),
)
kernels = st.builds(
    s.Kernel,
    ip_local_port_range=st.tuples(st.integers(1, 9), st.integers(9, 99)),
    tcp_tw_reuse=st.integers(0, 2),
    somaxconn=st.integers(1, 99),
    tcp_rmem=st.integers(0, LARGEST),
)
clients = st.builds(
    s.Client, transport=transports, kernel=kernels, timeout=times, keep_alive=st.booleans(), jitter=st.none() | delays
)
services = st.builds(
    s.Service,
    service_time=delays,
    resolve=st.builds(s.Hosts) | st.builds(s.Dns, order=st.sampled_from(["fixed", "rotate", "shuffle"])),
    workers=st.integers(1, 9),
    weight=st.floats(0, allow_nan=False, allow_infinity=False),
    steps=st.lists(delays, max_size=2).map(tuple),
)
arrivals = st.builds(s.Poisson, rate=st.floats(0, allow_nan=False, allow_infinity=False)) | st.builds(
    s.Closed, workers=st.integers(1, 9), think=delays
)
events = st.builds(s.Event, at=times, pause=st.none() | st.builds(s.Pause, backend=st.integers(0, 9), for_=times))
samples = st.builds(
    s.Sample,
    name=names,
    duration=times,
    clients=st.dictionaries(names, clients, max_size=2),
    services=st.dictionaries(names, services, max_size=2),
    workloads=st.dictionaries(names, arrivals, max_size=2),
    timeline=st.lists(events, max_size=2).map(tuple),
    labels=st.dictionaries(names, names, max_size=2),
)


@settings(max_examples=150, deadline=None)
@given(samples)
def test_a_dump_loads_as_what_was_dumped(sample: s.Sample) -> None:
    assert LOADER.load(dump(sample), "dump") == sample
    assert LOADER.load_tree(resolve(sample), "tree") == sample


def test_every_default_is_filled_in_with_its_unit() -> None:
    resolved = resolve(LOADER.load("name: x\nclients: {gateway: {}}", "g.yaml"))

    assert resolved["duration"] == "10s"
    assert resolved["clients"]["gateway"]["transport"]["idle_conn_timeout"] == "90s"
    assert resolved["clients"]["gateway"]["kernel"]["tcp_rmem"] == "128KiB"
    assert resolved["clients"]["gateway"]["jitter"] is None


def test_reserved_words_and_bare_kinds_are_written_as_users_write_them() -> None:
    resolved = resolve(LOADER.load(s.TEXT, "g.yaml"))

    assert resolved["timeline"][0]["pause"] == {"backend": 1, "for": "2s"}
    assert resolved["services"]["stock"]["service_time"] == "3ms"
    assert resolved["workloads"]["checkout"] == {"poisson": {"rate": "1200/s"}}


def test_lists_of_values_stand_on_one_line() -> None:
    assert "ip_local_port_range: [32768, 60999]\n" in dump(LOADER.load(s.TEXT, "g.yaml"))
