"""Socket lists: the sockets of a run at an instant, as `ss -tan` would have listed them. Not how ss prints a list."""

import polars as pl

from sim.export.socket_lines import hosts_of, rows_of
from sim.export.ss import Row, timer_text
from sim.records.folder import StoredRun
from sim.records.sockets import SocketView

CLOSE, LISTEN, TIME_WAIT, NEW_SYN_RECV, SYN_RECV = 7, 10, 6, 12, 3
_KEY = ("server", "client", "address", "lport", "remote")
MINI_SOCKET_LASTS = 60.0
"""s; of TIME_WAIT, and of FIN_WAIT2 with the default tcp_fin_timeout. The timer wheel may fire up to 2 s later."""


def sockets_at(run: StoredRun, view: SocketView, at: float, *, flags: str = "") -> list[Row]:
    """The rows of a list at an instant (s): listeners, then sockets in order of their last change.

    Requests that wait for the final ACK are listed as SYN-RECV, mini sockets in their own state and without a program.
    Simplified: queues are empty but for the FIN in CLOSE-WAIT; timers of retransmissions and keepalive are not shown.
    """
    rows = rows_of(run).filter(pl.col("t") <= at, pl.col("lport") + pl.col("server") > 0).with_row_index("place")
    last = rows.sort("t", "place").group_by(_KEY, maintain_order=True).last()
    alive = last.filter(pl.col("new") != CLOSE, (pl.col("new") != TIME_WAIT) | (pl.col("until") > at)).sort(
        "t", "place"
    )
    frame = alive.collect()
    hosts = hosts_of(view, frame["lport"].max() or 0)  # type: ignore[arg-type]  # of a column of integers
    shown = frame.select(
        "new", "t", "remote", local=hosts.local, peer=hosts.peer, lport=hosts.local_port, rport=hosts.peer_port
    )
    who = hosts.programs.rows()
    listeners, sockets = [], []
    for new, since, remote, local, peer, lport, rport in shown.iter_rows():
        here = f"{who[local][0]}:{lport}"
        if new == LISTEN:
            more = _users(who[local], flags)
            listeners.append(("LISTEN", 0, view.backlogs.get(remote, 0), here, "0.0.0.0:*", more))
            continue
        name = view.names[SYN_RECV if new == NEW_SYN_RECV else new]
        more = "" if name in _ORPHANS else _users(who[local], flags)
        if new in _MINI and "o" in flags:
            more = f" timer:(timewait,{timer_text(round((since + MINI_SOCKET_LASTS - at) * 1000))},0)"
        sockets.append((name, int(name == "CLOSE_WAIT"), 0, here, f"{who[peer][0]}:{rport}", more))
    return listeners + sockets


_MINI = (TIME_WAIT, 5)
"""TIME_WAIT and FIN_WAIT2, which are mini sockets."""
_ORPHANS = frozenset({"TIME_WAIT", "FIN_WAIT1", "FIN_WAIT2", "CLOSING", "LAST_ACK", "SYN_RECV"})
"""States of what has no program: Go closes with close(2)."""


def _users(who: tuple[str, int, str], flags: str) -> str:
    return f' users:(("{who[2]}",pid={who[1]},fd=3))' if "p" in flags else ""
