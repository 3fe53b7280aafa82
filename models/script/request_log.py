"""RequestLog: what one scripted request saw: httptrace's hooks in order, its attempts, its times, its error."""

from typing import Any

from models.script.case import Step
from models.script.dial_log import dial_error
from models.script.places import DNS_SERVER, Places, Target
from models.transport import errors
from models.transport.site import Site
from sim.engine.environment import Engine
from sim.units import MS


class RequestLog:
    """A ClientTrace (models/transport/hooks.py) that writes down everything."""

    def __init__(self, engine: Engine, step: Step, places: Places, target: Target) -> None:
        self._engine, self._step, self._places, self._target = engine, step, places, target
        self.trace: list[str] = []
        self.request: Any = None
        self._conns: list[int] = []
        self._reused: list[bool] = []
        self._was_idle: list[bool] = []
        self._n_getconn = 0
        self._times: dict[str, float] = {}
        self._status = 0
        self._error = ""
        self._dial_error = ""

    @property
    def is_done(self) -> bool:
        """Whether its caller is done."""
        return "t_body" in self._times or bool(self._error)

    def seen(self) -> dict[str, Any]:
        """As `expect.requests` has it."""
        seen: dict[str, Any] = {
            "conns": self._conns,
            "reused": self._reused,
            "was_idle": self._was_idle,
            "n_getconn": self._n_getconn,
            "pending": not self.is_done,
        }
        if self._status:
            seen["status"] = self._status
        if self._error:
            seen["body_error" if self._status else "error"] = self._error
        times = dict(self._times)
        if self._step.read == "none":
            times.pop("t_body", None)
        return seen | times

    def get_conn(self) -> None:
        self._n_getconn += 1
        self.trace.append("GetConn")

    def got_conn(self, conn: Any) -> None:
        self._conns.append(conn.conn_id + 1)
        self._reused.append(self.request.reused)
        self._was_idle.append(self.request.was_idle)
        self._note("t_gotconn")
        self.trace.append("GotConn")

    def put_idle_conn(self, err: str) -> None:
        self._with_error("PutIdleConn", err)

    def got_first_response_byte(self) -> None:
        self.trace.append("GotFirstResponseByte")

    def got_100_continue(self) -> None:
        self.trace.append("Got100Continue")

    def got_1xx_response(self, code: int) -> None:
        """Not written down: recordings do not have this hook, which Go calls for a 100, too (V17.1)."""

    def dns_start(self) -> None:
        self.trace.append("DNSStart")

    def dns_done(self, err: str) -> None:
        self._with_error("DNSDone", err and errors.lookup_error(err, self._target.name, DNS_SERVER))

    def connect_start(self, site: Site) -> None:
        self.trace.append("ConnectStart")

    def connect_done(self, site: Site, err: str) -> None:
        if err == errors.OPERATION_WAS_CANCELED:
            return  # of a racer that lost it may come at any time, after the end too: recorded traces have it not
        self._with_error("ConnectDone", err and errors.connect_error(err, self._places.of_backend(site.index)))

    def tls_handshake_start(self) -> None:
        self.trace.append("TLSHandshakeStart")

    def tls_handshake_done(self, err: str) -> None:
        self._with_error("TLSHandshakeDone", err and errors.client_error(err))

    def wrote_headers(self) -> None:
        self.trace.append("WroteHeaders")

    def wait_100_continue(self) -> None:
        self.trace.append("Wait100Continue")

    def wrote_request(self, err: str) -> None:
        self._with_error("WroteRequest", err)

    def dial_failed(self, dial: Any, err: str) -> None:
        self._dial_error = dial_error(self._places, dial, err)

    def did(self, status: int) -> None:
        self._status = status
        self._note("t_do")

    def done(self, request: Any, err: str) -> None:
        if not err:
            self._note("t_body")
            return
        text = self._dial_error or self._conn_error(request.conn, err)
        self._note("t_body" if self._status else "t_do")
        self._error = text if self._status else errors.do_error(self._step.method, self._target.url, text)

    def _conn_error(self, conn: Any, err: str) -> str:
        if conn is None:
            return errors.client_error(err)
        if self._target.pool.http2 is not None and err not in errors.READ_ERRORS:
            return str(conn.whole_error(err))
        remote = self._places.of_backend(conn.backend)
        return errors.read_error(err, f"{remote.rpartition(':')[0]}:{conn.port}", remote)

    def _note(self, what: str) -> None:
        self._times[what] = self._engine._now / MS

    def _with_error(self, hook: str, err: str) -> None:
        self.trace.append(f"{hook}:{err}" if err else hook)
