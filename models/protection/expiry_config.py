"""What a user says about requests that waited for a worker too long."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from sim.units import MS, Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryConfig:
    """What becomes of requests that waited for a worker too long."""

    after: Annotated[Duration, Gt(0)]
    """Requests that waited longer than this get no service but an error."""
    since: Literal["read", "sent"] = "read"
    """From when the wait counts: from when the program has read the request, or from when it was sent, as a proxy in
    front may note in a header (X-Request-Start); only the latter sees the time in which the program stood still."""
    cost: Duration = MS
    """How long a worker is busy with the error: an exception, its stack trace, its line in a log."""
    status: Annotated[int, Ge(400), Le(599)] = 503
    """The status of that answer."""
