"""What a user says about the protection of a client's calls."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le

from models.protection.guards import GuardConfig
from models.protection.retry.config import HedgeConfig, RetryConfig
from models.transport.config import ClientConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedClient(ClientConfig):
    """A client and what protects its calls: each instance has a state of its own for each service."""

    guards: tuple[GuardConfig, ...] = ()
    """What every try of a call has to pass, from outside in: breakers, limits of rates, limits of calls under way."""
    retry: RetryConfig | None = None
    """Calls that failed are tried again; absent means only by the Transport, on connections that were lost."""
    hedge: HedgeConfig | None = None
    """Calls that take long are asked again beside themselves; absent means never."""
    failed_statuses: tuple[Annotated[int, Ge(400), Le(499)], ...] = ()
    """Statuses below 500 that count as failed to guards and retries, such as 429."""

    @property
    def is_guarded(self) -> bool:
        """Whether anything stands between a call and Do."""
        return bool(self.guards or self.retry or self.hedge)
