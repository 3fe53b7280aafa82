"""The gateway as a bare script: one heap of calls, one loop, no records: what the model costs without an instrument."""

from collections import deque
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from itertools import count
from typing import Any

from tests.benchmarks.gateway_setting import Setting, Tally


class Request:
    __slots__ = ("dialed", "served", "service", "t_arrival")

    def __init__(self, t_arrival: int, service: int) -> None:
        self.t_arrival, self.service = t_arrival, service
        self.served = self.dialed = False


class Conn:
    __slots__ = ("backend", "idle_at", "port", "request")

    def __init__(self, backend: int, port: int) -> None:
        self.backend, self.port, self.idle_at = backend, port, 0
        self.request: Any = None


class Gateway:
    def __init__(self, setting: Setting, seed: int) -> None:
        self.setting, self.tally = setting, Tally()
        self.now = 0
        self.queue: list[tuple[int, int, Callable[[Any], None], Any]] = []
        self.next_id = count().__next__
        self.customers: Iterator[tuple[int, int]] = setting.customers(seed)
        self.idle: list[Conn] = []
        self.waiting: deque[Request] = deque()
        self.asking: list[Request] = []
        self.turn = 0
        self.busy_ports: list[set[int]] = [set() for _ in range(setting.backends)]
        self.next_port = [setting.ports[0]] * setting.backends
        self.dial_deadlines: deque[tuple[int, Request]] = deque()
        self.idle_timer_is_armed = False

    def run(self) -> Tally:
        self.await_next()
        queue, ends_at = self.queue, self.setting.ends_at
        while queue and queue[0][0] < ends_at:
            self.now, _, fn, arg = heappop(queue)
            fn(arg)
        return self.tally

    def call_at(self, at: int, fn: Callable[[Any], None], arg: Any = None) -> None:
        heappush(self.queue, (at, self.next_id(), fn, arg))

    def await_next(self) -> None:
        customer = next(self.customers, None)
        if customer is not None:
            self.call_at(customer[0], self.arrive, customer[1])

    def arrive(self, service: int) -> None:
        self.await_next()
        self.tally.requests += 1
        request = Request(self.now, service)
        if self.idle:
            self.carry(self.idle.pop(), request)
        else:
            self.waiting.append(request)
            self.dial(request)

    def dial(self, request: Request) -> None:
        self.tally.dials += 1
        self.dial_deadlines.append((self.now + self.setting.dial_timeout, request))
        if len(self.dial_deadlines) == 1:
            self.call_at(self.dial_deadlines[0][0], self.check_dials)
        self.asking.append(request)
        if len(self.asking) == 1:
            self.call_at(self.now + self.setting.lookup_time, self.resolved)

    def check_dials(self, _: None) -> None:
        deadlines = self.dial_deadlines
        while deadlines and (deadlines[0][1].dialed or deadlines[0][0] <= self.now):
            deadlines.popleft()
        if deadlines:
            self.call_at(deadlines[0][0], self.check_dials)

    def resolved(self, _: None) -> None:
        asking, self.asking = self.asking, []
        backend, self.turn = self.turn % self.setting.backends, self.turn + 1
        for request in asking:
            conn = Conn(backend, self.bind(backend))
            conn.request = request
            self.call_at(self.now + self.setting.half_rtt, self.syn_arrives, conn)

    def bind(self, backend: int) -> int:
        low, high = self.setting.ports
        busy, port = self.busy_ports[backend], self.next_port[backend]
        while port in busy:
            port = port + 1 if port < high else low
        busy.add(port)
        self.next_port[backend] = port + 1 if port < high else low
        return port

    def syn_arrives(self, conn: Conn) -> None:
        self.call_at(self.now + self.setting.half_rtt, self.established, conn)

    def established(self, conn: Conn) -> None:
        request = conn.request
        request.dialed = True
        if request.served:
            self.put_back(conn)
        else:
            self.carry(conn, request)

    def carry(self, conn: Conn, request: Request) -> None:
        request.served = True
        conn.request = request
        self.call_at(self.now + self.setting.client_overhead + self.setting.half_rtt, self.serve, conn)

    def serve(self, conn: Conn) -> None:
        self.call_at(self.now + conn.request.service + self.setting.server_overhead, self.answer, conn)

    def answer(self, conn: Conn) -> None:
        self.call_at(self.now + self.setting.half_rtt, self.received, conn)

    def received(self, conn: Conn) -> None:
        request = conn.request
        self.put_back(conn)
        self.tally.done += 1
        self.tally.latency += self.now - request.t_arrival

    def put_back(self, conn: Conn) -> None:
        waiting, idle = self.waiting, self.idle
        while waiting:
            request = waiting.popleft()
            if not request.served:
                self.carry(conn, request)
                return
        if len(idle) >= self.setting.max_idle_per_host:
            self.close(conn)
            return
        conn.idle_at = self.now
        idle.append(conn)
        if len(idle) > self.setting.max_idle:
            self.close(idle.pop(0))
        if not self.idle_timer_is_armed:
            self.idle_timer_is_armed = True
            self.call_at(self.now + self.setting.idle_timeout, self.expire_idle)

    def expire_idle(self, _: None) -> None:
        idle, timeout = self.idle, self.setting.idle_timeout
        while idle and idle[0].idle_at + timeout <= self.now:
            self.close(idle.pop(0))
        self.idle_timer_is_armed = bool(idle)
        if idle:
            self.call_at(idle[0].idle_at + timeout, self.expire_idle)

    def close(self, conn: Conn) -> None:
        self.tally.closed += 1
        self.call_at(self.now + self.setting.half_rtt, self.fin_arrives, conn)

    def fin_arrives(self, conn: Conn) -> None:
        self.call_at(self.now + self.setting.half_rtt, self.linger, conn)

    def linger(self, conn: Conn) -> None:
        self.call_at(self.now + self.setting.time_wait, self.release, conn)

    def release(self, conn: Conn) -> None:
        self.busy_ports[conn.backend].discard(conn.port)


def run(setting: Setting, seed: int) -> Tally:
    return Gateway(setting, seed).run()
