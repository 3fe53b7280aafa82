"""Play: a case on the stage, step by step, and everything that was seen of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from models.backend.life import disable_keep_alives, shutdown
from models.kernel.addresses import local_ports
from models.kernel.host import ClientKernel
from models.kernel.sysctl import KernelConfig
from models.kernel.timer_wheel import TimerWheel
from models.protocols.http2 import Http2
from models.request import NEVER_ANSWERS, Request
from models.script.ask import exchange_of
from models.script.case import Case, Step
from models.script.client import client_config
from models.script.dial_log import DialLog
from models.script.go_fields import NotSimulated
from models.script.places import Ground, Places, n_sites
from models.script.request_log import RequestLog
from models.script.snapshot import Snapshots
from models.tables import TABLES, level_names
from models.transport.errors import CANCELED
from models.transport.round_trip import Transport
from sim.engine.environment import Engine
from sim.engine.streams import Streams
from sim.records.levels import Levels
from sim.records.trace import Nowhere, Trace
from sim.units import MS, SECOND, US

FINEST, MOST_INSTANTS = MS, 200_000
"""How closely levels are kept: no event is nearer than 10 ms to a snapshot."""
SYSCTL_UNITS = {"tcp_fin_timeout": SECOND, "tcp_tw_reuse_delay": MS, "tcp_rto_min_us": US, "tcp_rto_max_ms": MS}
"""Units of sysctls that are durations."""


def play(case: Case, go_version: str) -> Mapping[str, Any]:
    """What a client built with `go_version` (such as 1.27.3) does in `case`, in the shape of a vector's `expect`.

    Times are in ms. `ports` says which port each host of the script has, for texts that name them.

    Raises
    ------
    NotSimulated
        The case asks for what the models do not have.
    """
    return Stage(case, go_version).run()


class Stage:
    """One client, the hosts of the script, and what is seen of them."""

    def __init__(self, case: Case, go_version: str) -> None:
        config = client_config(case, go_version)
        streams, engine = Streams(1), Engine(checked=True)
        trace = Trace(TABLES, level_names(n_sites(case)), until=case.ends_at, store=Nowhere())
        step = max(FINEST, case.ends_at // MOST_INSTANTS)
        trace.levels = Levels(trace.levels.series, step, case.ends_at + step, lambda _: None)
        wheel = TimerWheel(config.kernel.hz, 0)
        self._case, self._engine = case, engine
        self._places = Places(case, Ground(engine, streams, trace, wheel))
        ports = local_ports(config.kernel, config.dialer, streams, name="c")
        kernel = self._kernel = ClientKernel(engine, trace.levels, config.kernel, wheel, ports)
        transport = Transport(config, kernel, trace, name="c", draw_race=streams.uniforms("close_race"))
        if config.transport.force_attempt_http2:
            transport.http2 = Http2(transport, trace.levels, streams.uniforms("http2"))
        self._transport = transport
        self._places.settle(transport)
        self._dials = DialLog(transport, case.dial_hook, self._places)
        self._snapshots = Snapshots(transport, trace.levels, config.go_version)
        self._limit = kernel.files.limit
        self._asked: dict[str, RequestLog] = {}
        self._exchanges = {step.req: exchange_of(step, config.transport) for step in case.script if step.req}

    def run(self) -> Mapping[str, Any]:
        """Play the script to its end and settle."""
        case, engine = self._case, self._engine
        for step in case.script:
            engine.call_at(step.t, getattr(self, f"_{step.does}"), step)
        engine.call_at(case.ends_at, self._end)
        engine.run(until=case.ends_at + 1)
        connections = self._dials.seen()
        return {
            "dials": len(connections),
            "dials_failed": self._dials.n_failed,
            "sockets": self._kernel.files.opened,
            "dns_queries": self._places.queries(),
            "requests": {name: log.seen() for name, log in self._asked.items()},
            "connections": connections,
            "snapshots": self._snapshots.seen(),
            "trace": {name: log.trace for name, log in self._asked.items()},
            "ports": self._places.ports,
        }

    def _end(self, _: object) -> None:
        self._snapshots.take("end")

    # what a step may do, by its deciding key

    def _req(self, step: Step) -> None:
        transport = self._transport
        target = self._places.target(step.host, step.name, transport)
        log = self._asked[step.req] = RequestLog(self._engine, step, self._places, target)
        kind = self._case.server[step.host].kind
        service = NEVER_ANSWERS if kind == "stall" else 0 if kind == "rawh2" else step.service
        request = Request(len(self._asked), self._exchanges[step.req], target.pool, service, self._engine.now)
        request.trace, log.request = log, request
        transport.do(request)

    def _cancel(self, step: Step) -> None:
        self._transport.cancel(self._asked[step.cancel].request, CANCELED)

    def _snapshot(self, step: Step) -> None:
        self._snapshots.take(step.snapshot)

    def _close_idle_connections(self, _: Step) -> None:
        self._transport.close_idle_connections()

    def _server(self, step: Step) -> None:
        host = self._places.running[step.host]
        if step.server == "keepalives_off":
            disable_keep_alives(host.server)
        else:
            host.is_dead = True
            self._engine.process(shutdown(host.server))

    def _sysctl(self, step: Step) -> None:
        name = step.sysctl.rpartition(".")[2]
        if name not in KernelConfig.__dataclass_fields__:
            raise NotSimulated(f"the sysctl {step.sysctl}")
        try:
            numbers = tuple(int(word) * SYSCTL_UNITS.get(name, 1) for word in str(step.value).split())
            value = numbers if name == "ip_local_port_range" else numbers[0]
            config = replace(self._kernel.config, **{name: value})  # type: ignore[arg-type]
        except (ValueError, LookupError):
            raise NotSimulated(f"the sysctl {step.sysctl} = {step.value}") from None
        self._kernel.reconfigure(config)

    def _rlimit(self, step: Step) -> None:
        files = self._kernel.files
        files.limit = files.is_open if step.rlimit == "exhaust" else self._limit
