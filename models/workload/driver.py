"""Drivers: they make requests appear, at instants known beforehand or when a worker has thought."""

from collections.abc import Callable, Iterator
from typing import Any

from models.request import Exchange, Request
from sim.engine.agenda import Agenda
from sim.units import InputError, format_duration

MOST_ROUNDS_AT_ONCE = 10_000
"""Requests of one worker at one instant after which the run cannot be expected to end."""

Send = Callable[[Request], object]


class Customers:
    """Makes the requests of one workload; all random inputs of a request are drawn here, in a fixed order."""

    __slots__ = ("_draw_exchange", "_draw_fate", "_draw_lags", "_ids", "draw_host", "draw_service")

    def __init__(  # parameters: one draw for each input of a request
        self,
        draw_exchange: Callable[[], Exchange],
        ids: Iterator[int],
        draw_host: Callable[[], Any],
        *,
        draw_service: Callable[[], int],
        draw_lags: tuple[Callable[[], int], Callable[[], int]] | None,
        draw_fate: Callable[[], float] | None,
    ) -> None:
        self._draw_exchange, self._ids = draw_exchange, ids
        self.draw_host, self.draw_service = draw_host, draw_service
        self._draw_lags, self._draw_fate = draw_lags, draw_fate

    @property
    def draws_fates(self) -> bool:
        """Whether it depends on a draw what becomes of a request."""
        return self._draw_fate is not None

    def create(self, now: int) -> Request:
        """A request that arrives now, with inputs from the workload's streams."""
        draw_host, draw_service = self.draw_host, self.draw_service
        return self.recreate(now, draw_host(), draw_service())

    def recreate(self, now: int, host: Any, service_time: int) -> Request:
        """A request whose host and service time are known: recorded, or drawn already."""
        draw_exchange = self._draw_exchange
        request = Request(next(self._ids), draw_exchange(), host, service_time, now)
        if self._draw_lags is not None:
            draw_overrun, draw_dial_lag = self._draw_lags
            request.service_time += draw_overrun()
            request.dial_lag = draw_dial_lag()
        if self._draw_fate is not None:
            request.fate_draw = self._draw_fate()
        return request


class OpenLoop:
    """Requests at instants that do not depend on the answers."""

    __slots__ = ("_create", "_engine", "_send", "_times")

    def __init__(self, engine: Agenda, times: Iterator[int], customers: Any, send: Send) -> None:
        self._engine, self._times, self._send = engine, times, send
        self._create: Callable[[int], Any] = customers.create

    def start(self) -> None:
        """Wait for the first arrival."""
        for at in self._times:
            self._engine.call_at(at, self._arrive)
            break

    def _arrive(self, _: Any) -> None:
        engine = self._engine
        for at in self._times:
            engine.call_at(at, self._arrive)
            break
        self._send(self._create(engine._now))


class Replayed:
    """Recorded arrivals, each with its own service time and a draw of its host, which is asked when it arrives."""

    __slots__ = ("_customers", "_engine", "_rows", "_send")

    def __init__(self, engine: Agenda, rows: Iterator[tuple[int, int, Any]], customers: Any, send: Send) -> None:
        self._engine, self._rows, self._customers, self._send = engine, rows, customers, send

    def start(self) -> None:
        """Wait for the first arrival."""
        self._await(next(self._rows, None))

    def _await(self, row: tuple[int, int, Any] | None) -> None:
        if row is not None:
            self._engine.call_at(row[0], self._arrive, row)

    def _arrive(self, row: tuple[int, int, Any]) -> None:
        self._await(next(self._rows, None))
        at, service_time, draw_host = row
        self._send(self._customers.recreate(at, draw_host(), service_time))


class Worker:
    """One user of a closed loop: think, ask, wait for the answer, think, ... until `until`."""

    __slots__ = ("_engine", "_next_request", "_next_think", "_rounds", "_send", "_thinking_since", "_until")

    def __init__(
        self,
        engine: Agenda,
        next_think: Callable[[], int | None],
        next_request: Callable[[int], Request],
        *,
        send: Send,
        until: int,
    ) -> None:
        self._engine, self._next_think, self._next_request = engine, next_think, next_request
        self._send, self._until = send, until
        self._thinking_since, self._rounds = -1, 0

    def start(self) -> None:
        """Think before the first request."""
        self._think(None)

    def _think(self, answered: Request | None) -> None:
        if answered is not None and self._engine._now == self._thinking_since:
            self._refuse_endless(answered.exchange.workload)
        else:
            self._thinking_since, self._rounds = self._engine._now, 0
        think = self._next_think()
        if think is not None and self._engine._now + think < self._until:
            self._engine.call_in(think, self._ask)

    def _refuse_endless(self, workload: str) -> None:
        """Answers that take no time, such as errors at once, never let the clock move."""
        self._rounds += 1
        if self._rounds > MOST_ROUNDS_AT_ONCE:
            raise InputError(
                f"at {format_duration(self._thinking_since)} a closed loop without think time gets answers that take"
                f" no time, {MOST_ROUNDS_AT_ONCE:,} in a row; give it a think time",
                at=("workloads", workload, "arrivals"),
            )

    def _ask(self, _: Any) -> None:
        request = self._next_request(self._engine._now)
        request.on_done = self._think
        self._send(request)
