"""The gateway as SimPy's documentation teaches: a process per request, per dial and per timer, Store and Resource.

It records what ours records in the way in which such models do: a dict for each request and each connection, and a
process that samples the levels every 100 ms.
"""

from collections.abc import Generator
from typing import Any

import simpy

from tests.benchmarks.gateway_setting import Setting, Tally

Story = Generator[simpy.Event, Any, Any]


SAMPLED_EVERY = 100_000_000
"""ns between two samples, as ours."""
LEVELS = (
    "inflight", "resolving", "connecting", "open", "idle", "waiting", "serving", "connected",
    "c_syn_sent", "c_estab", "c_fin_wait1", "c_time_wait", "s_syn_recv", "s_estab", "s_last_ack",
)  # fmt: skip
"""Those that change in this model; ours samples more that do not."""


class Conn:
    def __init__(self, backend: int, row: dict[str, Any]) -> None:
        self.backend = backend
        self.row = row
        self.idle_since = 0
        self.reused = False


class Records:
    """What a run leaves: rows of requests and connections, and samples."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.connections: list[dict[str, Any]] = []
        self.samples: list[dict[str, Any]] = []
        self.levels = dict.fromkeys(LEVELS, 0)


class IdlePool(simpy.Store):
    """A Store that gives back the connection that came last, as Go's Transport does."""

    def _do_get(self, event: Any) -> None:
        if self.items:
            event.succeed(self.items.pop())


class Gateway:
    def __init__(self, setting: Setting, seed: int) -> None:
        self.setting, self.tally, self.records = setting, Tally(), Records()
        self.levels = self.records.levels
        self.env = env = simpy.Environment(initial_time=0)
        self.customers = setting.customers(seed)
        self.idle = IdlePool(env)
        self.servers = [simpy.Resource(env, capacity=1 << 30) for _ in range(setting.backends)]
        low, high = setting.ports
        self.ports = [simpy.Store(env) for _ in range(setting.backends)]
        for ports in self.ports:
            ports.items.extend(range(low, high + 1))
        self.lookup: simpy.Process | None = None
        self.turn = 0

    def run(self) -> Tally:
        self.env.process(self.arrivals())
        self.env.process(self.sample())
        self.env.run(until=self.setting.ends_at)
        return self.tally

    def sample(self) -> Story:
        while True:
            idle, waiting = len(self.idle.items), len(self.idle.get_queue)
            self.records.samples.append({"t": self.env.now, **self.levels, "idle": idle, "waiting": waiting})
            yield self.env.timeout(SAMPLED_EVERY)

    def arrivals(self) -> Story:
        for at, service in self.customers:
            yield self.env.timeout(at - self.env.now)
            self.env.process(self.request(service))

    def request(self, service: int) -> Story:
        env, setting, levels = self.env, self.setting, self.levels
        row: dict[str, Any] = {
            "id": self.tally.requests,
            "t_arrival": env.now,
            "t_getconn": env.now,
            "service": service,
        }
        self.tally.requests += 1
        levels["inflight"] += 1
        conn = yield from self.get_conn(row)
        row |= {"t_gotconn": env.now, "reused": conn.reused, "backend": conn.backend, "conn": conn.row["id"]}
        yield env.timeout(setting.client_overhead + setting.half_rtt)
        row["t_wrote"] = env.now - setting.half_rtt
        with self.servers[conn.backend].request() as worker:
            yield worker
            row["t_served"] = env.now
            levels["serving"] += 1
            yield env.timeout(service + setting.server_overhead)
            levels["serving"] -= 1
        yield env.timeout(setting.half_rtt)
        row |= {"t_first": env.now, "t_done": env.now, "status": 200, "err": ""}
        self.records.requests.append(row)
        conn.row["nreq"] += 1
        self.put_back(conn)
        levels["inflight"] -= 1
        self.tally.done += 1
        self.tally.latency += int(env.now) - int(row["t_arrival"])

    def get_conn(self, row: dict[str, Any]) -> Story:
        returned = self.idle.get()
        if returned.triggered:
            conn = yield returned
            row |= {"was_idle": True, "idle_time": self.env.now - conn.idle_since}
            return conn
        dial = self.env.process(self.dial(row))
        yield returned | dial
        if not returned.triggered:
            returned.cancel()
            return dial.value
        self.env.process(self.keep(dial))
        return returned.value

    def keep(self, dial: simpy.Process) -> Story:
        self.put_back((yield dial))

    def dial(self, row: dict[str, Any]) -> Story:
        self.tally.dials += 1
        connected = self.env.process(self.connect(row))
        yield connected | self.env.timeout(self.setting.dial_timeout)
        return connected.value

    def connect(self, row: dict[str, Any]) -> Story:
        dialed: dict[str, Any] = {"id": self.tally.dials - 1, "t_dial": self.env.now, "nreq": 0}
        row["t_dns_start"] = self.env.now
        self.move(None, "resolving")
        if self.lookup is None:
            self.lookup = self.env.process(self.resolve())
        backend = yield self.lookup
        row |= {"t_dns_done": self.env.now, "t_conn_start": self.env.now}
        self.move("resolving", "connecting")
        dialed["lport"] = yield self.ports[backend].get()
        self.move(None, "c_syn_sent")
        yield self.env.timeout(self.setting.half_rtt)
        self.move(None, "s_syn_recv")
        yield self.env.timeout(self.setting.half_rtt)
        self.move("c_syn_sent", "c_estab")
        self.env.process(self.accept())
        row["t_conn_done"] = dialed["t_connected"] = self.env.now
        self.move("connecting", "open")
        return Conn(backend, dialed)

    def accept(self) -> Story:
        """The final ACK arrives."""
        yield self.env.timeout(self.setting.half_rtt)
        self.move("s_syn_recv", "s_estab")
        self.move(None, "connected")

    def move(self, before: str | None, after: str | None) -> None:
        """One less in one state, one more in another."""
        if before is not None:
            self.levels[before] -= 1
        if after is not None:
            self.levels[after] += 1

    def resolve(self) -> Story:
        yield self.env.timeout(self.setting.lookup_time)
        self.lookup = None
        backend, self.turn = self.turn % self.setting.backends, self.turn + 1
        return backend

    def put_back(self, conn: Conn) -> None:
        conn.reused = True
        if len(self.idle.items) < self.setting.max_idle_per_host or self.idle.get_queue:
            conn.idle_since = int(self.env.now)
            self.idle.put(conn)
            if conn in self.idle.items:
                self.env.process(self.expire(conn, conn.idle_since))
            if len(self.idle.items) > self.setting.max_idle:
                self.env.process(self.close(self.idle.items.pop(0)))
        else:
            self.env.process(self.close(conn))

    def expire(self, conn: Conn, since: int) -> Story:
        yield self.env.timeout(self.setting.idle_timeout)
        if conn.idle_since == since and conn in self.idle.items:
            self.idle.items.remove(conn)
            self.env.process(self.close(conn))

    def close(self, conn: Conn) -> Story:
        self.tally.closed += 1
        self.move("open", None)
        conn.row["t_close"] = self.env.now
        self.records.connections.append(conn.row)
        self.move("c_estab", "c_fin_wait1")
        yield self.env.timeout(self.setting.half_rtt)
        self.move("s_estab", "s_last_ack")
        self.move("connected", None)
        yield self.env.timeout(self.setting.half_rtt)
        self.move("c_fin_wait1", "c_time_wait")
        self.env.process(self.last_ack())
        yield self.env.timeout(self.setting.time_wait)
        self.move("c_time_wait", None)
        yield self.ports[conn.backend].put(conn.row["lport"])

    def last_ack(self) -> Story:
        """It arrives, and nothing is left of the server's end."""
        yield self.env.timeout(self.setting.half_rtt)
        self.move("s_last_ack", None)


def run(setting: Setting, seed: int) -> Tally:
    return Gateway(setting, seed).run()
