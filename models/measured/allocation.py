"""Which port connect() takes, and when there is none: the measurements alloc-* without an explicit bind()."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from models.kernel.connect import EADDRINUSE, EADDRNOTAVAIL, Connect
from models.kernel.sysctl import KernelConfig
from models.measured.bench import Bench, SetUp
from models.measured.facts import Facts, WrongFact
from models.measured.quantity import Quantity, frequencies, left_out, same, shares, unstated
from sim.units import SECOND

ERRNO = {EADDRNOTAVAIL: "EADDRNOTAVAIL", EADDRINUSE: "bind:EADDRINUSE"}
"""Our texts, which are Go's, by the names of errno."""
OF_SHARES = "none is stated for shares; it is four standard errors of the mean"
OF_GAPS = "a distribution is stated; its mean is compared, by four standard errors"
FILLINGS = 60
"""Of a small range; 20 were measured."""
STEPS_ON_EMPTY = 9
"""Connects at the beginning of a sequence between which no port has been jumped over yet."""


class Filling:
    """Connects to one destination until the first failure."""

    def __init__(self, bench: Bench, destination: int) -> None:
        low = bench.set_up.client.ip_local_port_range[0]
        self.ports: list[int] = []
        self.error = ""
        while not self.error:
            done = bench.connected(destination)
            self.error = ERRNO.get(done.error, done.error)
            if done.end is not None:
                self.ports.append(done.end.local_port)
        self.turns_at = next((i for i, port in enumerate(self.ports) if (port - low) % 2), None)


def set_up_of(facts: Facts, **client: object) -> SetUp:
    """The port range of a measurement, and what else its client was told."""
    ends = facts.part("setup").port_range("ip_local_port_range")
    config = KernelConfig(ip_local_port_range=ends, connect_scan_cost=0, **client)  # type: ignore[arg-type]
    return SetUp(client=config)


def order(facts: Facts) -> Iterator[Quantity]:
    """alloc-100: the order of ports towards 100 destinations."""
    result, bench = facts.part("result"), Bench(set_up_of(facts))
    size = bench.set_up.client.ip_local_port_range[1] - bench.set_up.client.ip_local_port_range[0] + 1
    found = [Filling(bench, destination) for destination in range(100)]
    yield same("successes_each", result.values("successes_each"), [len(one.ports) for one in found])
    yield same("errno_of_next", result.values("errno_of_next"), [one.error for one in found])
    yield same("index_of_first_odd_port", result.values("index_of_first_odd_port"), [one.turns_at for one in found])
    steps = [step for one in found for step in _steps(one.ports[:STEPS_ON_EMPTY], size)]
    yield from _distribution("steps_first_8_histogram_mod_100", result, steps)
    yield left_out("example_sequences", "the start of a sequence is a hash of the machine; only their rules compare")


def ranges(facts: Facts) -> Iterator[Quantity]:
    """alloc-n-*, alloc-odd-*, alloc-reserved: small ranges, filled by 20 destinations and more."""
    result = facts.part("result")
    set_up = set_up_of(facts, ip_local_reserved_ports=_reserved(facts.part("setup")))
    found = [Filling(Bench(replace(set_up, seed=seed)), 0) for seed in range(1, FILLINGS + 1)]
    successes = result.histogram("successes_histogram")
    turns = result.histogram("index_of_first_port_of_the_other_parity_histogram")
    yield same("successes_histogram", successes, [len(one.ports) for one in found])
    if len(successes) > 1:
        mean = shares("successes_histogram.mean", successes, [len(one.ports) for one in found])
        yield unstated(mean, OF_SHARES)
    yield same("errno_of_next", result.values("errno_of_next"), [one.error for one in found])
    name = "index_of_first_port_of_the_other_parity_histogram"
    yield same(name, turns, [one.turns_at for one in found])
    if len(turns) > 1:
        yield unstated(shares(f"{name}.mean", turns, [one.turns_at or 0 for one in found]), OF_SHARES)
    low, high = set_up.client.ip_local_port_range
    used = {port for one in found for port in one.ports}
    yield same(
        "ports_never_used", [result.items("ports_never_used")], [[p for p in range(low, high + 1) if p not in used]]
    )


def two_destinations(facts: Facts) -> Iterator[Quantity]:
    """alloc-two-dst: two destinations in turn have a whole range each."""
    result, bench = facts.part("result"), Bench(set_up_of(facts))
    ports: tuple[list[int], list[int]] = ([], [])
    failures: list[int] = []
    for attempt in range(42):
        for destination in (0, 1):
            done = bench.connected(destination)
            if done.end is None:
                failures.append(attempt)
            else:
                ports[destination].append(done.end.local_port)
    yield same("successes_A", result.values("successes_A"), [len(ports[0])])
    yield same("successes_B", result.values("successes_B"), [len(ports[1])])
    yield same("ports_used_by_both", result.values("ports_used_by_both"), [len({*ports[0]} & {*ports[1]})])
    yield same("failures_begin_at_attempt", result.values("failures_begin_at_attempt"), [min(failures)])


def time_wait(facts: Facts) -> Iterator[Quantity]:
    """alloc-timewait: ports in TIME_WAIT are as taken as those in use."""
    result = facts.part("result")
    bench = Bench(set_up_of(facts, tcp_tw_reuse=0))
    ports: list[int] = []
    while (done := bench.connected()).end is not None:
        ports.append(done.end.local_port)
        done.end.close()
        bench.run(bench.engine.now + SECOND // 1000)
    first_odd = next(i for i, port in enumerate(ports) if port % 2)
    yield same("successes", result.values("successes"), [len(ports)])
    yield same("errno", result.values("errno"), [ERRNO.get(done.error, done.error)])
    yield same("index_of_first_odd_port", result.values("index_of_first_odd_port"), [first_odd])


def reset_at_once(facts: Facts) -> Iterator[Quantity]:
    """alloc-rst-reuse: each port is free again at once, and the pointer walks on."""
    result, bench = facts.part("result"), Bench(set_up_of(facts))
    low, high = bench.set_up.client.ip_local_port_range
    steps, gaps = list[int](), list[int]()
    distinct, parities = list[int](), set[int]()
    for destination in range(10):
        ports = [_reset(bench.connected(destination)) for _ in range(300)]
        distinct.append(len({*ports}))
        parities |= {(port - low) % 2 for port in ports}
        steps += _steps(ports, high - low + 1)
        gaps += _gaps(ports)
    yield same("distinct_ports", result.values("distinct_ports"), distinct)
    yield same("only_low_parity", [result.value("only_low_parity")], [parities == {0}])
    yield from _distribution("steps_mod_20_histogram", result, steps)
    name = "connects_between_uses_of_the_same_port_histogram"
    yield unstated(shares(f"{name}.mean", result.histogram(name), gaps), OF_GAPS)


def fresh_namespaces(facts: Facts) -> Iterator[Quantity]:
    """alloc-start: the first ports in 60 fresh namespaces."""
    result, set_up = facts.part("result"), set_up_of(facts)
    firsts = [_first(Bench(replace(set_up, seed=seed)).connected()) for seed in range(1, 61)]
    yield same("first_port_all_even", [result.value("first_port_all_even")], [all(port % 2 == 0 for port in firsts)])
    yield left_out(
        "first_three", "namespaces of one machine go on with one pointer; each client here has a machine of its own"
    )


def shared_pointer(_: Facts) -> Iterator[Quantity]:
    """alloc-shared: two namespaces, one pointer."""
    yield left_out("A, B", "namespaces of one machine share a pointer; each client here has a machine of its own")


def no_port_trace(facts: Facts) -> Iterator[Quantity]:
    """eaddrnotavail-trace: a connect() that finds no port."""
    bench = Bench(SetUp(client=KernelConfig(ip_local_port_range=(40000, 40000))))
    bench.connected()
    failed = bench.connected()
    errors = [one.value("err") for one in facts.parts("result")]
    yield same("err", errors, [ERRNO.get(failed.error, failed.error)])
    yield left_out("trace", "a socket without a port is made and ended at one instant; no state of it is kept")


def _reserved(setup: Facts) -> str:
    """ip_local_reserved_ports, as sysctl has it."""
    written = str(setup.value("ip_local_reserved_ports"))
    try:
        KernelConfig(ip_local_reserved_ports=written).reserved_ports()
    except ValueError as error:
        raise WrongFact(f"{setup.place}.{error}") from None
    return written


def _distribution(name: str, result: Facts, steps: list[int]) -> Iterator[Quantity]:
    counts = result.histogram(name)
    yield same(name, counts, steps)
    yield frequencies(f"{name}, how often", counts, steps)


def _steps(ports: Sequence[int], size: int) -> list[int]:
    return [(later - earlier) % size for earlier, later in pairwise(ports)]


def _gaps(ports: Sequence[int]) -> list[int]:
    """Connects from one use of a port to the next."""
    last: dict[int, int] = {}
    gaps = list[int]()
    for i, port in enumerate(ports):
        if port in last:
            gaps.append(i - last[port])
        last[port] = i
    return gaps


def _first(done: Connect) -> int:
    assert done.end is not None, "an empty range has a port"
    return done.end.local_port


def _reset(done: Connect) -> int:
    """Close so that a RST goes out, as SO_LINGER 0 does; the port that was used."""
    end = done.end
    assert end is not None, "a port that was reset is free"
    end.has_unread = True
    end.close()
    return end.local_port
