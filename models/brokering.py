"""Brokering: a world's brokers, and the fleets that speak MQTT with them. Not what either does."""

from collections.abc import Callable
from typing import Any

from models.mqtt.broker import Broker
from models.mqtt.broker_config import BrokerConfig
from models.mqtt.ledger import Ledger
from models.sessions.config import SessionConfig
from models.sessions.mqtt import Mqtt
from sim.engine.distributions import Constant


def has_mqtt(scenario: Any) -> bool:
    """Whether any fleet speaks MQTT."""
    return any(fleet.mqtt is not None for fleet in scenario.sessions.values())


class Brokers:
    """All brokers of a world, by service."""

    def __init__(self, world: Any) -> None:
        self._world = world
        self._ledger = Ledger(world.trace, world.engine) if has_mqtt(world.scenario) else None
        self._brokers: dict[str, Broker] = {}
        self.dialects: dict[str, Mqtt] = {}

    def dialect(self, name: str, config: SessionConfig, draw: Callable[[], float]) -> Mqtt:
        """What a fleet speaks."""
        assert config.mqtt is not None, "it speaks MQTT"
        words = self._world.trace.vocabulary
        broker = self._broker(config.service)
        dialect = self.dialects[name] = Mqtt(name, words[name], config.mqtt, broker, draw=draw)
        told = config.mqtt.subscribe
        if told is not None:
            dialect.subscription = broker.subscribed(config.mqtt, told, [words[fleet] for fleet in told.fleets])
        return dialect

    def cut_off(self) -> None:
        """The run ends: write what is under way."""
        if self._ledger is not None:
            self._ledger.cut_off()

    def count(self) -> dict[str, float]:
        """What they have counted."""
        return {} if self._ledger is None else self._ledger.count()

    def _broker(self, service: str) -> Broker:
        if service not in self._brokers:
            config: BrokerConfig = self._world.scenario.services[service].broker
            assert self._ledger is not None, "somebody speaks MQTT"
            draw = None
            if config.store_time != Constant(value=0):
                draw = self._world.streams.ints(f"{service}.store", config.store_time)
            self._brokers[service] = Broker(self._ledger, config, draw_store=draw)
        return self._brokers[service]
