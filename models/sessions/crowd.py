"""Crowd: the devices of one fleet, and what they have in common. Not what one of them does (`session`)."""

from collections.abc import Callable, Sequence

from models.kernel.probes import Probes
from models.sessions.config import SessionConfig
from models.sessions.device import DeviceKernel
from models.sessions.life import Life
from models.sessions.place import Place
from models.sessions.seam import Dialect
from models.sessions.session import Session, State
from models.tls.tally import Tally
from sim.engine.timers import TimeoutQueue
from sim.records.levels import Levels
from sim.records.rows import ABSENT

UP, OPENING = "sessions_up", "sessions_opening"
LEVELS = (UP, OPENING)
"""Sessions that are up; those whose dial, handshake or opening is under way."""


class Attempt:
    """A life that has to come up in time."""

    __slots__ = ("life", "session")

    def __init__(self, session: Session) -> None:
        self.session, self.life = session, session.life

    @property
    def done(self) -> bool:
        """Whether it has come up, or is over."""
        session = self.session
        return session.life is not self.life or session.state is State.UP or session.state is State.AWAY


class Crowd:
    """A fleet: `count` devices alike, their backends, their records."""

    def __init__(  # parameters: what a fleet is made of, once
        self,
        name: str,
        config: SessionConfig,
        kernel: DeviceKernel,
        levels: Levels,
        *,
        dialect: Dialect,
        probes: Probes,
    ) -> None:
        self.name, self.config, self.kernel, self.dialect, self.probes = name, config, kernel, dialect, probes
        self.engine = kernel.engine
        self.nobody = Life(ABSENT, lost_at=ABSENT, tries=0, now=0)
        self.is_secure = False
        self.rtt = 0
        self.places: Sequence[Place] = ()
        self.choose: Callable[[], int | None] = lambda: 0
        """Which of `places` the next connection goes to; None where nobody is ready."""
        self.left: Callable[[int], object] | None = None
        """Told the number of a backend whose connection is over."""
        self.record: Callable[[Life], object] = lambda _: None
        """Writes the row of a life."""
        self.draw: Callable[[], float] = float
        """Chance in [0, 1) for waits."""
        self.draw_lifetime: Callable[[], int] | None = None
        self.tally = Tally()
        """What the TLS handshakes of its devices came to."""
        self.lingering: dict[Life, None] = {}
        """Lives that the device has ended and the server has not, or not yet."""
        self._levels = levels
        self._rise_up, self._fall_up = levels.rise(UP), levels.fall(UP)
        self._rise_opening, self._fall_opening = levels.rise(OPENING), levels.fall(OPENING)
        self._attempts = TimeoutQueue[Attempt](self.engine, config.handshake_timeout, _expire)
        self.sessions = [Session(self, number) for number in range(config.count)]

    def begin(self) -> None:
        """Let every device dial in its time."""
        start, call_at = self.config.start, self.engine.call_at
        instants = sorted(start.at + round(self.draw() * start.over) for _ in self.sessions)
        for session, at in zip(self.sessions, instants, strict=True):
            call_at(at, session.dial)

    def aim(self) -> Place | None:
        """The backend of the next connection."""
        chosen = self.choose()
        return None if chosen is None else self.places[chosen]

    def level(self, code: int) -> None:
        """Record a change of a level."""
        self._levels.change(self.engine._now << 12 | code)

    def limit(self, session: Session) -> None:
        """A dial begins, which has to come up in time."""
        self.level(self._rise_opening)
        self._attempts.push(Attempt(session))

    def came_up(self, session: Session) -> None:
        """A session serves."""
        session.life.up_at = self.engine._now
        session.failures = session.tries = 0
        session.lost_at = ABSENT
        self.level(self._fall_opening)
        self.level(self._rise_up)
        if self.draw_lifetime is not None:
            self.engine.call_in(self.draw_lifetime(), session.leave, session.life)

    def ended(self, session: Session, *, was_up: bool) -> None:
        """A device has no connection any more; decide when it dials again."""
        life = session.life
        self.level(self._fall_up if was_up else self._fall_opening)
        if self.left is not None and session.place is not None:
            self.left(session.place.index)
        if was_up:
            session.lost_at = life.noticed_at
        if life.open_ends > 1:
            self.lingering[life] = None
        self.end_closed(life)
        if was_up and life.why == LEFT:
            session.lost_at = ABSENT
            wait: int | None = self.config.away
        else:
            session.failures += not was_up
            wait = self.config.reconnect.wait(session.failures, self.draw)
        if wait is not None:
            self.engine.call_in(wait, session.dial)

    def end_closed(self, life: Life) -> None:
        """One of the two ends is over; the row is written with the second."""
        life.open_ends -= 1
        if life.open_ends == 0:
            self.lingering.pop(life, None)
            self.record(life)

    def cut_off(self) -> None:
        """The run ends: write what is still open."""
        for session in self.sessions:
            if session.state is not State.AWAY:
                if session.speaker is not None:
                    session.speaker.settle(self.engine._now)
                session.life.ends("lab-end", "")
                self.record(session.life)
        for life in self.lingering:
            self.record(life)


LEFT = "left"
"""Why a session is over that its user has ended."""


def _expire(attempt: Attempt) -> None:
    attempt.session.expire(attempt.life)
