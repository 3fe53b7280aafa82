"""An experiment file: what may be written, what follows from what was left out, what is refused and how."""

from pathlib import Path

import pytest

from models.recorded.experiment import Experiment
from models.workload.arrivals import Poisson
from sim.evidence import load_experiment
from sim.scenario import Loader
from sim.units import MS, SECOND, InputError

SHORT = """\
Experiment: P01
Variant: mi2
Duration: 16s
Arrivals: {poisson: 100/s}
Service: {exponential: {mean: 50ms}}
"""


def read(text: str) -> Experiment:
    experiment: Experiment = Loader(Experiment).load(text, "own.yaml")
    return experiment


def test_the_words_are_those_of_input_json_and_durations_have_units() -> None:
    found = read(SHORT + "Transport: {MaxIdleConnsPerHost: 2, TLSHandshakeTimeout: 500ms, HTTP2: {}}\n")

    assert found.transport.max_idle_conns_per_host == 2
    assert found.transport.tls_handshake_timeout == 500 * MS
    assert (found.name, found.duration, found.arrivals) == ("P01-mi2", 16 * SECOND, Poisson(rate=100.0))


def test_backends_get_their_addresses_by_their_places_and_their_ports_by_the_scheme() -> None:
    found = read(SHORT + "Scheme: https\nServer: {Backends: [{}, {Proto: h2}, {IP: 10.77.0.40, Port: 9000}]}\n")

    assert list(found.backends()) == [
        ("10.77.0.11", 8443, "https"),
        ("10.77.0.12", 8443, "h2"),
        ("10.77.0.40", 9000, "https"),
    ]


def test_arrivals_ask_every_backend_by_address_or_the_name_of_all() -> None:
    two = SHORT + "Server: {Backends: [{}, {}]}\n"

    assert read(two).asked() == ("10.77.0.11:8080", "10.77.0.12:8080")
    assert read(two + "Topology: {DNSMode: rotating-dns}\n").asked() == ("svc.test:8080",)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("Transprot: {}", "own.yaml:6:1: Transprot: unknown key; did you mean transport?"),
        ("Tail: 5", "own.yaml:6:1: tail: 5 has no unit; write a duration such as 20ms"),
        ("Tail: 1h", "own.yaml:6:1: tail: 1h should be less than or equal to 15m"),
        ("Variant: a/b", '"Variant" occurs twice in this mapping; keep one'),
        ("Topology: {OneWayDelay: 10ms}", "topology.one_way_delay: veth adds no delay; write link: tun"),
        ("Topology: {Link: tun, DNSAddrs: [10.77.0.12]}", "10.77.0.12 is no backend's address; they are 10.77.0.11"),
        ("Server: {Backends: [{IP: 10.1.2.3}]}", "10.1.2.3 lies outside 10.77.0.11 to 10.77.0.249; leave it out"),
        ("Server: {Backends: [{}, {IP: 10.77.0.11}]}", "10.77.0.11:8080 is taken by an earlier one; choose another"),
        ("Server: {Backends: [{Proto: h2}]}", "h2 does not go with the scheme http"),
        ("Events: [{T: 1s, Action: die, Backend: 1}]", "there is no backend 1; count from 0"),
        ("Events: [{T: 1s, Action: pause}]", "pause needs a length; write one such as 2s"),
        ("Events: [{T: 1s, Action: mode}]", "needs one; write normal, tls-stall or never-accept"),
        (
            "Events: [{T: 1s, Action: drop, Dur: 1s, IP: 10.77.0.11}]",
            "only the forwarder drops packets; write link: tun",
        ),
        ("Events: [{T: 1s, Action: sigstop, Dur: 1s, Backend: 0}]", "sigstop stops all servers"),
        ("Events: [{T: 30s, Action: die}]", "lies behind the end of the recording"),
        ("Sysctl: {kernel.panic: 1}", "kernel.panic is not one of net.ipv4 or net.core; leave it out"),
        ("Hosts: []\nNeverAnswered: {}", "share: is required"),
    ],
)
def test_what_cannot_be_recorded_is_refused_in_one_line(more: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        read(SHORT + more + "\n")

    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Variant: mi2", "Variant: a/b", "'a/b' is no name; write letters, digits, dots and dashes"),
        ("Service: {exponential: {mean: 50ms}}\n", "", "service: is required"),
        ("{poisson: 100/s}", f"{{replay: {__file__}}}", "a replay brings service times and hosts of its own"),
        ("{poisson: 100/s}", "{closed_loop: {workers: 2}}\nNeverAnswered: {Share: 0.5}", "leave it out"),
    ],
)
def test_arrivals_and_service_times_come_from_one_place(old: str, new: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        read(SHORT.replace(old, new))

    assert said in str(refused.value)


def test_the_example_is_about_twenty_seconds_with_two_idle_connections_and_a_hundred_requests_a_second() -> None:
    found = load_experiment(Path(__file__).parents[3] / "experiments/reality/recorder/pool-churn.yaml")

    assert (found.name, found.seconds) == ("P01-mi2", 18.0)
    assert found.input["Transport"]["MaxIdleConnsPerHost"] == 2
    assert 1400 < found.input["NArrivals"] < 1800
