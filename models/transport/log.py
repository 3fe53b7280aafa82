"""Log: the rows that one instance of a client writes: of its requests, its connections and its failed dials."""

from typing import Any

from mypy_extensions import mypyc_attr

from models.request import NEVER_ANSWERS, Request
from sim.records.rows import ABSENT
from sim.records.trace import Trace


@mypyc_attr(allow_interpreted_subclasses=True)  # whoever wants to see what is written
class Log:
    """Packs what is over into the tables of the run: requests into `table`; `label` is the instance's name in them."""

    __slots__ = ("_conn_rows", "_pack_conn", "_pack_request", "_request_rows", "_words", "label")

    def __init__(self, trace: Trace, name: str, table: str = "requests") -> None:
        self.label = trace.vocabulary[name]
        requests = trace.tables[table]
        self._pack_request, self._request_rows = requests.pack, requests.packed
        connections = trace.tables["connections"]
        self._pack_conn, self._conn_rows = connections.pack, connections.packed
        self._words = trace.vocabulary

    def into(self, trace: Trace, name: str, table: str) -> "Log":
        """The same, whose requests go into another table."""
        return Log(trace, name, table)

    def request(self, request: Request, now: int, status: int, err: str) -> None:  # parameters: once for each request
        """A request whose caller is done, or whose run is."""
        conn = request.conn
        word = self._words[err] if err else 0
        backend, port, conn_id = (ABSENT, ABSENT, ABSENT) if conn is None else (conn.backend, conn.port, conn.conn_id)
        pack = self._pack_request
        row = pack(
            request.id, request.exchange.label, self.label, request.t_arrival, request.t_getconn, request.t_gotconn,
            request.reused, request.was_idle, request.idle_time, request.t_dns_start, request.t_dns_done,
            request.t_conn_start, request.t_conn_done, request.t_tls_start, request.t_tls_done,
            request.t_wrote if request.t_wrote <= now else ABSENT,
            request.t_first if request.t_first <= now else ABSENT, now, status, word, backend,
            port, conn_id, request.attempts, request.srv_q if request.started_at <= now else ABSENT,
            request.service_time if request.service_time < NEVER_ANSWERS else ABSENT,
        )  # fmt: skip
        self._request_rows.append(row)

    def refused(self, request: Request, now: int, status: int, err: str) -> None:  # parameters: those of request
        """A request that its caller's own protection kept from Do."""
        self.request(request, now, status, err)

    def dial(self, dial: Any, err: str) -> None:
        """A dial that became no connection."""
        remote = 0 if dial.site is None else dial.site.remote
        word = self._words["dial: " + err]
        port = 0 if dial.t_connected == ABSENT else dial.port
        row = self._pack_conn(
            dial.conn_id, self.label, dial.started_at, dial.t_connected, port, remote, 0, ABSENT, ABSENT, word,
            ABSENT,
        )  # fmt: skip
        self._conn_rows.append(row)

    def connection(self, conn: Any) -> None:
        """A connection that is closed, or open at the end."""
        word = self._words[conn.read_err] if conn.read_err else 0
        pack = self._pack_conn
        row = pack(
            conn.conn_id, self.label, conn.t_dial, conn.t_connected, conn.port, conn.site.remote,
            conn.nreq, conn.t_close, conn.t_read_err, word, conn.t_last_read,
        )  # fmt: skip
        self._conn_rows.append(row)
