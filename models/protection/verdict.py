"""Verdict: what the end of a try means to those who protect it. Not what they do then."""

from collections.abc import Iterable

from models.request import Request
from models.status import BAD_GATEWAY, FAILED_FROM, GATEWAY_TIMEOUT, SERVICE_UNAVAILABLE, TOO_MANY_REQUESTS
from models.transport import errors
from sim.records.rows import ABSENT

GATEWAY_ERRORS = frozenset({BAD_GATEWAY, SERVICE_UNAVAILABLE, GATEWAY_TIMEOUT})


def is_ignored(request: Request) -> bool:
    """Whether it says nothing of what was called: its caller left, or the run ended."""
    return request.err in (errors.CANCELED, errors.CUT_OFF)


def is_failure(request: Request, also: Iterable[int] = ()) -> bool:
    """Whether it counts as failed: an error, a status of 500 or more, or one of those in `also`."""
    if request.err:
        return not is_ignored(request)
    return request.status >= FAILED_FROM or request.status in also


def is_timeout(request: Request) -> bool:
    """Whether its own side's time-out ended it."""
    return request.err in errors.TIMEOUTS


def kinds_of(request: Request) -> set[str]:
    """The words of a retry's `on` that fit how it ended; a 429, which has none there, is `throttled`."""
    status, err = request.status, request.err
    if not err:
        kinds = {"5xx"} if status >= FAILED_FROM else set()
        if status == TOO_MANY_REQUESTS:
            return {"throttled"}
        return kinds | {"gateway_error"} if status in GATEWAY_ERRORS else kinds
    if is_ignored(request):
        return set()
    kinds = {"error"}
    if is_timeout(request):
        kinds.add("timeout")
    elif request.t_gotconn == ABSENT:
        kinds.add("connect")
    else:
        kinds.add("reset")
    return kinds
