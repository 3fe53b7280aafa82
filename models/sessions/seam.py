"""The seam between a connection that lasts and the protocol that is spoken on it. It holds no rule of either.

A protocol is a `Dialect`: it makes one `Speaker` for each end of a connection. A speaker has of its connection a
`Line`, and of the faults of paths and programs nothing but `disturbed`.
"""

from typing import Any, Protocol

from models.sessions.life import Life
from sim.engine.environment import Engine


class Line(Protocol):
    """One end of a connection, as its protocol has it."""

    engine: Engine
    end: Any
    """The TCP end (`models/kernel/socket.py`)."""
    life: Life
    """What is recorded of the connection."""

    @property
    def is_calm(self) -> bool:
        """Whether what is sent now arrives and is answered for certain, until `Speaker.disturbed` says otherwise."""

    @property
    def is_open(self) -> bool:
        """Whether the program still has the connection."""

    @property
    def is_stopped(self) -> bool:
        """Whether the program of this end is stopped: then what its timers do has to wait (`later`)."""

    def later(self, fn: Any, arg: Any) -> None:
        """Keep a step for when the program goes on."""

    def send(self, message: Any, size_bytes: int) -> None:
        """Write a message; nothing happens where the connection is over."""

    def close(self, why: str) -> None:
        """Close it in order (FIN); `why` is recorded where this end is the first."""

    def give_up(self, why: str) -> None:
        """Close it, since the peer is taken for dead; the same on the wire, another word in the records."""


class ClientLine(Line, Protocol):
    """The end of a device."""

    def is_up(self) -> None:
        """The protocol has opened: from now on the session serves."""

    def refused(self, why: str) -> None:
        """The server says no: the attempt has failed."""


class Speaker(Protocol):
    """The protocol at one end of one connection."""

    def start(self) -> None:
        """At the client: TCP and TLS are there; say hello. At the server: the hello has come."""

    def received(self, message: Any) -> None:
        """A message has been read."""

    def say(self) -> None:
        """Send a message of the application."""

    def disturbed(self) -> None:
        """From now on path or peer may fail: what was taken for certain has to be played."""

    def say_goodbye(self) -> None:
        """End it in the way of the protocol, if it has one; otherwise close."""

    def settle(self, now: int) -> None:
        """Bring counts and instants of what was not played up to date, before they are read."""

    def over(self) -> None:
        """Nothing can be sent any more: at this end the connection is over."""


class Dialect(Protocol):
    """A protocol, as it is configured for a fleet. What its client says first is an `Opening` (`served`)."""

    def client(self, line: ClientLine) -> Speaker:
        """Its client's end."""

    def server(self, line: Line) -> Speaker:
        """Its server's end."""
