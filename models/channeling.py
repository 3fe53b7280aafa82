"""Channeling: a world's gRPC clients: their channels, what is recorded of their calls. Not what a channel does."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from models.grpc.client import GRPC_LEVELS, GrpcHttp2
from models.grpc.config import MIN_KEEPALIVE_TIME, GrpcClient, GrpcConfig
from models.grpc.rpc_log import RpcLog
from models.protection.rules.status import Code, code_of_error, code_of_status
from models.protocols.http2 import Http2
from models.request import Request
from models.transport.errors import CUT_OFF
from sim.units import format_duration


def has_grpc(scenario: Any) -> bool:
    """Whether any client is one of gRPC."""
    return any(client.grpc is not None for client in scenario.clients.values())


def grpc_levels(scenario: Any) -> Iterator[str]:
    """The levels of a world with such a client."""
    if has_grpc(scenario):
        yield from GRPC_LEVELS


def http2_of(world: Any, transport: Any, *, name: str, client: GrpcClient) -> Http2 | None:
    """HTTP/2 of an instance of a client, as Go's http.Client or as gRPC has it; None where it speaks it with nobody."""
    streams, levels = world.streams, world.trace.levels
    if client.grpc is not None:
        grpc = _at_least(client.grpc)
        transport.log = RpcLog(world.trace, name, _Codes(world).name_of)
        return GrpcHttp2(transport, levels, streams.uniforms(f"{name}.grpc"), grpc)
    if client.attempts_http2 and any(backends.config.http2 for backends in world.backends.values()):
        return Http2(transport, levels, streams.uniforms(f"{name}.http2"))
    return None


def _at_least(grpc: GrpcConfig) -> GrpcConfig:
    if not 0 < grpc.keepalive_time < MIN_KEEPALIVE_TIME:
        return grpc
    return replace(grpc, keepalive_time=MIN_KEEPALIVE_TIME)


class _Codes:
    """gRPC's codes of calls: the service's own for a status, else as gRPC maps statuses and errors."""

    def __init__(self, world: Any) -> None:
        self._world = world
        self._of: dict[Any, dict[int, int]] = {}

    def name_of(self, request: Request, status: int, err: str) -> str:
        """OK, UNAVAILABLE and so on; lab-end where the run ended first."""
        if err == CUT_OFF:
            return CUT_OFF
        if err:
            return Code(code_of_error(err)).name
        codes = self._of.get(request.host)
        if codes is None:
            codes = self._of[request.host] = self._codes_at(request.host)
        return Code(codes.get(status, code_of_status(status))).name

    def _codes_at(self, host: Any) -> dict[int, int]:
        for (_, service), pools in self._world.all_pools.items():
            if host in pools:
                codes = self._world.scenario.services[service].grpc_codes
                return {int(status): code for status, code in codes.items()}
        return {}


def grpc_oversights(scenario: Any) -> Iterator[str]:
    """What a gRPC client asks for that is not done as it is written, or that ends its connections."""
    for name, client in scenario.clients.items():
        grpc = client.grpc
        if grpc is None or not grpc.keepalive_time:
            continue
        at, written = f"clients.{name}.grpc.keepalive_time", format_duration(grpc.keepalive_time)
        if grpc.keepalive_time < MIN_KEEPALIVE_TIME:
            raised = format_duration(MIN_KEEPALIVE_TIME)
            yield f"{at}: {written} is raised to {raised}, as grpc-go does; write {raised} or more"
        for service in _called(scenario, name):
            http2 = scenario.services[service].http2
            if http2 is not None and max(grpc.keepalive_time, MIN_KEEPALIVE_TIME) < http2.min_ping_interval:
                floor = format_duration(http2.min_ping_interval)
                yield (
                    f"{at}: {written} is below the {floor} that {service} permits, which ends silent connections"
                    f" (too_many_pings); write {floor}, or services.{service}.http2.min_ping_interval"
                )


def _called(scenario: Any, client: str) -> list[str]:
    """The services that a client calls, for its workloads and for services that ask by it."""
    called = {service for each in scenario.workloads.values() if each.client == client for service in each.targets()}
    relays = [each.relay for each in scenario.services.values() if each.relay is not None]
    called |= {relay.service for relay in relays if relay.client == client}
    called |= {bridge.service for bridge in scenario.bridges.values() if bridge.client == client}
    return sorted(called & scenario.services.keys())


def check_grpc(scenario: Any) -> None:
    """Raise ValueError where a gRPC client cannot be one: one line with the place and the way out."""
    for name, client in scenario.clients.items():
        if client.grpc is None:
            continue
        at = f"clients.{name}.grpc"
        if client.transport.proxy is not None:
            raise ValueError(f"{at}: channels through a proxy are not modelled; leave out transport.proxy")
        if client.tuning is not None:
            raise ValueError(f"{at}: a controller sets an http.Transport, not a channel; leave out tuning")
        for service in _called(scenario, name):
            config = scenario.services[service]
            if config.http2 is None:
                raise ValueError(
                    f"{at}: {service} speaks HTTP/1.1 only, and gRPC needs HTTP/2; write http2: {{preset: grpc_go}}"
                    f" and scheme: https under services.{service}"
                )
            if config.resolve.is_per_request:
                raise ValueError(
                    f"{at}: a channel chooses among addresses itself, by its policy; write services.{service}.resolve:"
                    " dns or hosts"
                )
