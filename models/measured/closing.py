"""Who closes first, and what is left: transitions, simultaneous-close, tw-syn."""

from collections.abc import Callable, Iterator
from typing import Any

from models.kernel.connect import ECONNREFUSED, EHOSTUNREACH, ETIMEDOUT
from models.kernel.socket import Endpoint, Tcp
from models.kernel.sysctl import KernelConfig
from models.measured.bench import Bench, SetUp
from models.measured.facts import Facts
from models.measured.lingering import short
from models.measured.quantity import Quantity, left_out, near, same, unstated
from sim.units import MS, SECOND

SETTLED = 150 * MS
"""From one step of a script to the look at the states."""
NAMES = {"cli": "c", "srv": "s"}
ERRNO = {ECONNREFUSED: "ECONNREFUSED", EHOSTUNREACH: "EHOSTUNREACH", ETIMEDOUT: "ETIMEDOUT"}
LONGEST = 2 * SECOND
"""Of a script."""
CONNECT_S = 0.05
"""How far the end of a connect() may be off."""
OF_CONNECTS = "exact is for states and counts; when a connect() ends depends on the timer wheel's phase, by 32 ms here"
NOT_PLAYED = {
    "client_rst_linger0": "Go's clients do not set SO_LINGER",
    "half_close": "Go's client does not call shutdown",
    "read_after_rst_then_write": "nothing here reads or writes after an error, and SO_LINGER is not simulated",
    "accept_queue_never_accepted_close_listener": "a listener closes with all connections of its program here",
    "unreach_host": "routes of a client's own machine are not simulated",
    "prohibit": "routes of a client's own machine are not simulated",
    "simultaneous_close_raw": "the same as simultaneous-close, with segments of the program's own making",
    "fin_with_ack_raw": "the same as client_close_first, with segments of the program's own making",
    "icmp_unreach_estab": "a soft error that ends nothing; SO_LINGER, which ended it, is not simulated",
}
LEVELS = {
    Tcp.ESTABLISHED: "estab", Tcp.FIN_WAIT1: "fin_wait1", Tcp.FIN_WAIT2: "fin_wait2", Tcp.CLOSING: "closing",
    Tcp.TIME_WAIT: "time_wait", Tcp.CLOSE_WAIT: "close_wait", Tcp.LAST_ACK: "last_ack",
}  # fmt: skip
NOT_COUNTED = {
    "Tcp:AttemptFails": "not counted here",
    "TcpExt:TCPAbortOnTimeout": "not counted here",
}


class _Closing:
    """A connection over loopback that is closed step by step, the states noted in between."""

    def __init__(self) -> None:
        self.bench = Bench(SetUp(closes=False, step=MS, ends_at=LONGEST))
        self.client, self.server = self.bench.ends()
        self.client.app = self.reader = _Reader()
        self.mid: list[list[str]] = []

    def step(self, do: Callable[[], object]) -> None:
        """Do something, and let it settle; the first time, look."""
        do()
        self.bench.run(self.bench.engine.now + SETTLED)
        self.mid = self.mid or self.states()

    def states(self) -> list[list[str]]:
        """Side and state of what is left, as /proc/net/tcp has it."""
        now = self.bench.engine.now
        levels = ((side, tcp, f"{NAMES[side]}_{LEVELS[tcp]}") for side in NAMES for tcp in LEVELS)
        return [[side, tcp.name] for side, tcp, level in levels if self.bench.level(level, now)]

    def counted(self, counter: str) -> int:
        """Of both sides, which were one machine."""
        return sum(self.bench.counted(side).get(short(counter), 0) for side in ("client", "server"))


class _Reader:
    """The client's program: it does nothing by itself."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def received(self, message: Any) -> None:
        self.read.append("data")

    def peer_closed(self) -> None:
        self.read.append("EOF")

    def was_reset(self) -> None:
        self.read.append("ECONNRESET")

    def timed_out(self) -> None:
        self.read.append("ETIMEDOUT")


def transitions(facts: Facts) -> Iterator[Quantity]:
    """transitions: small scripts of opening and closing."""
    for row in facts.parts("result"):
        name = str(row.value("case"))
        if name in CONNECTS:
            yield from _of_connect(name, row)
        elif name in SCRIPTS:
            yield from _of_closing(name, row)
        else:
            yield left_out(name, NOT_PLAYED.get(name, "this script is not known here"))
    yield left_out("trace", "a kernel's tracepoints; the states that they lead to are above")


def simultaneous(facts: Facts) -> Iterator[Quantity]:
    """simultaneous-close: both ends close, some ms apart, on a path of 10 ms each way."""
    for row in facts.parts("result"):
        later = row.whole("server_close_after_client_ms", 0)
        bench = Bench(SetUp(rtt=round(row.number("rtt_ms") * MS), closes=False, step=MS, ends_at=LONGEST))
        client, server = bench.ends()
        start = -(-bench.engine.now // MS) * MS
        bench.engine.call_at(start, _close, client)
        bench.engine.call_at(start + later * MS, _close, server)
        seen = start + later * MS + SETTLED
        bench.run(seen)
        for key, level in (("client_ns_states", "c_time_wait"), ("server_ns_states", "s_time_wait")):
            states = ["TIME_WAIT"] if bench.level(level, seen) else []
            yield same(f"server_close_after_client_ms={later}.{key}", row.values(key), [states])


def syn_at_time_wait(facts: Facts) -> Iterator[Quantity]:
    """tw-syn: a SYN of the same 4-tuple reaches the server's TIME_WAIT."""
    result = facts.part("result")
    for name in result:
        if name not in ("newer_ts0", "newer_ts1"):
            yield left_out(name, "clocks of sequence numbers and timestamps only grow here, as those of one client do")
            continue
        bench = Bench(SetUp(closes=False, step=MS, ends_at=LONGEST))
        client, server = bench.ends()
        client.app = _Reader()
        sender = (bench.kernel, client.local_port)
        for end in (server, client):
            end.close()
            bench.run(bench.engine.now + SETTLED)
        before = ["TIME_WAIT"] * bench.level("s_time_wait", bench.engine.now)
        answer = "SYN-ACK" if bench.host.syn(bench.link, sender) is not None else "ACK"
        bench.run(bench.engine.now + MS)
        now = bench.engine.now
        after = ["TIME_WAIT"] * bench.level("s_time_wait", now) + ["SYN_RECV"] * bench.level("s_syn_recv", now)
        measured = [[state, said, left] for state, said, _, left in result.tuples(name, 4)]
        yield same(f"{name}.state before, answer, state after", measured, [[before, answer, after]])
    yield left_out("server ISN minus old snd_nxt", "sequence numbers are not simulated")


def _of_closing(name: str, row: Facts) -> Iterator[Quantity]:
    played = _Closing()
    SCRIPTS[name](played)
    if row.value("mid") is not None:
        yield same(f"{name}.mid", [_sorted(row, "mid")], [sorted(played.mid)])
    yield same(f"{name}.final", [_sorted(row, "final")], [sorted(played.states())])
    for counter, value in row.counts("counters").items():
        yield same(f"{name}.counters.{counter}", [value], [played.counted(counter)])
    notes = row.part("notes")
    for key, read in (
        ("server_recv", [what for _, what in played.bench.program.read]),
        ("client_recv", played.reader.read),
    ):
        if key in notes:
            yield same(f"{name}.notes.{key}", [notes.value(key) or "EOF"], [read[0] if read else None])


def _sorted(row: Facts, key: str) -> list[list[str]]:
    """Pairs of side and state."""
    return sorted([str(side), str(state)] for side, state in row.tuples(key, 2))


def _close(end: Endpoint) -> None:
    end.close()


def _unread(end: Endpoint) -> None:
    end.has_unread = True
    end.close()


def _client_first(one: _Closing) -> None:
    one.step(one.client.close)
    one.step(one.server.close)


def _server_first(one: _Closing) -> None:
    one.step(one.server.close)
    one.step(one.client.close)


def _late_response(one: _Closing) -> None:
    one.step(one.client.close)
    one.step(lambda: one.server.send("late", 100))


def _write_after_close(one: _Closing) -> None:
    one.step(one.server.close)
    one.step(lambda: one.client.send("late", 100))


SCRIPTS: dict[str, Callable[[_Closing], object]] = {
    "client_close_first": _client_first,
    "server_close_first": _server_first,
    "client_close_unread": lambda one: one.step(lambda: _unread(one.client)),
    "server_close_unread": lambda one: one.step(lambda: _unread(one.server)),
    "late_response_into_closed": _late_response,
    "write_after_peer_close": _write_after_close,
}


def _refused(bench: Bench) -> None:
    bench.host.is_dead = True


def _unreachable(bench: Bench) -> None:
    bench.break_path()
    bench.link.icmp = EHOSTUNREACH


CONNECTS: dict[str, Callable[[Bench], None]] = {
    "refused": _refused, "icmp_unreach_syn": _unreachable, "timeout": Bench.break_path,
}  # fmt: skip


def _of_connect(name: str, row: Facts) -> Iterator[Quantity]:
    """A connect() that fails."""
    client = KernelConfig(tcp_syn_retries=1, tcp_syn_linear_timeouts=0)
    bench = Bench(SetUp(client=client))
    CONNECTS[name](bench)
    done = bench.connected()
    notes, took = row.part("notes"), bench.engine.now / SECOND
    yield same(f"{name}.notes.err", [notes.value("err")], [ERRNO.get(done.error, done.error)])
    measured = notes.number("s") if "s" in notes else notes.number("ms") / 1000
    yield unstated(near(f"{name}.notes.s", [measured], [took], allowed=CONNECT_S), OF_CONNECTS)
    for counter, value in row.counts("counters").items():
        if counter in NOT_COUNTED:
            yield left_out(f"{name}.counters.{counter}", NOT_COUNTED[counter])
        else:
            yield same(f"{name}.counters.{counter}", [value], [bench.counted("server").get(short(counter), 0)])
