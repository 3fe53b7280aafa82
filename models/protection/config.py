"""What a user says about the protection of a client's calls."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le

from models.grpc.config import GrpcClient
from models.protection.guards import GuardConfig
from models.protection.retry.config import HedgeConfig, RetryConfig
from models.protection.rules.config import RuleConfig, RuledTransport, check_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedClient(GrpcClient):
    """A client and what protects its calls: each instance has a state of its own for each service."""

    transport: RuledTransport = RuledTransport()
    """http.Transport."""
    guards: tuple[GuardConfig, ...] = ()
    """What every try of a call has to pass, from outside in: breakers, limits of rates, limits of calls under way."""
    protocol_rules: tuple[RuleConfig, ...] = ()
    """What is done about ends of a kind: each instance holds its calls of each service to them, the first that matches
    wins. The article keeps them under `transport`."""
    retry: RetryConfig | None = None
    """Calls that failed are tried again; absent means only by the Transport, on connections that were lost."""
    hedge: HedgeConfig | None = None
    """Calls that take long are asked again beside themselves; absent means never."""
    failed_statuses: tuple[Annotated[int, Ge(400), Le(499)], ...] = ()
    """Statuses below 500 that count as failed to guards and retries, such as 429."""

    @property
    def is_guarded(self) -> bool:
        """Whether anything stands between a call and Do."""
        return bool(self.guards or self.retry or self.hedge or self.rules)

    @property
    def rules(self) -> tuple[RuleConfig, ...]:
        """The protocol rules, wherever they stand."""
        return self.protocol_rules or self.transport.protocol_rules

    @property
    def rules_at(self) -> str:
        """Where they stand."""
        return "protocol_rules" if self.protocol_rules else "transport.protocol_rules"

    def __post_init__(self) -> None:
        GrpcClient.__post_init__(self)
        if self.protocol_rules and self.transport.protocol_rules:
            raise ValueError("protocol_rules: stand under transport as well; keep them in one place")
        try:
            check_rules(self.rules)
        except ValueError as error:
            raise ValueError(f"{self.rules_at}.{error}") from None
