"""Snapshots: the state of a scripted client at one instant, from its pool, its dials and the levels over time."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from models.transport.goroutines import SERVER, client_goroutines
from models.transport.phase import CONNECTING, HANDSHAKING, RESOLVING
from models.transport.round_trip import Transport
from sim.records.levels import Levels

CALLERS = "inflight"
"""The level of requests whose callers are not done: their goroutines are the application's own."""


class Snapshots:
    """What was seen when. Levels are read when the run is over; everything else at the instant itself."""

    def __init__(self, transport: Transport, levels: Levels, go_version: str) -> None:
        self._transport, self._levels = transport, levels
        weights = client_goroutines(go_version)
        self._client = {name: weight for name, weight in weights.items() if name != CALLERS}
        self._taken: dict[str, tuple[int, dict[str, Any]]] = {}

    def take(self, label: str) -> None:
        """Take the state under this label."""
        transport = self._transport
        hosts = transport.pool.hosts
        dials = [dial.phase for dial in transport.dials]
        state = {
            "idle": transport.pool.n_idle,
            "idle_conns": sorted(conn.conn_id + 1 for host in hosts for conn in host.idle),
            "open": len(transport.connections) + dials.count(HANDSHAKING),
            "dialing": dials.count(RESOLVING) + dials.count(CONNECTING),
            "conns_per_host": sum(host.conns for host in hosts),
        }
        self._taken[label] = (transport.engine.now, state)

    def seen(self) -> dict[str, dict[str, Any]]:
        """As `expect.snapshots` has it."""
        instants, levels = self._levels.on_grid()
        return {label: state | self._counted(instants, levels, now) for label, (now, state) in self._taken.items()}

    def _counted(self, instants: Any, levels: Any, now: int) -> dict[str, int]:
        at = int(np.searchsorted(instants, now, side="right")) - 1

        def total(weights: Mapping[str, int]) -> int:
            return sum(weight * int(levels[self._levels.series.index(name), at]) for name, weight in weights.items())

        return {
            "goroutines": total(self._client),
            "server_goroutines": total(SERVER),
            "tw_client": total({"c_time_wait": 1}),
            "tw_server": total({"s_time_wait": 1}),
        }
