"""Builders: two QUIC ends over a path that loses what a test says, and nothing around them."""

from collections import Counter
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

from models.backend.frame import Frame
from models.quic.client_end import ClientEnd
from models.quic.config import Http3ClientConfig, Http3ServerConfig
from models.quic.handshake import ClientHello, HandshakeDone
from models.quic.listener import Listener
from models.quic.server_end import ServerEnd
from sim.engine.environment import Engine
from sim.units import MS

RTT = 20 * MS


class ScriptedLink:
    """Half a round trip each way; the n-th datagrams of all that are sent get lost, counted from 0."""

    def __init__(self, lost: Iterable[int] = (), rtt: int = RTT) -> None:
        self.rtt, self.half_rtt, self.lost = rtt, rtt // 2, set(lost)
        self.n_sent = 0
        self.is_down = False
        self.loses_with: Callable[[], bool] = lambda: False

    def loses_datagram(self, now: int) -> bool:
        number, self.n_sent = self.n_sent, self.n_sent + 1
        return number in self.lost or self.is_down or self.loses_with()

    def control_delay(self) -> int:
        return self.half_rtt


class Reader:
    """Who reads from an end: what came, and when, in ms."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.got: list[tuple[Any, float]] = []
        self.happened: dict[str, float] = {}
        self.ticket: Any = None

    def _note(self, what: str) -> None:
        self.happened.setdefault(what, self._engine.now / MS)

    def received(self, frame: Any) -> None:
        self.got.append((frame.message if isinstance(frame, Frame) else frame, self._engine.now / MS))

    def secured(self) -> None:
        self._note("secured")

    def confirmed(self, done: HandshakeDone) -> None:
        self.ticket = done.ticket
        self._note("confirmed")

    def peer_closed(self) -> None:
        self._note("peer_closed")

    def was_reset(self) -> None:
        self._note("was_reset")

    def timed_out(self) -> None:
        self._note("timed_out")


class Bench:
    """One client and one backend; the server's program costs no CPU time."""

    def __init__(
        self,
        lost: Iterable[int] = (),
        *,
        rtt: int = RTT,
        client: Http3ClientConfig | None = None,
        **server: Any,
    ) -> None:
        self.engine, self.counts = Engine(checked=True), Counter[str]()
        self.link = ScriptedLink(lost, rtt)
        self.config = client or Http3ClientConfig(post_quantum=False)
        self.server = SimpleNamespace(
            is_paused=False,
            ticket_key=(0, 0),
            config=SimpleNamespace(tls=SimpleNamespace(key="ecdsa_p256")),
            take_tls_cpu=lambda _: self.engine.now,
            later=None,
        )
        host = SimpleNamespace(server=self.server, is_dead=False)
        self.host = host
        config = Http3ServerConfig(**server)
        self.listener = Listener(self.engine, host, config, accept=self._accept, counts=self.counts)
        self.accepted: list[ServerEnd] = []
        self.server_reader = Reader(self.engine)
        self.reader = Reader(self.engine)
        self.end = self.an_end()

    def an_end(self) -> ClientEnd:
        end = ClientEnd(self.listener, self.link, self.config, self.counts)
        end.app = self.reader
        return end

    def _accept(self, end: ServerEnd) -> None:
        end.app = self.server_reader
        self.accepted.append(end)

    @property
    def peer(self) -> ServerEnd:
        return self.accepted[-1]

    def start(self, *, ticket: tuple[int, int] | None = None, early: bool = False, token: bool = False) -> "Bench":
        self.end.start(ClientHello(ticket, early, self.config.post_quantum), has_token=token)
        return self

    def at(self, ms: float, act: Callable[[], object]) -> "Bench":
        self.engine.call_at(round(ms * MS), lambda _: act())
        return self

    def ask(self, ms: float, stream: int, size: int = 200) -> "Bench":
        return self.at(ms, lambda: self.end.send(Frame(stream, f"ask {stream}"), size))

    def answer(self, ms: float, stream: int, size: int = 300) -> "Bench":
        return self.at(ms, lambda: self.peer.send(Frame(stream, f"answer {stream}"), size))

    def run(self, until_ms: float) -> "Bench":
        self.engine.run(until=round(until_ms * MS))
        return self

    def times(self, reader: Reader) -> dict[Any, float]:
        """When what was read, in ms."""
        return dict(reader.got)
