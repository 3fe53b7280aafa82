"""What a user says about protocol rules: in the article's words under a client's transport, or under the client."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from models.protection.rules.action import AnyAction
from models.protection.rules.action_text import AsText, read_action
from models.protection.rules.match import match_of
from models.transport.config import TransportConfig
from sim.units import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleConfig:
    """Ends that match are acted upon."""

    name: str
    """Name of the rule, in texts of refusals and in counters: `rule:CLIENT.NAME.matched`."""
    match: str
    """A condition on how a try ended, in CEL and the article's own spellings: `grpc-status == 8 && grpc-message ~ 'rate
    limit'`."""
    action: Annotated[AnyAction, AsText()]
    """What is done: `throttle: bucket=1000, refill=50/s` as a text, or the same as a mapping."""

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.name.isprintable():
            raise ValueError(f"name: {shown(self.name)} names nothing; write a word such as rate-limit")
        try:
            match_of(self.match)
        except ValueError as error:
            raise ValueError(f"match: {error}") from None

    @classmethod
    def __fill__(cls, tree: Any) -> Any:
        """Read an action that is written as a text."""
        if isinstance(tree, dict) and isinstance(tree.get("action"), str):
            try:
                return {**tree, "action": read_action(tree["action"])}
            except ValueError as error:
                raise ValueError(f"action: {error}") from None
        return tree


@dataclass(frozen=True, slots=True, kw_only=True)
class RuledTransport(TransportConfig):
    """http.Transport (net/http/transport.go, type Transport), with rules beside its fields, as the article has it."""

    protocol_rules: tuple[RuleConfig, ...] = ()
    """What is done about ends of a kind; the same as `protocol_rules` of the client (the article, chapter 5)."""


def check_rules(rules: Sequence[RuleConfig]) -> None:
    """Raise ValueError, naming the field, where two rules have one name."""
    names: list[str] = []
    for i, rule in enumerate(rules):
        if rule.name in names:
            raise ValueError(f"{i}.name: {rule.name} is the name of rule {names.index(rule.name)} too; give it its own")
        names.append(rule.name)
