"""Check: what does not go together in a scenario with MQTT. Not what a single key may be (`config`)."""

from typing import Any


def check_fleet_of_mqtt(scenario: Any, name: str, fleet: Any) -> None:
    """Refuse a fleet without a broker, or that gets what nobody says there.

    Raises
    ------
    ValueError
        Its place in the scenario comes first.
    """
    if fleet.mqtt is None:
        return
    if scenario.services[fleet.service].broker is None:
        raise ValueError(
            f"sessions.{name}.service: {fleet.service} is no broker; write services.{fleet.service}.broker: {{}}"
        )
    if fleet.mqtt.subscribe is None:
        return
    at = f"sessions.{name}.mqtt.subscribe.fleets"
    for other in fleet.mqtt.subscribe.fleets:
        told = scenario.sessions.get(other)
        if told is None:
            raise ValueError(f"{at}: no fleet is called {other}; known here: {', '.join(scenario.sessions)}")
        if told.mqtt is None or told.mqtt.publish is None:
            raise ValueError(f"{at}: {other} publishes nothing; write sessions.{other}.mqtt.publish: {{rate: 1/s}}")
        if told.service != fleet.service:
            raise ValueError(
                f"{at}: {other} publishes at {told.service}, not at {fleet.service}; write one broker for both"
            )
