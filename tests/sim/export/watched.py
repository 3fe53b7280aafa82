"""A run with its sockets recorded, and lines of a kernel that were never simulated: what the tests of formats share."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from models.sockets import NAMES
from sim import wiring
from sim.export.socket_lines import SocketLines, rows_of
from sim.records.folder import StoredRun, read_run
from sim.records.sockets import SocketView

DATA = Path(__file__).parent / "data"
SCENARIO = """
duration: 3s
tail: 1s
records: {sockets: true}
network: {rtt: 2ms}
clients: {gateway: {timeout: 200ms, transport: {max_idle_conns_per_host: 1, idle_conn_timeout: 100ms}}}
services: {orders: {backends: 2, resolve: {dns: rotate}, response_size: 3kB, service_time: {exponential: {mean: 30ms}}}}
workloads: {checkout: {client: gateway, service: orders, arrivals: {poisson: {rate: 60/s}}}}
timeline: [{at: 1s, die: {backend: 1, for: 300ms}}, {at: 2s, drop: {backend: 0, for: 300ms}}]
"""


def a_run(folder: Path, *overrides: str) -> StoredRun:
    wiring.run(wiring.load(SCENARIO, overrides), out=folder)
    return read_run(folder)


def lines_of(run: StoredRun) -> tuple[SocketLines, SocketView]:
    view = wiring.sockets_of(run.manifest["scenario"])
    return SocketLines(rows_of(run), view), view


class Spoken:
    """Stands for the lines of a run: what a kernel might have said."""

    def __init__(self, programs: list[tuple[str, int, str]], rows: list[dict[str, Any]]) -> None:
        self.hosts = self
        self.programs = pl.DataFrame(programs, schema=["address", "pid", "comm"], orient="row")
        self._window = pl.DataFrame(rows)

    def windows(self) -> Iterator[pl.DataFrame]:
        yield self._window


def pair(old: str, new: str) -> int:
    return NAMES.index(old) * 16 + NAMES.index(new)
