"""What the three ways to write the gateway have in common: its parameters, its customers, and what they count."""

from collections.abc import Iterator
from dataclasses import dataclass

from models.kernel.time_wait import TCP_TIMEWAIT_LEN
from models.workload.arrivals import Poisson, open_arrivals
from sim import wiring
from sim.engine.streams import Streams


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A scenario with one client, one service behind rotating DNS and Poisson arrivals; times in ns."""

    scenario: wiring.Scenario
    until: int
    ends_at: int
    half_rtt: int
    lookup_time: int
    client_overhead: int
    server_overhead: int
    backends: int
    max_idle_per_host: int
    max_idle: int
    idle_timeout: int
    dial_timeout: int
    ports: tuple[int, int]
    time_wait: int = TCP_TIMEWAIT_LEN

    def customers(self, seed: int) -> Iterator[tuple[int, int]]:
        """Arrival and service time of each request: the same as in a run of the scenario."""
        streams = Streams(seed)
        (name, workload), *_ = self.scenario.workloads.items()
        assert isinstance(workload.arrivals, Poisson), "the benchmarks' scenarios are open loops"
        arrivals = open_arrivals(workload.arrivals, streams, name, until=self.until)
        draw = streams.ints(f"{name}.service_time", self.scenario.services[workload.service].service_time)
        return ((at, draw()) for at in arrivals)


@dataclass(slots=True)
class Tally:
    """What a way counts, since a comparison of speed between different results means nothing."""

    requests: int = 0
    done: int = 0
    dials: int = 0
    closed: int = 0
    latency: int = 0
    """Sum over the requests that are done, ns."""


def setting_of(scenario: wiring.Scenario) -> Setting:
    """The parameters that the benchmarks' scenarios use; all others are at their defaults there."""
    (client,), (service,) = scenario.clients.values(), scenario.services.values()
    return Setting(
        scenario=scenario,
        until=scenario.duration,
        ends_at=scenario.duration + scenario.tail,
        half_rtt=round(scenario.network.rtt.mean_ns) // 2,
        lookup_time=round(service.resolve.lookup_time.mean_ns),
        client_overhead=client.overhead,
        server_overhead=service.overhead,
        backends=service.backends,
        max_idle_per_host=client.transport.max_idle_conns_per_host,
        max_idle=client.transport.max_idle_conns,
        idle_timeout=client.transport.idle_conn_timeout,
        dial_timeout=client.dialer.timeout,
        ports=client.kernel.ip_local_port_range,
    )
