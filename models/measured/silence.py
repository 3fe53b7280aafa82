"""A peer that says nothing any more: rto, blackhole, orphan-retries, keepalive."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

from models.kernel.keep_alive import KeepAlive
from models.kernel.retransmit import connection_fate, keepalive, orphan_fate
from models.kernel.socket import Endpoint
from models.kernel.syn import Schedule
from models.kernel.sysctl import KernelConfig
from models.measured.bench import Bench, SetUp, wheel_of
from models.measured.facts import Facts
from models.measured.quantity import Quantity, left_out, same, series, unstated
from models.transport.keep_alive import SilentPath
from sim.units import SECOND, US

NEAR, FAR = 100 * US, 20_200 * US
"""Round-trip times of the two set-ups."""
WITH_WHEEL_S, PROBE_S = 0.010, 0.020
"""What the measurements allow with the timer wheel; with tail loss probes."""
OF_RTO = "stated is 40 ms or the wheel model; with the wheel it is what rto allows, of which this is an extract"
PHASES, MACHINES = 2000, 400
"""Phases of the wheel that are calculated, and those that are played by the end of a connection."""
USER_TIMEOUT = "Go sets no TCP_USER_TIMEOUT, so that it is not simulated"
RST, CLOSED = 20, 2
"""TCP's flags RST and ACK; what `fin` says where the program had closed."""
ERRNO: dict[str | int, str] = {110: "ETIMEDOUT"}

Fate = Callable[..., Schedule]


def silent_peer(facts: Facts) -> Iterator[Quantity]:
    """rto: data, a FIN or nothing towards a peer without SACK."""
    for i, row in enumerate(facts.parts("result")):
        retries, user_timeout = row.whole("tcp_retries2", 0), row.whole("user_timeout_ms", 0)
        name = f"{i} tcp_retries2={retries} fin={row.whole('fin')} keep={row.value('keep')}"
        if user_timeout:
            yield left_out(f"{name} user_timeout_ms={user_timeout}", USER_TIMEOUT)
            continue
        error, at = row.end("err")
        sent = [instant for instant, _, flags in row.rows("tx", 3) if flags != RST]
        client = KernelConfig(tcp_retries2=retries, tcp_sack=0)
        if row.value("keep") is not None:
            keep = _settings(row)
            yield series(f"{name}.tx, err", [*sent, at], _probes(keep), allowed=WITH_WHEEL_S)
            yield same(f"{name}.err", [error], [_death_of_idle(keep)])
        elif row.whole("fin") == CLOSED:
            fates = _fates(orphan_fate, client, NEAR)
            yield series(f"{name}.tx, err", [*sent[1:], at], fates, allowed=WITH_WHEEL_S)
            yield _freed(f"{name}.err, as its port is free", at, client)
        else:
            fates = _fates(connection_fate, client, NEAR)
            yield series(f"{name}.tx, err", [*sent[1:], at], fates, allowed=WITH_WHEEL_S)
            yield same(f"{name}.err", [error], [_death_of_sender(client, NEAR)])


def black_hole(facts: Facts) -> Iterator[Quantity]:
    """blackhole: a path that goes silent after one exchange, with SACK and timestamps."""
    for row in facts.parts("result"):
        retries = row.whole("tcp_retries2", 0)
        name, client = f"tcp_retries2={retries}", KernelConfig(tcp_retries2=retries)
        sent, fates = row.numbers("transmissions_s")[1:], _fates(connection_fate, client, FAR)
        if row.value("err") is None:
            until = [one[: len(sent)] for one in fates]
            yield series(f"{name}.transmissions_s", sent, until, allowed=PROBE_S)
            yield left_out(f"{name}.err", "the measurement ended before the connection did")
            continue
        error, at = row.end("err")
        yield series(f"{name}.transmissions_s", [*sent, at], fates, allowed=PROBE_S)
        yield same(f"{name}.err", [ERRNO.get(error, error)], [_death_of_sender(client, FAR)])


def orphans(facts: Facts) -> Iterator[Quantity]:
    """orphan-retries: the FIN of a closed socket, by tcp_orphan_retries."""
    for row in facts.parts("result"):
        retries = row.whole("tcp_orphan_retries", 0)
        name, client = f"tcp_orphan_retries={retries}", KernelConfig(tcp_orphan_retries=retries, tcp_sack=0)
        gone_at, fates = row.number("gone_at"), _fates(orphan_fate, client, NEAR)
        measured = [*row.numbers("fin_times")[1:], gone_at]
        yield series(f"{name}.fin_times, gone_at", measured, fates, allowed=WITH_WHEEL_S)
        yield _freed(f"{name}.gone_at, as its port is free", gone_at, client)


def keep_alive(facts: Facts) -> Iterator[Quantity]:
    """keepalive: probes of an idle connection."""
    for i, row in enumerate(facts.parts("result")):
        name = f"{i} keep={row.value('keep')}"
        if row.whole("user_timeout_ms", 0):
            yield left_out(f"{name} user_timeout_ms={row.whole('user_timeout_ms')}", USER_TIMEOUT)
            continue
        keep, (error, at) = _settings(row), row.end("err")
        probes = series(f"{name}.probes, rst_at", [*row.numbers("probes"), at], _probes(keep), allowed=WITH_WHEEL_S)
        yield unstated(probes, OF_RTO)
        yield same(f"{name}.err", [error], [_death_of_idle(keep)])


def _settings(row: Facts) -> KeepAlive:
    idle, interval, count = row.wholes("keep", 3)
    return KeepAlive(idle * SECOND, interval * SECOND, count)


def _fates(fate: Fate, client: KernelConfig, rtt: int) -> list[tuple[float, ...]]:
    """Of many phases of the wheel when a segment is repeated and when the kernel gives up, in seconds."""
    return [_in_seconds(fate(client, wheel_of(number), 0, rtt=rtt)) for number in range(PHASES)]


def _probes(keep: KeepAlive) -> list[tuple[float, ...]]:
    """Of many phases when a probe leaves and when the kernel gives up, in seconds."""
    first, interval, count = keep.idle, keep.interval, keep.count
    wheels = map(wheel_of, range(PHASES))
    return [_in_seconds(keepalive(wheel, 0, idle=first, interval=interval, count=count)) for wheel in wheels]


def _in_seconds(schedule: Schedule) -> tuple[float, ...]:
    return tuple(at / SECOND for at in (*schedule.repeats_at, schedule.gives_up_at))


def _death_of_sender(client: KernelConfig, rtt: int) -> str:
    """What the read says of a connection whose path breaks before a request, played by its end."""
    bench = Bench(SetUp(client=client, rtt=rtt))
    end, reader = _read_end(bench)
    bench.break_path()
    end.send("request", 100)
    bench.run(3000 * SECOND)
    return reader.read


def _freed(name: str, gone_at: float, client: KernelConfig) -> Quantity:
    """An orphan is gone when its port is free, as its end plays it."""
    freed = [_ends_of_port(client, number) for number in range(MACHINES)]
    return series(name, [gone_at], freed, allowed=WITH_WHEEL_S)


def _ends_of_port(client: KernelConfig, number: int) -> tuple[float, ...]:
    """When the port of a connection is free that is closed as its path has broken, in seconds; nothing if it stays."""
    bench = Bench(SetUp(client=client, rtt=NEAR, seed=number))
    end, _ = bench.ends()
    bench.break_path()
    closed_at = bench.engine.now
    end.close()
    bench.run(300 * SECOND)
    return tuple((at - closed_at) / SECOND for at in bench.ports.released.values())


def _death_of_idle(keep: KeepAlive) -> str:
    """What the read says of an idle connection whose path has broken, as a silent path has it die."""
    bench = Bench(SetUp(rtt=NEAR))
    end, reader = _read_end(bench)
    bench.break_path()
    idle: Any = SimpleNamespace(end=end, request=None, idle_since=bench.engine.now)
    SilentPath(bench.engine, bench.link).server(keep, [idle])
    bench.run(100 * SECOND)
    return reader.read


def _read_end(bench: Bench) -> "tuple[Endpoint, _Reader]":
    """The client's end of a new connection, and who reads from it."""
    end, _ = bench.ends()
    end.app = reader = _Reader()
    return end, reader


class _Reader:
    """The client's program."""

    read = ""

    def received(self, message: Any) -> None:
        self.read = "answer"

    def peer_closed(self) -> None:
        self.read = "EOF"

    def was_reset(self) -> None:
        self.read = "ECONNRESET"

    def timed_out(self) -> None:
        self.read = "ETIMEDOUT"
