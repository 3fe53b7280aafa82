"""Check: what a scenario lacks for its bridges. Not what a single key may be (`config`)."""

from typing import Any


def check_bridges(scenario: Any) -> None:
    """Raise ValueError where a bridge has nobody to get messages from, or to send them to."""
    for name, bridge in scenario.bridges.items():
        at, fleet = f"bridges.{name}", scenario.sessions.get(bridge.subscriber)
        for key, known in (("client", scenario.clients), ("service", scenario.services)):
            if (told := getattr(bridge, key)) not in known:
                raise ValueError(f"{at}.{key}: no {key} is called {told}; known here: {', '.join(known) or 'none'}")
        if fleet is None:
            known = ", ".join(scenario.sessions) or "none"
            raise ValueError(f"{at}.subscriber: no fleet is called {bridge.subscriber}; known here: {known}")
        if fleet.mqtt is None or fleet.mqtt.subscribe is None:
            told = f"sessions.{bridge.subscriber}.mqtt.subscribe: {{fleets: [...]}}"
            raise ValueError(f"{at}.subscriber: {bridge.subscriber} subscribes to nothing; write {told}")
        for other, twin in scenario.bridges.items():
            if other != name and twin.subscriber == bridge.subscriber:
                raise ValueError(f"{at}.subscriber: {bridge.subscriber} is that of {other}; give each bridge its own")
