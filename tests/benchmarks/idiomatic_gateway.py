"""The gateway as SimPy's documentation teaches: a process per request, per dial and per timer, Store and Resource."""

from collections.abc import Generator
from typing import Any

import simpy

from tests.benchmarks.gateway_setting import Setting, Tally

Story = Generator[simpy.Event, Any, Any]


class Conn:
    def __init__(self, backend: int) -> None:
        self.backend = backend
        self.idle_since = 0


class IdlePool(simpy.Store):
    """A Store that gives back the connection that came last, as Go's Transport does."""

    def _do_get(self, event: Any) -> None:
        if self.items:
            event.succeed(self.items.pop())


class Gateway:
    def __init__(self, setting: Setting, seed: int) -> None:
        self.setting, self.tally = setting, Tally()
        self.env = env = simpy.Environment(initial_time=0)
        self.customers = setting.customers(seed)
        self.idle = IdlePool(env)
        self.servers = [simpy.Resource(env, capacity=1 << 30) for _ in range(setting.backends)]
        low, high = setting.ports
        free = high - low + 1
        self.ports = [simpy.Container(env, capacity=free, init=free) for _ in range(setting.backends)]
        self.lookup: simpy.Process | None = None
        self.turn = 0

    def run(self) -> Tally:
        self.env.process(self.arrivals())
        self.env.run(until=self.setting.ends_at)
        return self.tally

    def arrivals(self) -> Story:
        for at, service in self.customers:
            yield self.env.timeout(at - self.env.now)
            self.env.process(self.request(service))

    def request(self, service: int) -> Story:
        env, setting = self.env, self.setting
        self.tally.requests += 1
        t_arrival = env.now
        conn = yield from self.get_conn()
        yield env.timeout(setting.client_overhead + setting.half_rtt)
        with self.servers[conn.backend].request() as worker:
            yield worker
            yield env.timeout(service + setting.server_overhead)
        yield env.timeout(setting.half_rtt)
        self.put_back(conn)
        self.tally.done += 1
        self.tally.latency += int(env.now) - int(t_arrival)

    def get_conn(self) -> Story:
        returned = self.idle.get()
        if returned.triggered:
            return (yield returned)
        dial = self.env.process(self.dial())
        yield returned | dial
        if not returned.triggered:
            returned.cancel()
            return dial.value
        self.env.process(self.keep(dial))
        return returned.value

    def keep(self, dial: simpy.Process) -> Story:
        self.put_back((yield dial))

    def dial(self) -> Story:
        self.tally.dials += 1
        connected = self.env.process(self.connect())
        yield connected | self.env.timeout(self.setting.dial_timeout)
        return connected.value

    def connect(self) -> Story:
        if self.lookup is None:
            self.lookup = self.env.process(self.resolve())
        backend = yield self.lookup
        yield self.ports[backend].get(1)
        yield self.env.timeout(2 * self.setting.half_rtt)
        return Conn(backend)

    def resolve(self) -> Story:
        yield self.env.timeout(self.setting.lookup_time)
        self.lookup = None
        backend, self.turn = self.turn % self.setting.backends, self.turn + 1
        return backend

    def put_back(self, conn: Conn) -> None:
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
        yield self.env.timeout(2 * self.setting.half_rtt)
        yield self.env.timeout(self.setting.time_wait)
        yield self.ports[conn.backend].put(1)


def run(setting: Setting, seed: int) -> Tally:
    return Gateway(setting, seed).run()
