"""How long closed connections stay: tw-life, fin-wait2, tw-overflow."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import fmean, quantiles
from typing import Any

from models.kernel.connect import Connect
from models.kernel.sysctl import KernelConfig
from models.measured.bench import Bench, SetUp, close_now, granule_s
from models.measured.facts import Facts, repeated
from models.measured.quantity import Quantity, left_out, near, same, unstated, within
from sim.units import MS, SECOND

LIFE_S, MEAN_S = 0.03, 0.05
"""What the measurement allows: of shortest, longest and spacing, which were polled every 21 ms; of the mean."""
OF_QUANTILES = "none is stated for it; it is that of the mean"
LISTENS = "the listener is the bench's own"
HALF_CLOSED = 20
"""Connections whose server never closes, of tw-overflow."""
BEYOND_WHEEL_S = 0.04
"""What it allows beyond the range that the timer wheel gives."""


def time_wait(facts: Facts) -> Iterator[Quantity]:
    """tw-life: 200 connections, one every 100 ms, closed at once."""
    measured = facts.part("result").parts("repetitions")
    lives, bursts = zip(*(_lives(seed) for seed in range(1, 11)), strict=True)
    figures = [_figures(each) for each in lives]
    for name in figures[0]:
        found, simulated = [one.number(name) for one in measured], [one[name] for one in figures]
        quantity = near(name, found, simulated, allowed=LIFE_S if name in {"min", "max"} else MEAN_S)
        yield unstated(quantity, OF_QUANTILES) if name.startswith("p") else quantity
    spacing = [gap for one in measured for gap in one.numbers("burst_spacing")]
    yield near("burst_spacing", spacing, [b - a for each in bursts for a, b in pairwise(each)], allowed=LIFE_S)
    yield left_out(
        "bursts_time_count", "when the bursts come depends on when the machine booted; their spacing compares"
    )


def fin_wait2(facts: Facts) -> Iterator[Quantity]:
    """fin-wait2: orphans whose peer never closes, by tcp_fin_timeout."""
    for one in facts.parts("result"):
        seconds, n = one.whole("tcp_fin_timeout", 1), one.whole("n", 1)
        played = [_orphans(seconds, n, seed) for seed in range(1, 11)]
        name = f"tcp_fin_timeout={seconds}"
        lives = [life for each, _ in played for life in each]
        ends, granule = [one.number("min"), one.number("max")], granule_s(seconds)
        yield within(f"{name}.min, max", ends, lives, allowed=BEYOND_WHEEL_S, wider=granule)
        yield same(f"{name}.left", [one.whole("left")], [n - len(each) for each, _ in played])
        server = [{"CLOSE_WAIT": bench.level("s_close_wait", 199 * SECOND)} for _, bench in played]
        yield same(f"{name}.server_states_after", [connections(one.counts("server_states_after"))], server)
        for counter, value in one.counts("counters").items():
            counted = [bench.counted("client")[short(counter)] for _, bench in played]
            yield same(f"{name}.counters.{counter}", [value], counted)
        if seconds == 1:
            yield left_out("client_states, p50", "the states are those before; a median depends on the wheel's phase")
            yield left_out("server_states_after.LISTEN", LISTENS)


def overflow(facts: Facts) -> Iterator[Quantity]:
    """tw-overflow: more closed connections than tcp_max_tw_buckets."""
    result = facts.part("result")
    for name, rows in repeated(result.parts("time_wait"), ("tcp_max_tw_buckets",)):
        bench = Bench(SetUp(client=_limited(rows[0])))
        ports = _close_each(bench, rows[0].whole("closes", 1))
        stay = [port in bench.ports.lingers for port in ports]
        states = {"TIME_WAIT": sum(stay)} if any(stay) else {}
        yield same(f"{name}.states", [row.value("states") for row in rows], [states])
        first = stay == sorted(stay, reverse=True)
        yield same(f"{name}.tw_are_the_first_closed", [row.value("tw_are_the_first_closed") for row in rows], [first])
        yield from _counters(name, rows, bench)
    for name, rows in repeated(result.parts("fin_wait2"), ("tcp_max_tw_buckets",)):
        bench = Bench(SetUp(client=_limited(rows[0]), closes=False))
        _close_each(bench, HALF_CLOSED)
        states = {
            "srv CLOSE_WAIT": bench.level("s_close_wait", 2 * SECOND),
            "cli FIN_WAIT2": bench.level("c_fin_wait2", 2 * SECOND),
        }
        yield same(f"fin_wait2 {name}.states", [row.value("states") for row in rows], [states])
        yield from _counters(f"fin_wait2 {name}", rows, bench)
        eof = sum(what == "EOF" for _, what in bench.program.read)
        yield same(f"fin_wait2 {name}.then_server_recv", [row.value("then_server_recv") for row in rows], [{"0": eof}])


def connections(states: Mapping[str, int]) -> dict[str, int]:
    """How many are in which state, in their order; without the listener."""
    return {state: states[state] for state in sorted(states) if not state.endswith("LISTEN")}


def short(counter: str) -> str:
    """A counter's name without its group."""
    return counter.partition(":")[2]


def _counters(name: str, rows: Sequence[Facts], bench: Bench) -> Iterator[Quantity]:
    for counter in rows[0].part("counters"):
        label = f"{name}.counters.{counter}"
        if counter == "Tcp:OutRsts":
            yield left_out(label, "the RSTs by which the measuring program ended its own connections afterwards")
        else:
            measured = [row.part("counters").whole(counter) for row in rows]
            yield same(label, measured, [bench.counted("client")[short(counter)]])


def _lives(seed: int) -> tuple[list[float], list[float]]:
    """Lifetimes in seconds, and the instants at which some end."""
    bench = Bench(SetUp(seed=seed))
    closed_at: dict[int, int] = {}

    def close(connect: Connect) -> None:
        assert connect.end is not None
        closed_at[connect.end.local_port] = bench.engine.now
        close_now(connect)

    for i in range(200):
        bench.engine.call_at(i * 100 * MS, _dial, (bench, close))
    bench.run(40 * SECOND)
    lives = [(bench.ports.lingers[port] - at) / SECOND for port, at in closed_at.items()]
    return lives, sorted({at / SECOND for at in bench.ports.lingers.values()})


def _dial(what: tuple[Bench, Any]) -> None:
    bench, done = what
    bench.dial(done)


def _figures(lives: Sequence[float]) -> dict[str, float]:
    tenths = quantiles(lives, n=10)
    return {
        "min": min(lives), "max": max(lives), "mean": fmean(lives), "p10": tenths[0], "p50": tenths[4],
        "p90": tenths[8],
    }  # fmt: skip


def _orphans(seconds: int, n: int, seed: int) -> tuple[list[float], Bench]:
    """Lifetimes in seconds of `n` orphans, closed one every 110 ms."""
    client = KernelConfig(tcp_fin_timeout=seconds * SECOND, connect_scan_cost=0)
    bench = Bench(SetUp(client=client, seed=seed, closes=False))
    closed_at: dict[int, int] = {}

    def close(connect: Connect) -> None:
        assert connect.end is not None
        closed_at[connect.end.local_port] = bench.engine.now
        close_now(connect)

    for i in range(n):
        bench.engine.call_at(i * 110 * MS, _dial, (bench, close))
    bench.run(199 * SECOND)
    lives = [(bench.ports.released[port] - at) / SECOND for port, at in closed_at.items()]
    return lives, bench


def _limited(row: Facts) -> KernelConfig:
    return replace(KernelConfig(), tcp_max_tw_buckets=row.whole("tcp_max_tw_buckets", 0), connect_scan_cost=0)


def _close_each(bench: Bench, n: int) -> list[int]:
    """Connections closed one after the other by the client; their ports in this order."""
    ports: list[int] = []
    for _ in range(n):
        done = bench.connected()
        assert done.end is not None
        ports.append(done.end.local_port)
        close_now(done)
        bench.run(bench.engine.now + 50 * MS)
    bench.run(3 * SECOND)
    return ports
