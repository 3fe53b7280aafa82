"""RpcLog: the rows of a gRPC client: those of every client, and one more for each call with its status code."""

from collections.abc import Callable

from models.request import Request
from models.transport.log import Log
from sim.records.rows import ABSENT
from sim.records.trace import Trace

CodeOf = Callable[[Request, int, str], str]
"""The name of gRPC's status code of a call that ended with this status or this error."""


class RpcLog(Log):
    """Writes `rpcs` beside the other tables."""

    __slots__ = ("_code_of", "_rpcs")

    def __init__(self, trace: Trace, name: str, code_of: CodeOf, table: str = "requests") -> None:
        super().__init__(trace, name, table)
        self._rpcs, self._code_of = trace.tables["rpcs"], code_of

    def into(self, trace: Trace, name: str, table: str) -> Log:
        """The same, whose requests go into another table."""
        return RpcLog(trace, name, self._code_of, table)

    def request(self, request: Request, now: int, status: int, err: str) -> None:  # parameters: as Log's
        """A call whose caller is done, or whose run is."""
        super().request(request, now, status, err)
        begun = request.t_gotconn
        self._rpcs.append(
            request.id, request.exchange.label, self.label, request.t_arrival, now,
            self._words[self._code_of(request, status, err)], begun - request.t_getconn if begun != ABSENT else ABSENT,
            max(request.attempts - 1, 0),
        )  # fmt: skip
