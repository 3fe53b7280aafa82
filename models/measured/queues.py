"""The queues of a listener: backlog, backlog-burst, limbo, syn-queue, cookie-data."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from models.kernel.connect import Connect
from models.kernel.side import NOBODY
from models.kernel.socket import Endpoint, Tcp
from models.kernel.sysctl import KernelConfig, ListenConfig
from models.measured.bench import Bench, SetUp, granule_s
from models.measured.facts import Facts, repeated
from models.measured.lingering import LISTENS, connections, short
from models.measured.quantity import Quantity, left_out, same, within
from sim.units import MS, SECOND, US

BETWEEN_CONNECTS = 10 * US
"""One thread calls connect() again and again; over loopback each handshake is over by then."""
LATE_S, LIMBO_S = 0.04, 0.05
"""What backlog and limbo allow for instants."""
LINEAR_TIMEOUT_S, THIRD_TIMEOUT_S = 1, 4
"""The timers before a late connection: of a SYN repeated linearly; the third of one that is not, or of a SYN-ACK."""
WITHOUT_ACCEPT = 1500 * MS
"""How long nobody was waited for: the first repetition of the SYNs comes, the second does not."""
KEYS = ("backlog", "connects", "syncookies", "abort_on_overflow", "accept_from_s")
BURST = ("syncookies", "abort_on_overflow")
PHASES = 20


def backlog(facts: Facts) -> Iterator[Quantity]:
    """backlog: more connects at once than the accept queue holds.

    The file does not say tcp_syn_linear_timeouts. It was 4, but 0 in the second of two set-ups that accept from 4.5 s
    on: their late connections came after 5 and after 7 s (linux_tcp.md, 4.1).
    """
    for name, rows in repeated(facts.parts("result"), KEYS):
        without = [row for row in rows if "7" in row.counts("latency_hist_rounded_s")]
        for linear, part in ((4, [row for row in rows if row not in without]), (0, without)):
            if part:
                label = name if linear else f"{name} tcp_syn_linear_timeouts=0"
                played = [_Crowd(part[0], linear, seed) for seed in range(PHASES)]
                yield from _of_crowd(label, part, played)
                timer_s = LINEAR_TIMEOUT_S if linear else THIRD_TIMEOUT_S
                yield from _late(f"{label}.first_late", part, played, granule_s(timer_s))
    yield left_out("at_0.5s.states.srv LISTEN", LISTENS)


def burst(facts: Facts) -> Iterator[Quantity]:
    """backlog-burst: all SYNs first, then all final ACKs, from a client that makes its own segments."""
    for name, rows in repeated(facts.parts("result"), BURST):
        raw = _Raw(rows[0])
        ends = raw.syns(rows[0].whole("syns", 1))
        yield same(f"{name}.synacks_at_once", [row.whole("synacks_at_once") for row in rows], [len(ends)])
        raw.acks(ends)
        yield from _after_acks(name, "server_states_after_all_final_ACKs", rows, raw)
        yield same(f"{name}.rst_sent", [row.whole("rst_sent") for row in rows], [raw.counted["OutRsts"]])
        yield from _counters(name, rows, raw.counted)
        raw.bench.engine.call_at(4 * SECOND, raw.bench.program.fetch)
        raw.bench.run(20 * SECOND)
        at_once, later = raw.accepted()
        yield same(f"{name}.accepted_at_4s", [row.whole("accepted_at_4s") for row in rows], [at_once])
        yield same(f"{name}.accepted_later", [row.whole("accepted_later") for row in rows], [len(later)])
        yield same(f"{name}.rst_sent_total", [row.whole("rst_sent_total") for row in rows], [raw.counted["OutRsts"]])
    yield left_out("server_states_after_all_final_ACKs.LISTEN", LISTENS)


def limbo(facts: Facts) -> Iterator[Quantity]:
    """limbo: final ACKs that find the accept queue full."""
    for name, rows in repeated(facts.parts("result"), BURST):
        played = [_in_limbo(rows[0], seed) for seed in range(PHASES)]
        raws = [raw for raw, _ in played]
        yield same(f"{name}.synacks", [row.whole("synacks") for row in rows], [synacks for _, synacks in played])
        yield from _after_acks(name, "states_after_final_acks", rows, *raws)
        for counter in rows[0].part("counters"):
            measured = [row.part("counters").whole(counter) for row in rows]
            yield same(f"{name}.counters.{counter}", measured, [raw.then[short(counter)] for raw in raws])
        outcomes = [raw.accepted() for raw in raws]
        yield same(f"{name}.accepted_at_4s", [row.whole("accepted_at_4s") for row in rows], [n for n, _ in outcomes])
        later = [row.numbers_if_any("accepted_later_at") for row in rows]
        yield same(f"{name}.accepted_later", [len(at) for at in later], [len(at) for _, at in outcomes])
        if any(later):
            firsts = [at[0] for at in later if at]
            found, wider = [at[0] for _, at in outcomes if at], granule_s(THIRD_TIMEOUT_S)
            # programs looked every 30 ms, one connection each time: the first of a batch is the SYN-ACK's
            yield within(f"{name}.accepted_later_at.0", firsts, found, allowed=LIMBO_S, wider=wider)
    yield left_out("states_after_final_acks.LISTEN", LISTENS)


def syn_queue(facts: Facts) -> Iterator[Quantity]:
    """syn-queue: half-open connections that are never acknowledged."""
    for name, rows in repeated(facts.parts("result"), ("backlog", "tcp_max_syn_backlog", "syncookies")):
        raw = _Raw(rows[0])
        ends = raw.syns(rows[0].whole("syns", 1))
        yield same(f"{name}.synacks", [row.whole("synacks") for row in rows], [len(ends)])
        half_open = {"SYN_RECV": len(ends) - raw.counted["SyncookiesSent"]}
        yield same(f"{name}.states", [connections(row.counts("states")) for row in rows], [half_open])
        yield from _counters(name, rows, raw.counted)
    yield left_out("states.LISTEN", LISTENS)


def cookie_data(facts: Facts) -> Iterator[Quantity]:
    """cookie-data: data in place of a cookie's final ACK that was dropped."""
    for name, rows in repeated(facts.parts("result"), ("backlog",)):
        raw = _Raw(rows[0], tcp_syncookies=1)
        ends = raw.syns(rows[0].whole("syns", 1))
        yield same(f"{name}.synacks", [row.whole("synacks") for row in rows], [len(ends)])
        raw.acks(ends)
        raw.bench.program.fetch()
        raw.bench.run(SECOND)
        first = len(raw.bench.program.accepted)
        yield same(f"{name}.accepted_first", [row.whole("accepted_first") for row in rows], [first])
        for i, end in enumerate(end for end in ends if end.state is Tcp.SYN_RECV):
            raw.bench.engine.call_at((1000 + i // 3 * 50) * MS, end.deliver, "GET")
        raw.bench.run(4 * SECOND)
        more = len(raw.bench.program.accepted) - first
        measured = [row.whole("accepted_after_data_segment") for row in rows]
        yield same(f"{name}.accepted_after_data_segment", measured, [more])
        read = dict(Counter(what for _, what in raw.bench.program.read))
        yield same(f"{name}.data_received_on_them", [row.value("data_received_on_them") for row in rows], [read])
        yield same(f"{name}.rst", [row.whole("rst") for row in rows], [raw.counted["OutRsts"]])


class _Crowd:
    """Many connects at once over loopback, and a program that accepts from an instant on, if at all."""

    def __init__(self, row: Facts, linear: int, seed: int) -> None:
        listen = ListenConfig(
            tcp_syncookies=row.whole("syncookies"), tcp_abort_on_overflow=row.whole("abort_on_overflow")
        )
        client = KernelConfig(tcp_syn_linear_timeouts=linear, connect_scan_cost=0)
        set_up = SetUp(client=client, listen=listen, backlog=row.whole("backlog", 0), accepts=False, seed=seed)
        self.bench = bench = Bench(set_up)
        self.done: list[tuple[int, Connect]] = []
        for i in range(row.whole("connects", 1)):
            bench.engine.call_at(i * BETWEEN_CONNECTS, self._connect)
        accept_from = row.number_or_none("accept_from_s")
        if accept_from is not None:
            bench.engine.call_at(round(accept_from * SECOND), bench.program.fetch)
        bench.run(500 * MS)
        self.connected_then, self.counted_then = len(self.done), dict(bench.counted("server"))
        bench.run(WITHOUT_ACCEPT if accept_from is None else round(accept_from * SECOND) + 4 * SECOND)
        self.late = [at / SECOND for at, _ in self.done if at > 500 * MS]

    def _connect(self, _: Any) -> None:
        self.bench.dial(lambda one: self.done.append((self.bench.engine.now, one)))

    @property
    def states_then(self) -> dict[str, int]:
        """As /proc/net/tcp had them after half a second."""
        levels = {"cli ESTABLISHED": "c_estab", "cli SYN_SENT": "c_syn_sent", "srv ESTABLISHED": "s_estab"}
        found = {name: self.bench.level(level, 500 * MS) for name, level in levels.items()}
        return {name: n for name, n in found.items() if n}

    @property
    def latencies(self) -> dict[str, int]:
        """Connections by the seconds that they took, rounded."""
        return dict(Counter(str(round(at / SECOND)) for at, _ in self.done))


def _of_crowd(name: str, rows: Sequence[Facts], played: Sequence[_Crowd]) -> Iterator[Quantity]:
    then = [row.part("at_0.5s") for row in rows]
    connected = [one.whole("connected_client_view") for one in then]
    yield same(f"{name}.at_0.5s.connected_client_view", connected, [one.connected_then for one in played])
    states = [connections(one.counts("states")) for one in then]
    yield same(f"{name}.at_0.5s.states", states, [connections(one.states_then) for one in played])
    for counter in then[0].part("counters"):
        measured = [one.part("counters").whole(counter) for one in then]
        yield same(f"{name}.at_0.5s.{counter}", measured, [one.counted_then[short(counter)] for one in played])
    yield same(
        f"{name}.connected_total", [row.whole("connected_total") for row in rows], [len(one.done) for one in played]
    )
    accepted = [len(one.bench.program.accepted) for one in played]
    yield same(f"{name}.accepted", [row.whole("accepted") for row in rows], accepted)
    histogram = [_sorted(row.counts("latency_hist_rounded_s")) for row in rows]
    yield same(f"{name}.latency_hist_rounded_s", histogram, [_sorted(one.latencies) for one in played])
    for counter in rows[0].part("counters"):
        measured = [row.part("counters").whole(counter) for row in rows]
        counted = [one.bench.counted("server").get(short(counter), 0) for one in played]
        yield same(f"{name}.counters.{counter}", measured, counted)


def _late(name: str, rows: Sequence[Facts], played: Sequence[_Crowd], wider: float) -> Iterator[Quantity]:
    """When connections came that were not there at once, if some were."""
    late = [at for row in rows for at in row.numbers_if_any("first_late")]
    if late:
        yield within(name, late, [at for one in played for at in one.late], allowed=LATE_S, wider=wider)


class _Raw:
    """A listener, and a client that makes its own SYNs and ACKs."""

    def __init__(self, row: Facts, seed: int = 1, **listen: int) -> None:
        for key in ("syncookies", "abort_on_overflow", "tcp_max_syn_backlog"):
            if key in row:
                listen[key if key.startswith("tcp_") else f"tcp_{key}"] = row.whole(key)
        set_up = SetUp(listen=ListenConfig(**listen), backlog=row.whole("backlog", 0), accepts=False, seed=seed)  # type: ignore[arg-type]
        self.bench = Bench(set_up)
        self.then: Counter[str] = Counter()

    def syns(self, n: int) -> list[Endpoint]:
        """So many SYNs, one after the other; the ends that were answered with a SYN-ACK."""
        made = [self.bench.host.syn(self.bench.link) for _ in range(n)]
        ends = [end for end in made if end is not None]
        for end in ends:
            port, _ = self.bench.kernel.claim(0, 0)
            end.peer = Endpoint(self.bench.kernel, self.bench.link, state=Tcp.ESTABLISHED, local_port=port)
            end.peer.peer = end
            end.peer.app = NOBODY
        return ends

    def acks(self, ends: Sequence[Endpoint]) -> None:
        """Their final ACKs, one after the other."""
        for end in ends:
            self.bench.host.final_ack(end)

    @property
    def counted(self) -> Counter[str]:
        """The listener's counters."""
        return Counter(self.bench.counted("server"))

    def accepted(self, at: int = 4 * SECOND) -> tuple[int, list[float]]:
        """How many were accepted by then, and when the others were, in seconds."""
        found = [instant for instant, _ in self.bench.program.accepted]
        return sum(instant <= at for instant in found), [instant / SECOND for instant in found if instant > at]


def _in_limbo(row: Facts, seed: int) -> tuple[_Raw, int]:
    """Some connections that wait already, then SYNs and their ACKs; and how many SYN-ACKs there were in all."""
    raw = _Raw(row, seed)
    first = raw.syns(row.whole("already_queued", 0))
    raw.acks(first)
    raw.bench.run(91 * MS)
    late = raw.syns(row.whole("then_simultaneous_SYNs", 1))
    raw.acks(late)
    raw.bench.run(500 * MS)
    raw.then = raw.counted
    raw.bench.engine.call_at(4 * SECOND, raw.bench.program.fetch)
    raw.bench.run(20 * SECOND)
    return raw, len(first) + len(late)


def _after_acks(name: str, key: str, rows: Sequence[Facts], *raws: _Raw) -> Iterator[Quantity]:
    """The states of the server's ends once all final ACKs are in; of a cookie nothing is kept."""
    states = []
    for raw in raws:
        raw.bench.run(500 * MS)
        raw.then = raw.then or raw.counted
        estab = raw.bench.level("s_estab", 500 * MS)
        half_open = raw.bench.level("s_syn_recv", 500 * MS) - raw.then["SyncookiesSent"]
        states.append({"ESTABLISHED": estab} | ({"SYN_RECV": half_open} if half_open else {}))
    yield same(f"{name}.{key}", [connections(row.counts(key)) for row in rows], states)


def _counters(name: str, rows: Sequence[Facts], counted: Counter[str]) -> Iterator[Quantity]:
    for counter in rows[0].part("counters"):
        measured = [row.part("counters").whole(counter) for row in rows]
        yield same(f"{name}.counters.{counter}", measured, [counted[short(counter)]])


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))
