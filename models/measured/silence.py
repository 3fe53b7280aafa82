"""A peer that says nothing any more: rto, blackhole, orphan-retries, keepalive."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from models.kernel.keep_alive import KeepAlive, silence_ends_at
from models.kernel.retransmit import connection_fate, keepalive, orphan_fate
from models.kernel.socket import Endpoint, Tcp
from models.kernel.sysctl import KernelConfig
from models.measured.bench import Bench, SetUp, wheel_of
from models.measured.facts import Facts
from models.measured.quantity import Quantity, left_out, same, series
from sim.units import SECOND, US

NEAR, FAR = 100 * US, 20_200 * US
"""Round-trip times of the two set-ups."""
WITH_WHEEL_S, PROBE_S = 0.012, 0.020
"""What the measurements allow: 10 ms with the wheel and 2 of polling; 20 ms with tail loss probes."""
PHASES = 2000
USER_TIMEOUT = "Go sets no TCP_USER_TIMEOUT, so that it is not simulated"
KEEP_S = 0.012


def silent_peer(facts: Facts) -> Iterator[Quantity]:
    """rto: data, a FIN or nothing towards a peer without SACK."""
    for i, row in enumerate(facts.parts("result")):
        keep, user_timeout = row.value("keep"), row.whole("user_timeout_ms")
        name = f"{i} tcp_retries2={row.whole('tcp_retries2')} fin={row.whole('fin')} keep={keep}"
        if user_timeout:
            yield left_out(f"{name} user_timeout_ms={user_timeout}", USER_TIMEOUT)
            continue
        error, at = row.items("err")
        sent = [instant for instant, _, flags in row.rows("tx") if flags != RST]
        if keep is None:
            is_orphan = row.whole("fin") == CLOSED
            client = KernelConfig(tcp_retries2=row.whole("tcp_retries2"), tcp_sack=0)
            fates = _fates(client, NEAR, is_orphan=is_orphan)
            yield series(f"{name}.tx, err", [*sent[1:], at], fates, allowed=WITH_WHEEL_S)
            yield same(f"{name}.err", [error], [_death(client, NEAR, is_orphan=is_orphan)])
        else:
            yield series(f"{name}.tx, err", [*sent, at], _probes(keep), allowed=KEEP_S)
            yield same(f"{name}.err", [error], [_silent_death(keep)])


RST, CLOSED = 20, 2
"""TCP's flags RST and ACK; what `fin` says where the program had closed."""


def black_hole(facts: Facts) -> Iterator[Quantity]:
    """blackhole: a path that goes silent after one exchange, with SACK and timestamps."""
    for row in facts.parts("result"):
        name = f"tcp_retries2={row.whole('tcp_retries2')}"
        client = KernelConfig(tcp_retries2=row.whole("tcp_retries2"))
        err = row.value("err")
        sent = row.numbers("transmissions_s")[1:]
        measured = [*sent, err[1]] if err else sent
        fates = [one if err else one[: len(sent)] for one in _fates(client, FAR, is_orphan=False)]
        yield series(f"{name}.transmissions_s", measured, fates, allowed=PROBE_S)
        if err:
            yield same(
                f"{name}.err", ["ETIMEDOUT" if err[0] == 110 else err[0]], [_death(client, FAR, is_orphan=False)]
            )
        else:
            yield left_out(f"{name}.err", "the measurement ended before the connection did")


def orphans(facts: Facts) -> Iterator[Quantity]:
    """orphan-retries: the FIN of a closed socket, by tcp_orphan_retries."""
    for row in facts.parts("result"):
        name = f"tcp_orphan_retries={row.whole('tcp_orphan_retries')}"
        client = KernelConfig(tcp_orphan_retries=row.whole("tcp_orphan_retries"), tcp_sack=0)
        measured = [*row.numbers("fin_times")[1:], row.number("gone_at")]
        yield series(f"{name}.fin_times, gone_at", measured, _fates(client, NEAR, is_orphan=True), allowed=WITH_WHEEL_S)
        yield same(f"{name}.gone", ["gone"], [_death(client, NEAR, is_orphan=True)])


def keep_alive(facts: Facts) -> Iterator[Quantity]:
    """keepalive: probes of an idle connection."""
    for i, row in enumerate(facts.parts("result")):
        keep = row.items("keep")
        name = f"{i} keep={keep}"
        if row.whole("user_timeout_ms"):
            yield left_out(f"{name} user_timeout_ms={row.whole('user_timeout_ms')}", USER_TIMEOUT)
            continue
        error, at = row.items("err")
        yield series(f"{name}.probes, rst_at", [*row.numbers("probes"), at], _probes(keep), allowed=KEEP_S)
        yield same(f"{name}.err", [error], [_silent_death(keep)])


def _fates(client: KernelConfig, rtt: int, *, is_orphan: bool) -> list[tuple[float, ...]]:
    """Of many phases of the wheel when a segment is repeated and when the kernel gives up, in seconds."""
    fate: Callable[..., Any] = orphan_fate if is_orphan else connection_fate
    fates = [fate(client, wheel_of(number), 0, rtt=rtt) for number in range(PHASES)]
    return [tuple(at / SECOND for at in (*one.repeats_at, one.gives_up_at)) for one in fates]


def _probes(keep: Sequence[int]) -> list[tuple[float, ...]]:
    idle, interval, count = (number * SECOND for number in keep[:2]), 0, keep[2]
    first, interval = idle
    fates = [keepalive(wheel_of(n), 0, idle=first, interval=interval, count=count) for n in range(PHASES)]
    return [tuple(at / SECOND for at in (*one.repeats_at, one.gives_up_at)) for one in fates]


def _death(client: KernelConfig, rtt: int, *, is_orphan: bool) -> str:
    """How a connection ends whose path breaks while something is under way, played by its end."""
    bench = Bench(SetUp(client=client, rtt=rtt))
    end, _ = bench.ends()
    reader = _Reader()
    end.app = reader
    bench.break_path()
    if is_orphan:
        end.close()
    else:
        end.send("request", 100)
    bench.run(3000 * SECOND)
    if is_orphan:
        return "gone" if end.state is Tcp.CLOSED else end.state.name
    return reader.read


def _silent_death(keep: Sequence[int]) -> str:
    """How an idle connection ends whose path has broken: as keepalive says, its read fails."""
    bench = Bench(SetUp(rtt=NEAR))
    end, _ = bench.ends()
    reader = _Reader()
    end.app = reader
    settings = KeepAlive(keep[0] * SECOND, keep[1] * SECOND, keep[2])
    now = bench.engine.now
    ends_at = silence_ends_at(bench.wheel, settings, now, broken_at=now, rtt=NEAR)
    bench.engine.call_at(ends_at, _fail, end)
    bench.run(100 * SECOND)
    return reader.read


def _fail(end: Endpoint) -> None:
    from models.kernel.socket import On

    end.feed(On.FAILED)


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
