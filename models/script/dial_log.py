"""DialLog: the dials of a scripted client in order, what became of each, and the DialContext that delays them."""

from typing import Any

from models.script.case import DialHook
from models.script.places import DNS_SERVER, Places
from models.transport import errors
from models.transport.connection import PersistConn
from models.transport.dial import Dial
from models.transport.round_trip import Transport
from sim.records.rows import ABSENT
from sim.units import MS

INJECTED = "injected dial failure"
"""The error of the dials that the script lets fail."""


class _Entry:
    """One dial, and the connection that it became."""

    __slots__ = ("closed_at", "conn", "dial", "error", "failed_at")

    def __init__(self, dial: Dial) -> None:
        self.dial = dial
        self.conn: PersistConn | None = None
        self.error = ""
        self.failed_at = self.closed_at = ABSENT


class DialLog:
    """A Watch (models/transport/hooks.py) that numbers dials from 1 by their start."""

    def __init__(self, transport: Transport, hook: DialHook, places: Places) -> None:
        self._transport, self._hook, self._places = transport, hook, places
        self._entries: list[_Entry] = []
        transport.watch, transport.dial_context = self, self.dial_context

    def dial_context(self, dial: Dial) -> None:
        """The script's own DialContext: wait, then dial as the Dialer does, or fail."""
        self._entries.append(_Entry(dial))
        number, delays = len(self._entries), self._hook.delays
        delay = delays[min(number, len(delays)) - 1] if delays else 0
        if number in self._hook.fail:
            dial.hold(delay, INJECTED)
        elif delay:
            dial.hold(delay)
        else:
            self._transport.begin_dial(dial)

    def dialed(self, dial: Dial, conn: PersistConn) -> None:
        """A dial became a connection."""
        self._entries[dial.conn_id].conn = conn

    def dial_failed(self, dial: Dial, err: str) -> None:
        """In TCP it is DialContext that fails; in TLS a connection is closed that DialContext had made."""
        entry, now = self._entries[dial.conn_id], self._transport.engine.now
        if dial.t_connected != ABSENT:
            entry.closed_at = now
        else:
            entry.failed_at, entry.error = now, dial_error(self._places, dial, err)

    def conn_closed(self, conn: PersistConn) -> None:
        """The client closed a connection."""
        self._entries[conn.conn_id].closed_at = self._transport.engine.now

    def seen(self) -> list[dict[str, Any]]:
        """As `expect.connections` has it."""
        return [_seen(number, entry) for number, entry in enumerate(self._entries, 1)]

    @property
    def n_failed(self) -> int:
        """Calls of DialContext that failed."""
        return sum(bool(entry.error) for entry in self._entries)


def dial_error(places: Places, dial: Dial, err: str) -> str:
    """The whole text of a dial's error."""
    target = places.meant(dial.want.request.host)
    if err == INJECTED:
        return err
    if dial.site is not None:
        return errors.connect_error(err, places.of_backend(dial.site.index))
    if target.name:
        return f"dial tcp: {errors.lookup_error(err, target.name, DNS_SERVER)}"
    return errors.connect_error(err, target.authority)


def _seen(number: int, entry: _Entry) -> dict[str, Any]:
    dial, conn = entry.dial, entry.conn
    seen: dict[str, Any] = {"conn": number, "requests": 0 if conn is None else conn.nreq}
    dialed_at = entry.failed_at if entry.error else dial.t_connected
    seen["t_dial"] = dial.started_at / MS
    seen["t_dialed"] = None if dialed_at == ABSENT else dialed_at / MS
    seen["t_closed"] = None if entry.closed_at == ABSENT else entry.closed_at / MS
    if entry.error:
        seen["dial_error"] = entry.error
    return seen
