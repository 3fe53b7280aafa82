"""Guards: every kind that may stand before calls, as one choice, and the guard that each configuration means."""

from collections.abc import Callable
from typing import Annotated, get_args

from models.protection.breakers.config import BreakerConfig, make_breaker
from models.protection.guard import Guard
from models.protection.limits.config import AnyLimit, make_limit
from models.protection.limits.gauges import IDLE, Gauges
from sim.units import OneOf

_BREAKERS: dict[str, type] = get_args(BreakerConfig)[1].kinds
_LIMITS: dict[str, type] = get_args(AnyLimit)[1].kinds

GuardConfig = Annotated[BreakerConfig | AnyLimit, OneOf(**_BREAKERS, **_LIMITS)]
"""What a user may write in a list of guards."""


def kind_of(config: GuardConfig) -> str:
    """The name of its kind."""
    return next(kind for kind, cls in (_BREAKERS | _LIMITS).items() if type(config) is cls)


def make_guard(  # parameters: what each kind needs of the world
    config: GuardConfig, name: str, draw: Callable[[], float], *, begins_at: int = 0, gauges: Gauges = IDLE
) -> Guard:
    """The guard that a configuration means, in its first state; `name` is that of what it protects."""
    if type(config) in _BREAKERS.values():
        return make_breaker(config, name, begins_at)  # type: ignore[arg-type]
    return make_limit(config, draw, gauges)  # type: ignore[arg-type]
