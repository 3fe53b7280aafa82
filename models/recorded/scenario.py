"""scenario_of: the world in which a recorded case took place, as a scenario that replays its arrivals.

What a lab cannot be asked for, the models do not have, or nobody knows, is a ValueError that names the field.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any, get_args, get_type_hints

from models.backend.config import ResolveConfig, TlsConfig
from models.backend.http2_config import Http2ServerConfig
from models.kernel.sysctl import KernelConfig, ListenConfig
from models.network.config import NetworkConfig
from models.protection.rules.config import RuledTransport
from models.recorded import set_up
from models.recorded.events import timeline_of
from models.recorded.lab import LabBackend, LabInput
from models.scenario import HostedService, Scenario, WorkloadConfig
from models.transport.config import ClientTlsConfig, DialerConfig, Http2Config
from models.tuning.config import TunedClient
from models.workload.replay import ReplayFile
from sim.engine.distributions import Constant
from sim.units import MS, SECOND

CLIENT = "client"
WORKLOAD = "arrivals"
_UNITS = {"tcp_fin_timeout": SECOND, "tcp_tw_reuse_delay": MS}
"""Sysctls that are durations, and the unit in which the kernel counts them."""


def nanoseconds(seconds: float) -> int:
    """As the engine counts."""
    return round(seconds * SECOND)


def scenario_of(lab: LabInput, arrivals: str) -> Scenario:
    """The scenario of a case; `arrivals` is the path of its arrivals.

    Raises
    ------
    ValueError
        "Field: what is wrong", where the case asks for what the models do not have.
    """
    services = dict(_services(lab))
    return Scenario(
        name=lab.name,
        duration=nanoseconds(lab.duration),
        tail=nanoseconds(lab.tail),
        cancel_before_end=min(set_up.CANCELLED_BEFORE_END, nanoseconds(lab.tail)),
        network=NetworkConfig(
            rtt=Constant(value=set_up.LINK_RTT[lab.topology.link] + 2 * nanoseconds(lab.topology.one_way_delay))
        ),
        clients={CLIENT: _client(lab)},
        services=services,
        workloads={
            WORKLOAD: WorkloadConfig(
                client=CLIENT,
                services=tuple(_asked(lab, services)),
                method=lab.method,
                arrivals=ReplayFile(file=arrivals),
            )
        },
        timeline=timeline_of(lab, _backends_by_service(services)),
    )


def _client(lab: LabInput) -> TunedClient:
    version = ".".join(lab.go_version.removeprefix("go").split(".")[:2])
    known = get_args(get_type_hints(TunedClient)["go_version"])
    if version not in known:
        raise ValueError(f"GoVersion: {lab.go_version} is not one of {', '.join(known)}")
    transport = lab.transport
    return TunedClient(
        transport=RuledTransport(
            max_idle_conns=transport.max_idle_conns,
            max_idle_conns_per_host=transport.max_idle_conns_per_host,
            max_conns_per_host=transport.max_conns_per_host,
            idle_conn_timeout=nanoseconds(transport.idle_conn_timeout),
            tls_handshake_timeout=nanoseconds(transport.tls_handshake_timeout),
            response_header_timeout=nanoseconds(transport.response_header_timeout),
            disable_keep_alives=transport.disable_keep_alives,
            http2=Http2Config(strict_max_concurrent_requests=transport.http2.strict_max_concurrent_requests),
        ),
        dialer=DialerConfig(timeout=nanoseconds(lab.dialer.timeout)),
        kernel=_sysctls(_namespace(lab), lab.sysctl, "Sysctl"),
        tls=ClientTlsConfig(client_session_cache=lab.tls.client_session_cache),
        timeout=nanoseconds(lab.client.timeout),
        overhead=set_up.CLIENT_OVERHEAD,
        close_race=set_up.CLOSE_RACE[lab.topology.link, lab.scheme],
        dial_lag=set_up.DIAL_LAG,
        cold_dial=set_up.COLD_DIAL[lab.topology.link],
        read_lag=set_up.READ_LAG,
        go_version=version,  # type: ignore[arg-type]  # it is one of them
    )


def _namespace(lab: LabInput) -> KernelConfig:
    """The client's host as it is before the case's own sysctls."""
    return KernelConfig(
        release=_release(lab.kernel), tcp_tw_reuse=0, pointer_neighbours=set_up.POINTER_NEIGHBOURS,
        connect_failure_cost=set_up.CONNECT_FAILURE_COST,
    )  # fmt: skip


def _release(kernel: str) -> str:
    """6.18 of 6.18.44-fc-v657."""
    return ".".join(kernel.split("-", maxsplit=1)[0].split(".")[:2])


def _sysctls(config: Any, written: Mapping[str, str], part: str) -> Any:
    """`config` with the sysctls of the case."""
    own = {each.name for each in fields(config)}
    known = {each.name for each in (*fields(KernelConfig), *fields(ListenConfig))}
    values: dict[str, Any] = {}
    for name, text in written.items():
        key = name.rpartition(".")[2]
        if key not in known:
            raise ValueError(f"{part}: {name} is not modelled; known here: {', '.join(sorted(known))}")
        if key in own:  # the others belong to hosts that connect, or that listen, and this one does not
            numbers = tuple(int(number) * _UNITS.get(key, 1) for number in text.split())
            values[key] = numbers if len(numbers) > 1 else numbers[0]
    return replace(config, **values)


def _http2(lab: LabInput, backend: LabBackend) -> Http2ServerConfig | None:
    """What ALPN comes to: the lab's client has a Dialer of its own, so it offers h2 only if it is forced to."""
    if backend.proto != "h2" or not lab.transport.force_attempt_http2:
        return None
    limit = backend.max_concurrent_streams
    return Http2ServerConfig(max_concurrent_streams=limit) if limit else Http2ServerConfig()


def _services(lab: LabInput) -> Iterator[tuple[str, HostedService]]:
    """A service per host of the arrivals, and one per backend that nobody asks, in the order of the backends.

    The order counts: the number of a backend in the records is its place among all.
    """
    left = list(lab.server.backends)
    while left:
        group = _same_host(lab, left[0])
        for backend in group:
            if backend not in left:
                raise ValueError(f"Topology.DNSAddrs: {backend.ip} stands apart from the others in Server.Backends")
            left.remove(backend)
        first = group[0]
        if any(_as_configured(backend) != _as_configured(first) for backend in group):
            raise ValueError(f"Server.Backends: those behind {lab.topology.dns_name} differ")
        yield _name(lab, first), _service(lab, first, len(group))


def _same_host(lab: LabInput, backend: LabBackend) -> list[LabBackend]:
    """Who shares a name with `backend`, in the order of the name's addresses."""
    topology = lab.topology
    if topology.dns_mode == "none" or backend.ip not in topology.dns_addrs:
        return [backend]
    return [each for ip in topology.dns_addrs for each in lab.server.backends if each.ip == ip]


def _as_configured(backend: LabBackend) -> LabBackend:
    return replace(backend, ip="")


def _name(lab: LabInput, backend: LabBackend) -> str:
    shared = lab.topology.dns_mode != "none" and backend.ip in lab.topology.dns_addrs
    return f"{lab.topology.dns_name}:{backend.port}" if shared else backend.address


def _asked(lab: LabInput, services: Mapping[str, HostedService]) -> Iterator[str]:
    for host in lab.hosts:
        if host not in services:
            raise ValueError(f"Hosts: {host} is no backend's address and no name; known here: {', '.join(services)}")
        yield host


def _backends_by_service(services: Mapping[str, HostedService]) -> list[tuple[str, int]]:
    """For each backend its service and its place there."""
    return [(name, i) for name, service in services.items() for i in range(service.backends)]


def _service(lab: LabInput, backend: LabBackend, n_backends: int) -> HostedService:
    by: Any = {"none": "literal", "hosts-file": "hosts", "rotating-dns": "dns"}[lab.topology.dns_mode]
    return HostedService(
        scheme=lab.scheme,
        http2=_http2(lab, backend),
        resolve=ResolveConfig(by=by, dns="rotate", lookup_time=Constant(value=set_up.DNS_LOOKUP)),
        backends=n_backends,
        workers=backend.workers,
        overhead=set_up.SERVER_OVERHEAD,
        overrun=set_up.OVERRUN,
        response_size=backend.body_bytes,
        backlog=backend.backlog,
        idle_timeout=nanoseconds(backend.idle_timeout),
        disable_keep_alives=backend.keep_alives_disabled,
        honours_cancel=backend.handler_honours_cancel,
        tls=TlsConfig(version=lab.tls.max_version or "1.3"),
        kernel=_sysctls(ListenConfig(release=_release(lab.kernel)), lab.server_sysctl, "ServerSysctl"),
    )
