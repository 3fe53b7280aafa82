"""Issuer: who signs certificates: whether it answers, whether it is trusted, and how much it had to do. Not agents."""

from collections import Counter
from collections.abc import Callable
from typing import Protocol

from models.certificates.certificate import Certificate
from models.certificates.config import IssuerConfig
from models.certificates.renewal import reached_at
from sim.engine.timers import NEVER


class Agent(Protocol):
    """What an issuer, and whoever pushes what it signs, needs of those that ask it."""

    def back_at(self, instant: int) -> None:
        """The issuer answers again, and this agent finds out at `instant`."""

    def use_waiting(self) -> None:
        """Secrets can be pushed again."""


class Issuer:
    """An issuer of certificates, and the agents that ask it."""

    def __init__(self, name: str, config: IssuerConfig) -> None:
        self.name, self.config = name, config
        self.agents: list[Agent] = []
        self._outages = self._push_outages = 0
        self.generation = self.trusted_from = 0
        """Which of its own certificates it signs with, and the first that is still trusted."""
        self.counts: Counter[str] = Counter()
        self._down_since = 0

    @property
    def is_down(self) -> bool:
        """Whether it does not answer."""
        return self._outages > 0

    @property
    def pushes_no_more(self) -> bool:
        """Whether what pushes new secrets to programs is away."""
        return self._push_outages > 0

    def sign(self, now: int) -> Certificate:
        """A certificate that is signed `now`."""
        self.counts["issued"] += 1
        config = self.config
        return Certificate(now - config.backdating, now + config.lifetime, self, self.generation)

    def aged(self, age: int) -> Certificate:
        """One that was signed `age` ns before the start of the run."""
        config = self.config
        return Certificate(-age - config.backdating, config.lifetime - age, self)

    def fail(self, now: int) -> None:
        """It answers no more: what agents ask for, they do not get."""
        if not self._outages:
            self._down_since = now
        self._outages += 1

    def come_back(self, now: int, draw: Callable[[], float]) -> None:
        """It answers again. Its agents, who have tried with growing pauses, find out one by one."""
        self._outages -= 1
        for agent in self.agents if not self._outages else ():
            agent.back_at(reached_at(self.config, self._down_since, now, draw))

    def push_no_more(self) -> None:
        """What pushes new secrets to programs is away; it signs as before."""
        self._push_outages += 1

    def push_again(self) -> None:
        """It is there again, with what was signed meanwhile."""
        self._push_outages -= 1
        for agent in self.agents if not self._push_outages else ():
            agent.use_waiting()

    def change_authority(self) -> None:
        """Its own certificate is taken out of all trust stores; what it signs from now on, another one vouches for."""
        self.generation += 1
        self.trusted_from = self.generation


FOREVER = Certificate(-NEVER, NEVER)
"""A certificate whose time does not matter."""
