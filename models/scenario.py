"""Scenario: everything that a run is asked to do, as frozen data that binds the rooms' configurations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Len

from models.backend.footprint import FootprintConfig
from models.balancer.config import BalancerConfig
from models.batching.check import check_batches, check_sharded
from models.batching.config import BatchConfig
from models.batching.shards_config import ShardsConfig
from models.bridge.check import check_bridges
from models.bridge.config import BridgeConfig
from models.certificates.check import check_certificates
from models.certificates.config import IssuerConfig
from models.channeling import check_grpc
from models.footprints import check_footprints
from models.kernel.sysctl import ListenConfig
from models.lifecycle.config import ManagedService
from models.mqtt.broker_config import BrokerConfig
from models.mqtt.check import check_fleet_of_mqtt
from models.network.config import NetworkConfig
from models.network.nat_config import NatConfig
from models.protection.breakers.hystrix_config import HystrixConfig
from models.protection.expiry_config import ExpiryConfig
from models.protection.guards import GuardConfig
from models.protection.limits.config import AnyDiscipline
from models.protection.limits.connection_bucket import ConnectionBucketConfig
from models.protection.relay_config import RelayConfig
from models.protection.retry.pushback import PushbackConfig
from models.protection.rules.status import GrpcCode, check_statuses
from models.quic.config import Http3ServerConfig
from models.records_config import RecordsConfig
from models.reply import MAX_POST_HANDLER_READ_BYTES
from models.request import REPLAYABLE_METHODS
from models.sessions.config import SessionConfig
from models.timeline import CloseIdle, PathChange, TimelineEvent
from models.timeline.check import ask, check_timeline
from models.transport.config import ProxyConfig
from models.trigger import TriggerConfig
from models.tuning.config import TunedClient
from models.workload.access_log import AccessLogFile
from models.workload.arrivals import Arrivals
from models.workload.closed_loop import ClosedLoop
from models.workload.replay import ReplayFile
from sim.engine.distributions import Constant, Delay
from sim.units import HOUR, MS, SECOND, Duration, Size, format_duration

LONGEST = 24 * HOUR
"""Longer runs would need more than 100 ms between the samples of their levels to fit into memory."""

REPLAY_SAFE_METHODS = ("GET", "HEAD")
"""What quic-go sends as 0-RTT data (http3/client.go, MethodGet0RTT, MethodHead0RTT)."""
METHODS = (*sorted(REPLAYABLE_METHODS), "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestBodyConfig:
    """The body of a workload's requests."""

    size: Annotated[Size, Gt(0)]
    """Bytes of the body; `request_size` are the headers then."""
    pause: Duration = 0
    """Pause in the middle of the body: an upload that takes its time. ResponseHeaderTimeout runs from its end."""
    can_rewind: bool = True
    """Whether the body can be had once more (Request.GetBody); without it a lost request is never sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamConfig:
    """An answer that is a stream of messages, as of a server-streaming call of gRPC."""

    messages: Annotated[int, Ge(1), Le(1_000_000)] = 10
    """How many; each is as long as the service's `response_size`."""
    interval: Duration = 0
    """From one to the next; the first comes after the service time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadConfig:
    """Customers: who asks whom, how often, for what."""

    client: str
    """The client that sends the requests."""
    service: str = ""
    """The service that answers; or `services`."""
    services: tuple[str, ...] = ()
    """Several services: a replay's host number i is entry i; other arrivals go to them in turn."""
    method: str = "GET"
    """HTTP method; GET, HEAD, OPTIONS and TRACE may be sent again after a lost connection."""
    arrivals: Arrivals
    """When requests come."""
    service_time: Delay | None = None
    """Service time of these requests, instead of the service's."""
    read: Literal["full", "close", "none"] = "full"
    """What the caller does with a response body: full reads it to its end; close closes it unread; none neither reads
    nor closes it, and so leaks its connection with two goroutines."""
    read_share: Annotated[float, Gt(0), Le(1)] = 1.0
    """Share of the requests whose callers do as `read` says; the others read in full."""
    read_bytes: Size = 0
    """With `read: close`: bytes of the body that are read before it is closed."""
    read_delay: Duration = 0
    """How long callers wait between the headers of the response and their first Read."""
    request_size: Size = 200
    """Bytes of a request, headers included."""
    request_body: RequestBodyConfig | None = None
    """The body of a request, where it matters; POST, PUT and PATCH have one in any case."""
    stream: StreamConfig | None = None
    """Every answer is a stream of messages; absent means one."""
    close: bool = False
    """Request.Close: every request says Connection: close."""
    idempotency_key: bool = False
    """Requests carry an Idempotency-Key: whatever the method, they may be sent again after a lost connection."""
    early_data: bool = False
    """Requests may go as 0-RTT data of an HTTP/3 connection, before its handshake is complete; somebody who recorded
    them can send them again, so only GET and HEAD may (quic-go http3, MethodGet0RTT; RFC 8470). Needs
    `tls.client_session_cache` at the client."""
    expect_continue: bool = False
    """Requests with a body say Expect: 100-continue; the body waits for a 100, or for expect_continue_timeout."""
    deadline: Duration = 0
    """context.WithTimeout of each request, from Do to the end of the body; 0 means none."""
    cancel_after: Delay | None = None
    """When callers cancel the context of a request that is not done by then, counted from its arrival."""
    cancel_share: Annotated[float, Gt(0), Le(1)] = 1.0
    """Share of the requests that are cancelled; the others wait."""
    batch: BatchConfig | None = None
    """Arrivals are items that share requests; absent means that each arrival is a request."""

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"method: {self.method} is none of {', '.join(METHODS)}")
        if bool(self.service) == bool(self.services):
            raise ValueError("service: needs exactly one of service and services")
        if self.early_data and self.method not in REPLAY_SAFE_METHODS:
            raise ValueError(
                f"early_data: {self.method} is not safe to replay; write method: GET or HEAD, or leave it out"
            )
        if self.batch is not None:
            self._check_batch()

    def _check_batch(self) -> None:
        if self.services:
            raise ValueError("services: the items of a batch go to one service; write service")
        if self.request_body is not None:
            raise ValueError("request_body: the items of a batch are its body; leave it out")
        if isinstance(self.arrivals, ReplayFile | AccessLogFile):
            raise ValueError("batch: recorded requests have service times of their own; give the items another arrival")

    def targets(self) -> tuple[str, ...]:
        """The services, in order."""
        return self.services or (self.service,)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedService(ManagedService):
    """A service with the hosts that its backends run on."""

    kernel: ListenConfig = ListenConfig()
    """sysctls of each backend's host, by their own names."""
    footprint: FootprintConfig | None = None
    """The memory and the descriptors that its connections take, as columns of the samples; {} means as Go's server was
    measured, absent that nobody asks."""
    http3: Http3ServerConfig | None = None
    """Whether an https service speaks HTTP/3 as well, and how; {} means as quic-go's server does, absent means TCP
    only."""
    connection_limit: ConnectionBucketConfig | None = None
    """Tokens that each connection has for its requests; absent means that there is no such limit."""
    guards: tuple[GuardConfig, ...] = ()
    """What every request has to pass at a backend before it gets a worker or a place in the queue, in this order; who
    is refused gets the guard's status, 503 where it has none. Each backend has a state of its own."""
    queue_discipline: AnyDiscipline | None = None
    """Who of those that wait for a worker is next, and who is sent away with 503; absent means first come, first
    served."""
    expiry: ExpiryConfig | None = None
    """What becomes of requests that waited for a worker too long; absent means that they are served like all others."""
    grpc_codes: Mapping[str, GrpcCode] = field(default_factory=dict)
    """Stands for the trailers of gRPC: the grpc-status that comes in the place of an HTTP status, such as `429:
    RESOURCE_EXHAUSTED`; of all others it follows from gRPC's own mapping. Protocol rules read it."""
    grpc_messages: Mapping[str, str] = field(default_factory=dict)
    """The grpc-message that comes in the place of an HTTP status, such as `429: rate limit exceeded`."""
    pushback: PushbackConfig | None = None
    """How its refusals ask to be tried again; absent means that they do not say. It is the same for all backends, and
    what clients make of it is theirs to say (`retry.pushback`)."""
    relay: RelayConfig | None = None
    """Another service whose answer every request waits for; absent means that the service answers by itself."""
    shards: ShardsConfig | None = None
    """The backends are nodes that have shards, to which the items of batches belong; absent means that any backend can
    work at any item."""
    broker: BrokerConfig | None = None
    """What it is to fleets that speak MQTT with it; {} means mosquitto, absent that it is none."""
    balancer: BalancerConfig | None = None
    """Who of the backends gets the next connection (`resolve: vip`) or request (`resolve: each`); absent: in turn."""

    @property
    def is_guarded(self) -> bool:
        """Whether anything stands before its workers."""
        return bool(self.guards or self.connection_limit or self.queue_discipline or self.expiry)

    def __post_init__(self) -> None:
        ManagedService.__post_init__(self)
        if self.balancer is not None:
            self.balancer.check(self.resolve.by, self.backends)
        for i, guard in enumerate(self.guards):
            if isinstance(guard, HystrixConfig) and guard.timeout:
                asks = f"guards.{i}.hystrix.timeout: {format_duration(guard.timeout)} would end a handler that runs"
                raise ValueError(f"{asks}, which none here does; write timeout: 0s, and a timeout of the client")
        if self.shards is not None:
            check_sharded(self, self.shards)
        for key in ("grpc_codes", "grpc_messages"):
            check_statuses(key, getattr(self, key))
        if self.http3 is not None and self.scheme != "https":
            raise ValueError("http3: QUIC is always encrypted; write scheme: https beside it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A world and what happens in it."""

    name: str = "scenario"
    """Name of the scenario, and of the folder of its results."""
    duration: Annotated[Duration, Ge(1), Le(LONGEST)] = 60 * SECOND
    """How long requests arrive."""
    warmup: Duration = 0
    """Requests that arrive before this are left out of latencies and ratios."""
    skew_window: Annotated[Duration, Ge(MS)] = 10 * SECOND
    """Length of the windows, from the warm-up on, in which the load of a service's backends is compared besides over
    the whole run: long ones hide a skew that moves from backend to backend, short ones show chance."""
    tail: Annotated[Duration, Le(LONGEST)] = 2 * SECOND
    """How long the run goes on after the last arrival; what still hangs then is cut off and marked lab-end."""
    cancel_before_end: Duration = 0
    """How long before the end of the tail the callers of what still hangs give up (marked lab-end); 0 means never."""
    network: NetworkConfig = NetworkConfig()
    """The paths between clients and backends."""
    clients: Mapping[str, TunedClient] = field(default_factory=dict)
    """Clients by name; a scenario of fleets of devices needs none."""
    services: Annotated[Mapping[str, HostedService], Len(1)] = field(default_factory=dict)
    """Services by name."""
    issuers: Mapping[str, IssuerConfig] = field(default_factory=dict)
    """Who issues certificates that are renewed, by name; `NAME: spire` is short for its preset."""
    workloads: Mapping[str, WorkloadConfig] = field(default_factory=dict)
    """Workloads by name."""
    sessions: Mapping[str, SessionConfig] = field(default_factory=dict)
    """Fleets of devices by name, each device with one connection that lasts."""
    bridges: Mapping[str, BridgeConfig] = field(default_factory=dict)
    """Bridges by name: they pass on as requests what a fleet gets by MQTT."""
    timeline: tuple[TimelineEvent, ...] = ()
    """What happens when: faults, and clients that close their idle connections."""
    records: RecordsConfig = RecordsConfig()
    """What is recorded besides requests and connections."""
    trigger: TriggerConfig | None = None
    """What it is judged by whether the system is back afterwards (`recovered`); absent means from the first event of
    the timeline to the end of the last, where all of them end."""

    def __post_init__(self) -> None:
        if self.name in ("", ".", "..") or set(self.name) & set("/\\\0"):
            raise ValueError(f"name: {self.name!r} cannot be the name of a folder; write letters, digits, - and _")
        for name, client in self.clients.items():
            self._check_proxy(name, client.transport.proxy)
        for name, workload in self.workloads.items():
            self._check_names(name, workload)
            self._check_end(name, workload)
        for name, hosted in self.services.items():
            if hosted.relay is not None:
                self._check_relay(name, hosted.relay)
        for name, fleet in self.sessions.items():
            self._check_fleet(name, fleet)
        if self.network.nat is not None:
            self._check_nat(self.network.nat)
        check_certificates(self)
        check_footprints(self)
        check_batches(self)
        check_bridges(self)
        check_timeline(self)
        check_grpc(self)
        if self.trigger is not None and self.trigger.end > self.duration:
            at, ends_at = format_duration(self.trigger.end), format_duration(self.duration)
            raise ValueError(f"trigger.end: {at} lies after the duration of {ends_at}; write an earlier one")

    @classmethod
    def __fill__(cls, tree: Any) -> Any:
        """Nothing is filled in; a file that says that nobody asks anything is refused."""
        for key in ("clients", "workloads"):
            if isinstance(tree, dict) and tree.get(key) == {} and not tree.get("sessions"):
                raise ValueError(f"{key}: there are none, and no sessions either; write one")
        return tree

    def service_of(self, event: TimelineEvent) -> str:
        """The service that an event of the timeline is about."""
        return event.told.service or next(iter(self.services))

    def client_of(self, told: CloseIdle | PathChange) -> str:
        """The client that closes its idle connections, or moves."""
        return told.client or next(iter(self.clients))

    def _check_fleet(self, name: str, fleet: SessionConfig) -> None:
        if fleet.service not in self.services:
            raise ValueError(f"sessions.{name}.service: no service is called {ask(fleet.service, self.services)}")
        if self.services[fleet.service].tls.client_auth == "require":
            told = "asks for certificates, which devices do not have; leave out its tls.client_auth"
            raise ValueError(f"sessions.{name}.service: {fleet.service} {told}")
        fleet.check(self.services[fleet.service].scheme, f"sessions.{name}")
        check_fleet_of_mqtt(self, name, fleet)

    def _check_nat(self, nat: NatConfig) -> None:
        try:
            nat.reserve(sum(client.instances for client in self.clients.values()))
        except ValueError as error:
            raise ValueError(f"network.nat.{error}") from None

    def _check_names(self, name: str, workload: WorkloadConfig) -> None:
        if workload.client not in self.clients:
            raise ValueError(f"workloads.{name}.client: no client is called {ask(workload.client, self.clients)}")
        for service in workload.targets():
            if service not in self.services:
                raise ValueError(f"workloads.{name}.service: no service is called {ask(service, self.services)}")

    def _check_proxy(self, client: str, proxy: ProxyConfig | None) -> None:
        if proxy is None:
            return
        at = f"clients.{client}.transport.proxy.service"
        if proxy.service not in self.services:
            raise ValueError(f"{at}: no service is called {ask(proxy.service, self.services)}")
        if self.services[proxy.service].resolve.is_per_request:
            raise ValueError(f"{at}: the requests to a proxy cannot choose its address; give it another resolve")
        for name, workload in self.workloads.items():
            if workload.client == client and proxy.service in workload.targets():
                raise ValueError(f"workloads.{name}.service: {proxy.service} is the proxy of {client}, not its target")

    def _check_relay(self, name: str, relay: RelayConfig) -> None:
        at = f"services.{name}.relay"
        if relay.client not in self.clients:
            raise ValueError(f"{at}.client: no client is called {ask(relay.client, self.clients)}")
        if relay.service not in self.services:
            raise ValueError(f"{at}.service: no service is called {ask(relay.service, self.services)}")
        for other, workload in self.workloads.items():
            if workload.client == relay.client:
                raise ValueError(f"{at}.client: {relay.client} is that of workload {other}; give the relay its own")
        self._check_relayed(name)
        asked = [name]
        step: RelayConfig | None = relay
        while step is not None:
            if step.service in asked:
                raise ValueError(f"{at}.service: {' asks '.join([*asked, step.service])}; let the chain end")
            asked.append(step.service)
            step = self.services[step.service].relay if step.service in self.services else None

    def _check_relayed(self, name: str) -> None:
        """What a relay serves goes out in one piece, and its answer too."""
        hosted = self.services[name]
        if hosted.response_pause or hosted.interim or hosted.response_framing != "length" or not hosted.reads_body:
            raise ValueError(f"services.{name}.relay: its answers come whole; leave out how they come in parts")
        for other, workload in self.workloads.items():
            is_slow = workload.expect_continue or workload.read != "full" or workload.read_delay
            body = workload.request_body
            if name in workload.targets() and (
                is_slow or (body is not None and (body.pause or body.size >= MAX_POST_HANDLER_READ_BYTES))
            ):
                raise ValueError(f"workloads.{other}.service: {name} relays what comes whole; leave out how it is read")

    def _check_end(self, name: str, workload: WorkloadConfig) -> None:
        arrivals = workload.arrivals
        if not isinstance(arrivals, ClosedLoop) or arrivals.think != Constant(value=0):
            return
        for service in workload.targets():
            config = self.services[service]
            path = (config.overhead, self.clients[workload.client].overhead, self.network.rtt.mean_ns)
            if (workload.service_time or config.service_time) == Constant(value=0) and not any(path):
                raise ValueError(
                    f"workloads.{name}.arrivals: a closed loop without think time on a service that takes no time"
                    " never lets the clock move; give it a think time or a service time"
                )
