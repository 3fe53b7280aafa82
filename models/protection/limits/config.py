"""What a user may write as a limit or as a queue's discipline, and what each kind makes of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from models.protection.limits.aimd import Aimd, AimdConfig
from models.protection.limits.aws_adaptive import AwsAdaptive, AwsAdaptiveConfig
from models.protection.limits.bbr import KratosBbr, KratosBbrConfig
from models.protection.limits.codel import Codel, CodelConfig
from models.protection.limits.concurrency import ConcurrencyConfig, ConcurrencyLimit
from models.protection.limits.envoy_bucket import EnvoyBucket, EnvoyLocalConfig
from models.protection.limits.envoy_gradient import EnvoyGradient, EnvoyGradientConfig
from models.protection.limits.fail_at_scale import FailAtScale, FailAtScaleConfig
from models.protection.limits.fixed_window import FixedWindow, FixedWindowConfig
from models.protection.limits.folly_codel import FollyCodel, FollyCodelConfig
from models.protection.limits.gauges import IDLE, Gauges
from models.protection.limits.gcra import Gcra, GcraConfig
from models.protection.limits.gradient import Gradient, Gradient2, Gradient2Config, GradientConfig
from models.protection.limits.guava import GuavaBurstyConfig, GuavaWarmingUpConfig, SmoothBursty, SmoothWarmingUp
from models.protection.limits.limit import Limit
from models.protection.limits.nginx_bucket import NginxBucket, NginxConfig, NginxZonesConfig
from models.protection.limits.queue_discipline import Fifo, Lifo, QueueDiscipline
from models.protection.limits.sentinel_config import SentinelFlowConfig, SentinelSystemConfig
from models.protection.limits.sentinel_flow import sentinel_flow
from models.protection.limits.sentinel_system import SentinelSystem
from models.protection.limits.sliding_window import SlidingLog, SlidingLogConfig, TwoWindows, TwoWindowsConfig
from models.protection.limits.sre_throttle import SreThrottle, SreThrottleConfig
from models.protection.limits.token_bucket import TokenBucket, TokenBucketConfig
from models.protection.limits.vegas import Vegas, VegasConfig
from models.protection.limits.windowed import Windowed, WindowedConfig
from sim.units import OneOf

Draw = Callable[[], float]
"""Draws a number from 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FifoConfig:
    """In the order of arrival."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LifoConfig:
    """The newest first."""


AnyLimit = Annotated[
    TokenBucketConfig | GuavaBurstyConfig | GuavaWarmingUpConfig | EnvoyLocalConfig | GcraConfig | NginxConfig
    | NginxZonesConfig | FixedWindowConfig | SlidingLogConfig | TwoWindowsConfig | SentinelFlowConfig
    | SentinelSystemConfig | ConcurrencyConfig | AimdConfig | VegasConfig | GradientConfig | Gradient2Config
    | WindowedConfig | EnvoyGradientConfig | KratosBbrConfig | SreThrottleConfig | AwsAdaptiveConfig,
    OneOf(
        token_bucket=TokenBucketConfig, guava_bursty=GuavaBurstyConfig, guava_warming_up=GuavaWarmingUpConfig,
        envoy_local=EnvoyLocalConfig, gcra=GcraConfig, nginx=NginxConfig, nginx_zones=NginxZonesConfig,
        fixed_window=FixedWindowConfig, sliding_log=SlidingLogConfig, two_windows=TwoWindowsConfig,
        sentinel_flow=SentinelFlowConfig, sentinel_system=SentinelSystemConfig, concurrency=ConcurrencyConfig,
        aimd=AimdConfig, vegas=VegasConfig, gradient=GradientConfig, gradient2=Gradient2Config,
        windowed=WindowedConfig, envoy_gradient=EnvoyGradientConfig, kratos_bbr=KratosBbrConfig,
        sre_throttle=SreThrottleConfig, aws_adaptive=AwsAdaptiveConfig,
    ),
]  # fmt: skip
"""A limit: `{token_bucket: {rate: 500/s, burst: 100}}`, or `vegas` where nothing is to be said."""

AnyDiscipline = Annotated[
    FifoConfig | LifoConfig | CodelConfig | FollyCodelConfig | FailAtScaleConfig,
    OneOf(
        fifo=FifoConfig, lifo=LifoConfig, codel=CodelConfig, folly_codel=FollyCodelConfig,
        fail_at_scale=FailAtScaleConfig,
    ),
]  # fmt: skip
"""A queue's discipline: `codel`, or `{codel: {target: 10ms}}`."""


def make_limit(config: AnyLimit, draw: Draw, gauges: Gauges = IDLE) -> Limit:
    """The limit that `config` names, in its first state.

    Parameters
    ----------
    config
        Of any kind.
    draw
        Draws from 0 to 1, for those kinds that leave something to chance.
    gauges
        The machine that `sentinel_system` and `kratos_bbr` look at.
    """
    if isinstance(config, WindowedConfig):
        return Windowed(config, _LEARNERS[type(config.limit)](config.limit, draw))
    if isinstance(config, SentinelSystemConfig):
        return SentinelSystem(config, gauges)
    if isinstance(config, KratosBbrConfig):
        return KratosBbr(config, gauges)
    return _LIMITS[type(config)](config, draw)


def make_discipline(config: AnyDiscipline) -> QueueDiscipline:
    """The discipline that `config` names, in its first state."""
    return _DISCIPLINES[type(config)](config)


_LEARNERS: dict[type, Callable[[Any, Draw], Any]] = {
    AimdConfig: lambda config, _: Aimd(config),
    VegasConfig: Vegas,
    GradientConfig: Gradient,
    Gradient2Config: lambda config, _: Gradient2(config),
}

_LIMITS: dict[type, Callable[[Any, Draw], Limit]] = {
    TokenBucketConfig: lambda config, _: TokenBucket(config),
    GuavaBurstyConfig: lambda config, _: SmoothBursty(config),
    GuavaWarmingUpConfig: lambda config, _: SmoothWarmingUp(config),
    EnvoyLocalConfig: EnvoyBucket,
    GcraConfig: lambda config, _: Gcra(config),
    NginxConfig: lambda config, _: NginxBucket([config]),
    NginxZonesConfig: lambda config, _: NginxBucket(config.zones),
    FixedWindowConfig: lambda config, _: FixedWindow(config),
    SlidingLogConfig: lambda config, _: SlidingLog(config),
    TwoWindowsConfig: lambda config, _: TwoWindows(config),
    SentinelFlowConfig: lambda config, _: sentinel_flow(config),
    ConcurrencyConfig: lambda config, _: ConcurrencyLimit(config.limit),
    EnvoyGradientConfig: EnvoyGradient,
    SreThrottleConfig: SreThrottle,
    AwsAdaptiveConfig: lambda config, _: AwsAdaptive(config),
    **_LEARNERS,
}

_DISCIPLINES: dict[type, Callable[[Any], QueueDiscipline]] = {
    FifoConfig: lambda _: Fifo(),
    LifoConfig: lambda _: Lifo(),
    CodelConfig: Codel,
    FollyCodelConfig: FollyCodel,
    FailAtScaleConfig: FailAtScale,
}
