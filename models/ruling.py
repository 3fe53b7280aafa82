"""Ruling: the protocol rules of an instance's calls of a service, put into a world. Not what they decide."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from models.protection.config import GuardedClient
from models.protection.rules.end import Ends
from models.protection.rules.rules import Rules, guard_of
from models.protection.watch import Watch
from models.scenario import HostedService


@dataclass(frozen=True, slots=True)
class Ruling:
    """The rules and their guards; both empty where a client has none."""

    client: str
    rules: Rules | None = None
    guards: Sequence[Watch] = ()
    names: Sequence[str] = field(default=())
    """Of the rules that the guards are of."""

    def count(self) -> Counter[str]:
        """`rule:CLIENT.NAME.matched` and so on: what Rules count, and of their guards what a Watch counts."""
        total: Counter[str] = Counter()
        for key, n in self.rules.counts.items() if self.rules is not None else ():
            total[f"rule:{self.client}.{key}"] += n
        for name, guard in zip(self.names, self.guards, strict=True):
            for what, n in guard.counts.items():
                total[f"rule:{self.client}.{name}.{what}"] += n
        return total


def ruling_of(  # parameters: whose calls, of what, and the stem of their streams
    world: Any, transport: Any, *, client: str, service: str, stream: str
) -> Ruling:
    """The rules of one instance's calls of one service, in their first state."""
    config: GuardedClient = world.scenario.clients[client]
    if not config.rules:
        return Ruling(client)
    label, names, guards = transport.log.label, [], []
    for number, rule in enumerate(config.rules):
        guard = guard_of(rule, number, world.streams.uniforms(f"{stream}.rule.{number}"))
        if guard is not None:
            guards.append(Watch(guard, _note(world, label, f" by rule {rule.name}"), _no_level))
            names.append(rule.name)
    rules = Rules(config.rules, _ends(world, service), _note(world, label))
    return Ruling(client, rules, tuple(guards), tuple(names))


def _ends(world: Any, service: str) -> Ends:
    hosted: HostedService = world.scenario.services[service]
    return Ends(
        service,
        codes={int(status): code for status, code in hosted.grpc_codes.items()},
        messages={int(status): text for status, text in hosted.grpc_messages.items()},
        places={index: place for place, index in enumerate(world.backends[service].indices)},
    )


def _note(world: Any, label: int, tail: str = "") -> Callable[[str], None]:
    return partial(_write, world, label, tail)


def _write(world: Any, label: int, tail: str, event: str) -> None:
    begun = event.removesuffix(" ends")
    world.note(begun + tail + event[len(begun) :], client=label)  # what ends says so last


def _no_level(kind: str, change: int) -> None:
    """Guards of rules have counters and events, no levels."""
