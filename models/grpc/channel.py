"""Channel: gRPC's view of one name: its addresses, their subchannels, and the calls that wait. Not who is chosen.

Source: grpc-go clientconn.go, ClientConn; picker_wrapper.go; stream.go, shouldRetry; internal/idle/idle.go;
internal/resolver/dns/dns_resolver.go.
"""

from collections.abc import Callable
from typing import Any, Final

from models.backend.http2_config import Http2ServerConfig
from models.grpc.backoff import Backoff
from models.grpc.pick import Pick
from models.grpc.policies import ChannelPolicy, PickFirstPolicy, RoundRobinPolicy
from models.grpc.subchannel import On, State, Subchannel
from models.request import Request
from models.transport.pool import HostPool
from sim.engine.timers import Timer
from sim.records.rows import ABSENT
from sim.units import SECOND

MIN_RESOLUTION_INTERVAL: Final = 30 * SECOND
"""A name is looked up again when a connection fails or ends, but not sooner (dns_resolver.go)."""
ONE_RETRY: Final = 1
"""A call that left the client and was not processed is sent once more at once (gRPC A6, transparent retries)."""


class OneAddress:
    """What a dial of a subchannel finds for a name: its address."""

    is_literal = True
    ipv6: frozenset[int] = frozenset()

    def __init__(self, index: int) -> None:
        self._index = index

    def literal(self) -> tuple[int, ...]:
        """It."""
        return (self._index,)


class Channel:
    """A channel, which stands where the HTTP/2 pool of a host would."""

    def __init__(self, http2: Any, host: HostPool, server: Http2ServerConfig, draw: Callable[[], float]) -> None:
        self.http2, self.host, self.server = http2, host, server
        config, engine = http2.grpc, http2.engine
        self.keepalive_time = config.keepalive_time
        self._draw = draw
        self._subs: dict[int, Subchannel] = {}
        self._waiting: dict[Pick, None] = {}
        self._is_resolving = False
        self._resolved_at = -MIN_RESOLUTION_INTERVAL
        self._n_active = 0
        self._idle = Timer(engine, self._rest)
        self._policy = self._make_policy()
        self._is_telling = False
        self.err = ""
        host.member = self

    def _make_policy(self) -> ChannelPolicy:
        config = self.http2.grpc
        if config.policy == "round_robin":
            return RoundRobinPolicy(self.http2.engine, self._draw)
        return PickFirstPolicy(self.http2.engine, self._draw if config.shuffle else None)

    @property
    def conns(self) -> list[Any]:
        """Its connections."""
        return [sub.conn for sub in self._subs.values() if sub.conn is not None]

    @property
    def subchannels(self) -> list[Subchannel]:
        """Its addresses."""
        return list(self._subs.values())

    # calls

    def round_trip(self, request: Request) -> None:
        """A call begins."""
        self._n_active += 1
        self._idle.cancel()
        self.call(request, 0)

    def call(self, request: Request, retry: int) -> None:
        """Give it a connection, let it wait for one, or fail it."""
        if not self._subs:
            self._resolve()
        self._policy.wake()
        state = self._policy.state
        if state is State.READY:
            conn = self._policy.pick().conn
            assert conn is not None, "who is READY has one"
            conn.carry(request, None, retry)
        elif state is State.TRANSIENT_FAILURE and not self.http2.grpc.wait_for_ready:
            self.http2.t1.finish(request, 0, self._why())
        else:
            pick = Pick(self, request, retry)
            request.conn = pick
            self._waiting[pick] = None
            self.http2.waits(1)

    def leave(self, pick: Pick) -> None:
        """A call waits no longer."""
        if pick in self._waiting:
            del self._waiting[pick]
            self.http2.waits(-1)

    def ended(self, request: Request, status: int, err: str) -> None:
        """A call is over."""
        self._n_active -= 1
        timeout = self.http2.grpc.idle_timeout
        if not self._n_active and timeout:
            self._idle.arm(self.http2.engine._now + timeout)

    def again(self, stream: Any, err: str, *, was_sent: bool) -> None:
        """A call was not processed: what never left the client is repeated without limit, what did, once."""
        request = stream.request
        if request is None:
            return
        stream.request = None
        if was_sent and stream.retry >= ONE_RETRY:
            self.http2.finish(request, 0, err)
            return
        stream.caller_leaves()
        request.t_wrote = request.t_first = request.t_headers = ABSENT
        request.conn = None
        self.call(request, stream.retry + was_sent)

    def _why(self) -> str:
        return next((sub.err for sub in self._subs.values() if sub.err), self.err)

    # connections

    def changed(self, subchannel: Subchannel) -> None:
        """A subchannel has another state: so may the channel, and whoever waits."""
        if self._subs.get(subchannel.index) is not subchannel:
            return
        if subchannel.state in (State.IDLE, State.TRANSIENT_FAILURE):
            self._resolve_again()
        self._policy.changed(subchannel)
        self._serve()

    def _serve(self) -> None:
        """Those who wait go, or fail, as the channel is now; in their order."""
        state = self._policy.state
        fails = state is State.TRANSIENT_FAILURE and not self.http2.grpc.wait_for_ready
        if self._is_telling or not (fails or state is State.READY):
            if self._waiting and state is State.IDLE:
                self._policy.wake()
            return
        self._is_telling = True
        while self._waiting:
            pick = next(iter(self._waiting))
            self.leave(pick)
            request, pick.request = pick.request, None
            if request is not None and not request.done:
                request.conn = None
                self.call(request, pick.retry)
        self._is_telling = False

    def slow_down(self) -> None:
        """too_many_pings: twice the keepalive time for connections to come."""
        self.keepalive_time *= 2

    def replace(self, subchannel: Subchannel) -> None:
        """An address that is not needed now gets a fresh subchannel, and the old one ends."""
        fresh = self._subchannel(subchannel.index)
        self._subs[subchannel.index] = fresh
        if isinstance(self._policy, PickFirstPolicy):
            self._policy.replaced(subchannel, fresh)
        subchannel.feed(On.CLOSE)

    def _subchannel(self, index: int) -> Subchannel:
        like = self.host
        host = HostPool(
            f"{like.name}.{index}", resolver=OneAddress(index), is_secure=like.is_secure, balance=like.balance
        )
        host.transport, host.on_closed = like.transport, like.on_closed
        return Subchannel(self, index, host, Backoff(self.http2.grpc.reconnect, self._draw))

    def _rest(self, _: Any) -> None:
        """No call for long: connections are closed, the name is forgotten."""
        subs, self._subs = list(self._subs.values()), {}
        self._policy = self._make_policy()
        for sub in subs:
            sub.feed(On.CLOSE)

    # the name

    def _resolve_again(self) -> None:
        due = self._resolved_at + MIN_RESOLUTION_INTERVAL
        if self.host.resolver.is_literal or self._is_resolving:
            return
        self._is_resolving = True
        self.http2.engine.call_at(max(due, self.http2.engine._now), self._look_up)

    def _resolve(self) -> None:
        resolver = self.host.resolver
        if resolver.is_literal:
            self._resolved(resolver.literal(), "")
        elif not self._is_resolving:
            self._is_resolving = True
            self._look_up(None)

    def _look_up(self, _: Any) -> None:
        self._resolved_at = self.http2.engine._now
        self.host.resolver.resolve(self._resolved)

    def _resolved(self, addresses: tuple[int, ...], err: str) -> None:
        self._is_resolving = False
        if not addresses:
            self.err = err
            if not self._subs:
                self._fail_all(err)
            return
        old = self._subs
        self._subs = {index: old.get(index) or self._subchannel(index) for index in addresses}
        self._policy.take(list(self._subs.values()))
        for index, sub in old.items():
            if index not in self._subs:
                sub.feed(On.CLOSE)
        self._serve()

    def _fail_all(self, err: str) -> None:
        """The name has no addresses: whoever does not wait for better times fails."""
        self.http2.engine.call_in(SECOND, self._retry_name)
        for pick in [] if self.http2.grpc.wait_for_ready else list(self._waiting):
            self.leave(pick)
            request, pick.request = pick.request, None
            if request is not None and not request.done:
                request.conn = None
                self.http2.t1.finish(request, 0, err)

    def _retry_name(self, _: Any) -> None:
        if not self._subs and self._waiting:
            self._resolve()
