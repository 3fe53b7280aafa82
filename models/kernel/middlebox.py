"""Middlebox: a balancer, NAT or firewall on one path, which forgets connections on which nothing is sent.

What becomes of segments that are sent afterwards is the kernel's (`socket`). It stands in the middle of the path.
"""

from collections.abc import Callable
from typing import Any

from models.kernel.probes import Probes
from models.kernel.socket import On, Tcp
from models.network.link import Link
from models.network.middlebox_config import MiddleboxConfig

OPEN = (Tcp.ESTABLISHED, Tcp.CLOSE_WAIT)


class Beyond:
    """What answers for a connection that was forgotten: a balancer's RST, or the proxy that has closed it."""

    __slots__ = ("_is_proxy",)

    def __init__(self, *, is_proxy: bool) -> None:
        self._is_proxy = is_proxy

    def answer(self, end: Any, sent: Any) -> None:
        """`end` has sent a message or a segment without data; half a round trip later the answer is back."""
        if isinstance(sent, On):
            closes = sent is On.FIN or sent is On.FIN_WITH_ACK
            if not closes:
                return
        elif self._is_proxy and end.state not in OPEN:
            return  # what it says while it closes is read by the proxy
        answer = On.ACK if self._is_proxy and isinstance(sent, On) else On.RST
        end.side.engine.call_in(end.link.half_rtt, _answered, (end, answer))


def _answered(waiting: tuple[Any, On]) -> None:
    end, answer = waiting
    if answer is On.RST or end.state in (Tcp.FIN_WAIT1, Tcp.LAST_ACK, Tcp.CLOSING):
        end.feed(answer)


class Flow:
    """One connection in the table."""

    __slots__ = ("_box", "end", "on_forgotten", "peer", "settle", "since")

    def __init__(self, box: "Middlebox", end: Any) -> None:
        self._box, self.end, self.peer = box, end, end.peer
        self.since: int = end.side.engine._now
        self.settle: Callable[[], object] = lambda: None
        """Called before its ends are asked for their last packets."""
        self.on_forgotten: Callable[[], object] = lambda: None
        """Called when it is forgotten."""

    @property
    def last_at(self) -> int:
        """When the last packet of it passed."""
        self.settle()
        quarter = self.end.link.half_rtt // 2
        sent_at: int = max(self.end.clear_at, self.peer.clear_at)
        passed_at: int = max(self.since, sent_at + quarter)
        return passed_at


class Middlebox:
    """The box on one path."""

    def __init__(self, config: MiddleboxConfig, link: Link, probes: Probes) -> None:
        self._config, self._probes = config, probes
        self._link = link
        beyond = None if config.on_expiry == "drop" else Beyond(is_proxy=config.on_expiry == "close")
        self._dead = link.forgotten(beyond)
        kept = probes.least_idle if config.counts_probes else None
        self.never_forgets = kept is not None and self.outlasts(kept)
        """Whether it never forgets anything, since the kernels' keepalive is faster."""
        self.flows: dict[Any, Flow] = {}
        """Of the clients' ends."""
        self.forgotten = 0

    def outlasts(self, silence: int) -> bool:
        """Whether a connection stays in the table that is never silent for longer than that and a round trip."""
        return silence + self._link.rtt < self._config.idle_timeout

    def opened(self, end: Any) -> None:
        """A connection comes about; `end` is the client's."""
        flow = self.flows[end] = Flow(self, end)
        end.side.engine.call_in(self._config.idle_timeout, self._look, flow)

    def _look(self, flow: Flow) -> None:
        end, peer, now = flow.end, flow.peer, flow.end.side.engine._now
        if end.state is Tcp.CLOSED or end.state is Tcp.TIME_WAIT or end.peer is None:
            del self.flows[end]
            return
        due = flow.last_at + self._config.idle_timeout
        if due > now:
            end.side.engine.call_at(due, self._look, flow)
            return
        del self.flows[end]
        self._forget(flow, end, peer)

    def _forget(self, flow: Flow, end: Any, peer: Any) -> None:
        self.forgotten += 1
        for each in (end, peer):
            each.link = self._dead
        flow.on_forgotten()
        engine, half = end.side.engine, self._dead.half_rtt
        for each in (end, peer):
            if self._config.on_expiry == "close":
                engine.call_in(half // 2, _end_side, each)
            elif self._config.on_expiry == "drop":
                self._probes.watch(each, flow.since)
            else:
                probed_at = self._probes.next_at(each, flow.since)
                if probed_at is not None:
                    engine.call_at(probed_at + half, _reset, each)


def _end_side(end: Any) -> None:
    """The proxy's FIN; it acknowledges what the end sent before."""
    if end.state is Tcp.ESTABLISHED:
        end.feed(On.FIN)


def _reset(end: Any) -> None:
    """The RST that answers a probe."""
    if end.state in OPEN:
        end.feed(On.RST)


def put_between(config: MiddleboxConfig | None, link: Link, probes: Probes) -> None:
    """Let a box stand on the path, if there is one and it ever forgets anything; `probes` are those of both ends."""
    box = None if config is None else Middlebox(config, link, probes)
    if box is not None and not box.never_forgets:
        link.watch(box)
