"""What a search for a port costs, and what follows at a steady rate: connect-cost, cliff-rate."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from models.kernel.connect import Connect
from models.kernel.host import ClientKernel
from models.kernel.sysctl import KernelConfig
from models.measured.bench import Bench, SetUp, close_now
from models.measured.facts import Facts, WrongFact
from models.measured.quantity import Quantity, left_out, near, same, unstated
from sim.engine.streams import Streams
from sim.units import SECOND, US

SHARE = 0.5
"""By which share microseconds may differ: they are the machine's; the shape is not."""
BASE_US = 6.3
"""Of a loopback connect() that finds its port at once; not simulated, so it is taken off what was measured."""
LEAST_US = 100.0
"""Searches that cost less are within the scatter of the connect() around them."""
IN_TIME_WAIT, ESTABLISHED = 102, 71
"""ns per port, the measurement's own fit; connect_scan_cost is one parameter for both, so each part gets its own."""
SCAN_COST = 112
"""ns per port on this machine: a search of all 28,232 in vain took 3.13 to 3.19 ms (cliff-rate). A parameter."""
ROUNDS, SEARCHES = 100, 200
"""Choices of free ports, and searches among each; the measurement had one choice for each of three fillings."""
SECONDS, TOTALS = 2, 0.01
"""How far the second of a first odd port or error may be off, as cliff-rate allows; the share by which totals may."""
OF_TOTALS = "none is stated for totals; it is 1 % of them"


def cost(facts: Facts) -> Iterator[Quantity]:
    """connect-cost: the CPU time of connect() by how many ports are in use to the destination."""
    result = facts.part("result")
    fills = result.parts("time_wait_fill")
    ports, costs, failing = _filled(IN_TIME_WAIT)
    odd_at = next(i for i, port in enumerate(ports) if port % 2)
    yield same("time_wait_fill.first_odd_port_at", [one.whole("first_odd_port_at") for one in fills], [odd_at])
    yield same("time_wait_fill.successes", [one.whole("successes") for one in fills], [len(ports)])
    for each in _aligned(fills, "cpu_us"):
        begin = each[0].whole("from", 0)
        end = each[0].whole("to", begin + 1)
        name, simulated = f"time_wait_fill.cpu_us.{begin} to {end}", costs[begin:end]
        if begin < odd_at:
            yield left_out(name, "below the knee connect() itself, which is not simulated, costs more than the search")
        else:
            measured = [one.number("p50") - BASE_US for one in each]
            found = [fmean(simulated)] if simulated else []
            yield near(name, measured, found, allowed=SHARE * fmean(measured))
    fails = [each for one in fills for each in one.numbers("failing_connect_cpu_us")]
    yield near("time_wait_fill.failing_connect_cpu_us", fails, [failing], allowed=SHARE * fmean(fails))
    yield from _among_established(result.parts("established_fill_then_random_free"))


def cliff(facts: Facts) -> Iterator[Quantity]:
    """cliff-rate: connect and close at a steady rate for one and two lifetimes of TIME_WAIT."""
    for one in facts.parts("result"):
        rate, rows = one.whole("rate", 1), one.rows("rows", 7)
        seen = _Seconds.of(rows)
        played = _open_loop(rate, len(rows))
        name = f"rate={rate}"
        for what in ("odd", "failed"):
            measured, simulated = _first(getattr(seen, what)), _first(getattr(played, what))
            if measured is None or simulated is None:
                yield same(f"{name}.first second, {what}", [measured], [simulated])
            else:
                yield near(f"{name}.first second, {what}", [measured], [simulated], allowed=SECONDS)
        for what in ("ok", "odd", "failed"):
            total = sum(getattr(seen, what).values())
            found = [sum(getattr(played, what).values())]
            yield unstated(near(f"{name}.{what} in all", [total], found, allowed=TOTALS * total), OF_TOTALS)
    yield left_out(
        "mean connect CPU us", "below the knee the CPU time of connect() itself; above it as in connect-cost"
    )


@dataclass
class _Seconds:
    """What happened, by second."""

    ok: Counter[int] = field(default_factory=Counter)
    odd: Counter[int] = field(default_factory=Counter)
    failed: Counter[int] = field(default_factory=Counter)

    @classmethod
    def of(cls, rows: Sequence[Sequence[float]]) -> "_Seconds":
        """From rows [second, successes, odd ports, mean us, max us, EADDRNOTAVAIL, mean us]."""
        seen = cls()
        for second, ok, odd, _, _, failed, _ in rows:
            seen.ok[int(second)], seen.odd[int(second)], seen.failed[int(second)] = int(ok), int(odd), int(failed)
        return seen


def _first(by_second: Counter[int]) -> int | None:
    return min((second for second, n in by_second.items() if n), default=None)


def _open_loop(rate: int, seconds: int) -> _Seconds:
    client = KernelConfig(tcp_tw_reuse=0, connect_scan_cost=SCAN_COST)
    bench = Bench(SetUp(client=client, ends_at=seconds * SECOND))
    seen = _Seconds()

    def done(connect: Connect) -> None:
        second = bench.engine.now // SECOND
        if connect.end is None:
            seen.failed[second] += 1
            return
        seen.ok[second] += 1
        seen.odd[second] += connect.end.local_port % 2
        close_now(connect)
        bench.kernel.files.close()

    def begin(_: Any) -> None:
        bench.dial(done)

    for i in range(rate * seconds):
        bench.engine.call_at(i * SECOND // rate, begin)
    bench.run(seconds * SECOND)
    return seen


def _filled(scan_cost: int) -> tuple[list[int], list[float], float]:
    """All ports of the default range, taken one after the other; what each search cost, and one in vain, in us."""
    bench = Bench(SetUp(client=KernelConfig(connect_scan_cost=scan_cost)))
    ports, costs = list[int](), list[float]()
    while (claimed := bench.kernel.claim(0, 0))[0] > 0:
        ports.append(claimed[0])
        costs.append(claimed[1] / US)
    return ports, costs, claimed[1] / US


def _among_established(fills: Sequence[Facts]) -> Iterator[Quantity]:
    """All ports are in use but for some random ones, which are taken and given back."""
    name = "established_fill_then_random_free"
    ports, costs, _ = _filled(ESTABLISHED)
    measured = [one.number("established_in_use_14116_to_28000_cpu_us_p50") - BASE_US for one in fills]
    in_use = f"{name}.established_in_use_14116_to_28000_cpu_us_p50"
    yield near(in_use, measured, [fmean(costs[14_116:28_000])], allowed=SHARE * fmean(measured))
    for each in _aligned(fills, "free_random_ports"):
        free = each[0].whole("free", 1)
        label, found = f"{name}.free={free}.mean", [one.number("mean") - BASE_US for one in each]
        if fmean(found) < LEAST_US:
            yield left_out(label, "the search costs less here than the connect() around it scatters")
        else:
            yield near(label, found, [_random_search(ports, free)], allowed=SHARE * fmean(found))


def _aligned(fills: Sequence[Facts], key: str) -> Iterator[tuple[Facts, ...]]:
    """The rows of one setting in every repetition."""
    each = [fill.parts(key) for fill in fills]
    for fill, rows in zip(fills, each, strict=True):
        if len(rows) != len(each[0]):
            raise WrongFact(f"{fill.place}.{key}: should have {len(each[0])} rows, as the first, not {len(rows)}")
    return zip(*each, strict=True)


def _random_search(ports: Sequence[int], free: int) -> float:
    """The mean cost of a search in us, where so many random ports are free and each is given back at once."""
    kernel = Bench(SetUp(client=KernelConfig(connect_scan_cost=ESTABLISHED))).kernel
    choose = Streams(1)["free"].choice
    _fill(kernel)
    costs = list[int]()
    for _ in range(ROUNDS):
        for port in choose(ports, free, replace=False).tolist():
            kernel.unclaim(0, port)
        for _ in range(SEARCHES):
            port, cost_ns = kernel.claim(0, 0)
            kernel.unclaim(0, port)
            costs.append(cost_ns)
        _fill(kernel)
    return fmean(costs) / US


def _fill(kernel: ClientKernel) -> None:
    while kernel.claim(0, 0)[0] > 0:
        pass
