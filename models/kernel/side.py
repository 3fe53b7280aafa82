"""What an end of a connection stands between: the program that reads from it, and the kernel that keeps it."""

from collections.abc import Callable
from typing import Any, Protocol

from models.kernel.sysctl import HostConfig
from models.kernel.timer_wheel import TimerWheel
from sim.engine.agenda import Agenda
from sim.records.levels import Levels


class App(Protocol):
    """Who reads from an end: the Transport's connection, or a server's."""

    def received(self, message: Any) -> None:
        """A whole message was delivered."""

    def peer_closed(self) -> None:
        """The peer's FIN: read returns EOF."""

    def was_reset(self) -> None:
        """The peer's RST: read returns ECONNRESET."""

    def timed_out(self) -> None:
        """Nothing of what was sent was acknowledged: read returns ETIMEDOUT (tcp_write_err)."""


class _Nobody:
    """The reader of an end that its program has closed: what still comes is for nobody."""

    def received(self, message: Any) -> None:
        """Nobody reads."""

    def peer_closed(self) -> None:
        """Nobody reads."""

    def was_reset(self) -> None:
        """Nobody reads."""

    def timed_out(self) -> None:
        """Nobody reads."""


NOBODY = _Nobody()


class Side(Protocol):
    """The kernel of an end: it keeps what outlives the end."""

    engine: Agenda
    levels: Levels
    counters: dict[str, int]
    codes: tuple[tuple[int, int], ...]
    wheel: TimerWheel
    acks_fin_at_once: bool
    """Whether its kernel acknowledges a TLS peer's FIN before the program closes: a client, whose program has the end
    of an answer to read first, does (E16: 78 of 100), a server, whose program waits for the next alert, does not."""

    @property
    def log(self) -> Any:
        """Where changes of state are written; None: nowhere."""

    @property
    def endpoint(self) -> Callable[..., Any]:
        """What makes its ends."""

    @property
    def config(self) -> HostConfig:
        """The sysctls of the host."""

    def time_wait(self, end: Any) -> None:
        """The end enters TIME_WAIT, or finds the bucket full."""

    def fin_wait2(self, end: Any) -> None:
        """The end is an orphan in FIN_WAIT2: its timer starts."""

    def closed(self, end: Any) -> None:
        """The end is gone: its port is free."""
