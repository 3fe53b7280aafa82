"""Action: what may be done about ends that a rule matches. What each kind does is in a file of its own."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from models.protection.retry.config import MOST_RETRIES
from sim.units import SECOND, Duration, OneOf, Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrottleAction:
    """From the first match on, each further try of the service takes a token from a bucket, or is refused."""

    bucket: Annotated[int, Ge(1)] = 1000
    """Most tokens. The article: 1000."""
    refill: Annotated[Rate, Gt(0)] = 50.0
    """Tokens per second that come back. The article: 50/s."""
    start: Literal["full", "empty"] = "full"
    """The bucket when the throttle begins: full, as every token bucket begins, so that the first `bucket` tries pass
    unhindered; or empty, so that the rate holds at once."""
    max_wait: Duration = 0
    """How long a try may wait for its token; 0 refuses it at once."""
    for_: Duration = 0
    """The throttle ends when nothing has matched for so long; 0 means never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakAction:
    """A circuit breaker of the service that counts matches as failures and every other end as a success."""

    consecutive: Annotated[int, Ge(1)] = 6
    """Matches in a row that open it. gobreaker: more than 5 failures."""
    timeout: Annotated[Duration, Gt(0)] = 60 * SECOND
    """How long it stays open before it probes. gobreaker: 60 s."""
    max_requests: Annotated[int, Ge(1)] = 1
    """Tries that may be under way while it probes, and that have to end well before it closes. gobreaker: 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryAction:
    """The call is tried again, or is not, whatever its client's `retry` says of such an end."""

    retries: Annotated[int, Ge(0), Le(MOST_RETRIES)] = 1
    """Most retries of a call after such an end, those before it included; 0 means that it is not tried again. Budget,
    deadline and hedges stay as `retry` and `hedge` have them."""
    after: Duration = 0
    """How long it waits; 0 leaves that to the backoff of `retry`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShedAction:
    """After each match further tries of the service are refused for a while."""

    for_: Annotated[Duration, Gt(0)] = 1 * SECOND
    """How long, from the last match on."""
    share: Annotated[float, Gt(0), Le(1)] = 1.0
    """Share of the tries that are refused meanwhile, drawn for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotateAction:
    """Matches are counted, as those of every rule, and each is noted among the events of the run."""

    note: str = ""
    """What is noted; empty means the rule's name."""


KINDS: dict[str, type] = {
    "throttle": ThrottleAction,
    "break": BreakAction,
    "retry": RetryAction,
    "shed": ShedAction,
    "annotate": AnnotateAction,
}
Action = ThrottleAction | BreakAction | RetryAction | ShedAction | AnnotateAction
SEE_REFUSED = (RetryAction, AnnotateAction)
"""Actions about tries, too, that a guard refused. The others are guards, which would answer their own echo."""
AnyAction = Annotated[Action, OneOf(**KINDS)]
"""An action as a mapping: `{throttle: {bucket: 1000, refill: 50/s}}`, or by its name alone: `annotate`."""
