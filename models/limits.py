"""Closed forms: where arithmetic puts the limits of a scenario. They hold where it is simple enough for arithmetic."""

from collections.abc import Iterator
from dataclasses import dataclass

from models.kernel.time_wait import TCP_TIMEWAIT_LEN
from models.kernel.timer_wheel import lives
from models.network.nat_config import NatConfig
from models.program_limits import UTILISATION, program_limits
from models.scenario import HostedService, Scenario, WorkloadConfig
from models.transport.config import ClientConfig
from models.workload.arrivals import ConstantRate, Poisson
from sim.units import SECOND

SOURCE = "net/ipv4/inet_hashtables.c, kernel/time/timer.c"
SNAT = "Azure, SNAT for outbound connections"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedForm:
    """A limit of a value of the scenario."""

    name: str
    path: str
    value: float
    """Per second."""
    explanation: str
    source: str = SOURCE


def closed_forms(scenario: Scenario) -> Iterator[ClosedForm]:
    """What the ports of each workload's client bear, and its service's program, of workloads alone with their client.

    Notes
    -----
    Every request dials, the client closes first, and no port is taken over before its TIME_WAIT is over: anything else
    has no such limit, or another one, and yields nothing. The time that a connection is open is left out: 60 s are long
    against it.
    """
    for name, workload in scenario.workloads.items():
        others = [other for other in scenario.workloads.values() if other is not workload]
        is_alone = workload.client not in {other.client for other in others} and len(workload.targets()) == 1
        arrivals = workload.arrivals
        if is_alone and workload.batch is None and isinstance(arrivals, ConstantRate | Poisson):
            kind = "constant" if isinstance(arrivals, ConstantRate) else "poisson"
            yield from _ports(scenario, workload, f"workloads.{name}.arrivals.{kind}.rate")
            yield from _programs(scenario, workload, f"workloads.{name}.arrivals.{kind}.rate")


def _programs(scenario: Scenario, workload: WorkloadConfig, path: str) -> Iterator[ClosedForm]:
    """What the program of a service bears whose only workload this is."""
    (target,) = workload.targets()
    if sum(target in other.targets() for other in scenario.workloads.values()) == 1:
        service = scenario.services[target]
        mean = (workload.service_time or service.service_time).mean_ns
        for name, value, text in program_limits(service, mean):
            yield ClosedForm(name=name, path=path, value=value, explanation=text, source=UTILISATION)


def _ports(scenario: Scenario, workload: WorkloadConfig, path: str) -> Iterator[ClosedForm]:
    client, service = scenario.clients[workload.client], scenario.services[workload.targets()[0]]
    if not _exhausts(scenario, workload, client, service):
        return
    low, high = client.dialer.within(client.kernel.ip_local_port_range)
    ports = len(set(range(low, high + 1)) - client.kernel.reserved_ports())
    if client.kernel.tcp_max_tw_buckets < ports:
        return  # the table is full before the range is: what closes then is free at once
    ranges = client.instances * (service.backends if service.resolve.is_per_request else 1)
    mean, longest = lives(client.kernel.hz, TCP_TIMEWAIT_LEN)
    if scenario.network.nat is not None:
        yield from _translated(scenario, scenario.network.nat, ranges, path=path, below=ports * ranges / mean)
        return
    room = f"{ports * ranges:,} ports"
    seconds = scenario.duration / SECOND
    if seconds < longest:
        text = f"{room} / {seconds:g} s, as the run is over before TIME_WAIT is"
        yield ClosedForm(name="first error", path=path, value=ports * ranges / seconds, explanation=text)
        return
    text = f"{room} / {longest:.2f} s, the longest TIME_WAIT, as it ends in batches at HZ {client.kernel.hz}"
    yield ClosedForm(name="first error", path=path, value=ports * ranges / longest, explanation=text)
    text = f"{room} / {mean:.2f} s, the mean TIME_WAIT"
    yield ClosedForm(name="mean capacity", path=path, value=ports * ranges / mean, explanation=text)


def _translated(scenario: Scenario, nat: NatConfig, ranges: int, *, path: str, below: float) -> Iterator[ClosedForm]:
    """What a NAT bears that reserves its ports, if the clients' own bear more; of shared ones others have a part."""
    reserved = nat.reserve(sum(client.instances for client in scenario.clients.values()))
    if reserved and nat.hold:
        seconds = nat.hold / SECOND
        value = reserved * ranges / seconds
        if value < below:
            text = f"{reserved * ranges:,} reserved ports / {seconds:g} s, the hold of the NAT"
            yield ClosedForm(name="mean capacity", path=path, value=value, explanation=text, source=SNAT)


def _exhausts(scenario: Scenario, workload: WorkloadConfig, client: ClientConfig, service: HostedService) -> bool:
    """Whether every request takes a port of its own that stays with the client until TIME_WAIT is over."""
    transport = client.transport
    dials_always = transport.max_idle_conns_per_host < 0 or transport.max_idle_conns < 0
    closes_first = not (
        service.disable_keep_alives or workload.close or transport.disable_keep_alives
        or service.response_framing == "until_close"
    )  # fmt: skip
    one_address = service.backends == 1 or service.resolve.by in {"literal", "vip", "each", "round_robin"}
    kernel = client.kernel
    reuses = kernel.tcp_timestamps and (
        kernel.tcp_tw_reuse == 1 or (kernel.tcp_tw_reuse == 2 and scenario.network.loopback)
    )
    plain = service.http2 is None and transport.proxy is None and not client.dialer.local_addr
    return bool(dials_always and closes_first and one_address and not reuses and plain and not scenario.timeline)
