"""From a lab's input to the scenario that replays it."""

from dataclasses import replace
from typing import Any

import pytest

from models.backend.http2_config import Http2ServerConfig
from models.recorded.lab import (
    LabBackend,
    LabClient,
    LabDialer,
    LabEvent,
    LabHttp2,
    LabInput,
    LabLoad,
    LabServer,
    LabTopology,
    LabTransport,
)  # fmt: skip
from models.recorded.quantities import is_reproducible, quantities_of, sort_of
from models.recorded.scenario import scenario_of
from models.scenario import Scenario
from sim.units import MS, SECOND

TRANSPORT = LabTransport(
    max_idle_conns=100, max_idle_conns_per_host=2, max_conns_per_host=0, idle_conn_timeout=90.0,
    tls_handshake_timeout=10.0, response_header_timeout=0.5,
)  # fmt: skip


def a_backend(number: int, **fields: Any) -> LabBackend:
    defaults: dict[str, Any] = {"ip": f"10.0.0.{number}", "port": 80, "proto": "http"}
    return LabBackend(**(defaults | fields))


def a_lab(**fields: Any) -> LabInput:
    defaults: dict[str, Any] = {
        "experiment": "E99", "variant": "x", "duration": 60.0, "tail": 2.0, "scheme": "http", "transport": TRANSPORT,
        "dialer": LabDialer(timeout=30.0), "load": LabLoad(mode="open"), "hosts": ("10.0.0.1:80",),
        "server": LabServer(backends=(a_backend(1),)), "topology": LabTopology(link="veth"),
    }  # fmt: skip
    return LabInput(**(defaults | fields))


def three_behind_a_name(**fields: Any) -> LabInput:
    backends = tuple(a_backend(number) for number in (1, 2, 3))
    names = LabTopology(
        link="veth", dns_mode="rotating-dns", dns_name="svc", dns_addrs=tuple(each.ip for each in backends)
    )
    return a_lab(**({"server": LabServer(backends=backends), "topology": names, "hosts": ("svc:80",)} | fields))


def made(lab: LabInput) -> Scenario:
    return scenario_of(lab, "arrivals.csv")


def test_the_transport_is_the_recorders_field_by_field() -> None:
    client = made(a_lab(client=LabClient(timeout=0.2))).clients["client"]

    assert client.transport.response_header_timeout == 500 * MS
    assert client.transport.max_idle_conns_per_host == 2
    assert (client.timeout, client.dialer.timeout) == (200 * MS, 30 * SECOND)


def test_the_delay_of_the_link_is_added_both_ways() -> None:
    slow = made(a_lab(topology=LabTopology(link="tun", one_way_delay=0.01))).network.rtt.mean_ns

    assert 20 * MS < slow < 21 * MS


def test_backends_of_one_name_are_one_service_and_keep_their_numbers() -> None:
    services = made(three_behind_a_name()).services

    assert [(name, service.backends, service.resolve.by) for name, service in services.items()] == [
        ("svc:80", 3, "dns")
    ]


def test_hosts_without_a_name_are_services_of_their_own_in_the_order_of_the_backends() -> None:
    backends = tuple(a_backend(number) for number in (1, 2, 3))
    scenario = made(a_lab(server=LabServer(backends=backends), hosts=("10.0.0.3:80", "10.0.0.1:80")))

    assert list(scenario.services) == ["10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"]
    assert scenario.workloads["arrivals"].services == ("10.0.0.3:80", "10.0.0.1:80")


def test_sysctls_are_read_in_the_kernels_units() -> None:
    kernel = made(a_lab(sysctl={
        "net.ipv4.tcp_tw_reuse": "1", "net.ipv4.ip_local_port_range": "30000 30199", "net.ipv4.tcp_fin_timeout": "30",
        "net.ipv4.tcp_max_syn_backlog": "2048",
    })).clients["client"].kernel  # fmt: skip

    assert (kernel.tcp_tw_reuse, kernel.ip_local_port_range, kernel.tcp_fin_timeout) == (1, (30000, 30199), 30 * SECOND)


def test_a_sysctl_that_is_not_modelled_is_named() -> None:
    with pytest.raises(ValueError, match=r"Sysctl: net.ipv4.tcp_wibble is not modelled"):
        made(a_lab(sysctl={"net.ipv4.tcp_wibble": "1"}))


def test_a_host_that_is_no_backend_is_named() -> None:
    with pytest.raises(ValueError, match=r"Hosts: 10.9.9.9:80 is no backend's address"):
        made(a_lab(hosts=("10.9.9.9:80",)))


def test_a_death_lasts_until_the_revival() -> None:
    events = (LabEvent(t=20.0, action="die", backend=1), LabEvent(t=40.0, action="revive", backend=1))
    (event,) = made(three_behind_a_name(events=events)).timeline

    assert event.die is not None
    assert (event.at, event.die.backend, event.die.for_) == (20 * SECOND, 1, 20 * SECOND)


def test_dropped_packets_hit_the_backend_of_the_address() -> None:
    (event,) = made(three_behind_a_name(events=(LabEvent(t=5.0, action="drop", ip="10.0.0.2", dur=3.0),))).timeline

    assert event.drop is not None
    assert (event.drop.backend, event.drop.for_) == (1, 3 * SECOND)


def test_the_gate_stops_all_backends_in_the_middle_of_accept_and_a_signal_does_not() -> None:
    def pauses(action: Any) -> list[bool]:
        events = (LabEvent(t=5.0, action=action, dur=1.0),)
        return [event.pause.mid_accept for event in made(three_behind_a_name(events=events)).timeline if event.pause]

    assert pauses("pause") == [True, True, True]
    assert pauses("sigstop") == [False, False, False]


def test_a_backend_that_stalls_from_the_start_does_so_to_the_end() -> None:
    (event,) = made(a_lab(server=LabServer(backends=(a_backend(1, mode="tls-stall"),)))).timeline

    assert event.tls_stall is not None
    assert (event.at, event.tls_stall.for_) == (0, 0)


def test_an_unknown_version_of_go_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"GoVersion: go1.7.1 is not one of"):
        made(a_lab(go_version="go1.7.1"))


def test_windows_follow_the_fault_of_the_case() -> None:
    events = (LabEvent(t=10.0, action="die", backend=1), LabEvent(t=30.0, action="revive", backend=1))
    names = quantities_of(three_behind_a_name(experiment="E04", events=events))

    assert {"share_b{}_0_10", "share_b{}_10_30", "share_b{}_30_60", "first_ok_on_revived_backend_t"} <= set(names)


def test_an_experiment_that_nobody_knows_has_the_quantities_of_every_case() -> None:
    assert {"n_ok", "dials_ok", "lat_p99"} <= set(quantities_of(a_lab()))


def test_counts_and_instants_are_told_from_figures() -> None:
    assert [sort_of(name).value for name in ("dials_ok", "last_ok_t", "dials_per_request", "lat_p50")] == [
        "count", "instant", "figure", "figure",
    ]  # fmt: skip


def test_shares_of_a_large_pool_behind_rotating_dns_are_not_reproducible() -> None:
    large = three_behind_a_name(transport=replace(TRANSPORT, max_idle_conns_per_host=100))

    assert not is_reproducible(large, "share_b1_0_60")
    assert is_reproducible(three_behind_a_name(), "share_b1_0_60")


def over_http2(*, is_forced: bool = True, **backend: Any) -> LabInput:
    transport = replace(TRANSPORT, force_attempt_http2=is_forced, http2=LabHttp2(strict_max_concurrent_requests=True))
    server = LabServer(backends=(a_backend(1, proto="h2", **backend),))
    return a_lab(scheme="https", server=server, transport=transport)


def test_an_h2_backend_speaks_it_with_its_limit() -> None:
    scenario = made(over_http2(max_concurrent_streams=10))

    (service,) = scenario.services.values()
    assert service.http2 == Http2ServerConfig(max_concurrent_streams=10)
    assert scenario.clients["client"].transport.http2.strict_max_concurrent_requests


def test_without_a_limit_the_server_announces_gos_default() -> None:
    (service,) = made(over_http2()).services.values()

    assert service.http2 == Http2ServerConfig()


def test_a_client_with_its_own_dialer_speaks_it_only_if_it_is_forced() -> None:
    (service,) = made(over_http2(is_forced=False)).services.values()

    assert service.http2 is None
