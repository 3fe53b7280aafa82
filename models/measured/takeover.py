"""When connect() takes over a port in TIME_WAIT: tw-reuse, tw-reuse-delay-range, tw-reuse-own-address."""

from collections.abc import Iterator, Sequence
from typing import Any, get_type_hints

from models.kernel.connect import Connect
from models.kernel.sysctl import KernelConfig
from models.measured.bench import Bench, SetUp, close_now
from models.measured.facts import Facts, repeated
from models.measured.lingering import short
from models.measured.quantity import Quantity, near, same
from sim.units import MS, SECOND, US

KEYS = ("net", "tw_reuse", "timestamps", "delay_ms", "rate", "range")
CONNECTS, EDGE = 2, 0.15
"""How far counts may be off, as the measurement allows; and as a share of the range how many ports are seen at all."""
GAP_S = 0.06
"""By how much the smallest gap may be longer than the delay: connects come at fixed instants, one or two apart."""
RTT = {"lo": 0, "veth": 50 * US}
SEEDS = 3
DEFAULT_DELAY_MS = 1000
"""What is in force where 0 was written, which the kernel refuses."""


class OpenLoop:
    """Connects at a steady rate, each closed at once."""

    def __init__(self, row: Facts, net: str, seed: int) -> None:
        size, rate, duration = row.whole("range"), row.whole("rate"), row.whole("dur")
        client = KernelConfig(
            ip_local_port_range=(40000, 40000 + size - 1),
            tcp_tw_reuse=row.whole("tw_reuse"),
            tcp_timestamps=row.whole("timestamps"),
            tcp_tw_reuse_delay=(row.whole("delay_ms") or DEFAULT_DELAY_MS) * MS,
            connect_scan_cost=0,
        )
        self._bench = Bench(SetUp(client=client, seed=seed, rtt=RTT[net]))
        self._bench.kernel.is_loopback = net == "lo" and "dst" not in row  # 10.5.0.1 on lo does not count as such
        self._closed_at: dict[int, int] = {}
        self.gaps: list[float] = []
        self.ok = self.err = 0
        self.first_err: list[Any] | None = None
        for i in range(rate * duration + 1):
            self._bench.engine.call_at(i * SECOND // rate, self._connect)
        self._bench.run((duration + 2) * SECOND)
        self.ports = set(self._closed_at)
        self.counted = self._bench.counted("client")

    @property
    def low_parity(self) -> int:
        """Ports of the range's own parity that were used."""
        return sum(port % 2 == 0 for port in self.ports)

    def _connect(self, _: Any) -> None:
        self._bench.dial(self._done)

    def _done(self, connect: Connect) -> None:
        now = self._bench.engine.now
        if connect.end is None:
            self.err += 1
            self.first_err = self.first_err or ["EADDRNOTAVAIL", round(now / SECOND, 1), self.ok]
            return
        port = connect.end.local_port
        if port in self._closed_at:
            self.gaps.append((now - self._closed_at[port]) / SECOND)
        self.ok += 1
        self._closed_at[port] = now
        close_now(connect)


def reuse(facts: Facts) -> Iterator[Quantity]:
    """tw-reuse: by sysctl, timestamps, delay, rate and path."""
    for name, rows in repeated(facts.parts("result"), KEYS):
        played = [OpenLoop(rows[0], str(rows[0].value("net")), seed) for seed in range(1, SEEDS + 1)]
        yield from _compared(name, rows, played)


def own_address(facts: Facts) -> Iterator[Quantity]:
    """tw-reuse-own-address: tcp_tw_reuse=2 towards an own address that is not 127.0.0.0/8."""
    row = facts.part("result")
    yield from _compared(f"dst={row.value('dst')}", [row], [OpenLoop(row, "lo", 1)])


def delay_range(facts: Facts) -> Iterator[Quantity]:
    """tw-reuse-delay-range: which values the sysctl takes; here, which its key does."""
    marks = get_type_hints(KernelConfig, include_extras=True)["tcp_tw_reuse_delay"].__metadata__
    low = next(mark.ge for mark in marks if getattr(mark, "ge", None))
    high = next(mark.le for mark in marks if getattr(mark, "le", None))
    result = facts.part("result")
    for written in result:
        taken = "ok" if low <= int(written) * MS <= high else "EINVAL"
        yield same(written, [result.value(written)], [taken])


def _compared(name: str, rows: Sequence[Facts], played: Sequence[OpenLoop]) -> Iterator[Quantity]:
    for key in ("ok", "err"):
        yield near(
            f"{name}.{key}", [row.whole(key) for row in rows], [getattr(one, key) for one in played], allowed=CONNECTS
        )
    errors = [row.value("first_err") for row in rows]
    yield same(f"{name}.first_err", errors, [one.first_err for one in played])
    edge = max(CONNECTS, EDGE * rows[0].whole("range"))  # of what is reused, too: the others are the first uses
    distinct = [row.whole("distinct_ports") for row in rows]
    yield near(f"{name}.distinct_ports", distinct, [len(one.ports) for one in played], allowed=edge)
    low = [row.whole("low_parity_ports") for row in rows]
    yield near(f"{name}.low_parity_ports", low, [one.low_parity for one in played], allowed=CONNECTS)
    for counter in rows[0].part("counters"):
        counted = [one.counted[short(counter)] for one in played]
        allowed = edge if short(counter) == "TWRecycled" else CONNECTS
        yield near(f"{name}.{counter}", [row.part("counters").whole(counter) for row in rows], counted, allowed=allowed)
    gaps = [row.number("reuse_gap_min") for row in rows if row.value("reuse_gap_min") is not None]
    if not gaps:
        yield same(f"{name}.n_reuse", [row.whole("n_reuse") for row in rows], [len(one.gaps) for one in played])
        return
    yield near(
        f"{name}.n_reuse", [row.whole("n_reuse") for row in rows], [len(one.gaps) for one in played], allowed=edge
    )
    allowed = max(GAP_S, 1 / rows[0].whole("rate"))
    yield near(f"{name}.reuse_gap_min", gaps, [min(one.gaps) for one in played], allowed=allowed)
    medians = [row.number("reuse_gap_p50") for row in rows]
    simulated = [sorted(one.gaps)[len(one.gaps) // 2] for one in played]
    yield near(f"{name}.reuse_gap_p50", medians, simulated, allowed=allowed)
