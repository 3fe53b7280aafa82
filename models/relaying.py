"""Relaying: a world's services that ask others: how their questions are made. Not what a server does meanwhile."""

from collections.abc import Callable
from functools import partial
from itertools import repeat
from typing import Any, NamedTuple

from models.protecting import chooser
from models.protection.call import Again
from models.protection.relay import Ask, RelayServer
from models.protection.relay_config import RelayConfig
from models.request import Exchange, Request
from models.transport.errors import CANCELED
from models.workload.driver import Customers


class Asking(NamedTuple):
    """How a server asks."""

    world: Any
    customers: Customers
    choose: Callable[[], Any]
    """Gives the pool of the next question."""
    again: Again


def start_relays(world: Any) -> None:
    """Tell every server that relays how it asks."""
    for name, service in world.scenario.services.items():
        if service.relay is not None:
            _start(world, name, service.relay)


def _start(world: Any, name: str, relay: RelayConfig) -> None:
    customers = _customers(world, name, relay)
    again = _again(world, f"{name}.relay.again", relay)
    transports = world.transports[relay.client]
    for place, index in enumerate(world.backends[name].indices):
        server: RelayServer = world.hosts[index].server
        transport = transports[place % len(transports)]
        choose = chooser(world, transport, client=relay.client, service=relay.service)
        server.send = partial(_send, Asking(world, customers, choose, again))
        if relay.propagates_deadline:
            server.ends_at = _ends_at


def _customers(world: Any, name: str, relay: RelayConfig) -> Customers:
    service, client = world.scenario.services[relay.service], world.scenario.clients[relay.client]
    exchange = Exchange(
        workload=name, label=world.trace.vocabulary[name], wants_close=client.transport.disable_keep_alives
    )
    return Customers(
        repeat(exchange).__next__,
        world.ids,
        int,
        draw_service=world.streams.ints(f"{name}.relay.service_time", service.service_time),
        draw_lags=None,
        draw_fate=world.streams.uniforms(f"{name}.relay.stall"),
    )


def _again(world: Any, name: str, relay: RelayConfig) -> Again:
    draw = world.streams.ints(f"{name}.service_time", world.scenario.services[relay.service].service_time)
    fates = world.streams.uniforms(f"{name}.stall")

    def again(first: Request, now: int, pool: Any) -> Request:
        request = Request(next(world.ids), first.exchange, pool, draw(), now)
        request.fate_draw = fates()
        return request

    return again


def _send(asking: Asking, ends_at: int, answered: Callable[[Request], object]) -> Ask:
    world, customers = asking.world, asking.customers
    request = customers.recreate(world.engine._now, asking.choose(), customers.draw_service())
    request.gives_up_at = ends_at
    transport = request.host.transport
    request.on_done = answered
    if transport.config.is_guarded:
        call = world.callers.send(request, asking.again)
        return Ask(partial(world.callers.cancel, call))
    transport.do(request)
    return Ask(partial(_leave, transport, request))


def _leave(transport: Any, request: Request) -> None:
    if not request.done:
        transport.cancel(request, CANCELED)


def _ends_at(request: Request) -> int:
    """By its client's time-outs, its call's and its try's end, or the deadline that its caller has from another."""
    ends_at: int | None = request.host.transport.deadlines.ends_at(request)
    return request.gives_up_at if ends_at is None else min(ends_at, request.gives_up_at)
