"""Watching: the kernels of a world told to write down what becomes of their sockets. Not what they write."""

from typing import Any

from models.counting import instances_of
from models.kernel.host import ClientKernel
from models.kernel.socket_log import ClientLog, ServerLog, SocketLog
from models.kernel.watched import WatchedEndpoint
from models.scenario import Scenario


class Watching:
    """The logs of all kernels, where the scenario asks for them."""

    def __init__(self, world: Any) -> None:
        self._logs: list[ClientLog] = []
        rows = world.trace.tables.get("sockets")
        if rows is None:
            return
        log = SocketLog(world.engine, rows)
        for i, host in enumerate(world.hosts):
            host.log, host.endpoint = ServerLog(log, i), WatchedEndpoint
            host.log.listens(not host.is_dead)
        for number, kernel in enumerate(_kernels(world)):
            kernel.log, kernel.endpoint = ClientLog(log, number), WatchedEndpoint
            self._logs.append(kernel.log)

    def cut_off(self) -> None:
        """The run ends: what is known of sockets that are open is written."""
        for log in self._logs:
            log.cut_off()


def _kernels(world: Any) -> list[ClientKernel]:
    transports = [transport.kernel for group in world.transports.values() for transport in group]
    return transports + [crowd.kernel for crowd in world.sessions.crowds]


def clients_of(scenario: Scenario) -> list[str]:
    """Names of clients' instances and, after them, of fleets of devices, by their number in the rows of sockets."""
    instances = [each for name, client in scenario.clients.items() for each in instances_of(name, client)]
    return [*instances, *scenario.sessions]
