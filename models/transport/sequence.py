"""Sequence: addresses in turn until one connects. Not the race of two families, not the name.

Sources: net/dial.go, sysDialer.dialSerial, partialDeadline; net/tcpsock_posix.go, doDialTCPProto.
"""

from collections.abc import Callable
from typing import Any, Final

from models.kernel.connect import Connect
from models.transport.errors import IO_TIMEOUT
from sim.engine.timers import NEVER
from sim.units import SECOND

LEAST_PER_ADDRESS = 2 * SECOND
"""Each address gets at least this of the dial's time (net/dial.go, partialDeadline)."""
TRIES_WITHOUT_PORT: Final = 3
"""EADDRNOTAVAIL is tried twice more at once (net/tcpsock_posix.go, doDialTCPProto)."""


def partial_deadline(now: int, deadline: int, addresses_left: int) -> int:
    """The instant up to which the next of `addresses_left` may take, none of them the last of its time."""
    remaining = deadline - now
    share = remaining // addresses_left
    if share < LEAST_PER_ADDRESS:
        share = min(LEAST_PER_ADDRESS, remaining)
    return now + share


class Sequence:
    """One goroutine in dialSerial. `then(sequence)` is called once; `connect` is None where all have failed."""

    __slots__ = ("_addresses", "_dial", "_index", "_then", "connect", "destination", "failed_at", "first_error", "site")

    def __init__(
        self, dial: Any, addresses: tuple[int, ...], then: Callable[["Sequence"], object], first_error: str = ""
    ) -> None:
        self._dial, self._addresses = dial, addresses
        self._then: Callable[[Sequence], object] | None = then
        self._index = -1
        self.connect: Connect | None = None
        self.site: Any = None
        """The backend that it tries, or has reached."""
        self.destination = 0
        self.first_error = first_error
        """The error of the first address is what counts, whatever the others say."""
        self.failed_at: Any = dial.site
        """The backend of the first address that failed."""

    @property
    def is_over(self) -> bool:
        """Whether it has told its end, or nobody wants to hear it."""
        return self._then is None

    def start(self) -> None:
        """Try the first address."""
        self._try_next()

    def abort(self, err: str) -> None:
        """Its context ends: the socket is closed, and nobody is told."""
        connect, self.connect, self._then = self.connect, None, None
        if connect is not None:
            connect.abort()
            self._dial.connect_ends(self.site, err)

    def _try_next(self) -> None:
        self._index += 1
        dial = self._dial
        now, deadline, left = dial.engine._now, dial.deadline, len(self._addresses) - self._index
        if not left or now >= deadline:
            self._end()
            return
        self.site, self.destination = dial.aim(self._addresses[self._index])
        dial.connect_starts(self.site)
        connect = self.connect = dial.connect_to(self.site, self._connected)
        if left > 1 and deadline != NEVER:
            gives_up_at = partial_deadline(now, deadline, left)
            if gives_up_at < deadline:
                dial.engine.call_at(gives_up_at, self._address_timeout, connect)
        connect.start(self.destination, TRIES_WITHOUT_PORT)

    def _address_timeout(self, connect: Connect) -> None:
        if connect is self.connect and self._then is not None:
            connect.abort()
            self._address_failed(IO_TIMEOUT)

    def _connected(self, connect: Connect) -> None:
        if connect.error:
            self._address_failed(connect.error)
        else:
            self._dial.connect_ends(self.site, "")
            self._end()

    def _address_failed(self, err: str) -> None:
        self._dial.connect_ends(self.site, err)
        self.connect = None
        if not self.first_error:
            self.first_error, self.failed_at = err, self.site
        self._try_next()

    def _end(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            then(self)
