"""Dialer: what all dials of a Transport share: the limits of their time, TLS sessions, and the count of racers.

Sources: net/dial.go, Dialer; net/http/transport.go, addTLS.
"""

from collections import Counter
from typing import Any

from models.certificates.holder import Holder
from models.tls.session import Session, SessionCache
from models.tls.tally import Tally
from models.transport.config import ClientConfig
from models.transport.proxy import CONNECT_TIMEOUT
from models.transport.race import FALLBACK_DELAY, Race
from models.transport.secure import Securing
from sim.engine.agenda import Agenda
from sim.engine.timers import TimeoutQueue
from sim.records.levels import Levels


class Dialer:
    """net.Dialer and the tls.Config of one Transport."""

    def __init__(self, engine: Agenda, levels: Levels, config: ClientConfig) -> None:
        self._engine, self._change = engine, levels.change
        self.timeout = config.dialer.timeout
        """Longest dial; 0 leaves it to the kernel, negative fails at once."""
        delay = config.dialer.fallback_delay
        self.is_dual_stack = delay >= 0
        """Whether two families race; a negative FallbackDelay tries all addresses in turn (Dialer.dualStack)."""
        self._fallbacks = TimeoutQueue(engine, max(delay, 0) or FALLBACK_DELAY, Race.start_fallback)
        self.deadlines = TimeoutQueue(engine, self.timeout, _expire) if self.timeout > 0 else None
        handshake = config.transport.tls_handshake_timeout
        # net/http/transport.go, addTLS: only != 0 is tested, so a negative timeout fires at once
        self._handshakes = TimeoutQueue(engine, max(handshake, 0), _expire_leg) if handshake else None
        self._connects = TimeoutQueue(engine, CONNECT_TIMEOUT, _expire_leg)
        capacity = config.tls.client_session_cache
        self._sessions = SessionCache(capacity) if capacity else None
        certificate = config.tls.certificate
        self.client_key = "" if certificate is None else certificate.key
        """Type of the key of its certificate; empty where it has none."""
        self.holder: Holder | None = None
        """What it shows and judges in handshakes; None where no certificate's time matters."""
        self.tally = Tally()
        self.attempts = 0
        """connect() calls, one for each address that was tried (httptrace, ConnectStart)."""
        self.errors: Counter[str] = Counter()
        """What those returned that failed (ConnectDone)."""
        self._racers = levels.rise("racers"), levels.fall("racers")
        self._both = levels.rise("both_racing"), levels.fall("both_racing")

    def await_fallback(self, race: Race) -> None:
        """FallbackDelay begins."""
        self._fallbacks.push(race)

    def racers_change(self, before: int, after: int) -> None:
        """So many goroutines race in a dial now; two are counted apart, since up to Go 1.25 each has a watcher."""
        now = self._engine._now << 12
        for _each in range(after - before):
            self._change(now | self._racers[0])
        for _each in range(before - after):
            self._change(now | self._racers[1])
        if (before > 1) is not (after > 1):
            self._change(now | self._both[after <= 1])

    def limit_handshake(self, securing: Securing) -> None:
        """TLSHandshakeTimeout begins."""
        if self._handshakes is not None:
            self._handshakes.push(_Limit(securing))

    def limit_connect(self, securing: Securing) -> None:
        """The minute of a CONNECT begins."""
        self._connects.push(_Limit(securing))

    def session(self, server_name: str) -> Session | None:
        """The last session with a server of this name, if it is kept."""
        return None if self._sessions is None else self._sessions.get(server_name)

    def keep_session(self, server_name: str, session: Session) -> None:
        """The server's ticket is here.

        Simplified: with TLS 1.3 the ticket, which follows the handshake, is taken to be read at once.
        """
        if self._sessions is not None:
            self._sessions.put(server_name, session)


class _Limit:
    """A leg under its time-out."""

    __slots__ = ("leg", "securing")

    def __init__(self, securing: Securing) -> None:
        self.securing, self.leg = securing, securing.n_begun

    @property
    def done(self) -> bool:
        return self.securing.n_begun != self.leg


def _expire(dial: Any) -> None:
    dial.expire()


def _expire_leg(limit: _Limit) -> None:
    limit.securing.expire()
