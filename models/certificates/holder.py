"""Holder: one end that shows a certificate, its clock, and the agent that renews what it shows. Not handshakes."""

from collections.abc import Callable

from models.certificates.certificate import Certificate, Flaw
from models.certificates.issuer import FOREVER, Issuer
from models.certificates.renewal import renewal_age
from sim.engine.environment import Engine
from sim.engine.timers import Timer

Record = Callable[[Certificate, Certificate | None], object]
"""Told of every certificate that comes into use, and of the one before it."""


class Holder:
    """An end whose certificate, if it has any, stays as it is."""

    __slots__ = ("_engine", "_shown", "skew")

    def __init__(self, engine: Engine, shown: Certificate = FOREVER) -> None:
        self._engine = engine
        self._shown: Certificate | None = shown
        self.skew = 0
        """By how much its clock is fast, ns; negative where it is slow."""

    def shows(self, life: int = 0) -> Certificate | None:
        """What it shows now, as a program of its `life`-th life; None where it has nothing to show yet."""
        return self._shown

    def judges(self, shown: Certificate | None) -> Flaw:
        """What it finds wrong with what a peer shows, by its own clock."""
        return Flaw.ABSENT if shown is None else shown.flaw(self._engine._now + self.skew)

    def turn_clock(self, by: int) -> None:
        """Its clock goes forward, or back, by so much."""
        self.skew += by


class RenewedHolder(Holder):
    """An end with a certificate of its own, which its agent renews.

    New connections see what is shown then; those that exist keep what they negotiated.
    """

    __slots__ = ("_current", "_draw", "_due_at", "_is_refused", "_issuer", "_life", "_reaches_at", "_record", "_timer")

    def __init__(self, engine: Engine, issuer: Issuer, draw: Callable[[], float], record: Record) -> None:
        super().__init__(engine)
        self._issuer, self._draw, self._record = issuer, draw, record
        self._life = self._reaches_at = 0
        self._is_refused = False
        self._timer = Timer(engine, self._renew)
        issuer.agents.append(self)
        renewed_at = renewal_age(issuer.config, draw)
        age = round(renewed_at * draw()) if issuer.config.ages == "spread" else 0
        self._current: Certificate = issuer.aged(age)
        """The last that was signed; shown once it is delivered."""
        self._shown = self._current
        self._due_at = renewed_at - age
        self._arm()
        record(self._current, None)

    def shows(self, life: int = 0) -> Certificate | None:
        """As of every holder; a program that starts anew has nothing, and asks for its first."""
        if life != self._life:
            self._life, self._shown = life, None
            self._begin()
        return self._shown

    def turn_clock(self, by: int) -> None:
        """Its agent goes by the same clock."""
        super().turn_clock(by)
        if not self._is_refused:
            self._arm()

    def _arm(self) -> None:
        """When the agent's clock shows the instant of the renewal."""
        self._timer.arm(max(self._due_at - self.skew, self._engine._now))

    def _begin(self) -> None:
        """A first certificate is waited for: of its delivery, the stream of a push alone stands before it."""
        if self._is_away():
            return
        self._sign()
        if not self._waits_for_push:
            self._use(self._current)

    @property
    def _waits_for_push(self) -> bool:
        return self._issuer.config.delivery == "push" and self._issuer.pushes_no_more

    def _is_away(self) -> bool:
        issuer, now = self._issuer, self._engine._now
        if not issuer.is_down and now >= self._reaches_at:
            return False
        self._is_refused = True
        self._timer.cancel()
        if issuer.is_down:
            issuer.counts["refused"] += 1
        else:
            self._engine.call_at(self._reaches_at, self._ask_again)
        return True

    def _renew(self, _: object) -> None:
        if self._is_away():
            return
        self._sign()
        config, signed = self._issuer.config, self._current
        if config.delivery != "push":
            sync = round(config.sync * self._draw()) if config.delivery == "mounted_secret" else 0
            self._engine.call_in(sync + config.debounce, self._use, signed)
        elif not self._waits_for_push:
            self._use(signed)

    def _sign(self) -> None:
        now = self._engine._now
        self._is_refused = False
        self._current = self._issuer.sign(now)
        self._due_at = now + renewal_age(self._issuer.config, self._draw)
        self._arm()

    def _use(self, shown: Certificate) -> None:
        before, self._shown = self._shown, shown
        self._record(shown, before)

    def back_at(self, instant: int) -> None:
        """The issuer answers again, and its agent finds out at `instant`."""
        self._reaches_at = instant
        if self._is_refused:
            self._engine.call_at(instant, self._ask_again)

    def _ask_again(self, _: object) -> None:
        if not self._is_refused or self._engine._now < self._reaches_at:
            return
        if self._shown is None:
            self._begin()
        else:
            self._renew(None)

    def use_waiting(self) -> None:
        """Secrets can be pushed again; what is watched never needed that."""
        if self._issuer.config.delivery == "push" and not self._is_refused and self._shown is not self._current:
            self._use(self._current)
