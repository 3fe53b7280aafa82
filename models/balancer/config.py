"""What a user says about how the backends of a service are chosen."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Lt

from models.balancer.maglev import is_prime
from models.balancer.outlier_config import OutlierDetectionConfig
from sim.units import MS, SECOND, Duration

LAYER_4 = ("round_robin", "random", "least_connections", "source_hash", "maglev")
"""Policies that place connections."""
LAYER_7 = (
    "round_robin", "random", "least_request", "ring_hash", "maglev", "pick_first", "weighted_round_robin",
    "peak_ewma", "prequal",
)  # fmt: skip
"""Policies that place requests."""
WITHOUT_WEIGHTS = ("pick_first", "weighted_round_robin", "peak_ewma", "prequal")
"""Policies that do not look at weights, save those of 0."""
SLOWLY = ("round_robin", "least_request")
"""Policies that know slow start (Envoy, slow_start.rst)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsetConfig:
    """Which of the backends one client instance uses."""

    size: Annotated[int, Ge(1)]
    """Backends of one client instance; as many as there are, or more, means all."""
    kind: Literal["deterministic", "random"] = "deterministic"
    """deterministic: rounds of clients share out a shuffled list (SRE book, chapter 20); random: those with the largest
    hash of client and backend (gRPC's random_subsetting, A68)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowStartConfig:
    """A backend that has become ready gets its weight little by little (Envoy, slow_start.rst)."""

    window: Annotated[Duration, Gt(0)]
    """How long."""
    aggression: Annotated[float, Gt(0)] = 1.0
    """Shape: the share of the weight is age / window to the power of 1 / aggression. Envoy: 1."""
    min_weight: Annotated[float, Gt(0), Le(1)] = 0.1
    """Least share of the weight. Envoy: 10 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedConfig:
    """gRPC's weighted_round_robin (A58): weights from what backends report."""

    update_period: Annotated[Duration, Ge(100 * MS)] = SECOND
    """How often the weights are computed again. gRPC: 1 s, at least 100 ms."""
    blackout: Duration = 10 * SECOND
    """How long a backend has to have reported before its weight counts. gRPC: 10 s."""
    error_penalty: Annotated[float, Ge(0)] = 1.0
    """What the share of errors among a backend's answers adds to its utilisation, in these units. gRPC: 1.0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrequalConfig:
    """Prequal (Wydrowski et al., NSDI '24): asynchronous probes of requests in flight and of latency."""

    pool: Annotated[int, Ge(2)] = 16
    """Most probe results that a client keeps."""
    max_age: Annotated[Duration, Gt(0)] = SECOND
    """How long a result may be used."""
    probes: Annotated[float, Gt(0)] = 3.0
    """Probes for each request."""
    remove: Annotated[float, Ge(0)] = 1.0
    """Results that are thrown away for each request, in turn the oldest and the worst."""
    hot_quantile: Annotated[float, Ge(0), Lt(1)] = 0.84
    """A backend is hot whose requests in flight lie above this quantile of those that were seen lately. 2^-0.25."""
    delta: Annotated[float, Ge(0)] = 1.0
    """Growth of the pool for each request; how often one result may be used follows from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancerConfig:
    """Who chooses among the backends, and how: a balancer of layer 4 (`resolve: vip`) or of each client instance."""

    policy: Literal[
        "round_robin", "random", "least_connections", "source_hash", "maglev", "least_request", "ring_hash",
        "pick_first", "weighted_round_robin", "peak_ewma", "prequal",
    ] = "round_robin"  # fmt: skip
    """For connections (vip): round_robin, random, least_connections, source_hash, maglev. For requests (each):
    round_robin, random, least_request, ring_hash, maglev, pick_first, weighted_round_robin, peak_ewma, prequal."""
    weights: tuple[Annotated[float, Ge(0)], ...] = ()
    """Weight of each backend, in order; 0 gets nothing. Empty: all the same."""
    table_size: Annotated[int, Ge(2), Le(1 << 20)] = 65537
    """Maglev: entries of the table, a prime. Envoy 65537, Cilium 16381, IPVS 4093."""
    ring_size: Annotated[int, Ge(1), Le(1 << 20)] = 1024
    """ring_hash: least number of points of all backends together. Envoy and gRPC: 1024."""
    hash_keys: Annotated[int, Ge(0), Le(1 << 30)] = 0
    """What is hashed: each request (with vip each connection) has one of so many keys, all equally likely; 0: the
    client instance, as by its address."""
    choice_count: Annotated[int, Ge(1), Le(100)] = 2
    """least_request: how many are drawn, with repetition, of which the one with the fewest requests gets the next."""
    active_request_bias: Annotated[float, Ge(0)] = 1.0
    """least_request with unequal weights: weight / (active + 1) to this power; 0 is round robin. Envoy: 1."""
    shuffle: bool = False
    """pick_first: whether each client instance tries the addresses in an order of its own (A62)."""
    decay: Annotated[Duration, Gt(0)] = 10 * SECOND
    """peak_ewma: how fast old latencies are forgotten. Finagle: 10 s."""
    weighted: WeightedConfig = WeightedConfig()
    """weighted_round_robin."""
    prequal: PrequalConfig = PrequalConfig()
    """prequal."""
    subset: SubsetConfig | None = None
    """Each client instance uses some of the backends only; absent: all."""
    slow_start: SlowStartConfig | None = None
    """round_robin, least_request: new backends get their share little by little; absent: at once."""
    panic_threshold: Annotated[float, Ge(0), Le(1)] = 0.5
    """With a smaller share of the backends available, all are used, whatever is known of them; 0: never. Envoy: 0.5."""
    unready: Literal["absent", "unhealthy"] = "absent"
    """What a backend that is not ready is to a client: absent, since endpoints leave it out (EndpointSlices, EDS), or
    unhealthy, since the client checks it: then it is a backend like the others in a panic."""
    outlier_detection: OutlierDetectionConfig | None = None
    """Backends are ejected for their results, as Envoy does it; absent: never."""

    @classmethod
    def __fill__(cls, tree: Any) -> Any:
        """`balancer: least_request` is short for the whole mapping."""
        return {"policy": tree} if isinstance(tree, str) else tree

    def __post_init__(self) -> None:
        if not is_prime(self.table_size):
            raise ValueError(f"table_size: {self.table_size} is not a prime; write 65537, 16381 or 4093")
        if self.weights and not sum(self.weights):
            raise ValueError("weights: sum to 0, so that nobody gets anything; write one above 0")
        if self.weights and self.policy in WITHOUT_WEIGHTS:
            raise ValueError(f"weights: {self.policy} does not look at them; leave them out or write another policy")
        if self.slow_start is not None and self.policy not in SLOWLY:
            raise ValueError(f"slow_start: {self.policy} does not know it; write policy: {' or '.join(SLOWLY)}")

    def check(self, by: str, backends: int) -> None:
        """Refuse what does not fit a service that is resolved like this, with so many backends."""
        if by not in ("vip", "each", "round_robin"):
            raise ValueError(f"balancer: resolve: {by} leaves nothing to choose; write resolve: each or resolve: vip")
        if self.weights and len(self.weights) != backends:
            raise ValueError(f"balancer: weights: {len(self.weights)} for {backends} backends; write one for each")
        fitting = LAYER_4 if by == "vip" else LAYER_7 if by == "each" else ("round_robin",)
        if self.policy not in fitting:
            raise ValueError(
                f"balancer: policy: {self.policy} is none for resolve: {by}; {_instead(self.policy, fitting)}"
            )
        if by == "vip" and (self.subset or self.slow_start or self.outlier_detection):
            raise ValueError("balancer: subset, slow_start and outlier_detection choose requests; write resolve: each")


def _instead(policy: str, fitting: tuple[str, ...]) -> str:
    if policy in LAYER_7 and fitting is LAYER_4:
        return f"write resolve: each, or one of {', '.join(fitting)}"
    if policy in LAYER_4 and fitting is LAYER_7:
        return f"write resolve: vip, or one of {', '.join(fitting)}"
    return "write resolve: each"
