"""How long bytes take: transfer, loss, idle-restart, delack-nagle, memory. Times in ms, as measured."""

from collections.abc import Iterator, Sequence
from statistics import fmean

from models.kernel.retransmit import retransmission_timeout
from models.kernel.socket import Endpoint
from models.kernel.sysctl import KernelConfig
from models.measured.bench import Bench, SetUp, wheel_of
from models.measured.facts import Facts
from models.measured.quantity import Quantity, left_out, near, same, unstated
from models.network.config import NetworkConfig
from models.network.link import Link
from models.network.repair import PUNCTUAL, Timeouts
from models.network.transfer import INITIAL_WINDOW_BYTES, MSS_WITH_TIMESTAMPS, TCP_INIT_CWND
from sim.engine.distributions import Constant
from sim.engine.streams import Streams
from sim.units import MS, US

RTT = 20_250 * US
"""Of the set-up, as its connects show; nominally 20 ms."""
NEAR_RTTS, FAR_RTTS, NEAR_BYTES = 0.05, 1.1, 101_360
"""What the measurement allows: 0.05 RTT up to so many bytes, 1.1 RTT beyond."""
SLOW_START = ("cubic", "reno")
"""Congestion controls that begin with slow start; what follows it is not reached without loss."""
LOSS_MS, LOSS_SHARE, RESTART_MS, WRITES_MS = 5.0, 0.03, 3.0, 3.0
OF_CONNECTS = "none is stated for it; it is that of the shortest transfers"
BACK = "dropped_data_packets_of_response"
LOSS = 0.01
"""The probability with which a scripted draw decides; any would do."""


def transfer(facts: Facts) -> Iterator[Quantity]:
    """transfer: N bytes in one direction over a fresh connection."""
    result = facts.part("result")
    for control in result:
        if control not in SLOW_START:
            yield left_out(control, "paced by an estimate of the bandwidth; only slow start is simulated")
            continue
        for row in result.parts(control):
            size = row.whole("bytes", 1)
            allowed = NEAR_RTTS if size <= NEAR_BYTES else FAR_RTTS
            name = f"{control} bytes={size}.last_byte_at_receiver_ms"
            yield near(name, row.numbers("last_byte_at_receiver_ms"), _carried([(0, size)]), allowed=allowed * RTT / MS)
        name = f"{control}.connect_ms"
        bench = Bench(SetUp(rtt=RTT))
        bench.connected()
        connects = [row.number("connect_ms") for row in result.parts(control)]
        took = near(name, connects, [bench.engine.now / MS], allowed=NEAR_RTTS * RTT / MS)
        yield unstated(took, OF_CONNECTS)
    yield left_out("rtts, retrans", "the same divided by 20 ms; nothing was lost")


def loss(facts: Facts) -> Iterator[Quantity]:
    """loss: what particular losses cost."""
    for row in facts.parts("result"):
        name, size = str(row.value("case")), row.whole("bytes", 1)
        lost = [int(n) for n in row.numbers_if_any("dropped_data_packets")] if "dropped_data_packets" in row else []
        runs = row.parts("runs")
        delivered = [one.number("delivered_ms") for one in runs]
        segment, times, is_several = _read_losses(lost, size)
        if is_several:
            yield left_out(name, "of several segments that get lost in one message the first alone counts here")
            continue
        simulated, repeats = _lossy(size, segment, times)
        yield near(f"{name}.delivered_ms", delivered, [simulated], allowed=_of_loss(delivered))
        answers = [one.number("resp_ms") for one in runs if one.value("resp_ms") is not None]
        if answers:
            back = [int(n) for n in row.numbers_if_any(BACK)] if BACK in row else []
            answer, _ = _lossy(1000, *_read_losses(back, 1000)[:2])
            yield near(f"{name}.resp_ms", answers, [simulated + answer], allowed=_of_loss(answers))
        elif "Tcp:RetransSegs" in runs[0].part("counters"):
            again = [one.part("counters").whole("Tcp:RetransSegs") for one in runs]
            yield same(f"{name}.counters.Tcp:RetransSegs", again, [repeats])
    yield left_out("other counters, data_packets", "the kernel's names for what the times above say")


def idle_restart(facts: Facts) -> Iterator[Quantity]:
    """idle-restart: what idling leaves of the congestion window."""
    for row in facts.parts("result"):
        idle_s, sysctl = row.number("idle_s"), row.whole("tcp_slow_start_after_idle")
        client = KernelConfig(tcp_slow_start_after_idle=sysctl)
        pauses = [0, 100 * MS, round(idle_s * 1000) * MS]
        simulated = _carried([(pause, NEAR_BYTES) for pause in pauses], client)
        measured = row.rows("first_second_after_idle_ms", 3)
        name = f"tcp_slow_start_after_idle={sysctl} idle_s={idle_s}"
        for i, label in enumerate(("first", "second", "after idle")):
            found = [one[i] for one in measured]
            yield near(f"{name}.{label}", _usual(found) if i else found, [simulated[i]], allowed=RESTART_MS)


def writes(facts: Facts) -> Iterator[Quantity]:
    """delack-nagle: two small writes, and acknowledgements."""
    result = facts.part("result")
    yield left_out("delack", "data is acknowledged without segments of its own; only a FIN waits for its ACK")
    for row in result.parts("nagle"):
        name = f"nagle TCP_NODELAY={row.whole('TCP_NODELAY')}.two_100_byte_writes_delivered_ms"
        if not row.whole("TCP_NODELAY"):
            yield left_out(name, "Go sets TCP_NODELAY, so that Nagle's algorithm is not simulated")
            continue
        bench = Bench(SetUp(rtt=20 * MS))
        client, _ = bench.ends()
        sent_at = bench.engine.now
        arrives_at = max(client.send("one", 100), client.send("two", 100))
        measured = row.numbers("two_100_byte_writes_delivered_ms")
        yield near(name, measured, [(arrives_at - sent_at) / MS], allowed=WRITES_MS)


def sizes(facts: Facts) -> Iterator[Quantity]:
    """memory: slab sizes and what TCP_INFO says."""
    result = facts.part("result")
    yield left_out("slab_bytes", "memory of sockets is no quantity of the simulator")
    info = result.part("tcp_info")
    yield left_out(
        "tcp_info.loopback, lo_info.snd_mss", "segments have the 1448 bytes of an Ethernet on every path here"
    )
    for i, row in enumerate(info.parts("lo_info")):
        yield same(f"tcp_info.lo_info.{i}.snd_cwnd", [row.whole("snd_cwnd")], [_first_window() // MSS_WITH_TIMESTAMPS])
    for i, row in enumerate(info.parts("veth_info")):
        if row.whole("ts"):
            yield same(f"tcp_info.veth_info.{i}.snd_mss", [row.whole("snd_mss")], [_first_window() // TCP_INIT_CWND])
        else:
            yield left_out(f"tcp_info.veth_info.{i}.snd_mss", "segments carry 1448 bytes also without timestamps here")
        rto = retransmission_timeout(KernelConfig(), wheel_of(1), 50 * US)
        yield same(f"tcp_info.veth_info.{i}.rto_us", [row.whole("rto_us")], [rto // US])
    yield left_out("tcp_info.veth_info.rcv_mss, snd_cwnd", "an estimate of the receiver; a window after its first ACK")


def _carried(messages: Sequence[tuple[int, int]], client: KernelConfig | None = None) -> list[float]:
    """Of messages on one connection, each a pause after the one before: ms until the receiver has all of it."""
    bench = Bench(SetUp(client=client or KernelConfig(), rtt=RTT))
    end, _ = bench.ends()
    took: list[float] = []
    for pause, size in messages:
        bench.run(bench.engine.now + pause)
        sent_at = bench.engine.now
        end.send("bytes", size)
        n = len(bench.program.read)
        while len(bench.program.read) == n:
            bench.engine.step()
        took.append((bench.program.read[-1][0] - sent_at) / MS)
    return took


class _ScriptedLoss(Link):
    """A path on which one message loses one segment, so many times in succession."""

    __slots__ = ()

    def __init__(self, segment: int, times: int, timeouts: Timeouts = PUNCTUAL) -> None:
        network = NetworkConfig(rtt=Constant(value=20 * MS))
        super().__init__(network, Streams(1), "scripted", timeouts=timeouts)
        self.is_plain = self.is_whole = False
        self._loss = LOSS if times else 0.0
        # the middle of the chances with which this segment is the first one lost, and is lost so often
        again = (LOSS**times + LOSS ** (times - 1)) / 2 if times else 0.0
        chance = 1 - (1 - LOSS) ** segment * (1 - LOSS * again)
        self._draw_loss = lambda: chance

    def draw_is_lost(self) -> bool:
        """Handshakes get through."""
        return False


def _read_losses(lost: Sequence[int], size: int) -> tuple[int, int, bool]:
    """From packets by number: which segment (from 0) is lost, how often, and whether several segments are.

    Of a message of one segment the later packets are its repetitions.
    """
    if not lost:
        return 0, 0, False
    if size <= MSS_WITH_TIMESTAMPS:
        return 0, len(lost), False
    return lost[0] - 1, 1, len(lost) > 1


def _lossy(size: int, segment: int, times: int) -> tuple[float, int]:
    """Milliseconds until all is delivered, and how many segments were sent again."""
    bench = Bench(SetUp(rtt=20 * MS), _ScriptedLoss(segment, 0))
    client: Endpoint
    client, server = bench.ends()
    client.link = server.link = _ScriptedLoss(segment, times, Timeouts(client.side.wheel.fires_at))
    before = bench.counted("client")["RetransSegs"]
    sent_at = bench.engine.now
    return (client.send("bytes", size) - sent_at) / MS, bench.counted("client")["RetransSegs"] - before


def _usual(values: Sequence[float]) -> list[float]:
    """Without what took a round trip more than the quickest: the measurement says that this happens."""
    return [value for value in values if value < min(values) + RTT / MS / 2]


def _first_window() -> int:
    """The most bytes that arrive after half a round trip, as the end of a connection says."""
    low, high = 1, 10 * INITIAL_WINDOW_BYTES
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _is_at_once(middle) else (low, middle)
    return low


def _is_at_once(size: int) -> bool:
    bench = Bench(SetUp(rtt=RTT))
    client, _ = bench.ends()
    return client.send("bytes", size) - bench.engine.now <= RTT // 2


def _of_loss(measured: Sequence[float]) -> float:
    """5 ms or 3 %."""
    return max(LOSS_MS, LOSS_SHARE * fmean(measured))
