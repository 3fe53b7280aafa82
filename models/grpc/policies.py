"""Policies: which subchannels of a channel are connected, and which one the next call gets. Not how they connect.

Sources: gRPC A62 (pick_first); grpc-go balancer/pickfirst/pickfirst.go, balancer/roundrobin/roundrobin.go,
balancer/base, connectivity state evaluation (once in TRANSIENT_FAILURE, READY alone ends it).
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

from models.balancer.endpoints import Endpoint
from models.balancer.member import Member, own_weight
from models.balancer.round_robin import RoundRobin
from models.grpc.subchannel import On, State, Subchannel
from sim.units import MS

CONNECTION_DELAY: Final = 250 * MS
"""pick_first tries the next address beside one that takes longer (connectionDelayInterval)."""


class ChannelPolicy(Protocol):
    """A choice among the addresses of a channel."""

    state: State
    """What calls find: IDLE and CONNECTING wait, TRANSIENT_FAILURE fails those that do not."""

    def take(self, subchannels: Sequence[Subchannel]) -> None:
        """The name has these addresses from now on."""

    def changed(self, subchannel: Subchannel) -> None:
        """One of them has another state."""

    def wake(self) -> None:
        """A call has come while the channel was idle."""

    def pick(self) -> Subchannel:
        """Whose connection the next call gets; asked while READY."""


class RoundRobinPolicy:
    """A connection to each address; those that are READY have their turns."""

    def __init__(self, engine: Any, draw: Callable[[], float]) -> None:
        self._engine = engine
        self.state = State.CONNECTING
        self._subs: Sequence[Subchannel] = ()
        self._turns = RoundRobin(own_weight, draw, redraws=True)
        self._ready: list[Subchannel] = []

    def take(self, subchannels: Sequence[Subchannel]) -> None:
        """Connect to all."""
        self._subs = subchannels
        for sub in subchannels:
            sub.feed(On.CONNECT)
        self._look()

    def changed(self, subchannel: Subchannel) -> None:
        """Lost connections are made anew at once, failed ones after their wait."""
        if subchannel.state is State.IDLE:
            subchannel.feed(On.CONNECT)  # which tells of itself
        self._look()

    def wake(self) -> None:
        """All are connected already, or on their way."""

    def pick(self) -> Subchannel:
        """The next of those that are READY."""
        chosen: Subchannel = self._turns.pick(self._engine._now, 0).pool
        return chosen

    def _look(self) -> None:
        ready = [sub for sub in self._subs if sub.state is State.READY]
        if ready and ready != self._ready:
            members = [Member(sub.index, Endpoint(sub.index), sub) for sub in ready]
            self._turns.take(members, self._engine._now, is_even=True)
        self._ready = ready
        if ready:
            self.state = State.READY
        elif self._subs and all(sub.err for sub in self._subs):
            self.state = State.TRANSIENT_FAILURE
        elif self.state is not State.TRANSIENT_FAILURE:
            self.state = State.CONNECTING


class PickFirstPolicy:
    """One connection: to the first address that works, tried in order, the next beside one that is slow."""

    def __init__(self, engine: Any, draw: Callable[[], float] | None) -> None:
        self._engine, self._draw = engine, draw
        self.state = State.IDLE
        self._subs: list[Subchannel] = []
        self._next = 0
        """Which address is tried next in this pass."""
        self._chosen: Subchannel | None = None

    def take(self, subchannels: Sequence[Subchannel]) -> None:
        """Stay with whom it has, if he is still there; else begin with the first, if anybody asks."""
        subs = list(subchannels)
        if self._draw is not None:
            subs.sort(key={sub: self._draw() for sub in subs}.__getitem__)
        self._subs = subs
        if self._chosen not in subs:
            self._chosen = None
            if self.state is not State.IDLE:
                self._begin()

    def changed(self, subchannel: Subchannel) -> None:
        """Of those that are tried the first to be READY is chosen; when all have failed, each is tried again."""
        match subchannel.state:
            case State.READY if self._chosen is None:
                self._choose(subchannel)
            case State.IDLE if subchannel is self._chosen:
                self._chosen, self.state = None, State.IDLE  # the next call connects anew
            case State.IDLE if self.state is State.TRANSIENT_FAILURE:
                subchannel.feed(On.CONNECT)
            case State.TRANSIENT_FAILURE if self._chosen is None:
                self._go_on()

    def wake(self) -> None:
        """Connect."""
        if self.state is State.IDLE:
            self._begin()

    def pick(self) -> Subchannel:
        """The one."""
        assert self._chosen is not None, "it is READY"
        return self._chosen

    def _begin(self) -> None:
        if self.state is not State.TRANSIENT_FAILURE:
            self.state = State.CONNECTING
        self._next = 0
        self._try_next(None)

    def _go_on(self) -> None:
        if self._next < len(self._subs):
            self._try_next(None)
        elif all(sub.state is not State.CONNECTING for sub in self._subs):
            self.state = State.TRANSIENT_FAILURE

    def _try_next(self, after: Subchannel | None) -> None:
        """Try the next address; `after` is one that should have been connected by now."""
        is_late = after is None or after.state is State.CONNECTING
        if self._chosen is not None or self._next >= len(self._subs) or not is_late:
            return
        sub = self._subs[self._next]
        self._next += 1
        sub.feed(On.CONNECT)
        if self._next < len(self._subs):
            self._engine.call_in(CONNECTION_DELAY, self._try_next, sub)

    def _choose(self, subchannel: Subchannel) -> None:
        self._chosen, self.state = subchannel, State.READY
        for sub in self._subs:
            if sub is not subchannel and sub.state is not State.IDLE:
                sub.channel.replace(sub)

    def replaced(self, old: Subchannel, new: Subchannel) -> None:
        """Another stands for the address of one that was closed."""
        self._subs[self._subs.index(old)] = new
