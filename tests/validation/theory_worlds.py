"""Builders for the tests against theory: scenarios in which nothing takes time but the services, unless told so."""

from typing import Any

from sim.wiring import Scenario, load_tree


def a_scenario(**fields: Any) -> Scenario:
    """One workload w of one client c with one service s; keywords by room: `transport`, `client`, `service`, others."""
    transport = {"preset": "zero_transport", "max_idle_conns_per_host": 1000, **fields.pop("transport", {})}
    client = {"overhead": "0s", "kernel": {"connect_scan_cost": "0s"}, **fields.pop("client", {})}
    service = {"resolve": "literal", "overhead": "0s", **fields.pop("service", {})}
    workload = {"client": "c", "service": "s", "arrivals": fields.pop("arrivals", {"poisson": {"rate": "100/s"}})}
    tree = {
        "duration": "20s",
        "tail": "20s",
        "network": {"rtt": fields.pop("rtt", "0s")},
        "clients": {"c": {"transport": transport, **client}},
        "services": {"s": service},
        "workloads": {"w": workload},
    }
    return load_tree({**tree, **fields})
