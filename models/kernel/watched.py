"""WatchedEndpoint: an end whose changes of state are written down (`socket_log`). It does nothing else differently."""

from enum import IntEnum
from typing import Any

from models.kernel.side import Side
from models.kernel.socket import END_TABLE, Endpoint, Tcp


class WatchedEndpoint(Endpoint, table=END_TABLE):
    """As `Endpoint`; its kernel has a log."""

    __slots__ = ("before", "place")

    def __init__(self, side: Side, link: Any, *, state: Tcp, destination: int = 0, local_port: int = 0) -> None:
        super().__init__(side, link, state=state, destination=destination, local_port=local_port)
        self.before: Tcp = state
        """The state that it left last."""
        self.place: Any = None
        """Whose it is; a server's end knows that when it has a peer."""
        log: Any = side.log
        if state is Tcp.ESTABLISHED and local_port:
            self.place = log.unfolds(destination, local_port)
        elif state is Tcp.SYN_SENT:
            self.place = log.place(destination, local_port)

    def feed(self, event: IntEnum, arg: Any = None) -> None:
        """As `Endpoint.feed`; written before the action, which may feed again or forget the peer."""
        before = self.state
        step = self._rows[before][event]
        if step is not None and step[0] is not before:
            self.before = before
            log: Any = self.side.log
            if self.place is None:
                self.place = log.place(self)
            if step[0] is not Tcp.TIME_WAIT:  # of which the side knows the end
                log.write(self.place, before, step[0])
        super().feed(event, arg)

    def ends_at(self, instant: int) -> None:
        """As `Endpoint.ends_at`."""
        log: Any = self.side.log
        if self.place is None:
            self.place = log.place(self)
        log.write(self.place, self.state, Tcp.CLOSED, at=instant)
        super().ends_at(instant)
