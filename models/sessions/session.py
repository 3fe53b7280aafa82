"""Session: a device's end of its connection, life after life: dial, TLS, the protocol's opening, up, away.

Not what is spoken on it (`Speaker`), not when it dials again (`reconnect`).
"""

from enum import IntEnum
from functools import partial
from typing import Any

from models.kernel.connect import ECONNREFUSED, Connect
from models.sessions.life import Life
from models.sessions.place import Place
from models.sessions.seam import Speaker
from models.tls.cost import Terms
from models.tls.handshake import Handshake
from sim.engine.environment import Engine
from sim.engine.machine import Machine, Table, ignore
from sim.engine.timers import NEVER
from sim.records.rows import ABSENT

EOF, RESET, TIMED_OUT = "EOF", "connection reset by peer", "connection timed out"


class State(IntEnum):
    """How far a device is."""

    AWAY, CONNECTING, SECURING, OPENING, UP = range(5)


class On(IntEnum):
    """What may happen to it."""

    DIAL, CONNECTED, SECURED, OPENED, ENDED = range(5)


def _connect(session: "Session", _: Any) -> None:
    session.connect()


def _secure(session: "Session", _: Any) -> None:
    session.secure()


def _open(session: "Session", _: Any) -> None:
    session.open()


def _serve(session: "Session", _: Any) -> None:
    session.crowd.came_up(session)


def _end(session: "Session", was_up: Any) -> None:
    session.crowd.ended(session, was_up=was_up)


SESSION_TABLE: Table = {
    State.AWAY: {On.DIAL: (State.CONNECTING, _connect)},
    State.CONNECTING: {On.CONNECTED: (State.SECURING, _secure), On.ENDED: (State.AWAY, _end)},
    State.SECURING: {On.SECURED: (State.OPENING, _open), On.ENDED: (State.AWAY, _end)},
    State.OPENING: {On.OPENED: (State.UP, _serve), On.ENDED: (State.AWAY, _end)},
    State.UP: {On.OPENED: (State.UP, ignore), On.ENDED: (State.AWAY, _end)},
}


class Session(Machine, table=SESSION_TABLE):
    """A device of a fleet and its connection. It is the `ClientLine` of the speaker on it."""

    __slots__ = (
        "_connecting", "_deferred", "crowd", "end", "engine", "failures", "is_stopped", "life", "lost_at", "number",
        "place", "served", "speaker", "ticket", "tries",
    )  # fmt: skip

    def __init__(self, crowd: Any, number: int) -> None:
        self.state = State.AWAY
        self.crowd, self.number = crowd, number
        self.engine: Engine = crowd.engine
        self.life: Life = crowd.nobody
        self.place: Place | None = None
        self.end: Any = None
        self.speaker: Speaker | None = None
        self.served: Any = None
        """The server's end of its connection, once the server speaks its protocol."""
        self._connecting: Connect | None = None
        self._deferred: list[tuple[Any, Any]] | None = None
        self.is_stopped = False
        self.failures = self.tries = 0
        """Dials that failed in succession; dials since it lost its connection."""
        self.lost_at = ABSENT
        self.ticket: Any = None
        """The key of the TLS ticket that it has."""

    # the line

    @property
    def is_open(self) -> bool:
        """Whether it has a connection."""
        return self.end is not None

    @property
    def is_calm(self) -> bool:
        """Whether neither its path nor one of the programs is disturbed."""
        end, place = self.end, self.place
        return (
            end is not None and place is not None and end.link is place.link and place.is_calm and not self.is_stopped
        )

    def later(self, fn: Any, arg: Any) -> None:
        """Keep a step for when the device's program goes on."""
        if self._deferred is None:
            self._deferred = []
        self._deferred.append((fn, arg))

    def send(self, message: Any, size_bytes: int) -> None:
        """Write a message."""
        if self.end is not None:
            self.end.send(message, size_bytes)

    def close(self, why: str) -> None:
        """Close; the device knows why."""
        self._over(why, "client")

    give_up = close

    def is_up(self) -> None:
        """The protocol has opened."""
        self.feed(On.OPENED)

    def refused(self, why: str) -> None:
        """The server says no."""
        self._over(why, "server")

    def say(self) -> None:
        """The device sends a message, if it can."""
        if self.state is State.UP and self.speaker is not None and not self.is_stopped:
            self.speaker.say()

    def hear_from_server(self) -> None:
        """The server sends it a message, if it can."""
        served = self.served
        if served is not None and served.is_open and not served.is_stopped:
            served.speaker.say()

    # the life

    def dial(self, _: Any = None) -> None:
        """Begin a life."""
        if self.state is State.AWAY:
            self.feed(On.DIAL)

    def connect(self) -> None:
        """Choose a backend, and look for a port."""
        crowd = self.crowd
        self.tries += 1
        life = self.life = Life(self.number, lost_at=self.lost_at, tries=self.tries, now=self.engine._now)
        place = self.place = crowd.aim()
        crowd.limit(self)
        if place is None:
            self.engine.call_in(crowd.rtt, self._nobody_there, life)
            return
        life.backend = place.index
        connect = self._connecting = Connect(crowd.kernel, place.host, place.link, self._connected)
        connect.start(place.index)

    def _nobody_there(self, life: Life) -> None:
        if self.life is life and self.state is State.CONNECTING:
            self._over(ECONNREFUSED, "network")

    def _connected(self, connect: Connect) -> None:
        self._connecting = None
        if connect.error:
            self._over(connect.error, "network")
            return
        place = self.place
        assert place is not None, "it was dialed"
        self.end = connect.end
        self.end.app = self
        self.life.connected_at = self.engine._now
        place.sessions[self] = None
        flow = None if place.link.box is None else place.link.box.flows.get(self.end)
        if flow is not None:
            flow.settle, flow.on_forgotten = self.settle, partial(self._forgotten, self.life)
        self.crowd.level(place.site.rise)
        self.feed(On.CONNECTED)

    def secure(self) -> None:
        """TLS, where the service has it."""
        place = self.place
        assert place is not None, "it is connected"
        if not self.crowd.is_secure:
            self.feed(On.SECURED)
        elif not place.host.stalls_tls:
            resumed = self.ticket is not None and self.ticket == place.server.ticket_key and place.host.resumes_sessions
            tls = place.site.tls
            terms = Terms(tls.cost, tls.version, tls.key, tls.key_exchange, "", resumed)
            handshake = Handshake(self.end, terms, self.crowd.tally, partial(self._shaken, self.life))
            handshake.err = "" if resumed else place.host.bad_certificate  # it comes with the first flight
            handshake.start()

    def _shaken(self, life: Life, handshake: Handshake) -> None:
        if self.life is not life or self.state is not State.SECURING:
            return
        if handshake.err:
            self._over(handshake.err, "client")
            return
        assert self.place is not None, "it is connected"
        self.end.is_secure = self.end.peer.is_secure = True
        self.crowd.tally.ended(self.place.site.index, resumed=handshake.terms.is_resumed)
        if self.crowd.config.resumes_tls:
            self.ticket = self.place.server.ticket_key
        self.feed(On.SECURED)

    def open(self) -> None:
        """Let the protocol say hello."""
        self.speaker = self.crowd.dialect.client(self)
        self.speaker.start()

    def expire(self, life: Life) -> None:
        """It has not come up in time."""
        if self.life is life and self.state not in (State.UP, State.AWAY):
            self._over("handshake timeout", "client")

    def leave(self, life: Life) -> None:
        """Its user has enough of it."""
        if self.life is life and self.state is State.UP and self.speaker is not None:
            if self.is_stopped:
                self.later(self.leave, life)
            else:
                self.speaker.say_goodbye()

    def _over(self, why: str, by: str) -> None:
        """Whatever it was doing: no connection any more."""
        now, life, was_up = self.engine._now, self.life, self.state is State.UP
        if self.state is State.AWAY:
            return
        if self.speaker is not None:
            speaker, self.speaker = self.speaker, None
            speaker.settle(now)
            speaker.over()
        if self._connecting is not None:
            self._connecting.abort()
            self._connecting = None
        life.ends(why if was_up else f"dial: {why}", by)
        if life.noticed_at == ABSENT:
            life.noticed_at = now
        life.closed_at = now
        end, self.end = self.end, None
        if end is not None:
            assert self.place is not None, "it was connected"
            self.place.sessions.pop(self, None)
            self.crowd.level(self.place.site.fall)
            end.close()
        self._deferred = None
        self.feed(On.ENDED, was_up)

    # what its kernel says

    def received(self, message: Any) -> None:
        """A message was read."""
        if self.is_stopped:
            self.later(self.received, message)
        elif self.state is State.SECURING:
            message.arrived()
        elif self.speaker is not None:
            self.speaker.received(message)

    def peer_closed(self, _: Any = None) -> None:
        """The server's FIN."""
        if self.is_stopped:
            self.later(self.peer_closed, None)
        else:
            self._over(EOF, "server")

    def was_reset(self, _: Any = None) -> None:
        """A RST."""
        if self.is_stopped:
            self.later(self.was_reset, None)
        else:
            self._over(RESET, "network")

    def timed_out(self, _: Any = None) -> None:
        """Keepalive, or nothing was acknowledged."""
        if self.is_stopped:
            self.later(self.timed_out, None)
        else:
            self._over(TIMED_OUT, "client")

    # what happens to it

    def disturbed(self) -> None:
        """Path or programs may fail from now on."""
        end, now = self.end, self.engine._now
        if end is None:
            return
        self.settle()
        if self.speaker is not None:
            self.speaker.disturbed()
        if end.link.blocked_until > now and self.state is State.UP:
            self.crowd.probes.watch(end, self.life.connected_at)

    def settle(self) -> None:
        """Bring up to date, at both ends, what their protocols have not played."""
        now = self.engine._now
        if self.speaker is not None:
            self.speaker.settle(now)
        if self.served is not None and self.served.is_open:
            self.served.speaker.settle(now)

    def _disturbed_at_both_ends(self, until: int) -> None:
        self.life.breaks(self.engine._now, until)
        self.disturbed()
        if self.served is not None and self.served.life is self.life:
            self.served.disturbed()

    def _forgotten(self, life: Life) -> None:
        """A middlebox has forgotten its connection; what keepalive makes of that, the middlebox knows."""
        if self.life is life:
            life.breaks(self.engine._now, NEVER)
            for each in (self, self.served):
                if each is not None and each.is_open and each.life is life and each.speaker is not None:
                    each.speaker.disturbed()

    def cut(self, length: int) -> None:
        """Its path alone is down for so long."""
        end, place = self.end, self.place
        if self.state is not State.UP or place is None or end.link is not place.link or end.peer is None:
            return
        until = self.engine._now + length
        link = end.link = end.peer.link = place.link.cut(until)
        self._disturbed_at_both_ends(until)
        self.engine.call_at(until, self._joined, (end, end.peer, link))

    def _joined(self, cut: tuple[Any, Any, Any]) -> None:
        """The path of these two ends is as all others'."""
        *ends, link = cut
        for end in ends:
            if end.link is link:
                end.link = link.whole

    def stop(self, length: int) -> None:
        """Its program stops for so long; its kernel goes on."""
        if self.state is State.UP and not self.is_stopped:
            self.is_stopped = True
            self._disturbed_at_both_ends(self.engine._now + length)
            self.engine.call_in(length, self._go_on)

    def _go_on(self, _: Any) -> None:
        """Its program goes on: what came meanwhile is done now, in order of its coming."""
        self.is_stopped = False
        deferred, self._deferred = self._deferred or (), None
        for fn, arg in deferred:
            fn(arg)
