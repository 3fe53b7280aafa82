"""When an agent renews a certificate, and when it reaches an issuer that was away: drawn, not scheduled check by check.

Sources: SPIRE pkg/common/rotationutil, pkg/agent/common/backoff (cenkalti/backoff v4: multiplier 1.5, jitter 0.1).
"""

from collections.abc import Callable

from models.certificates.config import IssuerConfig
from sim.units import SECOND

FIRST_PAUSE = 5 * SECOND
"""After a first failure, where agents do not check by a clock of their own (SPIRE's interval)."""
MULTIPLIER = 1.5
"""Each pause after a failure is so much longer than the last (backoff.DefaultMultiplier)."""
JITTER = 0.1
"""And up to so much shorter or longer (backoff.go, _jitter)."""


def renewal_age(config: IssuerConfig, draw: Callable[[], float]) -> int:
    """How old a certificate is, since its signing, when it is renewed, ns.

    Every check draws anew, so the k-th of them renews with a chance that grows with k until it is sure. Their survival
    is compared with one draw: the first check behind which less than that is left renews.
    """
    first, sure = config.spread
    begins, width = config.lifetime - first, first - sure
    if not config.check:
        return round(begins + width * draw())
    at, left, luck = config.check * draw(), 1.0, draw()
    while at < width:
        left *= 1 - at / width
        if left <= luck:
            break
        at += config.check
    return round(begins + at)


def reached_at(  # parameters: an outage, and how an agent waits in it
    config: IssuerConfig, since: int, until: int, draw: Callable[[], float]
) -> int:
    """When an agent first reaches an issuer that was away from `since` to `until`: it tried with growing pauses."""
    pause = float(min(config.check or FIRST_PAUSE, config.backoff_max))
    at = since + pause * draw()
    while at < until:
        at += pause * (1 - JITTER + 2 * JITTER * draw())
        pause = min(pause * MULTIPLIER, float(config.backoff_max))
    return round(at)
