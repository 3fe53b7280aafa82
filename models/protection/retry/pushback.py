"""Pushback: what a service's refusals ask of those who try again, and what each client makes of it. Not the backoff.

Sources: RFC 9110 section 10.2.3 (Retry-After); gRPC proposal A6 and grpc-go stream.go, shouldRetry
(grpc-retry-pushback-ms); botocore retries/standard.py, ExponentialBackoff of version 2.1 (x-amz-retry-after); Envoy
retry_state_impl.cc and backoff_strategy.cc, JitteredLowerBoundBackOffStrategy (rate_limited_retry_back_off).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

from annotated_types import Ge, Gt, Le, Len

from sim.units import MS, SECOND, Duration, OneOf

NEVER = "never"
Asked = int | Literal["never"]
"""So long (ns), or not again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushbackConfig:
    """How the refusals of a service ask to be tried again.

    Simplified: the wait is that of the called service whoever gave such an answer, a proxy between or a backend; what a
    service behind a relay asks for is not passed on.
    """

    statuses: Annotated[tuple[Annotated[int, Ge(400), Le(599)], ...], Len(1)] = (429, 503)
    """The answers that say it."""
    wait: Duration | Literal["never"]
    """How long to wait first: Retry-After of HTTP, grpc-retry-pushback-ms of gRPC; never means not again, which gRPC
    alone can say (a negative pushback)."""


class Pause(NamedTuple):
    """What comes before a retry."""

    wait: int
    """How long (ns)."""
    step: int
    """The number, in the backoff, of the wait that comes after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obey:
    """gRPC: exactly so long, and then the backoff begins anew; `never` ends the call and counts as a failure."""

    gives_up = True
    """Whether it does what `never` asks."""

    def pause(self, asked: int, usual: Pause, draw: Callable[[], float]) -> Pause:
        """What comes before a retry for which `asked` is asked and the backoff has `usual`."""
        return Pause(asked, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clamp:
    """AWS' new mode: so long, but not less than the backoff and not much more."""

    most_added: Duration = 5 * SECOND
    """What the service may add to the backoff's wait. botocore: 5 s."""

    gives_up = False

    def pause(self, asked: int, usual: Pause, draw: Callable[[], float]) -> Pause:
        """The backoff goes on as if nothing had been asked."""
        return Pause(max(usual.wait, min(asked, usual.wait + self.most_added)), usual.step)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLeast:
    """Envoy's rate_limited_retry_back_off: so long and up to a half more, drawn; the backoff keeps its place."""

    max_interval: Annotated[Duration, Gt(0)] = 300 * SECOND
    """A longer one is not heeded. Envoy: 300 s."""

    gives_up = False

    def pause(self, asked: int, usual: Pause, draw: Callable[[], float]) -> Pause:
        """The backoff's own wait where the asked one is too long, or at most the millisecond that Envoy ignores."""
        if asked > self.max_interval or asked <= MS:
            return usual
        return Pause(int(asked * (1 + draw() / 2)), usual.step - 1)


Way = Obey | Clamp | AtLeast
PushbackWay = Annotated[Way, OneOf(obey=Obey, clamp=Clamp, at_least=AtLeast)]
"""What a user may write of a client under `retry.pushback`."""


class Pushback:
    """What one client makes of what one service asks; `draw` gives uniform numbers in [0, 1)."""

    __slots__ = ("_asks", "_draw", "_way")

    def __init__(
        self, asks: PushbackConfig | None = None, way: Way | None = None, draw: Callable[[], float] = float
    ) -> None:
        self._asks, self._way, self._draw = asks, way, draw

    def of(self, status: int) -> Asked | None:
        """What an answer with this status asks, as far as the client heeds it; None is nothing."""
        asks, way = self._asks, self._way
        if asks is None or way is None or status not in asks.statuses:
            return None
        return None if asks.wait == NEVER and not way.gives_up else asks.wait

    def pause(self, asked: int | None, usual: Pause) -> Pause:
        """What comes before the retry, after an end that asked for so long; None is nothing."""
        return usual if asked is None or self._way is None else self._way.pause(asked, usual, self._draw)
