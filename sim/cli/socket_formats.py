"""Formats of a run's sockets for `sim export`: those of bcc, ftrace and ss."""

from typing import TYPE_CHECKING, BinaryIO

from sim.units import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.cli.formats import Asked
    from sim.records.folder import StoredRun

BCC_FLAGS, SS_FLAGS = "Ttws", "op"
"""Options of the tools: time of day, seconds, wide, CSV; timers, programs."""


def write_tcpstates(run: "StoredRun", asked: "Asked", out: BinaryIO) -> str:
    """As bcc's tcpstates."""
    from sim import wiring
    from sim.export import tcpstates
    from sim.export.socket_lines import SocketLines, rows_of

    view = wiring.sockets_of(run.manifest["scenario"])
    layout = tcpstates.Layout(asked.flags, asked.epoch)
    written = _write(tcpstates.write_tcpstates(SocketLines(rows_of(run), view), view, layout), out)
    return f"{written - 1:,} changes of state"


def write_tcplife(run: "StoredRun", asked: "Asked", out: BinaryIO) -> str:
    """As bcc's tcplife."""
    from sim import wiring
    from sim.export import tcplife
    from sim.export.socket_lines import SocketLines, rows_of
    from sim.export.tcpstates import Layout

    tree = run.manifest["scenario"]
    lines = SocketLines(rows_of(run), wiring.sockets_of(tree))
    carried = tcplife.bytes_of(run, wiring.message_sizes(tree))
    written = _write(tcplife.write_tcplife(lines, carried, Layout(asked.flags, asked.epoch)), out)
    return f"{written - 1:,} connections that ended"


def write_tracefs(run: "StoredRun", asked: "Asked", out: BinaryIO) -> str:
    """As ftrace's text of sock:inet_sock_set_state."""
    from sim import wiring
    from sim.export import tracefs
    from sim.export.socket_lines import SocketLines, rows_of

    view = wiring.sockets_of(run.manifest["scenario"])
    written = _write(tracefs.write_tracefs(SocketLines(rows_of(run), view), view), out)
    return f"{written - tracefs.HEADER.count(chr(10)):,} changes of state"


def write_ss(run: "StoredRun", asked: "Asked", out: BinaryIO) -> str:
    """As `ss -tan` at an instant."""
    from sim import wiring
    from sim.export.socket_list import sockets_at
    from sim.export.ss import list_text

    end = run.manifest["simulated_seconds"]
    at = end if asked.at is None else asked.at
    if at > end:
        raise InputError(f"--at {at:g}s: lies after the end of the run at {end:g} s; write an earlier one")
    rows = sockets_at(run, wiring.sockets_of(run.manifest["scenario"]), at, flags=asked.flags)
    _write((line.encode() for line in list_text(rows)), out)
    return f"{len(rows):,} sockets at {at:g} s"


def _write(pieces: "Iterable[bytes]", out: BinaryIO) -> int:
    """Write them one by one; how many lines that is."""
    n_lines = 0
    for piece in pieces:
        out.write(piece)
        n_lines += piece.count(b"\n")
    return n_lines
