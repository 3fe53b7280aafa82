"""SYNs and SYN-ACKs that nobody answers or that get lost: syn-schedule, synack, handshake-loss."""

from collections.abc import Iterator, Sequence

from models.kernel.connect import ETIMEDOUT, Connect
from models.kernel.sysctl import KernelConfig, ListenConfig
from models.measured.bench import Bench, LossyLink, NotedConnect, SetUp, granule_s
from models.measured.facts import Facts
from models.measured.quantity import Quantity, left_out, same, unstated, within
from sim.units import MS, SECOND

SLACK_S = 0.005
"""What both measurements of instants allow beyond what the timer wheel gives."""
LOSS_MS = 5.0
OF_INSTANTS = "stated is 30 ms or the wheel model; with the wheel it is what syn-schedule allows, 5 ms"
FIRST_TIMEOUT_S = 1
PHASES = 20
"""Machines, each with another phase of the wheel."""
RTT = 20 * MS
LOST = {
    "none": {},
    "SYN lost once": {"SYN": 1},
    "SYN lost twice": {"SYN": 2},
    "SYN-ACK lost once": {"SYN-ACK": 1},
    "SYN-ACK lost twice": {"SYN-ACK": 2},
}


def syns(facts: Facts) -> Iterator[Quantity]:
    """syn-schedule: connects into nothing, one every 37 ms."""
    for row in facts.parts("result"):
        retries, linear = row.whole("tcp_syn_retries", 0), row.whole("tcp_syn_linear_timeouts", 0)
        name = f"tcp_syn_retries={retries} tcp_syn_linear_timeouts={linear}"
        client = KernelConfig(tcp_syn_retries=retries, tcp_syn_linear_timeouts=linear, connect_scan_cost=0)
        played = [one for seed in range(PHASES) for one in _into_nothing(client, row.whole("n", 1), seed)]
        measured = row.rows("syn_times_min_p50_max", 3)
        yield same(f"{name}.number of SYNs", [len(measured)], [len(sent) for sent, _, _ in played])
        for i, times in enumerate(measured):
            found = [sent[i] for sent, _, _ in played if i < len(sent)]
            yield within(f"{name}.syn_times.{i}", times, found, allowed=SLACK_S, wider=_granule(measured, i))
        errors = ["ETIMEDOUT" if error == ETIMEDOUT else error for _, error, _ in played]
        yield same(f"{name}.errno", row.values("errno"), errors)
        ended = row.numbers("error_time_min_p50_max")
        granule = _granule([*measured, ended], len(measured))
        yield within(f"{name}.error_time", ended, [at for _, _, at in played], allowed=SLACK_S, wider=granule)
    yield left_out("gaps, medians, raw series", "follow from the instants above and the phase of the machine's wheel")


def synacks(facts: Facts) -> Iterator[Quantity]:
    """synack: SYN-ACKs to a client that never acknowledges, one SYN every 41 ms."""
    for row in facts.parts("result"):
        retries = row.whole("tcp_synack_retries", 0)
        played = [one for seed in range(PHASES) for one in _unacknowledged(retries, row.whole("n", 1), seed)]
        measured = [times for _, *times in row.rows("synack_times_n_min_p50_max", 4)]
        name = f"tcp_synack_retries={retries}"
        yield same(f"{name}.number of SYN-ACKs", [len(measured)], [len(sent) for sent in played])
        for i, times in enumerate(measured):
            found = [sent[i] for sent in played if i < len(sent)]
            yield within(f"{name}.synack_times.{i}", times, found, allowed=SLACK_S, wider=_granule(measured, i))


def handshake_loss(facts: Facts) -> Iterator[Quantity]:
    """handshake-loss: how long connect() takes when a SYN or SYN-ACK gets lost, in ms."""
    result = facts.part("result")
    for name in result:
        if name not in LOST:
            yield left_out(name, "this loss is not known here")
            continue
        took = [_lossy(LOST[name], seed) for seed in range(100)]
        yield from _clusters(name, result.numbers(name), took)


def _clusters(name: str, measured: Sequence[float], took: Sequence[float]) -> Iterator[Quantity]:
    """One range, or two where the repetitions fell apart: client and server both repeat.

    What was simulated and not measured is out.
    """
    middle = 1500.0
    for label, part in (
        ("", [ms for ms in measured if ms < middle]),
        (" (later)", [ms for ms in measured if ms >= middle]),
    ):
        simulated = [ms for ms in took if (ms < middle) == (label == "")]
        if part or simulated:
            wider = granule_s(FIRST_TIMEOUT_S) * SECOND / MS
            yield unstated(within(f"{name}{label}", part, simulated, allowed=LOSS_MS, wider=wider), OF_INSTANTS)


def _granule(instants: Sequence[Sequence[float]], i: int) -> float:
    """Of the timer before the i-th instant, which lasts whole seconds; the wheel makes it a little longer."""
    return granule_s(round(instants[i][0] - instants[i - 1][0]) if i else 0)


def _into_nothing(client: KernelConfig, n: int, seed: int) -> list[tuple[list[float], str, float]]:
    """Of each connect() when its SYNs left, its error and when it came; seconds since it began."""
    bench = Bench(SetUp(client=client, seed=seed))
    bench.break_path()
    begun: list[tuple[int, NotedConnect]] = []
    ended: dict[Connect, int] = {}

    def begin(_: object) -> None:
        dial = NotedConnect(bench.kernel, bench.host, bench.link, lambda one: ended.update({one: bench.engine.now}))
        begun.append((bench.engine.now, dial))
        dial.start(0)

    for i in range(n):
        bench.engine.call_at(i * 37 * MS, begin)
    bench.run(200 * SECOND)
    return [([(at - t0) / SECOND for at in one.syns_at], one.error, (ended[one] - t0) / SECOND) for t0, one in begun]


def _unacknowledged(retries: int, n: int, seed: int) -> list[list[float]]:
    """Of each SYN when SYN-ACKs went out, in seconds since it came."""
    bench = Bench(SetUp(listen=ListenConfig(tcp_synack_retries=retries), seed=seed))
    sent: list[tuple[int, list[float]]] = []

    def syn(_: object) -> None:
        now, times = bench.engine.now, [0.0]
        sent.append((now, times))
        end = bench.host.syn(bench.link)
        assert end is not None, "there is room for so few"
        bench.host.await_synack(end, lambda _: times.append((bench.engine.now - now) / SECOND))

    for i in range(n):
        bench.engine.call_at(i * 41 * MS, syn)
    bench.run(100 * SECOND)
    return [times for _, times in sent]


def _lossy(lost: dict[str, int], seed: int) -> float:
    """How long one connect() takes, ms."""
    bench = Bench(SetUp(rtt=RTT, seed=seed), LossyLink(RTT, dict(lost)))
    bench.connected()
    return bench.engine.now / MS
