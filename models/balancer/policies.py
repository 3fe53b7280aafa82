"""Policies: which one a configuration names, with the random numbers that it draws."""

from collections.abc import Callable
from dataclasses import dataclass

from models.balancer.config import BalancerConfig
from models.balancer.least_connections import LeastConnections
from models.balancer.least_request import LeastRequest
from models.balancer.maglev import Maglev
from models.balancer.member import WeightOf, own_weight
from models.balancer.peak_ewma import PeakEwma
from models.balancer.pick_first import PickFirst
from models.balancer.policy import Policy
from models.balancer.prequal import Prequal
from models.balancer.random_choice import RandomChoice
from models.balancer.ring_hash import RingHash
from models.balancer.round_robin import RoundRobin
from models.balancer.source_hash import SourceHash
from models.balancer.weighted_round_robin import WeightedRoundRobin


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where a policy works."""

    draw: Callable[[], float]
    salt: int
    """Where hashes begin, the same for all clients of a service."""
    rtt: int = 0
    """Mean round trip to a backend, ns."""
    weight_of: WeightOf = own_weight
    starts_anywhere: bool = True
    """Whether turns begin with a random member."""


def policy_of(config: BalancerConfig, setting: Setting) -> Policy:
    """The policy that `config` names."""
    return _MAKERS[config.policy](config, setting)


def _round_robin(_: BalancerConfig, setting: Setting) -> Policy:
    return RoundRobin(setting.weight_of, setting.draw if setting.starts_anywhere else None)


def _least_request(config: BalancerConfig, setting: Setting) -> Policy:
    return LeastRequest(setting.weight_of, setting.draw, config.choice_count, config.active_request_bias)


def _weighted_round_robin(config: BalancerConfig, setting: Setting) -> Policy:
    of = config.weighted
    return WeightedRoundRobin(
        setting.draw, period=of.update_period, blackout=of.blackout, error_penalty=of.error_penalty
    )


_MAKERS: dict[str, Callable[[BalancerConfig, Setting], Policy]] = {
    "round_robin": _round_robin,
    "random": lambda _, setting: RandomChoice(setting.weight_of, setting.draw),
    "least_connections": lambda _, setting: LeastConnections(setting.weight_of),
    "source_hash": lambda _, setting: SourceHash(setting.weight_of),
    "maglev": lambda config, setting: Maglev(setting.weight_of, config.table_size, setting.salt),
    "least_request": _least_request,
    "ring_hash": lambda config, setting: RingHash(setting.weight_of, config.ring_size, setting.salt),
    "pick_first": lambda config, setting: PickFirst(setting.draw if config.shuffle else None),
    "weighted_round_robin": _weighted_round_robin,
    "peak_ewma": lambda config, setting: PeakEwma(setting.draw, config.decay),
    "prequal": lambda config, setting: Prequal(config.prequal, setting.draw, setting.rtt),
}
