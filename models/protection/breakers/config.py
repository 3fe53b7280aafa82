"""Config: every kind of circuit breaker that may stand in a scenario, and the guard that each is.

Their settings are in a file of each kind, their rules in another.
"""

from typing import Annotated

from models.protection.breakers.envoy_config import EnvoyLimitsConfig
from models.protection.breakers.envoy_limits import EnvoyLimits
from models.protection.breakers.gobreaker import Gobreaker
from models.protection.breakers.gobreaker_config import GobreakerConfig
from models.protection.breakers.hystrix import Hystrix
from models.protection.breakers.hystrix_config import HystrixConfig, IsolationConfig, SemaphoreConfig, ThreadPoolConfig
from models.protection.breakers.isolation import Isolation, Semaphore, ThreadPool
from models.protection.breakers.resilience4j import Resilience4j
from models.protection.breakers.resilience4j_config import Resilience4jConfig
from models.protection.breakers.sentinel import Sentinel
from models.protection.breakers.sentinel_config import SentinelConfig
from models.protection.guard import Guard
from sim.units import OneOf

BreakerConfig = Annotated[
    HystrixConfig | Resilience4jConfig | SentinelConfig | GobreakerConfig | EnvoyLimitsConfig,
    OneOf(
        hystrix=HystrixConfig,
        resilience4j=Resilience4jConfig,
        sentinel=SentinelConfig,
        gobreaker=GobreakerConfig,
        envoy=EnvoyLimitsConfig,
    ),
]
"""What a user may write where a breaker is asked for."""


def make_breaker(config: BreakerConfig, name: str, begins_at: int = 0) -> Guard:
    """The guard that a configuration means; all but Envoy's limits are a Breaker.

    Parameters
    ----------
    config
        Of any kind.
    name
        Of what it protects, as refusals name it.
    begins_at
        When it is made: some windows and ticks are counted from there.
    """
    match config:
        case HystrixConfig():
            return Hystrix(config, make_isolation(config.isolation), begins_at)
        case Resilience4jConfig():
            return Resilience4j(config, name)
        case SentinelConfig():
            return Sentinel(config)
        case GobreakerConfig():
            return Gobreaker(config, begins_at)
        case EnvoyLimitsConfig():
            return EnvoyLimits(config)


def make_isolation(config: IsolationConfig) -> Isolation | None:
    """The execution isolation of a Hystrix command; None where there is none."""
    match config:
        case ThreadPoolConfig():
            return ThreadPool(config.core_size, config.max_queue_size, config.queue_size_rejection_threshold)
        case SemaphoreConfig():
            return Semaphore(config.max_concurrent_requests)
    return None
