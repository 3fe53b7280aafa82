"""Launch: a workload's customers are set in motion. What they do is in models/workload."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import cycle, repeat
from typing import Any

from models.batched import Batching, Making
from models.protection.call import Again
from models.reply import Reply
from models.request import Exchange, Read, Request
from models.scenario import Scenario, WorkloadConfig
from models.transport.errors import CANCELED
from models.workload.access_log import AccessLogFile, read_access_log
from models.workload.arrivals import OpenArrivals, open_arrivals
from models.workload.closed_loop import ClosedLoop, ThinkTimes
from models.workload.driver import Customers, OpenLoop, Replayed, Worker
from models.workload.replay import Replay, ReplayFile, read_replay
from sim.engine.distributions import Constant, Delay
from sim.units import InputError, format_duration

Draw = Callable[[], Any]


def launch(world: Any, name: str, workload: WorkloadConfig) -> list[str]:
    """Start the customers of a workload; return what the user should know of its files."""
    arrivals = workload.arrivals
    start = _Launch(world, name, workload)
    match arrivals:
        case ClosedLoop():
            start.closed_loop(arrivals)
        case ReplayFile():
            return start.replay(arrivals)
        case AccessLogFile():
            return start.access_log(arrivals)
        case _:
            start.open_loop(arrivals)
    return []


def _lags(world: Any, name: str, overrun: Delay, dial_lag: Delay) -> tuple[Draw, Draw] | None:
    """Draws of what the machines add to a handler and to a dial; None where that is nothing."""
    if overrun == dial_lag == Constant(value=0):
        return None
    return world.streams.ints(f"{name}.overrun", overrun), world.streams.ints(f"{name}.dial_lag", dial_lag)


def _do(request: Request) -> None:
    request.host.transport.do(request)


def _cancel(request: Request) -> None:
    request.host.transport.cancel(request, CANCELED)


def exchange_of(workload: WorkloadConfig, name: str, label: int, *, is_kept: bool) -> Exchange:
    """What the requests of a workload ask, of callers who read; `is_kept` says whether the Transport keeps alive."""
    body = workload.request_body
    size = 0 if body is None else body.size
    return Exchange(
        workload=name,
        label=label,
        method=workload.method,
        request_bytes=workload.request_size + size,
        has_body=body is not None or workload.method in ("POST", "PUT", "PATCH"),
        body_bytes=size,
        body_pause=0 if body is None else body.pause,
        can_rewind=body is None or body.can_rewind,
        is_idempotent=workload.idempotency_key,
        is_early=workload.early_data,
        wants_close=workload.close or not is_kept,
        expects_continue=workload.expect_continue,
        deadline=workload.deadline,
        read_delay=workload.read_delay,
        reply=_reply_of(workload),
    )


def _reply_of(workload: WorkloadConfig) -> Reply | None:
    """How its requests are answered, where that is the workload's business."""
    stream = workload.stream
    if stream is None or stream.messages == 1:
        return None
    return Reply(messages=stream.messages, gap=stream.interval)


class _Launch:
    """One workload on its way into a world."""

    def __init__(self, world: Any, name: str, workload: WorkloadConfig) -> None:
        self._world, self._name, self._workload = world, name, workload
        self._scenario: Scenario = world.scenario
        self._until = self._scenario.duration
        self._routes = [self._route(service) for service in workload.targets()]
        config = self._scenario.services[workload.targets()[0]]
        service_time = workload.service_time or config.service_time
        services = [self._scenario.services[service] for service in workload.targets()]
        panics = any(one.panics or any(each.panics for each in one.versions.values()) for one in services)
        fates = panics or any(event.draws_fates for event in self._scenario.timeline)
        self._customers: Any = Customers(  # or Items, which drivers take alike
            self._draw_exchange(),
            world.ids,
            self._in_turn(),
            draw_service=world.streams.ints(f"{name}.service_time", service_time),
            draw_lags=_lags(world, name, config.overrun, self._scenario.clients[workload.client].dial_lag),
            draw_fate=world.streams.uniforms(f"{name}.stall") if fates else None,
        )
        self._send: Callable[[Any], object] = self._sender()
        if workload.batch is not None:
            made = Making(self._usual(), self._customers, self._send)
            batching = Batching(world, name, workload.batch, made)
            self._customers, self._send = batching.items, batching.send

    def _sender(self) -> Callable[[Request], object]:
        """Do, and where callers cancel, the instant at which they will."""
        workload, world, name = self._workload, self._world, self._name
        if self._scenario.clients[workload.client].is_guarded:
            return self._guarded_sender()
        if workload.cancel_after is None:
            transports = world.transports[workload.client]
            return transports[0].do if len(transports) == 1 else _do
        draw_wait = world.streams.ints(f"{name}.cancel_after", workload.cancel_after)
        draw_share = world.streams.uniforms(f"{name}.cancel")
        share, call_in = workload.cancel_share, world.engine.call_in

        def send(request: Request) -> None:
            wait, is_cancelled = draw_wait(), draw_share() < share
            if is_cancelled:
                call_in(wait, _cancel, request)
            _do(request)

        return send

    def _guarded_sender(self) -> Callable[[Request], object]:
        """The same, through the guards and retries of the client."""
        workload, world, name = self._workload, self._world, self._name
        callers, again = world.callers, self._again()
        if workload.cancel_after is None:
            return lambda request: callers.send(request, again)
        draw_wait = world.streams.ints(f"{name}.cancel_after", workload.cancel_after)
        draw_share = world.streams.uniforms(f"{name}.cancel")
        share, call_in = workload.cancel_share, world.engine.call_in

        def send(request: Request) -> None:
            wait, is_cancelled = draw_wait(), draw_share() < share
            call = callers.send(request, again)
            if is_cancelled:
                call_in(wait, callers.cancel, call)

        return send

    def _again(self) -> Again:
        """Requests that are made once more: the same exchange, the random inputs drawn anew but for recorded ones."""
        world, name, workload = self._world, f"{self._name}.again", self._workload
        config = self._scenario.services[workload.targets()[0]]
        is_recorded = isinstance(workload.arrivals, ReplayFile | AccessLogFile) and workload.service_time is None
        draw_service = world.streams.ints(f"{name}.service_time", workload.service_time or config.service_time)
        customers = Customers(
            repeat(Exchange(workload="")).__next__,
            world.ids,
            int,
            draw_service=draw_service,
            draw_lags=_lags(world, name, config.overrun, self._scenario.clients[workload.client].dial_lag),
            draw_fate=world.streams.uniforms(f"{name}.stall") if self._customers.draws_fates else None,
        )
        return partial(_once_more, customers, is_recorded=is_recorded)

    def _draw_exchange(self) -> Callable[[], Exchange]:
        """What the next request asks and how its caller behaves."""
        workload, world, name = self._workload, self._world, self._name
        usual = self._usual()
        careless = replace(usual, read=Read[workload.read.upper()], read_bytes=workload.read_bytes)
        if workload.read == "full" or workload.read_share == 1:
            return repeat(careless).__next__
        share, draw = workload.read_share, world.streams.uniforms(f"{name}.read")
        return lambda: careless if draw() < share else usual

    def _usual(self) -> Exchange:
        transport = self._scenario.clients[self._workload.client].transport
        label = self._world.trace.vocabulary[self._name]
        return exchange_of(self._workload, self._name, label, is_kept=not transport.disable_keep_alives)

    def open_loop(self, arrivals: OpenArrivals) -> None:
        """Instants drawn from the workload's stream."""
        times = open_arrivals(arrivals, self._world.streams, self._name, until=self._until)
        OpenLoop(self._world.engine, times, self._customers, self._send).start()

    def closed_loop(self, arrivals: ClosedLoop) -> None:
        """Workers that think, ask and wait."""
        thinks = ThinkTimes(arrivals, self._world.streams, self._name)
        for worker in range(arrivals.workers):
            self._start_worker(_thinker(thinks, worker), self._customers.create)

    def replay(self, arrivals: ReplayFile) -> list[str]:
        """A recording, open or closed; what of it comes too late is what the user should know."""
        recorded = read_replay(arrivals.file)
        if recorded.n_hosts > len(self._routes):
            raise InputError(
                f"{arrivals.file}: workloads.{self._name}: a request goes to host {recorded.n_hosts - 1},"
                f" but the workload has {len(self._routes)} services; list one for each host under services"
            )
        if recorded.closed:
            self._replay_closed(recorded)
            return []
        rows = recorded.rows()
        self._replay_open(zip(rows.when, rows.service, rows.host, strict=True))
        return self._too_late(arrivals.file, rows.when)

    def access_log(self, arrivals: AccessLogFile) -> list[str]:
        """A production log; what of it is left out is what the user should know."""
        log = read_access_log(arrivals).spread(self._world.streams[f"{self._name}.spread"])
        service = None if self._workload.service_time is not None else log.service
        if service is None and self._workload.service_time is None:
            raise InputError(
                f"{arrivals.file}: workloads.{self._name}: format {log.format} has no response times;"
                " state service_time in the workload"
            )
        rows = log.t.tolist()
        times = [self._customers.draw_service() for _ in rows] if service is None else service.tolist()
        self._replay_open(zip(rows, times, log.host.tolist(), strict=True))
        malformed = [f"{arrivals.file}:{line}: left out: {reason}" for line, reason in log.malformed]
        return [*self._too_late(arrivals.file, rows), *malformed]

    def _too_late(self, file: str, instants: list[int]) -> list[str]:
        """How many recorded arrivals, in order of time, the duration leaves out."""
        n = len(instants) - bisect_left(instants, self._until)
        span = f"{n:,} of {len(instants):,} arrivals lie beyond the duration of {format_duration(self._until)}"
        return [f"{file}: {span} and are left out; lengthen it to have them all"] if n else []

    def _replay_open(self, rows: Iterator[tuple[int, int, int]]) -> None:
        routes, until = self._routes, self._until
        routed = ((at, service, routes[host]) for at, service, host in rows if at < until)
        Replayed(self._world.engine, routed, self._customers, self._send).start()

    def _replay_closed(self, recorded: Replay) -> None:
        rows = recorded.rows()
        for numbers in recorded.by_worker().values():
            thinks = iter([rows.when[i] for i in numbers])
            tasks = iter([(self._routes[rows.host[i]], rows.service[i]) for i in numbers])
            self._start_worker(_next_or_none(thinks), self._recreator(tasks))

    def _recreator(self, tasks: Iterator[tuple[Draw, int]]) -> Callable[[int], Request]:
        def create(now: int) -> Request:
            route, service_time = next(tasks)
            request: Request = self._customers.recreate(now, route(), service_time)
            return request

        return create

    def _start_worker(self, think: Callable[[], int | None], create: Callable[[int], Request]) -> None:
        Worker(self._world.engine, think, create, send=self._send, until=self._until).start()

    def _route(self, service: str) -> Draw:
        """From which pool the next request goes: instances in turn, and of each the pool that its balancer chooses."""
        world, client = self._world, self._workload.client
        is_direct = self._scenario.clients[client].transport.proxy is None
        if is_direct and self._scenario.services[service].resolve.is_per_request:
            transports = world.transports[client]
            choices: list[Draw] = [world.balancer(each, client, service).choose for each in transports]
            if len(choices) == 1:
                return choices[0]
            turn = cycle(choices)
            return lambda: next(turn)()  # noqa: PLW0108 (each call asks the next instance)
        return cycle([world.pools(transport, client, service)[0] for transport in world.transports[client]]).__next__

    def _in_turn(self) -> Draw:
        if len(self._routes) == 1:
            return self._routes[0]
        turn = cycle(self._routes)
        return lambda: next(turn)()  # noqa: PLW0108 (each call asks the next route)


def _once_more(customers: Customers, first: Request, now: int, pool: Any, *, is_recorded: bool) -> Request:
    request = customers.recreate(now, pool, first.service_time if is_recorded else customers.draw_service())
    request.exchange = first.exchange
    request.service_time += first.exchange.work
    return request


def _thinker(thinks: ThinkTimes, worker: int) -> Callable[[], int]:
    return lambda: thinks.draw(worker)


def _next_or_none(thinks: Iterator[int]) -> Callable[[], int | None]:
    return lambda: next(thinks, None)
