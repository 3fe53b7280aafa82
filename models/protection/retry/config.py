"""What a user says about retries of a client's calls, and the defaults of those who do them."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le

from models.protection.retry.backoff import BackoffConfig
from models.protection.retry.budgets import BudgetConfig
from models.protection.retry.pushback import PushbackWay
from sim.units import Duration

Reason = Literal["error", "connect", "reset", "timeout", "refused", "5xx", "gateway_error"]
MOST_RETRIES = 100
GRPC_ATTEMPTS = 5
"""maxAttempts of a gRPC service config, at most (A6)."""

_PRESETS: dict[str, dict[str, Any]] = {
    "envoy": {
        "retries": 1,
        "on": ["5xx", "error"],
        "backoff": {"base": "25ms", "cap": "250ms", "jitter": "envoy"},
        "budget": {"concurrent": {"max_retries": 3}},
        "within": "15s",
    },
    "grpc": {
        "retries": 2,
        "on": ["connect", "reset", "gateway_error"],
        "backoff": {"base": "100ms", "cap": "1s", "jitter": "plus_minus"},
        "budget": {"grpc": {"max_tokens": 10.0, "token_ratio": 0.1}},
        "pushback": "obey",
    },
    "aws": {
        "retries": 2,
        "on": ["error", "5xx"],
        "statuses": [429],
        "backoff": {"base": "1s", "cap": "20s", "jitter": "full"},
        "budget": {"aws": {}},
    },
    "aws_new": {
        "retries": 2,
        "on": ["error", "5xx"],
        "statuses": [429],
        "backoff": {"base": "50ms", "throttled_base": "1s", "cap": "20s", "jitter": "full"},
        "budget": {"aws": {"cost": 14, "timeout_cost": 14}},
        "pushback": "clamp",
    },
    "finagle": {
        "retries": 25,
        "on": ["connect", "reset"],
        "backoff": {"base": "0ms"},
        "budget": {"share": {"share": 0.2, "reserve": 10.0, "ttl": "10s"}},
    },
}
"""Sources: Envoy retry_state_impl.cc, router_filter.rst; gRPC proposal A6, whose waits are the service's to choose (its
own example); botocore retries/standard.py; Finagle Retries.scala, RetryBudget.scala. Envoy heeds no pushback unless
rate_limited_retry_back_off is configured; Finagle and AWS' old mode know none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryConfig:
    """Calls that failed are tried again, besides what the Transport does by itself on connections that were lost."""

    preset: Literal["none", "envoy", "grpc", "aws", "aws_new", "finagle"] = "none"
    """Whose defaults the omitted fields take."""
    retries: Annotated[int, Ge(0), Le(MOST_RETRIES)] = 2
    """Retries of one call, at most. Envoy: 1 (num_retries); gRPC: maxAttempts less one, up to 4; AWS: 2."""
    on: tuple[Reason, ...] = ("error", "5xx")
    """What is tried again. error: any error without an answer, save the caller's leave; connect: no connection came
    about; reset: the connection was lost; timeout: the client's own time-outs; refused: a guard refused the try; 5xx:
    any such status; gateway_error: 502, 503, 504."""
    statuses: tuple[Annotated[int, Ge(400), Le(599)], ...] = ()
    """Further statuses that are tried again, such as 429."""
    backoff: BackoffConfig = BackoffConfig()
    """How long it waits before a retry."""
    budget: BudgetConfig | None = None
    """How many retries there may be; absent means as many as fail."""
    pushback: PushbackWay | None = None
    """What it makes of a service that asks for a wait (`services.*.pushback`), in the place of the backoff; null means
    nothing. gRPC: obey; AWS' new mode: clamp; Envoy, where it is told to heed such headers: at_least."""
    per_try_timeout: Duration = 0
    """After so long a try is given up and counts as a time-out; 0 means never."""
    within: Duration = 0
    """The whole of a call, with all its tries and waits, ends after this; 0 means never. Envoy: 15 s (route)."""

    def __post_init__(self) -> None:
        if self.within and self.per_try_timeout > self.within:
            raise ValueError("per_try_timeout: is longer than within, which ends the call; write a shorter one")
        if self.preset == "grpc" and self.retries >= GRPC_ATTEMPTS:
            most = f"gRPC makes at most {GRPC_ATTEMPTS} attempts; write {GRPC_ATTEMPTS - 1} or less"
            raise ValueError(f"retries: {self.retries} are too many, {most}")

    @classmethod
    def __fill__(cls, tree: Any) -> Any:
        """Give what was omitted the values of the preset; `retry: envoy` is short for the preset alone."""
        if isinstance(tree, str):
            tree = {"preset": tree}
        if isinstance(tree, dict) and tree.get("preset") in _PRESETS:
            return {**_PRESETS[tree["preset"]], **tree}
        return tree


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgeConfig:
    """A call that has no answer yet is asked again beside it; the first answer counts, the other is cancelled."""

    after: Duration
    """How long it waits before each copy. gRPC: hedgingDelay."""
    copies: Annotated[int, Ge(1), Le(4)] = 1
    """Most copies besides the first. gRPC: maxAttempts less one, up to 4."""
